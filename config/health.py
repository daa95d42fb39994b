"""Is the site alive, and can it serve? Neither question needs Redis."""

from http import HTTPStatus

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.base import checks
from exams.attempts import backlog

_migrated = False


def _unapplied() -> int:
    """Return how many migrations wait; a process that once saw none does not look again."""
    global _migrated
    if _migrated:
        return 0
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    _migrated = not waiting
    return waiting


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
    rules = [
        (not checks.durable(), "synchronous_commit is off"),
        (bool(_unapplied()), "migrations are waiting"),
    ]
    return [reason for broken, reason in rules if broken]


def _waits() -> dict[str, float | int]:
    found = backlog.read()
    return {
        "oldest_unscored_s": found.oldest_unscored_s,
        "oldest_expired_unfinished_s": found.oldest_unfinished_s,
        "quarantined": found.quarantined,
    }
