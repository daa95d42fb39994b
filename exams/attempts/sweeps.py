"""The clock: ends what is overdue and scores what was forgotten, in batches that several sweeps can share."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from celery import shared_task
from django.db import connection, transaction

from accounts.base import statements
from accounts.base.errors import describe
from exams.attempts import answers, grading, metrics, sql
from exams.attempts.models import Attempt, EndReason

BATCH = 100
"""Attempts a transaction; 10,000 with 100 answers each took 2.7 s in plain SQL (docs/decisions/0009)."""

logger = logging.getLogger(__name__)

# To count the try is to hide the attempt from every other sweep for 20 s: several never do the same work.
TAKE = f"""
WITH due AS MATERIALIZED (
  SELECT id FROM exams_attempt WHERE {{which}} ORDER BY {{first}} LIMIT %s FOR UPDATE SKIP LOCKED)
UPDATE exams_attempt a SET {sql.COUNT_A_TRY}
FROM due WHERE a.id = due.id RETURNING a.id
"""  # noqa: S608  (made of constants)


@dataclass(frozen=True, slots=True)
class Due:
    """What a sweep takes, as conditions over `exams_attempt`, and what goes first."""

    which: str
    first: str


# What nobody tried yet goes in batches. A first failure breaks its batch, and what was tried once goes
# alone from then on, after its pause: a poisoned attempt can only hurt itself.
OVERDUE = Due(f"{sql.OVERDUE} AND score_tries = 0", "deadline_at")
OVERDUE_AGAIN = Due(f"{sql.OVERDUE} AND score_tries > 0 AND {sql.MAY_TRY}", "score_claimed_at")
# Fresh ones are left to their hint for a moment.
FORGOTTEN = Due(
    f"{sql.UNSCORED} AND score_tries = 0"
    " AND (end_reason IN ('expired', 'idle') OR ended_at < statement_timestamp() - interval '5 seconds')",
    "ended_at",
)
# The one that waited longest goes first, so that no number of failing ones holds up the others.
FAILED = Due(f"{sql.UNSCORED} AND score_tries > 0 AND {sql.MAY_TRY}", "score_claimed_at")
# What has no time limit ends when nobody answered for so long. Whoever comes back finds its result.
IDLE_DAYS = 30
IDLE = f"""state = 1 AND deadline_at IS NULL
  AND started_at < statement_timestamp() - interval '{IDLE_DAYS} days'
  AND NOT EXISTS (SELECT 1 FROM exams_answerevent e WHERE e.attempt_id = exams_attempt.id
                  AND e.received_at > statement_timestamp() - interval '{IDLE_DAYS} days')"""  # noqa: S608  (made of constants)
ABANDONED = Due(f"{IDLE} AND {sql.MAY_TRY}", "started_at")
# Asked again after the lock, in a statement of its own: since the try was counted an extension or a result
# page may have come first, and an answer that was being saved meanwhile is seen here.
STILL = "SELECT id FROM exams_attempt WHERE id = ANY(%s::uuid[]) AND {which} ORDER BY id"
END = """
UPDATE exams_attempt a
SET state = 3, ended_at = coalesce(a.deadline_at, statement_timestamp()), end_reason = %s,
  answers_sha256 = n.receipt, score_tries = 0, score_claimed_at = NULL, quarantined_at = NULL
FROM unnest(%s::uuid[], %s::text[]) AS n(id, receipt) WHERE a.id = n.id
"""


@dataclass(slots=True)
class Report:
    """What a sweep did; `errors` says what it could not, a sentence each."""

    expired: int = 0
    scored: int = 0
    errors: list[str] = field(default_factory=list)


class SweepFailed(Exception):
    """A part of a sweep failed; what it says is in the report."""


def sweep() -> Report:
    """Do everything that is due now. Several at once, or none for a day, end in the same state.

    First what is fresh, in batches: end it, score it. Then what failed before, one by one. Each of the five
    runs whatever becomes of the others, so that expiry and scoring cannot starve each other.
    """
    report = Report()
    for step in (_expire_fresh, _end_abandoned, _score_fresh, _expire_again, _score_again):
        try:
            step(report)
        except Exception as error:
            logger.exception("a part of a sweep failed", extra={"part": step.__name__.strip("_")})
            report.errors.append(describe(error))
            # What failed may be the connection, and the next part needs one that works.
            connection.close_if_unusable_or_obsolete()
    metrics.SWEPT.labels(what="expired").inc(report.expired)
    metrics.SWEPT.labels(what="scored").inc(report.scored)
    return report


def _take(due: Due, limit: int = BATCH) -> list[UUID]:
    """Count a try for what is due, and return it."""
    found = statements.rows(TAKE.format(which=due.which, first=due.first), [limit])
    return [attempt_id for (attempt_id,) in found]


def _expire_fresh(report: Report) -> None:
    while taken := _take(OVERDUE):
        report.expired += _end_batch(taken)


def _end_abandoned(report: Report) -> None:
    while taken := _take(ABANDONED):
        report.expired += _end_batch(taken, EndReason.IDLE)


def _score_fresh(report: Report) -> None:
    while taken := _take(FORGOTTEN):
        report.scored += _score_batch(taken)


def _expire_again(report: Report) -> None:
    # Bounded: what fails each time must not keep the sweep from what is fresh.
    for _ in range(BATCH):
        if not (alone := _take(OVERDUE_AGAIN, 1)):
            break
        report.expired += _end_alone(alone[0])


def _score_again(report: Report) -> None:
    for _ in range(BATCH):
        if not (alone := _take(FAILED, 1)):
            break
        report.scored += grading.grade_claimed(alone[0])


def _end_batch(taken: Sequence[UUID], reason: EndReason = EndReason.EXPIRED) -> int:
    """End attempts in one transaction, or one by one when that fails. The tries are counted already."""
    try:
        return _end(taken, reason)
    except Exception:
        logger.exception("ending a batch failed, going one by one", extra={"attempts": len(taken)})
    return sum(_end_alone(attempt_id, reason) for attempt_id in taken)


def _end_alone(attempt_id: UUID, reason: EndReason = EndReason.EXPIRED) -> int:
    """End one attempt; a failure is kept on its row, and it is tried again after the pause."""
    try:
        return _end([attempt_id], reason)
    except Exception as error:
        logger.exception("ending an attempt failed", extra={"attempt_id": str(attempt_id)})
        grading.note_failure(attempt_id, error)
        return 0


def _end(taken: Sequence[UUID], reason: EndReason) -> int:
    """End attempts, at their deadlines where they have any: lock, read in later statements, then write."""
    still = STILL.format(which=IDLE if reason == EndReason.IDLE else sql.OVERDUE)
    with transaction.atomic():
        # In the order of their ids, as everybody locks several, so that two never wait for each other.
        _lock(taken)
        due = [attempt_id for (attempt_id,) in statements.rows(still, [[str(one) for one in taken]])]
        chosen = answers.chosen_of(due)
        receipts = [answers.receipt(chosen[one]) for one in due]
        statements.run(END, [reason.value, [str(one) for one in due], receipts])
    return len(due)


def _lock(taken: Sequence[UUID]) -> None:
    list(Attempt.objects.select_for_update().filter(pk__in=taken).order_by("pk").values_list("pk"))


def _score_batch(taken: Sequence[UUID]) -> int:
    """Score a batch at once, or one by one when an attempt in it fails. The tries are counted already."""
    try:
        return grading.grade_all(taken, wait=True)
    except Exception:
        logger.exception("scoring a batch failed, going one by one", extra={"attempts": len(taken)})
    return sum(grading.grade_claimed(attempt_id) for attempt_id in taken)


@shared_task(name="exams.sweep", expires=9)
def sweep_task() -> None:
    """Sweep by Celery beat. Raises SweepFailed after the pass when a part of it failed."""
    if errors := sweep().errors:
        raise SweepFailed("; ".join(errors))
