"""Settings of study: what is sent is changed, what is not allowed is said at its field and not stored."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone, translation
from django.utils.formats import date_format

from accounts.access import entitlements
from accounts.users.models import User
from exams.catalog.models import Certification
from exams.insights import exam_dates
from flashcards.models import StudySettings
from flashcards.services import settings as services
from flashcards.services.settings import Settings
from tests.flashcards.decks import Deck
from tests.flashcards.web.test_study import text

pytestmark = pytest.mark.django_db

PATH = "/mls-c01/flashcards/settings/"


@pytest.fixture
def page(client: Client, anna: User, deck: Deck) -> Client:
    """Anna's browser. The exam is still offered."""
    Certification.objects.update(retired_on=None)
    client.force_login(anna)
    return client


def test_settings_begin_with_the_defaults_and_are_kept(page: Client, anna: User) -> None:
    assert page.get(PATH).status_code == 200
    exam = entitlements.now().date() + timedelta(days=40)
    sent = {"new_per_day": "5", "domain": "2", "exam_on": exam.isoformat(), "percent": "93"}
    reply = page.post(PATH, sent)
    assert (reply.status_code, reply.headers["Location"]) == (302, "/mls-c01/flashcards/study/")
    assert services.of(anna, "mls-c01") == Settings(5, 0.93, exam, 2)
    assert f'value="{exam.isoformat()}"' in page.get(PATH).content.decode()


def test_only_what_is_sent_is_changed(page: Client, anna: User) -> None:
    exam = entitlements.now().date() + timedelta(days=40)
    page.post(PATH, {"exam_on": exam.isoformat(), "domain": "2"})
    page.post(PATH, {"domain": "", "new_per_day": "7"})
    assert services.of(anna, "mls-c01") == Settings(7, 0.9, exam, None)
    page.post(PATH, {"exam_on": ""})
    assert services.of(anna, "mls-c01").exam_on is None


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"new_per_day": "201"}, "200"),
        ({"new_per_day": "-1"}, "0"),
        ({"new_per_day": "many"}, "whole number"),
        ({"domain": "9"}, "valid choice"),
        ({"percent": "99"}, "valid choice"),
        ({"exam_on": "soon"}, "valid date"),
        ({"exam_on": "2020-01-01"}, "This day is over. Choose today or a later day."),
    ],
)
def test_what_is_not_allowed_is_said_and_nothing_is_stored(
    page: Client, sent: dict[str, str], said: str
) -> None:
    reply = page.post(PATH, {"new_per_day": "3", **sent})
    assert reply.status_code == 422
    assert said in text(reply)
    assert not StudySettings.objects.exists()


@pytest.mark.parametrize("change", [{"new_per_day": 201}, {"retention": 0.5}, {"retention": 0.99}])
def test_the_table_refuses_what_is_out_of_range(anna: User, deck: Deck, change: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        StudySettings.objects.create(user=anna, certification=deck.certification, **change)


def test_settings_are_those_of_one_certification(page: Client, anna: User, bela: User) -> None:
    page.post(PATH, {"new_per_day": "5"})
    assert services.of(bela, "mls-c01") == services.of(anna, "other") == Settings()
    assert page.get("/none/flashcards/settings/").status_code == 404


@pytest.mark.parametrize(
    ("days", "path", "said"),
    [
        (-1, PATH, "MLS-C01 was last offered on {}, so your cards no longer follow an exam date."),
        (0, PATH, "The last day to take MLS-C01 is {}. You can still plan with a later date."),
        (9, PATH, "The last day to take MLS-C01 is {}. You can still plan with a later date."),
        (
            -1,
            f"/hu{PATH}",
            "Az utolsó vizsganap {} volt (MLS-C01), ezért a kártyáid már nem igazodnak vizsganaphoz.",
        ),
        (9, f"/hu{PATH}", "Az utolsó vizsganap: {} (MLS-C01). Későbbi nappal is tervezhetsz."),
    ],
)
def test_the_last_day_of_an_exam_is_said_as_one_that_was_or_will_be(
    page: Client, anna: User, days: int, path: str, said: str
) -> None:
    today = entitlements.now().date()
    exam_dates.set_to(anna, "mls-c01", today, today)
    last = today + timedelta(days=days)
    Certification.objects.update(retired_on=last)
    with translation.override("hu" if path.startswith("/hu") else "en"):
        day = date_format(last, "DATE_FORMAT")
    assert said.format(day) in text(page.get(path))
    Certification.objects.update(planned_facts=["retired_on"])
    assert day not in text(page.get(path))


def test_an_exam_that_is_not_offered_any_more_asks_for_no_date_but_lets_one_be_taken_back(
    page: Client, anna: User
) -> None:
    today = entitlements.now().date()
    exam_dates.set_to(anna, "mls-c01", today, today)
    Certification.objects.update(retired_on=today - timedelta(days=9))
    page.post(PATH, {"exam_on": ""})
    assert services.of(anna, "mls-c01").exam_on is None
    assert "Exam date" not in text(page.get(PATH))


def test_after_the_day_of_the_exam_the_other_settings_can_still_be_changed(
    page: Client, anna: User, deck: Deck
) -> None:
    """The form sends the stored date along: whoever changes another field has not set it anew."""
    today = timezone.localdate()
    exam_dates.set_to(anna, "mls-c01", today - timedelta(days=3), today - timedelta(days=3))
    sent = {
        "new_per_day": "7",
        "domain": "",
        "percent": "90",
        "exam_on": (today - timedelta(days=3)).isoformat(),
    }
    assert page.post(PATH, sent).status_code == 302
    assert services.of(anna, "mls-c01").new_per_day == 7
