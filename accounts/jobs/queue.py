"""A table as a queue: jobs and mails are claimed, kept, tried again and given up by the same statements.

`not_before` says when a row is due. A claim moves it to the end of a lease and heartbeats move it on, so
nobody takes a row whose worker lives, and one whose worker died is due again by itself. A worker that was
only asleep finds a foreign claim when it wants to finish.
"""

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar, Final, Self

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

# A few may be lost, to a database that restarts, before another worker takes the row.
HEARTBEATS_IN_A_LEASE: Final = 6
MOST_SECONDS_TO_A_HEARTBEAT: Final = 1.0
LONGEST_PAUSE_SECONDS: Final = 300

logger = logging.getLogger(__name__)

type Changes = Mapping[str, Any]


class Lost(Exception):
    """Another worker has taken the row, because this one was silent for too long."""


class Work(models.Model):
    """A row that is its own queue. Subclasses say what else changes in it, and what is kept of an error."""

    MAX_TRIES: ClassVar[int]
    FIRST_PAUSE_SECONDS: ClassVar[int]
    CLAIMED: ClassVar[Changes]
    RETRIED: ClassVar[Changes] = {}
    GIVEN_UP: ClassVar[Changes]

    tries = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    not_before = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True

    def heartbeat(self) -> Changes:
        """Return what each heartbeat writes beside the lease."""
        return {}

    def describe(self, error: Exception) -> Changes:
        """Log why a try failed, and return what the row keeps of it."""
        raise NotImplementedError

    def is_hopeless(self, error: Exception) -> bool:
        """Say whether another try is of no use."""
        return False

    def still_claimed(self) -> QuerySet[Self]:
        """Return the row as long as this claim holds it."""
        rows: QuerySet[Self] = type(self)._default_manager.filter(pk=self.pk, claim=self.claim)
        return rows

    def finish(self, **changes: Any) -> None:  # noqa: ANN401
        """Mark the row as done. Raises Lost."""
        if not self.still_claimed().update(claim=None, **changes):
            raise Lost

    def fail(self, error: Exception) -> None:
        """Let the row wait for its next try, or give it up after the last one."""
        changes = {"claim": None, **self.describe(error)}
        if self.tries >= self.MAX_TRIES or self.is_hopeless(error):
            changes |= self.GIVEN_UP
        else:
            # A server that is down for an hour must not be asked at once by all that wait.
            pause = min(self.FIRST_PAUSE_SECONDS * 2 ** (self.tries - 1), LONGEST_PAUSE_SECONDS)
            changes |= {**self.RETRIED, "not_before": Now() + timedelta(seconds=pause)}
        self.still_claimed().update(**changes)


def claim[Row: Work](rows: QuerySet[Row]) -> Row | None:
    """Take the row that has been due for longest, for as long as its worker lives; None when none is due."""
    with transaction.atomic():
        due = rows.filter(not_before__lte=Now(), tries__lt=rows.model.MAX_TRIES)
        # Of many who ask at once each gets another row, and nobody waits.
        row = due.select_for_update(skip_locked=True).order_by("not_before").first()
        if row is None:
            return None
        row.claim, row.tries = uuid.uuid4(), row.tries + 1
        rows.filter(pk=row.pk).update(
            claim=row.claim, tries=row.tries, not_before=_lease_end(), **row.CLAIMED
        )
    return row


def give_up[Row: Work](rows: QuerySet[Row], **changes: Any) -> int:  # noqa: ANN401
    """Give up rows whose last try ended its process, for the others are known already; return how many."""
    dead = rows.filter(not_before__lte=Now(), tries__gte=rows.model.MAX_TRIES)
    with transaction.atomic():
        # Of two sweeps at once each takes other rows: in different orders they would be a deadlock.
        free = dead.select_for_update(skip_locked=True).order_by().values("pk")
        locked = rows.model._default_manager.filter(pk__in=free)
        return locked.update(claim=None, **{**rows.model.GIVEN_UP, **changes})


def attempt(row: Work, work: Callable[[], object]) -> Exception | None:
    """Do the work of a claimed row and return why it failed, which the row keeps. Never raises that itself:
    the next row must not suffer.
    """
    try:
        with _heartbeats(row):
            work()
    except Lost as lost:
        logger.warning("work was taken by another worker", extra={"row": f"{row._meta.label} {row.pk}"})
        return lost
    except Exception as error:
        row.fail(error)
        return error
    return None


def _lease_end() -> Any:  # noqa: ANN401  (an expression)
    return Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


@contextmanager
def _heartbeats(row: Work) -> Iterator[None]:
    """Show that the row's worker lives, from a thread with a connection of its own: others see it while the
    work's transaction is still open.
    """
    ended = threading.Event()
    thread = threading.Thread(target=_beat, args=(row, ended), name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _beat(row: Work, ended: threading.Event) -> None:
    every = min(MOST_SECONDS_TO_A_HEARTBEAT, settings.JOB_LEASE_SECONDS / HEARTBEATS_IN_A_LEASE)
    try:
        while not ended.wait(every):
            try:
                if not row.still_claimed().update(not_before=_lease_end(), **row.heartbeat()):
                    return
            except Exception:
                # The database may be back for the next one; if not, another worker takes the row.
                logger.warning("a heartbeat was lost", extra={"row": f"{row._meta.label} {row.pk}"})
                connection.close()
    finally:
        connection.close()
