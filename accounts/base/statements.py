"""Statements that are text. With the types of their values a connection prepares them at their first use.

That is for those that take longer to plan than to run. A text is told apart by all of it, so it must be a
constant then, with parameters `%(name)s`. A pooler that shares connections between transactions knows no
prepared statements: with `DATABASE_PREPARES` off they are sent whole.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from django.conf import settings
from django.db import NotSupportedError, connection
from django.db.backends.utils import CursorWrapper

PARAMETER: Final = re.compile(r"%\((\w+)\)s")


class _Prepared:
    """What one connection has prepared: the name of each text, "" for one that is sent whole."""

    def __init__(self, connection: object) -> None:
        self.connection = connection
        self.names: dict[str, str] = {}


type Values = Sequence[Any] | Mapping[str, Any] | None
type Types = Mapping[str, str] | None


def run(text: str, values: Values = None) -> None:
    """Send a statement of which nothing is read."""
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def rows(text: str, values: Values = None, types: Types = None) -> list[Any]:
    """Return the rows that a statement finds, as tuples."""
    with connection.cursor() as cursor:
        _execute(cursor, text, values, types)
        found: list[Any] = cursor.fetchall()
    return found


def first(text: str, values: Values = None, types: Types = None) -> Any:  # noqa: ANN401  (a row, or None)
    """Return the first row that a statement finds, as a tuple, or None."""
    return next(iter(rows(text, values, types)), None)


def dict_rows(text: str, values: Values, types: Types = None) -> list[dict[str, Any]]:
    """Return the rows that a statement finds, each by the names of its columns."""
    with connection.cursor() as cursor:
        _execute(cursor, text, values, types)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _execute(cursor: CursorWrapper, text: str, values: Values, types: Types) -> None:
    if types is None or not settings.DATABASE_PREPARES:
        cursor.execute(text, values)
        return
    names = _prepared_by(cursor.db).names
    name = names.get(text)
    if name:
        try:
            cursor.execute(_execution(name, tuple(types)), values)
        except NotSupportedError:
            # A migration has changed the type of a column: what is prepared never fits again.
            names[text] = ""
            raise
        return
    if name == "":
        cursor.execute(text, values)
        return
    # Where the first execution fails, the server may know the name all the same.
    names[text] = ""
    name = f"passline_{len(names)}"
    preparation = f"PREPARE {name} ({', '.join(types.values())}) AS {_numbered(text, tuple(types))}"
    cursor.execute(f"{preparation};{_execution(name, tuple(types))}", values)
    names[text] = name


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
