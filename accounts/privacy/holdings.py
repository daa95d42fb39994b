"""What is stored about a person, table by table: each package registers its own in AppConfig.ready.

A column that names a person is either exported by a part or left out with a reason; a test walks all models
and finds the one that is neither.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Expression, QuerySet, Subquery
from django.utils.functional import Promise

from accounts.users.models import User

type Line = Mapping[str, Any]
type Reader = Callable[[User, str], Iterable[Line]]


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the archive. `says` tells in the person's language what it is.

    `read(user, language)` yields lines with the same columns each, never a secret. `columns` are those that
    name a person, as `table.column`, whose rows are each a line of it.
    """

    name: str
    says: Promise
    read: Reader
    columns: tuple[str, ...] = ()


_parts: Final[dict[str, Part]] = {}
_left_out: Final[dict[str, str]] = {}


def holds(part: Part) -> None:
    """Add a part to the archive. Raises ValueError when another one has its name."""
    if _parts.setdefault(part.name, part) != part:
        raise ValueError(f"two parts named {part.name!r}")


def leaves_out(column: str, reason: str) -> None:
    """Say why the rows that this `table.column` names a person in are not in the archive."""
    _left_out[column] = reason


def parts() -> Sequence[Part]:
    """Return every part, in the order of registration."""
    return tuple(_parts.values())


def left_out() -> Mapping[str, str]:
    """Return the reasons by column."""
    return dict(_left_out)


def lines(rows: QuerySet[Any], **columns: str | Expression | Subquery) -> list[dict[str, Any]]:
    """Return rows as lines: keywords name the columns, their values say where each is read."""
    found = rows.values_list(*columns.values())
    return [dict(zip(columns, row, strict=True)) for row in found.iterator()]
