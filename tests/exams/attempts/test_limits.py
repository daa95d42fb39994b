"""What one attempt may cost: saves a second, changes, leases; and a sweep that one attempt cannot stop."""

import json
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client, override_settings

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import answers, grading, leases, lifecycle, save_throttle, staff, sweeps
from exams.attempts.answers import Change
from exams.attempts.models import AnswerEvent, Attempt, EndReason, RefusedAnswer, State
from tests.exams.attempts.helpers import claimed_ago, past_deadline, save
from tests.factories import Form, make_user, start

pytestmark = pytest.mark.django_db


def post(begun: lifecycle.Started, seq: int, option: int) -> Any:
    change = {"seq": seq, "position": 1, "selected": [option], "flagged": False}
    return Client().post(
        f"/api/v1/attempts/{begun.attempt_id}/answers/",
        json.dumps({"lease": begun.lease, "changes": [change]}),
        content_type="application/json",
    )


class Clock:
    """Seconds that the test counts."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@override_settings(EXAM_SAVES_PER_SECOND=2, EXAM_SAVES_BURST=5)
def test_saves_beyond_the_burst_are_refused_with_the_time_to_wait_and_come_through_after_it(
    anna: User, bela: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr(save_throttle, "saves", save_throttle.SaveThrottle(clock=clock))
    begun, other = start(anna, form), start(bela, form)
    replies = [post(begun, seq, form.keys[1][0]) for seq in range(1, 8)]
    assert [reply.status_code for reply in replies] == [200] * 5 + [429] * 2
    assert replies[-1].json()["code"] == "too_many_saves"
    assert replies[-1]["Retry-After"] == "1"
    assert AnswerEvent.objects.count() == 5
    assert post(other, 1, form.keys[1][0]).status_code == 200
    clock.now += 0.5
    # What was refused comes again under its number, as the page sends it, and is stored.
    assert post(begun, 6, form.keys[1][0]).status_code == 200
    assert post(begun, 7, form.keys[1][0]).status_code == 429
    assert not RefusedAnswer.objects.exists()


@override_settings(EXAM_SAVES_PER_SECOND=4, EXAM_SAVES_BURST=20)
def test_in_the_long_run_the_rate_holds_and_a_refused_save_costs_nothing() -> None:
    clock = Clock()
    paces, one, allowed = save_throttle.SaveThrottle(clock=clock), UUID(int=1), 0
    for _ in range(1000):
        clock.now += 0.01
        allowed += not paces.seconds_to_wait(one)
    # From the first to the last are 9.99 s, in which 39 more come free.
    assert allowed == 20 + 39


def test_the_attempt_that_was_not_saved_for_the_longest_time_is_forgotten_first() -> None:
    paces = save_throttle.SaveThrottle(most=2, clock=Clock())
    with override_settings(EXAM_SAVES_PER_SECOND=1, EXAM_SAVES_BURST=1):
        assert [paces.seconds_to_wait(UUID(int=n)) for n in (1, 2, 3)] == [0, 0, 0]
        assert paces.seconds_to_wait(UUID(int=3)) == 1
        assert paces.seconds_to_wait(UUID(int=2)) == 1
        assert paces.seconds_to_wait(UUID(int=1)) == 0


def fill(attempt_id: UUID, rows: int, *, lease: int = 1, first: int = 1) -> None:
    """Store changes as a flood would have."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO exams_answerevent (attempt_id, lease_no, seq, position, selected, flagged,"
            " received_at)"
            " SELECT %s, %s, n, 1 + n %% 8, '{}', false, statement_timestamp()"
            " FROM generate_series(%s::int, %s::int) AS n",
            [str(attempt_id), lease, first, first + rows - 1],
        )


def test_an_attempt_has_room_for_5000_changes_and_says_so_when_it_is_full(anna: User, form: Form) -> None:
    begun = start(anna, form)
    fill(begun.attempt_id, answers.CHANGES_MAX - 1, first=1001)
    assert save(begun.lease, 10_000, 1, *form.keys[1])
    with pytest.raises(Refused) as refusal:
        save(begun.lease, 10_001, 1, *form.others[1][:1])
    assert (refusal.value.code, refusal.value.status) == ("too_many_changes", 422)
    assert "Your 1 answers are safe" in str(refusal.value)
    assert AnswerEvent.objects.count() == answers.CHANGES_MAX
    assert RefusedAnswer.objects.get().reason == "too_many_changes"
    assert lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=begun.lease)


def test_a_batch_does_not_pass_the_limit(anna: User, form: Form) -> None:
    begun = start(anna, form)
    fill(begun.attempt_id, answers.CHANGES_MAX - 50, first=1001)
    lease = leases.read(begun.lease or "")
    assert lease
    with pytest.raises(Refused):
        answers.save(lease, [Change(10_000 + n, 1, (), False) for n in range(100)])
    assert AnswerEvent.objects.count() == answers.CHANGES_MAX - 50


def test_a_flood_by_many_leases_is_counted_too(anna: User, form: Form) -> None:
    begun = start(anna, form)
    fill(begun.attempt_id, answers.CHANGES_MAX, first=1001)
    Attempt.objects.update(lease_no=answers.UNCOUNTED_LEASES)
    taken = lifecycle.take_lease(user=anna, attempt_id=begun.attempt_id, holder="session:b")
    with pytest.raises(Refused) as refusal:
        save(taken.lease, 1, 1, *form.keys[1])
    assert refusal.value.code == "too_many_changes"


def test_what_is_stored_uncounted_is_as_much_again_at_most() -> None:
    assert answers.UNCOUNTED_LEASES * answers.UNCOUNTED_SEQS <= answers.CHANGES_MAX


def test_leases_of_an_attempt_are_limited_and_it_can_still_be_submitted(anna: User, form: Form) -> None:
    begun = start(anna, form)
    Attempt.objects.update(lease_no=lifecycle.LEASES_MAX - 1)
    assert lifecycle.take_lease(user=anna, attempt_id=begun.attempt_id, holder="session:b")
    for act in (
        lambda: lifecycle.take_lease(user=anna, attempt_id=begun.attempt_id, holder="session:b"),
        lambda: lifecycle.answer_without_script(
            user=anna, attempt_id=begun.attempt_id, position=1, selected=(), flagged=True
        ),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert (refusal.value.code, refusal.value.status) == ("too_many_leases", 429)
    assert Attempt.objects.get().lease_no == lifecycle.LEASES_MAX
    assert lifecycle.submit(user=anna, attempt_id=begun.attempt_id, lease=None)


# --- The sweep ------------------------------------------------------------------------------------------
@pytest.fixture
def poisoned(form: Form, monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """Four overdue attempts; whatever reads the answers of the second one fails."""
    made = [start(make_user(), form).attempt_id for _ in range(4)]
    for attempt_id in made:
        past_deadline(attempt_id, 60)
    real = answers.chosen_of

    def chosen_of(attempt_ids: list[UUID]) -> object:
        if made[1] in attempt_ids:
            raise RuntimeError("canceling statement due to statement timeout")
        return real(attempt_ids)

    monkeypatch.setattr(answers, "chosen_of", chosen_of)
    return made


def test_an_attempt_that_cannot_be_ended_does_not_keep_the_others_from_their_end_and_score(
    poisoned: list[UUID],
) -> None:
    report = sweeps.sweep()
    assert (report.expired, report.scored, report.errors) == (3, 3, [])
    states = dict(Attempt.objects.values_list("pk", "state"))
    assert [states[one] for one in poisoned] == [
        State.SCORED,
        State.RUNNING,
        State.SCORED,
        State.SCORED,
    ]
    bad = Attempt.objects.get(pk=poisoned[1])
    assert (bad.score_tries, bad.score_error) == (
        1,
        "RuntimeError: canceling statement due to statement timeout",
    )


def test_it_goes_alone_after_a_pause_and_is_set_aside_after_five_tries(
    poisoned: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    for tries in (1, 2, 3, 4, 5, 5):
        for _ in range(3):
            sweeps.sweep()
        bad = Attempt.objects.get(pk=poisoned[1])
        assert (bad.score_tries, bool(bad.quarantined_at)) == (tries, tries == 5)
        claimed_ago(bad.pk, 21)
    monkeypatch.undo()
    claimed_ago(bad.pk, 3600)
    report = sweeps.sweep()
    assert (report.expired, report.errors) == (1, [])
    bad.refresh_from_db()
    assert (bad.state, bad.quarantined_at, bad.ended_at) == (State.EXPIRED, None, bad.deadline_at)
    assert sweeps.sweep().scored == 1


def test_an_extension_between_the_count_of_a_try_and_the_end_wins(anna: User, form: Form) -> None:
    begun = start(anna, form)
    past_deadline(begun.attempt_id, 60)
    assert sweeps._take(sweeps.OVERDUE) == [begun.attempt_id]
    staff.extend(attempt_id=begun.attempt_id, minutes=30, actor=None, reason="power cut")
    assert sweeps._end([begun.attempt_id], EndReason.EXPIRED) == 0
    attempt = Attempt.objects.get()
    assert (attempt.state, attempt.score_tries) == (State.RUNNING, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("broken", "done"), [("OVERDUE", (0, 1)), ("FORGOTTEN", (1, 1))])
def test_a_part_of_the_sweep_that_fails_does_not_starve_the_other(
    anna: User, bela: User, form: Form, monkeypatch: pytest.MonkeyPatch, broken: str, done: tuple[int, int]
) -> None:
    late, tried = start(anna, form).attempt_id, start(bela, form).attempt_id
    past_deadline(late, 60)
    monkeypatch.setattr(grading, "score_at_once", grading.enqueue_score)
    lifecycle.submit(user=bela, attempt_id=tried, lease=None)
    Attempt.objects.filter(pk=tried).update(score_tries=1)
    claimed_ago(tried, 21, fresh=True)
    monkeypatch.setattr(sweeps, broken, sweeps.Due("no_such_column", "id"))
    report = sweeps.sweep()
    assert (report.expired, report.scored) == done
    assert [error.split(" no_such")[0] for error in report.errors] == [
        'ProgrammingError: column "no_such_column" does not exist'
    ]
    with pytest.raises(sweeps.SweepFailed):
        sweeps.sweep_task()


def test_the_attempt_with_the_most_changes_that_are_possible_is_ended_and_scored(
    anna: User, form: Form
) -> None:
    begun = start(anna, form)
    for lease in (1, 2):
        fill(begun.attempt_id, answers.CHANGES_MAX, lease=lease)
    past_deadline(begun.attempt_id, 60)
    report = sweeps.sweep()
    assert (report.expired, report.scored) == (1, 1)
