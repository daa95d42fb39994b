"""Plain records of what grows old: when items were checked, and names that moved on."""

from dataclasses import dataclass, field
from datetime import date

from exams.content.records import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class CheckedItem:
    """A check of one item: on which day, by which pages or why; with a language, of that translation."""

    item: str
    checked_on: date
    pages: tuple[str, ...] = ()
    note: str = ""
    language: str = ""
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class WatchedNameRecord:
    """A name of a service that moved on at a day; without a successor it was closed."""

    name: str
    successor: str
    since: date
    page: str
    place: Place = field(default=NOWHERE, compare=False)
