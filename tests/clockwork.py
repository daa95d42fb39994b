"""Tests move rows, not clocks: an attempt is shifted in time as if its owner had started earlier."""

from uuid import UUID

from django.db import connection, transaction

from tests import roles


def leave_seconds(attempt_id: UUID | str, seconds: float) -> None:
    """Shift a running attempt so that so many seconds are left; negative for after its deadline."""
    with roles.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        # The freeze lets a deadline move forward only.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "WITH shift AS (SELECT id, statement_timestamp() + %s * interval '1 second' - deadline_at AS by"
            " FROM exams_attempt WHERE id = %s)"
            " UPDATE exams_attempt a SET started_at = started_at + by, deadline_at = deadline_at + by"
            " FROM shift WHERE a.id = shift.id",
            [seconds, str(attempt_id)],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
