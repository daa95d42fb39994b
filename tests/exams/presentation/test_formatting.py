"""Words put together for pages."""

import zoneinfo
from datetime import UTC, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from exams.presentation import formatting


@pytest.mark.parametrize(
    ("language", "names", "said"),
    [
        ("en", ["B"], "B"),
        ("en", ["A", "C"], "A and C"),
        ("en", ["A", "B", "E"], "A, B and E"),
        ("hu", ["A", "B", "E"], "A, B és E"),
    ],
)
def test_letters_are_listed_as_people_say_them(language: str, names: list[str], said: str) -> None:
    with translation.override(language):
        assert formatting.listed(names) == said


NOW = datetime(2026, 11, 27, 20, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "zone", "moment", "said"),
    [
        ("en", "Europe/Budapest", datetime(2026, 11, 27, 22, 46, tzinfo=UTC), "23:46 CET"),
        ("en", "Europe/Budapest", datetime(2026, 11, 27, 23, 30, tzinfo=UTC), "00:30 CET tomorrow"),
        ("hu", "Europe/Budapest", datetime(2026, 11, 27, 23, 30, tzinfo=UTC), "holnap 00:30 (CET)"),
        ("hu", "Europe/Budapest", datetime(2026, 11, 27, 22, 30, tzinfo=UTC), "23:30 (CET)"),
        ("en", "UTC", datetime(2026, 11, 27, 23, 30, tzinfo=UTC), "23:30 UTC"),
        ("en", "Asia/Kathmandu", datetime(2026, 11, 27, 20, 30, tzinfo=UTC), "02:15 UTC+5:45"),
        ("en", "America/Sao_Paulo", datetime(2026, 11, 27, 20, 30, tzinfo=UTC), "17:30 UTC-3"),
        ("hu", "Europe/Budapest", datetime(2026, 11, 29, 9, 0, tzinfo=UTC), "november 29., 10:00 (CET)"),
    ],
)
def test_a_deadline_names_its_zone_and_says_tomorrow(
    language: str, zone: str, moment: datetime, said: str
) -> None:
    with translation.override(language), timezone.override(zoneinfo.ZoneInfo(zone)):
        assert formatting.until(moment, NOW) == said


def test_templates_show_a_deadline_by_the_filter_and_nothing_where_there_is_none() -> None:
    template = Template("{% load moments %}{{ moment|until }}")
    with timezone.override(UTC):
        shown = template.render(Context({"moment": datetime.now(UTC).replace(hour=23, minute=59)}))
    assert shown == "23:59 UTC"
    assert template.render(Context({"moment": None})) == ""
