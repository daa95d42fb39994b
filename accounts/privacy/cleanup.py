"""What is of no use: whatever expired, is old enough, or was held by tokens."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from axes.models import AccessAttempt
from celery import shared_task
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from accounts.email_verification.models import PendingConfirmation, SignInCode
from accounts.jobs import services as jobs
from accounts.outbox import services as outbox
from accounts.privacy import erasure, services
from accounts.users import tokens

logger = logging.getLogger(__name__)

# A batch stays far below the statement timeout, also on the first night after a long time.
BATCH: Final = 5000
# Two that clean at once would lock rows in different orders, and one of them would be a deadlock's victim.
LOCK_CLASS: Final = 0x636C6561
LOCK: Final = "SELECT pg_advisory_xact_lock(%s, hashtext(%s))"


@dataclass(frozen=True, slots=True)
class Cleaned:
    """How many rows were deleted, and how many expired tokens were ended."""

    sessions: int
    cache_rows: int
    failures: int
    confirmations: int
    tokens: int
    mails: int = 0
    files: int = 0
    jobs: int = 0
    others: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return (
            f"{self.sessions} sessions, {self.cache_rows} cache rows, {self.failures} failed sign-ins, "
            f"{self.confirmations} unconfirmed addresses, {self.tokens} tokens, {self.mails} emails, "
            f"{self.files} files, {self.jobs} jobs"
            + "".join(f", {number} {name}" for name, number in self.others.items())
        )


@dataclass(frozen=True, slots=True)
class Table:
    """Where rows expire: a table, its key, and when each does, in SQL. All three come from code."""

    name: str
    key: str
    expires: str

    def count(self) -> int:
        """Return how many rows have expired by the clock of the database."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM {self.name} WHERE {self.expires} < statement_timestamp()"  # noqa: S608
            )
            return int(cursor.fetchone()[0])

    def delete(self) -> int:
        """Delete the expired rows, batch by batch; return how many there were."""
        total = 0
        while deleted := self._delete_batch():
            total += deleted
        return total

    def _delete_batch(self) -> int:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(LOCK, [LOCK_CLASS, self.name])
            cursor.execute(
                f"DELETE FROM {self.name} WHERE {self.key} IN (SELECT {self.key} FROM {self.name}"  # noqa: S608
                f" WHERE {self.expires} < statement_timestamp() LIMIT %s)",
                [BATCH],
            )
            return int(cursor.rowcount)


type Retention = Callable[[], Table]

_retentions: Final[dict[str, Retention]] = {}


def cleans(name: str, table: Retention) -> None:
    """Have rows of a table deleted every night once they are old enough; the report calls them `name`."""
    _retentions[name] = table


def _sessions() -> Table:
    return Table(Session._meta.db_table, "session_key", "expire_date")


def _cache() -> Table:
    return Table(
        connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"])), "cache_key", "expires"
    )


def _failures() -> Table:
    """Wrong passwords, with an IP address each: axes deletes old ones only when somebody signs in."""
    seconds = int(settings.AXES_COOLOFF_TIME.total_seconds())
    return Table(AccessAttempt._meta.db_table, "id", f"attempt_time + interval '{seconds} seconds'")


def _confirmations() -> Table:
    return Table(PendingConfirmation._meta.db_table, "id", "expires_at")


def sign_in_codes() -> Table:
    """Return where codes to sign in wait that nobody used."""
    return Table(SignInCode._meta.db_table, "id", "expires_at")


def due() -> Cleaned:
    """Return what `clean` would do now."""
    return Cleaned(
        sessions=_sessions().count(),
        cache_rows=_cache().count(),
        failures=_failures().count(),
        confirmations=_confirmations().count(),
        tokens=tokens.expired_count(),
        mails=outbox.old().count(),
        files=jobs.old_files().count(),
        jobs=jobs.old().count(),
        others={name: table().count() for name, table in _retentions.items()},
    )


class NotCleaned(Exception):
    """Something could not be cleaned; everything else was. Says what."""


def _delete(table: Retention) -> int:
    return table().delete()


def clean() -> Cleaned:
    """Delete what expired, and end what expired tokens hold. Safe to repeat.

    Raises NotCleaned once the rest is done: one table that fails must not keep what is in the others.
    """
    failed: list[str] = []

    def tried(name: str, act: Callable[[], int]) -> int:
        try:
            return act()
        except Exception:
            logger.exception("Something could not be cleaned", extra={"what": name})
            failed.append(name)
            return 0

    cleaned = Cleaned(
        sessions=tried("sessions", partial(_delete, _sessions)),
        cache_rows=tried("cache rows", partial(_delete, _cache)),
        failures=tried("failed sign-ins", partial(_delete, _failures)),
        confirmations=tried("unconfirmed addresses", partial(_delete, _confirmations)),
        tokens=tried("tokens", services.end_expired_tokens),
        mails=tried("emails", outbox.forget_old),
        files=tried("files", jobs.forget_old_files),
        jobs=tried("jobs", lambda: jobs.old().delete()[0]),
        others={name: tried(name, partial(_delete, table)) for name, table in _retentions.items()},
    )
    if failed:
        raise NotCleaned(", ".join(failed))
    return cleaned


@shared_task(name="accounts.cleanup")
def cleanup_task() -> None:
    """Clean once, for the schedule."""
    clean()


@shared_task(name="accounts.erase")
def erase_task() -> None:
    """Erase everybody whose days are over, for the schedule."""
    erasure.erase_due()
