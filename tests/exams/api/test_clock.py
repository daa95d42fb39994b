"""The clock of an attempt: what an open page asks after it was away."""

import datetime as dt

import pytest

from accounts.users.models import User
from exams.attempts import lifecycle
from tests.exams.api.conftest import Caller, RunningAttempt
from tests.exams.attempts.helpers import past_deadline

pytestmark = pytest.mark.django_db


def test_it_tells_state_lease_number_and_time_and_nothing_else(attempt: RunningAttempt) -> None:
    status, body = attempt.caller.get(f"{attempt.path}clock/")
    assert status == 200
    assert set(body) == {"state", "end_reason", "lease_no", "deadline_at", "server_now"}
    assert (body["state"], body["lease_no"]) == ("running", 1)
    left = dt.datetime.fromisoformat(body["deadline_at"]) - dt.datetime.fromisoformat(body["server_now"])
    assert dt.timedelta(minutes=179) < left <= dt.timedelta(minutes=180)


def test_it_tells_that_somebody_else_writes_now(attempt: RunningAttempt, anna: User) -> None:
    lifecycle.take_lease(user=anna, attempt_id=attempt.id, holder="session:other")
    assert attempt.caller.get(f"{attempt.path}clock/")[1]["lease_no"] == 2


def test_an_overdue_attempt_counts_as_expired(attempt: RunningAttempt) -> None:
    past_deadline(attempt.id, 20)
    assert attempt.caller.get(f"{attempt.path}clock/")[1]["state"] == "running"
    past_deadline(attempt.id, 31)
    assert attempt.caller.get(f"{attempt.path}clock/")[1]["state"] == "expired"


def test_to_others_the_attempt_does_not_exist(
    attempt: RunningAttempt, bela_calls: Caller, nobody: Caller
) -> None:
    status, body = bela_calls.get(f"{attempt.path}clock/")
    assert (status, body["code"]) == (404, "not_found")
    assert nobody.get(f"{attempt.path}clock/")[0] == 401
