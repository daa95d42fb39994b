"""What is of no use: whatever expired, is old enough, or was held by tokens."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.base import personal_data, statements
from accounts.base.cache import CacheRow
from accounts.jobs import services as jobs
from accounts.outbox import services as outbox
from accounts.privacy import services
from accounts.users import tokens

logger = logging.getLogger(__name__)

# A batch stays far below the statement timeout, also on the first night after a long time.
BATCH: Final = 5000
# Two that clean at once would lock rows in different orders, and one of them would be a deadlock's victim.
LOCK_CLASS: Final = 0x636C6561
REPORTED_FIRST: Final = (
    *("sessions", "cache rows", "failed sign-ins", "unconfirmed addresses"),
    *("tokens", "emails", "files", "jobs"),
)
# As text: the ORM knows no advisory locks.
LOCK: Final = "SELECT pg_advisory_xact_lock(%s, hashtext(%s))"


def _delete(rows: QuerySet[Any]) -> int:
    """Delete rows, batch by batch; return how many there were."""
    total = 0
    while deleted := _delete_batch(rows):
        total += deleted
    return total


def _delete_batch(rows: QuerySet[Any]) -> int:
    with transaction.atomic():
        statements.run(LOCK, [LOCK_CLASS, rows.model._meta.db_table])
        batch = rows.order_by().values("pk")[:BATCH]
        return int(rows.model._default_manager.filter(pk__in=batch).delete()[0])


@dataclass(frozen=True, slots=True)
class Step:
    """One kind of thing that is cleaned: how many are due, and the act, which returns how many it deleted."""

    due: Callable[[], int]
    act: Callable[[], int]


def _steps() -> dict[str, Step]:
    """Return everything that is cleaned, by what the report calls it."""
    expired = {table.expires.name: table.expires.rows() for table in personal_data.tables() if table.expires}
    expired["cache rows"] = CacheRow.objects.filter(expires__lt=Now())
    steps = {name: Step(rows.count, partial(_delete, rows)) for name, rows in expired.items()} | {
        "tokens": Step(tokens.expired_count, services.end_expired_tokens),
        "emails": Step(outbox.old().count, outbox.forget_old),
        "files": Step(jobs.old_files().count, jobs.forget_old_files),
        "jobs": Step(jobs.old().count, lambda: jobs.old().delete()[0]),
    }
    return {name: steps[name] for name in (*REPORTED_FIRST, *steps)}


def report(counts: Mapping[str, int]) -> str:
    """Return what was cleaned, or would be, in one line."""
    return ", ".join(f"{number} {name}" for name, number in counts.items())


def due() -> dict[str, int]:
    """Return how much of each kind `clean` would delete now."""
    return {name: step.due() for name, step in _steps().items()}


class NotCleaned(Exception):
    """Something could not be cleaned; everything else was. Says what."""


def clean() -> dict[str, int]:
    """Delete what expired, and end what expired tokens hold; return how much of each kind. Safe to repeat.

    Raises NotCleaned once the rest is done: one table that fails must not keep what is in the others.
    """
    cleaned: dict[str, int] = {}
    failed: list[str] = []
    for name, step in _steps().items():
        try:
            cleaned[name] = step.act()
        except Exception:
            logger.exception("Something could not be cleaned", extra={"what": name})
            failed.append(name)
    if failed:
        raise NotCleaned(", ".join(failed))
    return cleaned
