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

# One thread talks to the broker, so that no request ever waits for it. With a frozen broker hints pile up to
# a bound and are then dropped: the sweep finds the rows.
_publisher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hints")
_room = threading.BoundedSemaphore(MAX_WAITING)


class Task(Protocol):
    """What is needed of a Celery task."""

    name: str

    def apply_async(self, args: tuple[str, ...] = ()) -> object:
        """Publish it. May raise, and may take seconds when the broker does not answer."""


def enqueue_on_commit(task: Task) -> None:
    """Publish the task once the transaction is committed. Never raises, never waits."""
    transaction.on_commit(lambda: enqueue(task), robust=True)


def enqueue(task: Task, *args: str) -> None:
    """Hand a hint to the thread and return at once. Never raises."""
    if not _room.acquire(blocking=False):
        HINTS_FAILED.inc()
        return
    try:
        _publisher.submit(_publish, task, args)
    except RuntimeError:  # the interpreter is shutting down
        _room.release()
        HINTS_FAILED.inc()


def _publish(task: Task, args: tuple[str, ...]) -> None:
    try:
        task.apply_async(args)
    except Exception as error:
        HINTS_FAILED.inc()
        logger.warning("hint lost", extra={"task": task.name, "error": type(error).__name__})
    finally:
        _room.release()


def drain() -> None:
    """Wait until every hint handed in so far was sent or lost."""
    _publisher.submit(lambda: None).result()
