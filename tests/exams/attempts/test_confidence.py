"""How sure a person was and how long they looked: kept with a change, never a reason to refuse."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import answers, leases, lifecycle
from exams.attempts.answers import Change
from exams.attempts.models import AnswerEvent, Attempt
from tests.exams.api.conftest import Caller, RunningAttempt
from tests.factories import Form, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt(anna: User, form: Form) -> RunningAttempt:
    return RunningAttempt(Caller(anna), form)


def send(token: str | None, *changes: Change) -> None:
    lease = leases.read(token or "")
    assert lease
    answers.save(lease, changes)


def stored() -> list[tuple[int | None, int | None]]:
    return list(AnswerEvent.objects.order_by("lease_no", "seq").values_list("confidence", "seen_ms"))


@pytest.mark.parametrize("prepares", [True, False])
def test_they_are_stored_with_the_change_and_may_be_missing(anna: User, form: Form, prepares: bool) -> None:
    begun = start(anna, form)
    with override_settings(DATABASE_PREPARES=prepares):
        send(begun.lease, Change(1, 1, (), False, 3, 0), Change(2, 2, (), False), Change(3, 3, (), False, 1))
        send(begun.lease, Change(4, 4, (), False), Change(5, 5, (), False))
        send(begun.lease, Change(6, 6, (), False, None, 86_400_000))
    expected = [(3, 0), (None, None), (1, None), (None, None), (None, None), (None, 86_400_000)]
    assert stored() == expected


def test_a_replay_with_other_ones_is_the_same_change_and_the_first_stay(anna: User, form: Form) -> None:
    begun = start(anna, form)
    send(begun.lease, Change(1, 1, (), False, 3, 500))
    send(begun.lease, Change(1, 1, (), False, 1, 900))
    send(begun.lease, Change(1, 1, (), False))
    assert stored() == [(3, 500)]


def test_the_answer_that_counts_says_its_own_confidence(anna: User, form: Form) -> None:
    begun = start(anna, form)
    send(begun.lease, Change(1, 1, (), False, 3), Change(2, 1, (), False, 1))
    assert [answer.confidence for answer in answers.current(begun.attempt_id)] == [1]


def test_a_lease_returns_the_longest_time_of_each_position_whatever_the_order(anna: User, form: Form) -> None:
    begun = start(anna, form)
    send(begun.lease, Change(5, 1, (), False, None, 9_000), Change(6, 1, (), False, None, 4_000))
    taken = lifecycle.take_lease(user=anna, attempt_id=begun.attempt_id, holder="session:b")
    send(taken.lease, Change(1, 1, (), False, 2, 7_000), Change(2, 2, (), False))
    again = lifecycle.take_lease(user=anna, attempt_id=begun.attempt_id, holder="session:c")
    assert [(one.position, one.seq, one.confidence, one.seen_ms) for one in again.answers] == [
        (1, 1, 2, 9_000),
        (2, 2, None, None),
    ]


def post(attempt: RunningAttempt, **more: Any) -> tuple[int, Any]:
    change = {"seq": 1, "position": 1, "selected": [], "flagged": True, **more}
    return attempt.caller.post(f"{attempt.path}answers/", {"lease": attempt.lease, "changes": [change]})


WRONG: tuple[Any, ...] = (-1, 86_400_001, "2", 1.5, True, None, [])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("confidence", value) for value in (0, 4, *WRONG)),
        *(("seen_ms", value) for value in WRONG),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name_and_nothing_is_stored(
    attempt: RunningAttempt, name: str, value: Any
) -> None:
    status, body = post(attempt, **{name: value})
    assert (status, body["code"], body["pointer"]) == (422, "invalid_answer", f"changes/0/{name}")
    assert not AnswerEvent.objects.exists()


def test_an_unknown_field_is_still_refused_by_name(attempt: RunningAttempt) -> None:
    status, body = post(attempt, confidence=2, mood="good")
    assert (status, body["code"], body["pointer"]) == (422, "unknown_field", "changes/0/mood")


def test_the_endpoint_stores_them_and_the_lease_tells_them_again(attempt: RunningAttempt) -> None:
    assert post(attempt, confidence=2, seen_ms=1_500)[0] == 200
    status, body = attempt.caller.post(f"{attempt.path}lease/")
    assert (status, body["seen_ms"]) == (200, {"1": 1_500})
    assert [answer["confidence"] for answer in body["answers"]] == [2]


def test_the_list_of_a_submission_is_kept_with_the_attempt_and_never_changes(attempt: RunningAttempt) -> None:
    body = {"lease": attempt.lease, "seen_ms": [10, None, 86_400_000]}
    assert attempt.caller.post(f"{attempt.path}submit/", body)[0] == 200
    assert Attempt.objects.get().seen_ms == [10, None, 86_400_000]
    assert attempt.caller.post(f"{attempt.path}submit/", {**body, "seen_ms": [1]})[0] == 200
    assert Attempt.objects.get().seen_ms == [10, None, 86_400_000]


@pytest.mark.parametrize("seen_ms", [[-1], [86_400_001], ["a"], 5, [0] * 9, [0] * 501])
def test_a_list_that_cannot_be_is_refused_and_the_exam_goes_on(attempt: RunningAttempt, seen_ms: Any) -> None:
    status, body = attempt.caller.post(f"{attempt.path}submit/", {"lease": attempt.lease, "seen_ms": seen_ms})
    assert (status, body["code"]) == (422, "invalid")
    assert Attempt.objects.get().ended_at is None


def test_who_submits_without_a_list_leaves_none(anna: User, form: Form) -> None:
    begun = start(anna, form)
    lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)
    assert Attempt.objects.get().seen_ms == []


def test_a_change_beyond_the_range_is_refused_by_the_table_too(anna: User, form: Form) -> None:
    begun = start(anna, form)
    with pytest.raises(IntegrityError, match="answer_event_confidence"), transaction.atomic():
        send(begun.lease, Change(1, 1, (), False, 9))


def test_refusals_do_not_depend_on_them(anna: User, form: Form) -> None:
    begun = start(anna, form)
    send(begun.lease, Change(1, 1, tuple(form.keys[1]), False, 3, 5))
    with pytest.raises(Refused) as refusal:
        send(begun.lease, Change(1, 1, (), False, 3, 5))
    assert refusal.value.code == "seq_reused"
