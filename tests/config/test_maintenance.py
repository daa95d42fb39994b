"""The notice of maintenance: in the language of the page, until it is over; in an exam only when urgent."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts.users.models import User
from config import env, maintenance
from tests import factories

pytestmark = pytest.mark.django_db
MARK = "data-maintenance"


def announce(settings: Any, hours: float = 2, **more: Any) -> dt.datetime:
    start = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)
    settings.MAINTENANCE_START = start
    for name, value in more.items():
        setattr(settings, f"MAINTENANCE_{name}", value)
    return start


def test_without_a_setting_no_page_shows_a_notice(client: Client) -> None:
    assert MARK not in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("path", "words"), [("/", "Maintenance is planned"), ("/hu/", "Karbantartást tervezünk")]
)
def test_a_planned_time_is_announced_in_the_language_of_the_page(
    client: Client, settings: Any, path: str, words: str
) -> None:
    start = announce(settings)
    page = client.get(path).content.decode()
    assert words in page
    assert f"{start:%H:%M} UTC" in page


def test_the_notice_disappears_when_the_time_is_over(client: Client, settings: Any) -> None:
    announce(settings, hours=-0.2, MINUTES=15)
    assert MARK in client.get("/").content.decode()
    announce(settings, hours=-0.3, MINUTES=15)
    assert MARK not in client.get("/").content.decode()


def test_the_operators_own_words_replace_ours_and_are_escaped(client: Client, settings: Any) -> None:
    settings.MAINTENANCE_TEXTS = {"en": "New disks <tonight>", "hu": "Új lemezek ma este"}
    assert "New disks &lt;tonight&gt;" in client.get("/").content.decode()
    assert "Új lemezek ma este" in client.get("/hu/").content.decode()
    settings.MAINTENANCE_TEXTS = {"en": "New disks tonight", "hu": ""}
    assert "New disks tonight" in client.get("/hu/").content.decode()


@pytest.mark.parametrize(("urgent", "shown"), [(False, False), (True, True)])
def test_a_running_exam_shows_it_only_when_it_is_urgent(
    client: Client, settings: Any, anna: User, form: factories.Form, urgent: bool, shown: bool
) -> None:
    announce(settings, URGENT=urgent)
    attempt_id = factories.start(anna, form).attempt_id
    client.force_login(anna)
    reply = client.get(f"/attempts/{attempt_id}/")
    assert reply.status_code == 200
    page = reply.content.decode()
    assert (MARK in page) is shown
    assert ("Passline will be down for about" in page) is shown
    without_script = client.get(f"/attempts/{attempt_id}/questions/1/").content.decode()
    assert (MARK in without_script) is shown
    assert "stored on this device" not in without_script


def test_a_time_without_a_zone_stops_the_start_and_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAINTENANCE_START", "2026-12-01T22:00Z")
    assert env.moment("MAINTENANCE_START") == dt.datetime(2026, 12, 1, 22, tzinfo=dt.UTC)
    for bad in ("2026-12-01T22:00", "tomorrow"):
        monkeypatch.setenv("MAINTENANCE_START", bad)
        with pytest.raises(ImproperlyConfigured, match="MAINTENANCE_START must be a time with a zone"):
            env.moment("MAINTENANCE_START")


def test_the_length_counts_from_the_start(settings: Any) -> None:
    start = announce(settings, MINUTES=30)
    assert maintenance.notice(start + dt.timedelta(minutes=29), "en") is not None
    assert maintenance.notice(start + dt.timedelta(minutes=30), "en") is None
