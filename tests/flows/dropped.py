"""Taking a constraint or a unique index away for a while: what it prevents must then be seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection

from tests import roles

ATTEMPTS: Final = ("exams_attempt", "exams_answerevent", "exams_refusedanswer", "exams_score")


@contextmanager
def dropped(table: str, name: str, *, emptied: tuple[str, ...] = ATTEMPTS) -> Iterator[None]:
    """Drop a constraint or unique index; afterwards empty the tables that may break it and put it back."""
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint"
            " WHERE conname = %s AND conrelid = %s::regclass",
            [name, table],
        )
        constraint = cursor.fetchone()
        cursor.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = %s AND tablename = %s", [name, table]
        )
        (index,) = cursor.fetchone()
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}" if constraint else f"DROP INDEX {name}")
    try:
        yield
    finally:
        with roles.as_owner(), connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(emptied)} CASCADE")
            cursor.execute(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} {constraint[0]}" if constraint else index
            )
