"""The clock: ends what is overdue and scores what was forgotten, in batches that several sweeps can share."""

import logging
from dataclasses import dataclass
from uuid import UUID

from celery import shared_task
from django.db import connection, transaction

from exams.attempts import answers, grading, metrics

BATCH = 100
"""Attempts a transaction; 10,000 with 100 answers each took 2.7 s in plain SQL (design of the answer log)."""

logger = logging.getLogger(__name__)

# Saves are accepted until deadline + 30 s; from + 31 s on a sweep cannot compete with one.
OVERDUE = """
SELECT id FROM exams_attempt
WHERE state = 1 AND deadline_at < statement_timestamp() - interval '31 seconds'
ORDER BY deadline_at LIMIT %s FOR UPDATE SKIP LOCKED
"""
EXPIRE = """
UPDATE exams_attempt a
SET state = 3, ended_at = a.deadline_at, end_reason = 'expired', answers_sha256 = n.receipt
FROM unnest(%s::uuid[], %s::text[]) AS n(id, receipt) WHERE a.id = n.id
"""
# Fresh ones are left to their hint; one that was tried goes alone, so that it can only hurt itself.
FORGOTTEN = """
SELECT id FROM exams_attempt
WHERE state IN (2, 3) AND quarantined_at IS NULL AND score_tries = 0
  AND (end_reason = 'expired' OR ended_at < statement_timestamp() - interval '5 seconds')
ORDER BY ended_at LIMIT %s
"""
FAILED = f"""
SELECT id FROM exams_attempt
WHERE state IN (2, 3) AND quarantined_at IS NULL AND score_tries BETWEEN 1 AND {grading.MAX_TRIES - 1}
  AND score_claimed_at < statement_timestamp() - interval '20 seconds'
ORDER BY ended_at LIMIT %s
"""  # noqa: S608  (made of constants)
# The last try ended its process, or this would be known already.
HOPELESS = f"""
SELECT id FROM exams_attempt
WHERE state IN (2, 3) AND quarantined_at IS NULL AND score_tries >= {grading.MAX_TRIES}
  AND score_claimed_at < statement_timestamp() - interval '20 seconds'
LIMIT %s
"""  # noqa: S608  (made of constants)
# To count the try is to hide the attempt from every other sweep: several never burn the tries of one.
TAKE = """
WITH due AS MATERIALIZED ({} FOR UPDATE SKIP LOCKED)
UPDATE exams_attempt a SET score_tries = score_tries + 1, score_claimed_at = statement_timestamp()
FROM due WHERE a.id = due.id RETURNING a.id
"""
DUE = """
SELECT count(*) FILTER (
         WHERE state = 1 AND deadline_at < statement_timestamp() - interval '31 seconds'),
       count(*) FILTER (WHERE state IN (2, 3) AND quarantined_at IS NULL),
       count(*) FILTER (WHERE state IN (2, 3) AND quarantined_at IS NOT NULL)
FROM exams_attempt WHERE state IN (1, 2, 3)
"""


@dataclass(frozen=True, slots=True)
class Due:
    """What waits for a sweep: attempts to end, ended ones to score, and those set aside for staff."""

    expire: int
    score: int
    quarantined: int


@dataclass(slots=True)
class Report:
    """What a sweep did."""

    expired: int = 0
    scored: int = 0


def due() -> Due:
    """Return what is due now, changing nothing."""
    with connection.cursor() as cursor:
        cursor.execute(DUE)
        return Due(*cursor.fetchone())


def sweep() -> Report:
    """Do everything that is due now. Several at once, or none for a day, end in the same state."""
    report = Report()
    while count := expire_batch():
        report.expired += count
    while taken := _ids(TAKE.format(FORGOTTEN)):
        report.scored += _score_batch(taken)
    for _ in range(BATCH):
        if not (alone := _ids(TAKE.format(FAILED), 1)):
            break
        report.scored += grading.grade_claimed(alone[0])
    for attempt_id in _ids(HOPELESS):
        grading.quarantine_if_hopeless(attempt_id)
    metrics.SWEPT.labels(what="expired").inc(report.expired)
    metrics.SWEPT.labels(what="scored").inc(report.scored)
    return report


def _ids(sql: str, limit: int = BATCH) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [limit])
        return [row[0] for row in cursor.fetchall()]


def expire_batch() -> int:
    """End up to a batch of overdue attempts at their deadlines: lock, then read, then write."""
    with transaction.atomic():
        due = _ids(OVERDUE)
        given = answers.current_of(due)
        with connection.cursor() as cursor:
            cursor.execute(
                EXPIRE,
                [[str(one) for one in due], [answers.receipt(given.get(one, [])) for one in due]],
            )
    return len(due)


def _score_batch(taken: list[UUID]) -> int:
    """Score a batch at once, or one by one when an attempt in it fails. The tries are counted already."""
    try:
        return grading.grade_all(taken, wait=True)
    except Exception:
        logger.exception("scoring a batch failed, going one by one", extra={"attempts": len(taken)})
    return sum(grading.grade_claimed(attempt_id) for attempt_id in taken)


@shared_task(name="exams.sweep", expires=9)
def sweep_task() -> None:
    """Sweep by Celery beat."""
    sweep()
