"""A cache in the database that keeps each row until it expires, because limits of sign-in are rows of it."""

from datetime import datetime
from typing import Any

from django.core.cache.backends.db import DatabaseCache
from django.db import connections
from django.db.backends.utils import CursorWrapper


class UnevictedDatabaseCache(DatabaseCache):
    """Django's cache in a table, but a full one gives up expired rows only.

    Django's own deletes a third of the living rows, whichever they are, once there are `MAX_ENTRIES`.
    Anybody who makes enough rows, by asking for new passwords, would so lift every limit of sign-in.
    `MAX_ENTRIES` says here from how many rows on a write first looks for expired ones.
    """

    def _cull(self, db: str, cursor: CursorWrapper, now: datetime, num: int) -> None:
        delete_expired(db, cursor, self._table, now)


def delete_expired(db: str, cursor: CursorWrapper, table: str, now: datetime) -> int:
    """Delete the rows of a cache table that expired before `now`; return how many there were."""
    operations: Any = connections[db].ops
    cursor.execute(
        f"DELETE FROM {operations.quote_name(table)} WHERE expires < %s",  # noqa: S608
        [operations.adapt_datetimefield_value(now)],
    )
    return cursor.rowcount
