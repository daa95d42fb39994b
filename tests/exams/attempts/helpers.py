"""Short words for tests of attempts: rows are moved in time, clocks never are."""

import datetime as dt
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from exams.attempts import answers, leases
from exams.attempts.answers import Change, Saved
from exams.attempts.models import Attempt
from tests import roles
from tests.clockwork import leave_seconds


def age(attempt_id: UUID, seconds: float) -> None:
    """Move an attempt into the past, as if it had started that much earlier."""
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE exams_attempt SET started_at = started_at - make_interval(secs => %s),"
            " deadline_at = deadline_at - make_interval(secs => %s),"
            " ended_at = ended_at - make_interval(secs => %s) WHERE id = %s",
            [seconds, seconds, seconds, str(attempt_id)],
        )
        cursor.execute("SET session_replication_role = origin")


def deadline_of(attempt: Attempt) -> dt.datetime:
    """Return the deadline of an exam: it always has one."""
    assert attempt.deadline_at
    return attempt.deadline_at


def past_deadline(attempt_id: UUID, seconds: float) -> None:
    """Put the deadline of a fresh attempt that many seconds into the past."""
    leave_seconds(attempt_id, -seconds)


def claimed_ago(attempt_id: UUID, seconds: float, *, fresh: bool = False) -> None:
    """Move the last try to score that far into the past; with `fresh`, as if it had been made then."""
    since = "statement_timestamp()" if fresh else "score_claimed_at"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE exams_attempt SET score_claimed_at = {since} - make_interval(secs => %s) WHERE id = %s",
            [seconds, str(attempt_id)],
        )


def save(token: str | None, seq: int, position: int, *selected: int, flagged: bool = False) -> Saved:
    """Save one change by a lease."""
    lease = leases.read(token or "")
    assert lease
    return answers.save(lease, [Change(seq, position, tuple(selected), flagged)])


def replace_sql(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, old: str, new: str) -> None:
    """Put other SQL in the place of the product's."""
    sql = getattr(module, name)
    assert old in sql
    monkeypatch.setattr(module, name, sql.replace(old, new))
