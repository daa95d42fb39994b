"""Scoring that fails comes back by itself: pauses, hourly tries, what staff see, and their release."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.users import services as users
from accounts.users.models import User
from exams.attempts import grading, lifecycle, results, staff, sweeps
from exams.attempts.models import Attempt, State
from tests.exams.attempts.helpers import age, claimed_ago, past_deadline, save
from tests.factories import Form, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(anna: User, form: Form) -> Attempt:
    """A submitted attempt with one correct answer and no score yet."""
    begun = start(anna, form)
    save(begun.lease, 1, 1, *form.keys[1])
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    age(begun.attempt_id, 6)
    return Attempt.objects.get(pk=begun.attempt_id)


@contextmanager
def broken(monkeypatch: pytest.MonkeyPatch, error: Exception | None = None) -> Iterator[None]:
    """Let every scoring fail."""

    def fail(*_: object) -> None:
        raise error or OperationalError("the disk is full\nDETAIL: Failing row contains (7, {3}).")

    with monkeypatch.context() as patched:
        patched.setattr(grading, "compute", fail)
        yield


def fail_five_times(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    with broken(monkeypatch):
        for _ in range(5):
            assert not grading.try_to_grade(attempt.pk)
            claimed_ago(attempt.pk, 21)
    attempt.refresh_from_db()


def test_polls_of_the_result_page_burn_one_try_in_20_seconds(
    client: Client, anna: User, waiting: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(anna)
    url = reverse("exams:result", args=[waiting.pk])
    with broken(monkeypatch):
        for _ in range(5):
            assert client.get(url, headers={"HX-Request": "true"}).status_code == 200
    waiting.refresh_from_db()
    assert (waiting.score_tries, waiting.quarantined_at) == (1, None)
    # The fault is over, the pause is not: nothing is tried before 20 s.
    assert not grading.try_to_grade(waiting.pk)
    claimed_ago(waiting.pk, 21)
    assert client.get(url).status_code == 200
    waiting.refresh_from_db()
    assert waiting.state == State.SCORED


ASKERS: dict[str, Callable[[Attempt, User], object]] = {
    "a hint": lambda attempt, user: grading.try_to_grade(attempt.pk),
    "the result page": lambda attempt, user: lifecycle.settle(user=user, attempt_id=attempt.pk),
    "a sweep": lambda attempt, user: sweeps.sweep(),
}


@pytest.mark.parametrize("asker", list(ASKERS))
@pytest.mark.parametrize(("tries", "seconds", "tried"), [(1, 19, 0), (1, 21, 1), (5, 3500, 0), (5, 3700, 1)])
def test_whoever_asks_the_pause_is_20_seconds_and_an_hour_after_the_fifth_try(
    anna: User, waiting: Attempt, asker: str, tries: int, seconds: int, tried: int
) -> None:
    Attempt.objects.filter(pk=waiting.pk).update(score_tries=tries - 1)
    assert grading.claim([waiting.pk]) == [waiting.pk]
    state = State.SCORED if tried else State.SUBMITTED
    claimed_ago(waiting.pk, seconds, fresh=True)
    ASKERS[asker](waiting, anna)
    waiting.refresh_from_db()
    assert (waiting.score_tries, waiting.state) == (tries + tried, state)


def test_an_attempt_set_aside_is_scored_within_the_hour_when_the_fault_is_over(
    anna: User, waiting: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_five_times(waiting, monkeypatch)
    assert waiting.quarantined_at
    for _ in range(3):
        sweeps.sweep()
    waiting.refresh_from_db()
    assert waiting.state == State.SUBMITTED
    claimed_ago(waiting.pk, 3601)
    assert sweeps.sweep().scored == 1
    found = Attempt.objects.get()
    assert (found.state, found.quarantined_at, found.score_error) == (State.SCORED, None, "")
    assert results.result(anna, waiting.pk, "en").score


def test_the_last_error_is_kept_without_the_details_that_may_hold_answers(
    waiting: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    with broken(monkeypatch):
        grading.try_to_grade(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.score_error == "OperationalError: the disk is full"


def test_a_score_takes_the_error_of_earlier_tries_off_the_attempt_and_off_the_list_of_staff(
    waiting: Attempt, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    with broken(monkeypatch):
        grading.try_to_grade(waiting.pk)
    client.force_login(users.ensure("admin@example.org", admin=True))
    address, error = reverse("admin:exams_attempt_changelist"), "the disk is full"
    assert error in client.get(address).content.decode()
    claimed_ago(waiting.pk, 21)
    assert grading.try_to_grade(waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.score_error) == (State.SCORED, "")
    assert error not in client.get(address).content.decode()


def test_a_failure_that_cannot_be_noted_is_not_raised(
    waiting: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grading, "describe", lambda error: "more than the column takes " * 20)
    with broken(monkeypatch):
        assert not grading.try_to_grade(waiting.pk)


def test_a_release_lets_scoring_begin_anew_at_once_and_is_audited(
    bela: User, waiting: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_five_times(waiting, monkeypatch)
    staff.release(attempt_id=waiting.pk, actor=bela, reason="disk is repaired")
    waiting.refresh_from_db()
    assert (waiting.score_tries, waiting.score_claimed_at, waiting.quarantined_at) == (0, None, None)
    audit = AuditEntry.objects.get()
    assert (audit.action, audit.actor, audit.reason) == ("release", bela, "disk is repaired")
    assert audit.before["score_error"] == "OperationalError: the disk is full"
    assert sweeps.sweep().scored == 1


@pytest.mark.parametrize("state", ["running", "scored"])
def test_what_does_not_wait_for_a_score_is_not_released(
    anna: User, bela: User, form: Form, state: str
) -> None:
    begun = start(anna, form)
    if state == "scored":
        past_deadline(begun.attempt_id, 60)
        sweeps.sweep()
    with pytest.raises(Refused) as refusal:
        staff.release(attempt_id=begun.attempt_id, actor=bela, reason="disk is repaired")
    assert (refusal.value.code, refusal.value.status) == ("not_waiting", 409)
    assert not AuditEntry.objects.exists()


def test_the_waiting_page_says_what_happens_next(
    client: Client, anna: User, waiting: Attempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(anna)
    url = reverse("exams:result", args=[waiting.pk])
    with broken(monkeypatch):
        page = client.get(url).content.decode()
        assert "Scoring is taking longer than usual" in page
        assert 'hx-trigger="load delay:2s"' in page
    fail_five_times(waiting, monkeypatch)
    page = client.get(url).content.decode()
    assert "We'll try again every hour" in page
    assert "by hand" not in page
    assert 'hx-trigger="load delay:60s"' in page
    page = client.get(f"/hu{url}").content.decode()
    assert "Óránként újra megpróbáljuk" in page


def test_a_claim_counts_no_try_within_the_pause(waiting: Attempt) -> None:
    assert grading.claim([waiting.pk]) == [waiting.pk]
    assert grading.claim([waiting.pk]) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT score_tries FROM exams_attempt WHERE id = %s", [str(waiting.pk)])
        assert cursor.fetchone() == (1,)
