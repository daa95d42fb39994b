"""A cache in the database that keeps each row until it expires, because limits of sign-in are rows of it."""

import base64
import pickle
from datetime import datetime
from itertools import count
from typing import Final

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import DatabaseCache
from django.db import connections, models, router
from django.db.backends.utils import CursorWrapper
from django.db.models.functions import Now

# A row without a timeout; psycopg2 reads no later year.
NEVER: Final = "'9999-12-31'::timestamptz"
LATER: Final = "statement_timestamp() + make_interval(secs => %(seconds)s)"
# As text: an upsert of the ORM has no condition, and opens a transaction of its own.
SET: Final = """
INSERT INTO {table} AS kept (cache_key, value, expires) VALUES (%(key)s, %(value)s, {expires})
ON CONFLICT (cache_key) DO UPDATE SET value = excluded.value, expires = excluded.expires
"""
# Of many who add at once one is told that it did: the others wait for its row, and find it alive.
ADD: Final = f"{SET} WHERE kept.expires < statement_timestamp()"

_writes: Final = count(1)


class CacheRow(models.Model):
    """A row of the cache, to find and delete expired ones. The table is Django's."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "cache"
        default_permissions = ()

    def __str__(self) -> str:
        return self.cache_key


class UnevictedDatabaseCache(DatabaseCache):
    """Django's cache in a table, but a full one gives up expired rows only, and a write is one statement.

    Django's own deletes a third of the living rows, whichever they are, once there are `MAX_ENTRIES`.
    Anybody who makes enough rows, by asking for new passwords, would so lift every limit of sign-in.
    `MAX_ENTRIES` says here after how many writes of a process expired ones are deleted. Django's own counts
    the table, looks for the row, and writes it in a transaction: five statements, and a limit writes twice.
    """

    def _base_set(self, mode: str, key: str, value: object, timeout: float | None = DEFAULT_TIMEOUT) -> bool:
        """Write a row; say whether it was written. A row that lives is not added."""
        if mode == "touch":
            return bool(super()._base_set(mode, key, value, timeout))  # type: ignore[misc]
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        pickled = pickle.dumps(value, self.pickle_protocol)
        values = {"key": key, "value": base64.b64encode(pickled).decode("latin1"), "seconds": seconds}
        db = router.db_for_write(self.cache_model_class)
        table = connections[db].ops.quote_name(self._table)  # type: ignore[attr-defined]
        statement = (SET if mode == "set" else ADD).format(
            table=table, expires=NEVER if seconds is None else LATER
        )
        if next(_writes) % self._max_entries == 0:
            _delete_expired()
        with connections[db].cursor() as cursor:
            cursor.execute(statement, values)
            return bool(cursor.rowcount)

    def _cull(self, db: str, cursor: CursorWrapper, now: datetime, num: int) -> None:
        _delete_expired()


def _delete_expired() -> None:
    CacheRow.objects.filter(expires__lt=Now()).delete()
