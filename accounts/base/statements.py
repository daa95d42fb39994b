"""Statements that are text. With the types of their values a connection prepares them at their first use.

That is for those that take longer to plan than to run. A text is told apart by all of it, so it must be a
constant then, with parameters `%(name)s`. A pooler that shares connections between transactions knows no
prepared statements: with `DATABASE_PREPARES` off they are sent whole.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.conf import settings
from django.db import NotSupportedError, connection
from django.db.backends.utils import CursorWrapper

PARAMETER: Final = re.compile(r"%\((\w+)\)s")


class _Prepared:
    """How one connection executes each text: by the name under which it has prepared it, or whole."""

    def __init__(self, connection: object) -> None:
        self.connection = connection
        self.executions: dict[str, str] = {}


type Values = Sequence[Any] | Mapping[str, Any] | None
type Types = Mapping[str, str] | None
"""The types of parameters by name, for a statement that is prepared; more than it has do no harm."""


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
    executions = _prepared_by(cursor.db).executions
    execution = executions.get(text)
    if execution is None:
        _prepare(cursor, text, values, types, executions)
        return
    try:
        cursor.execute(execution, values)
    except NotSupportedError:
        # A migration has changed the type of a column: what is prepared never fits again.
        executions[text] = text
        raise


def _prepare(
    cursor: CursorWrapper, text: str, values: Values, types: Mapping[str, str], executions: dict[str, str]
) -> None:
    """Prepare and execute a text by one message."""
    # Where the first execution fails, the server may know the name all the same.
    executions[text] = text
    name, parameters = f"passline_{len(executions)}", [*dict.fromkeys(PARAMETER.findall(text))]
    # `%%` stays, as the driver makes it one sign.
    numbered = PARAMETER.sub(lambda parameter: f"${parameters.index(parameter[1]) + 1}", text)
    execution = f"EXECUTE {name} ({', '.join(f'%({one})s' for one in parameters)})"
    of_parameters = ", ".join(types[one] for one in parameters)
    cursor.execute(f"PREPARE {name} ({of_parameters}) AS {numbered};{execution}", values)
    executions[text] = execution


def _prepared_by(database: Any) -> _Prepared:  # noqa: ANN401  (Django's wrapper has no place for it in its type)
    statements: _Prepared | None = getattr(database, "passline_statements", None)
    if statements is None or statements.connection is not database.connection:
        statements = database.passline_statements = _Prepared(database.connection)
    return statements
