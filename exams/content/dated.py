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


@dataclass(frozen=True, slots=True)
class CheckedPage:
    """A page of documentation that was read, and the items that it decides."""

    title: str
    url: str
    items: tuple[str, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class OpenStatement:
    """A statement that no page was found for; `decides` says how far the key of the item rests on it."""

    item: str
    statement: str
    decides: str
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class CheckedExam:
    """The fact check of one exam: when, by which pages, what needs none, what is open."""

    number: int
    checked_on: str
    pages: tuple[CheckedPage, ...]
    general: tuple[str, ...]
    open: tuple[OpenStatement, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class FactCheckRecord:
    """The file that says what the keys of all exams rest on."""

    exams: tuple[CheckedExam, ...]
    place: Place = field(default=NOWHERE, compare=False)
