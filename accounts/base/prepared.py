"""Statements that a connection prepares at their first use: for those that take longer to plan than to run.

A pooler that shares connections between transactions knows no prepared statements: with `DATABASE_PREPARES`
off they are sent whole.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.db.backends.utils import CursorWrapper

PARAMETER: Final = re.compile(r"%\((\w+)\)s")


class _Prepared:
    """What one connection has prepared: the name of each text. A name is never used twice."""

    def __init__(self, connection: object) -> None:
        self.connection = connection
        self.names: dict[str, str] = {}
        self.tries = 0


def execute(cursor: CursorWrapper, text: str, types: Mapping[str, str], values: Mapping[str, Any]) -> None:
    """Send a statement with parameters `%(name)s`, whose PostgreSQL types are named. One statement.

    A text is told apart by all of it, so it must be a constant, not put together anew with each value.
    """
    if not settings.DATABASE_PREPARES:
        cursor.execute(text, values)
        return
    statements = _prepared_by(cursor.db)
    name = statements.names.get(text)
    if name:
        cursor.execute(_execution(name, tuple(types)), values)
        return
    # Where the first execution fails, the server knows the name all the same: the next try takes another.
    statements.tries += 1
    name = f"passline_{statements.tries}"
    preparation = f"PREPARE {name} ({', '.join(types.values())}) AS {_numbered(text, tuple(types))}"
    cursor.execute(f"{preparation};{_execution(name, tuple(types))}", values)
    statements.names[text] = name


def _prepared_by(database: Any) -> _Prepared:  # noqa: ANN401  (Django's wrapper has no place for it in its type)
    statements: _Prepared | None = getattr(database, "passline_statements", None)
    if statements is None or statements.connection is not database.connection:
        statements = database.passline_statements = _Prepared(database.connection)
    return statements


@lru_cache(maxsize=256)
def _execution(name: str, parameters: Sequence[str]) -> str:
    return f"EXECUTE {name} ({', '.join(f'%({one})s' for one in parameters)})"


def _numbered(text: str, parameters: Sequence[str]) -> str:
    """Return the text with `$1` for its first parameter; `%%` stays, as the driver makes it one sign."""
    return PARAMETER.sub(lambda found: f"${parameters.index(found[1]) + 1}", text)
