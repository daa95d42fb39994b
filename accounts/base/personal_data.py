"""What is stored about a person, table by table: what is exported, what an erasure leaves, what expires when.

Every package declares its tables with the hook `personal_data`. A test walks the models: it fails for a table
that names a person and is not declared, and for a column of an exported one that is neither exported nor
omitted with a reason. What is not declared is in no archive.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from accounts.base import hooks

type Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expiry:
    """What is deleted: `rows` are those that have expired by now, `name` is what the report calls them."""

    name: str
    rows: Callable[[], QuerySet[Any]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with rows about people, or a file of the archive that is made of one.

    `file` names the file and `title` says in the person's language what it is; without them nothing is
    exported. `exported` lists the columns of the file as a SELECT does: `item__code as question, text`.
    `omitted` lists columns that are in no file, by the reason; secrets are among them. Rows are those whose
    `person` is the person, unless `rows` returns others; `read` makes lines that no table has.

    `kept` rows stay after an erasure, without the person; `kept_because` says so on the page, where it
    concerns everybody. `addresses` are lookups of rows that go with an address of the person.
    """

    model: type[Model]
    file: str = ""
    title: Promise | str = ""
    # What is exported is listed, not what is left out: nobody has thought of a new column yet.
    exported: str = ""
    omitted: Mapping[str, str] = field(default_factory=dict)
    person: str = "user"
    order: Sequence[str] = ("pk",)
    rows: Callable[[Any], QuerySet[Any]] | None = None
    read: Callable[[Any, str], Iterable[Line]] | None = None
    kept: bool = False
    kept_because: Promise | None = None
    addresses: Sequence[str] = ()
    expires: Expiry | None = None

    def lines(self, user: Model, language: str) -> Iterator[Line]:
        """Yield the lines of the file about a person, with the same columns each."""
        if self.read:
            yield from self.read(user, language)
            return
        rows = self.rows(user) if self.rows else self.model._default_manager.filter(**{self.person: user.pk})
        columns = self.columns()
        for values in rows.order_by(*self.order).values_list(*columns.values()).iterator():
            yield dict(zip(columns, values, strict=True))

    def columns(self) -> dict[str, str]:
        """Return the path of each column of the file by its name there."""
        pairs = (column.strip().partition(" as ") for column in self.exported.split(",") if column)
        return {name or path: path for path, _as, name in pairs}


def tables() -> tuple[Table, ...]:
    """Return every declaration, in the order of registration."""
    return tuple(chain.from_iterable(hooks.registered("personal_data")))


def files() -> list[Table]:
    """Return those that make a file of the archive."""
    return [table for table in tables() if table.file]


def kept() -> list[Promise]:
    """Return what stays after an erasure, and why: a sentence each."""
    return list(dict.fromkeys(table.kept_because for table in tables() if table.kept_because))
