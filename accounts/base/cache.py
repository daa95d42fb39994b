"""A cache in the database that keeps each row until it expires, because limits of sign-in are rows of it."""

from datetime import datetime

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
        table = connections[db].ops.quote_name(self._table)  # type: ignore[attr-defined]
        cursor.execute(f"DELETE FROM {table} WHERE expires < statement_timestamp()")  # noqa: S608
