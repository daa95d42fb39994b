"""Access ends while an exam or a drill runs: what was started is finished and read; nothing new starts."""

import re
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils.formats import date_format

from accounts.access import entitlements, policy
from accounts.access.models import Entitlement
from accounts.profile import services as profiles
from accounts.users.models import User
from exams.attempts import drills
from exams.attempts.models import Attempt
from tests import factories
from tests.accounts import selling
from tests.exams.api.conftest import Caller, RunningAttempt
from tests.exams.attempts.helpers import age
from tests.exams.attempts.practice import draw, finish_exam
from tests.factories import Form
from tests.flashcards import decks

pytestmark = pytest.mark.django_db


def end_one_second_after(user: User, attempt_id: UUID) -> None:
    """End all access of a person one second after an attempt started, and let some more pass."""
    attempt = Attempt.objects.get(pk=attempt_id)
    age(attempt.pk, 10)
    at = attempt.started_at - timedelta(seconds=9)
    entitlements.end(Entitlement.objects.filter(user=user), at=at, actor=None, reason="test")


@pytest.fixture
def sold(anna: User, form: Form) -> None:
    selling.sell()
    selling.give(anna)


def test_an_exam_that_was_started_in_time_is_saved_submitted_scored_and_reviewed(
    anna: User, form: Form, sold: None
) -> None:
    caller = Caller(anna)
    attempt = RunningAttempt(caller, form)
    end_one_second_after(anna, attempt.id)
    status, _same = caller.post("attempts/", {"form": form.form.pk})
    assert status == 200  # the one that runs
    attempt.answer_all_right()
    assert attempt.submit()[0] == 200
    assert caller.get(f"{attempt.path}result/")[0] == 200
    assert caller.get(f"{attempt.path}review/")[0] == 200
    status, told = caller.post("attempts/", {"form": form.form.pk})
    assert (status, told["code"], told["reason"]) == (403, "no_access", "ended")


def test_the_pages_of_an_exam_that_was_started_in_time_work_too(anna: User, form: Form, sold: None) -> None:
    browser = Client()
    browser.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    begun = factories.start(anna, form)
    end_one_second_after(anna, begun.attempt_id)
    assert "Resume" in browser.get("/mls-c01/exams/1/").content.decode()
    assert browser.get(f"/attempts/{begun.attempt_id}/").status_code == 200
    assert browser.post(f"/attempts/{begun.attempt_id}/submit/", {"confirm": "1"}).status_code == 302
    for page in ("result", "review", "answers.csv"):
        assert browser.get(f"/attempts/{begun.attempt_id}/{page}/".replace("csv/", "csv")).status_code == 200
    assert "Your access ended on" in browser.get("/mls-c01/exams/1/").content.decode()


def test_a_drill_that_was_started_in_time_is_finished(anna: User, form: Form, sold: None) -> None:
    finish_exam(anna, form)
    drill = draw(anna, form)
    end_one_second_after(anna, drill.attempt_id)
    caller = Caller(anna)
    path = f"drills/{drill.attempt_id}/"
    drills.close(
        user=anna, attempt_id=drill.attempt_id, closing=drills.Closing(1, (), show=True), ui_language="en"
    )
    assert caller.post(f"{path}finish/")[0] == 200
    assert caller.get(f"{path}review/")[0] == 200
    status, told = caller.post("drills/", {"certification": "mls-c01"})
    assert (status, told["code"]) == (403, "no_access")


def test_cards_notes_and_results_stay_readable_after_the_end(anna: User, form: Form, sold: None) -> None:
    deck = decks.make_deck(form.form.certification)
    attempt_id = finish_exam(anna, form)
    end_one_second_after(anna, attempt_id)
    browser = Client()
    browser.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    for path in ("/attempts/", "/mls-c01/flashcards/own/", "/mls-c01/flashcards/statistics/"):
        assert browser.get(path).status_code == 200, path
    for path in (f"/attempts/{attempt_id}/result/", f"/attempts/{attempt_id}/review/"):
        assert browser.get(path).status_code == 200, path
    assert Caller(anna).get("notes/")[0] == 200
    assert deck.code == "mls-c01"


# Further apart than a day, so that one of the two has another date than the server.
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
@pytest.mark.parametrize("path", ["/mls-c01/flashcards/", "/mls-c01/practice/", "/pricing/"])
def test_a_page_says_on_which_day_access_ended_by_the_readers_own_clock(
    anna: User, form: Form, sold: None, path: str, zone: str
) -> None:
    decks.make_deck(form.form.certification)
    end_one_second_after(anna, finish_exam(anna, form))
    profiles.update(anna, time_zone=zone)
    browser = Client()
    browser.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = browser.get(path).content.decode()
    ended = policy.access_of(anna, "cert:mls-c01").until
    assert ended
    assert re.search(rf"ended on {date_format(ended.astimezone(ZoneInfo(zone)))}\.?\s", page)


def test_a_hungarian_sentence_has_one_full_stop_after_its_date(anna: User, form: Form) -> None:
    selling.sell()
    selling.give(anna, days=(-90, -1))
    browser = Client()
    browser.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = browser.get("/hu/mls-c01/exams/1/").content.decode()
    assert "A hozzáférésed lejárt: " in page
    assert not re.search(r"\d\.\.", page)
