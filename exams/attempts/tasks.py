"""How a closed attempt gets its score: at once by the process that closed it, else by a worker.

The attempt row is the queue. A hint only makes the score come sooner; a lost one costs nothing.
"""

import logging
from uuid import UUID

from celery import shared_task

from accounts.base.enqueue import enqueue
from exams.attempts import grading

logger = logging.getLogger(__name__)


@shared_task(name="exams.score")
def score_attempt(attempt_id: str) -> None:
    """Score one attempt; twice is harmless."""
    grading.try_to_grade(UUID(attempt_id))


def enqueue_score(attempt_id: UUID) -> None:
    """Publish a scoring hint. Never raises, never waits."""
    enqueue(score_attempt, str(attempt_id))


def score_at_once(attempt_id: UUID) -> None:
    """Score an attempt that this process has just closed. Never raises, and waits for no lock.

    Publishing a hint and taking it up costs six times as much as the scoring. This try is not counted: there
    is one for each close, so that it cannot come again and again.
    """
    try:
        scored = grading.grade(attempt_id)
    except Exception:
        logger.exception("scoring at once failed", extra={"attempt_id": str(attempt_id)})
        scored = False
    if not scored:
        enqueue_score(attempt_id)
