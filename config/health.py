"""Is the site alive, and can it serve? Neither question needs Redis."""

import time
from http import HTTPStatus
from typing import Final

from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.base import checks
from config import drain
from exams.attempts import metrics

# A process asks for disk space at most this often.
SPACE_SECONDS: Final = 5.0
# Sorting 1 MB with 64 kB of memory writes it to a file beside the data, as a save must be able to. An
# UPDATE of one row would not do: it finds room in its old page, and succeeds on a full disk.
SPACE_SQL: Final = """
SELECT count(*) FROM (
  SELECT n, repeat('x', 1000) || n AS filling FROM generate_series(1, 1000) AS n ORDER BY filling OFFSET 0
) AS sorted
"""
# Errors 53100 disk_full and 58030 io_error.
NO_SPACE: Final = {"53100", "58030"}

_migrated = False
_space_seen_at = -SPACE_SECONDS


def _unapplied() -> int:
    """Return how many migrations wait; a process that once saw none does not look again."""
    global _migrated
    if _migrated:
        return 0
    waiting = checks.waiting_migrations()
    _migrated = not waiting
    return waiting


def _has_space() -> bool:
    """Say whether the database can write to its disk now; what was seen in the last seconds is trusted."""
    global _space_seen_at
    if time.monotonic() - _space_seen_at < SPACE_SECONDS:
        return True
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '64kB'")
            cursor.execute(SPACE_SQL)
    except DatabaseError as error:
        if getattr(error.__cause__, "pgcode", None) in NO_SPACE:
            return False
        raise
    _space_seen_at = time.monotonic()
    return True


@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as this process answers at all. Touches no database."""
    return JsonResponse({"status": "live"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 when the database can be trusted with answers, else 503 with the reasons.

    Ages are in seconds and tell how long candidates wait; they do not make a process unready, because
    to take it away would only make them wait longer.
    """
    try:
        reasons = _reasons()
        waits = {} if reasons else _waits()
    except DatabaseError:
        reasons, waits = ["the database cannot be reached"], {}
    status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
    reply = JsonResponse(
        {"status": "not ready" if reasons else "ready", "reasons": reasons, **waits}, status=status
    )
    if reasons:
        reply.headers["Retry-After"] = "5"
    return reply


def _reasons() -> list[str]:
    if drain.draining():
        return ["the server is stopping"]
    rules = [
        (not checks.durable(), "synchronous_commit is off"),
        (checks.setting("transaction_read_only") == "on", "the database is read-only"),
        (bool(_unapplied()), "migrations are waiting"),
        (not _has_space(), "the disk of the database is full"),
    ]
    return [reason for broken, reason in rules if broken]


def _waits() -> dict[str, float | int]:
    waiting = metrics.read_backlog()
    return {
        "oldest_unscored_s": waiting.oldest_unscored_s,
        "oldest_expired_unfinished_s": waiting.oldest_unfinished_s,
        "quarantined": waiting.quarantined,
    }
