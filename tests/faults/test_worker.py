"""The worker is killed at every point of a scoring."""

import os
import signal
from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from exams.attempts import sweeps
from exams.attempts.grading import score_attempt
from exams.attempts.models import Attempt
from tests.exams.attempts.helpers import claimed_ago
from tests.factories import Form
from tests.faults.candidates import Candidate, begin
from tests.faults.conftest import eventually, scalar
from tests.faults.ledger import Ledger, LedgerBroken, check
from tests.faults.links import Road
from tests.faults.masses import grow_old
from tests.faults.stack import Stack
from tools.devstack.processes import Child, children_of

SLOW_CELERY = "tests.faults.slow_celery"
POINTS = ("before_claim", "after_claim", "in_transaction", "after_commit")
TRIES = 2
TRIED = "SELECT score_tries FROM exams_attempt WHERE id = %s"
SCORED = "SELECT count(*) FROM exams_score WHERE attempt_id = %s"


@pytest.fixture
def attempt(unscored: Road, form: Form, ledger: Ledger) -> Callable[[], Candidate]:
    """Starts an attempt with some answers."""

    def start() -> Candidate:
        candidate = begin(ledger, unscored, form)
        for position in (1, 2, 3):
            candidate.save(candidate.click(position, form.keys[position][0]))
        return candidate

    return start


@pytest.fixture(autouse=True)
def _empty_queue(stack: Stack) -> Iterator[None]:
    """No test meets the hints of another."""
    stack.valkey.flush()
    yield
    stack.valkey.flush()


def paused(stack: Stack, attempt_id: UUID) -> bool:
    """Say whether the scoring of an attempt waits at its point."""
    return (stack.folder / f"{attempt_id}.paused").exists()


def with_pauses(stack: Stack, points: dict[UUID, str], children: int) -> Child:
    """Start a worker that waits at the points given."""
    return stack.worker(
        name=f"slow-{next(iter(points))}",
        application=SLOW_CELERY,
        options=f"-c {children}",
        FAULTS_FOLDER=str(stack.folder),
        FAULTS_PAUSES=",".join(f"{attempt_id}={point}" for attempt_id, point in points.items()),
    )


def test_a_worker_killed_at_any_point_leaves_one_score_after_the_next_sweep(
    stack: Stack, ledger: Ledger, database: str, attempt: Callable[[], Candidate]
) -> None:
    candidates = [attempt() for _ in POINTS]
    points = {candidate.attempt_id: point for candidate, point in zip(candidates, POINTS, strict=True)}
    worker = with_pauses(stack, points, len(POINTS))
    for candidate in candidates:
        candidate.submit()
    eventually(lambda: all(paused(stack, one) for one in points), 40)
    stack.end(worker)
    ledger.close(database)
    scored = [point for one, point in points.items() if scalar(SCORED, str(one))]
    assert scored == ["after_commit"]
    with pytest.raises(LedgerBroken, match="has state 2, 0 scores"):
        check(ledger, database)
    # Its claims and its open transaction are still warm: only time makes the sweep take them.
    for one in points:
        grow_old(one, 6)
    scalar(
        "UPDATE exams_attempt SET score_claimed_at = score_claimed_at - interval '21 s'"
        " WHERE state = 2; SELECT 1"
    )
    eventually(lambda: sweeps.sweep() and all(scalar(SCORED, str(one)) for one in points), 10)
    ledger.ended.clear()
    check(ledger, database)


def test_a_hint_whose_child_is_killed_comes_again_and_leaves_the_attempt_its_pause(
    stack: Stack, ledger: Ledger, database: str, attempt: Callable[[], Candidate]
) -> None:
    candidate = attempt()
    worker = with_pauses(stack, {candidate.attempt_id: "after_claim"}, 1)
    candidate.submit()
    eventually(lambda: paused(stack, candidate.attempt_id), 40)
    claimed_ago(candidate.attempt_id, 21)
    for pid in children_of(worker.pid):
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: scalar(SCORED, str(candidate.attempt_id)), 30)
    assert Attempt.objects.get(pk=candidate.attempt_id).score_tries == 2
    check(ledger, database)


def test_an_attempt_that_kills_every_worker_is_set_aside_after_its_tries_and_the_others_are_scored(
    stack: Stack, ledger: Ledger, database: str, attempt: Callable[[], Candidate]
) -> None:
    poison, *others = [attempt() for _ in range(5)]
    more = {"FAULTS_POISON": str(poison.attempt_id), "FAULTS_TRIES": str(TRIES)}
    stack.worker(name="poisoned-worker", application=SLOW_CELERY, **more)
    for candidate in (poison, *others):
        candidate.submit()
    for tries in range(1, TRIES + 1):
        eventually(lambda: scalar(TRIED, str(poison.attempt_id)) == tries, 60)  # noqa: B023
        claimed_ago(poison.attempt_id, 21)
        score_attempt.apply_async((str(poison.attempt_id),))
    eventually(lambda: all(scalar(SCORED, str(one.attempt_id)) for one in others), 30)
    stored = Attempt.objects.get(pk=poison.attempt_id)
    assert (stored.score_tries, bool(stored.quarantined_at)) == (TRIES, True)
    check(ledger, database, quarantined=[poison.attempt_id])
