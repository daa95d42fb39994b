"""A person's data when two things happen to it at once."""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models.functions import Now

from accounts.jobs import services as jobs
from accounts.jobs.models import Job
from accounts.privacy import archive, erasure, services
from accounts.privacy.models import ErasureRequest
from accounts.users import person_lock
from accounts.users.models import User
from tests.exams.attempts.helpers import replace_sql
from tests.flows.crew import Crew, parallel

pytestmark = pytest.mark.django_db(transaction=True)

# So long a busy machine has to take a request back.
DAYS_LEFT = 2


def asked_at_once(user: User) -> list[Any]:
    return parallel(6, lambda: archive.request_archive(user, "en").pk)


def test_of_archives_asked_for_at_once_one_is_made_and_all_get_it(anna: User) -> None:
    made = asked_at_once(anna)
    assert made == [Job.objects.get().pk] * 6


@pytest.mark.controls
def test_without_the_lock_of_the_person_several_archives_are_made(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_sql(monkeypatch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")
    start = jobs.start

    def late(*values: Any, **named: Any) -> Job:
        time.sleep(0.2)
        return start(*values, **named)

    monkeypatch.setattr(jobs, "start", late)
    asked_at_once(anna)
    assert Job.objects.count() > archive.MOST_A_DAY


def taken_back_as_the_days_end(user: User) -> int:
    """Take a request back in time, commit after its days are over; erase in between. Return how many were."""
    request = erasure.request_erasure(user, user.email, "en")
    key = erasure.key_of(request)
    is_due, was_tried = threading.Event(), threading.Event()

    def comes_back() -> None:
        ErasureRequest.objects.filter(pk=request.pk).update(due_at=Now() + timedelta(seconds=DAYS_LEFT))
        due = time.monotonic() + DAYS_LEFT
        with transaction.atomic():
            erasure.restore(key)
            time.sleep(max(0, due - time.monotonic()) + 0.05)
            is_due.set()
            # Without the lock that is tried until this has committed.
            was_tried.wait(1.5)

    def erases() -> int:
        assert is_due.wait(20)
        try:
            return erasure.erase_due()
        finally:
            was_tried.set()

    with Crew(2) as crew:
        _, erased = crew.together([comes_back, erases])
    assert isinstance(erased, int), erased
    return erased


def test_who_comes_back_in_time_is_not_erased_however_long_the_commit_takes(anna: User) -> None:
    assert taken_back_as_the_days_end(anna) == 0
    assert User.objects.get(pk=anna.pk).is_active
    assert erasure.erase_due() == 0


@pytest.mark.controls
def test_without_the_lock_of_the_request_somebody_who_came_back_is_erased(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasure, "_locked", ErasureRequest.objects.all)
    assert taken_back_as_the_days_end(anna) == 1
    assert not User.objects.exists()


def test_two_of_staff_who_close_the_same_accounts_in_another_order_wait_for_each_other(
    anna: User, bela: User
) -> None:
    first, second = sorted([anna, bela], key=lambda one: one.pk)

    def holds_both() -> None:
        with transaction.atomic():
            person_lock.hold(first.pk)
            time.sleep(0.8)
            person_lock.hold(second.pk)

    def closes() -> int:
        time.sleep(0.3)
        return services.close([second, first])

    with Crew(2) as crew:
        results = crew.together([holds_both, closes])
    assert results == [None, 2]
