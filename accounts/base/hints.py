"""Telling a worker that a row waits. The row is the queue: a hint only makes the work come sooner."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

from django.db import transaction
from prometheus_client import Counter

MAX_WAITING: Final = 200
HINTS_FAILED: Final = Counter(
    "passline_hints_failed_total", "Hints that could not be published; the sweep finds what waits."
)

logger = logging.getLogger(__name__)


class Task(Protocol):
    """What is needed of a Celery task."""

    name: str

    def apply_async(self, args: tuple[str, ...] = ()) -> object:
        """Publish it. May raise, and may take seconds when the broker does not answer."""


class Hints:
    """One thread that talks to the broker, so that no request ever waits for it.

    With a frozen broker hints pile up to `MAX_WAITING` and are then dropped: the sweep finds the rows.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hints")
        self._waiting = threading.BoundedSemaphore(MAX_WAITING)

    def after_commit(self, task: Task) -> None:
        """Publish the task once the transaction is committed. Never raises, never waits."""
        transaction.on_commit(lambda: self.send(task), robust=True)

    def send(self, task: Task, *args: str) -> None:
        """Hand a hint to the thread and return at once. Never raises."""
        if not self._waiting.acquire(blocking=False):
            HINTS_FAILED.inc()
            return
        try:
            self._pool.submit(self._publish, task, args)
        except RuntimeError:  # the interpreter is shutting down
            self._waiting.release()
            HINTS_FAILED.inc()

    def _publish(self, task: Task, args: tuple[str, ...]) -> None:
        try:
            task.apply_async(args)
        except Exception as error:
            HINTS_FAILED.inc()
            logger.warning("hint lost", extra={"task": task.name, "error": type(error).__name__})
        finally:
            self._waiting.release()

    def drain(self) -> None:
        """Wait until every hint handed in so far was sent or lost."""
        self._pool.submit(lambda: None).result()


hints: Final = Hints()
