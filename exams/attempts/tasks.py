"""Scoring hints: a Celery task, and its publication, which can neither raise nor hang.

The attempt row is the queue. A hint only makes the score come sooner; a lost one costs nothing.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from celery import shared_task

from exams.attempts import grading, metrics

MAX_WAITING = 200

logger = logging.getLogger(__name__)


@shared_task(name="exams.score")
def score_attempt(attempt_id: str) -> None:
    """Score one attempt; twice is harmless."""
    grading.try_to_grade(UUID(attempt_id))


class Publisher:
    """One thread that talks to the broker, so that no request ever waits for it.

    With a frozen broker hints pile up to `MAX_WAITING` and are then dropped: the sweep finds the attempts.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="score-hints")
        self._waiting = threading.BoundedSemaphore(MAX_WAITING)

    def send(self, attempt_id: UUID) -> None:
        """Hand a hint to the thread and return at once."""
        if not self._waiting.acquire(blocking=False):
            metrics.HINTS_FAILED.inc()
            return
        try:
            self._pool.submit(self._publish, str(attempt_id))
        except RuntimeError:  # the interpreter is shutting down
            self._waiting.release()
            metrics.HINTS_FAILED.inc()

    def _publish(self, attempt_id: str) -> None:
        try:
            score_attempt.apply_async((attempt_id,))
        except Exception as error:
            metrics.HINTS_FAILED.inc()
            logger.warning("score hint lost", extra={"attempt_id": attempt_id, "error": type(error).__name__})
        finally:
            self._waiting.release()

    def drain(self) -> None:
        """Wait until every hint handed in so far was sent or lost."""
        self._pool.submit(lambda: None).result()


publisher = Publisher()


def enqueue_score(attempt_id: UUID) -> None:
    """Publish a scoring hint after the commit. Never raises, never waits."""
    publisher.send(attempt_id)
