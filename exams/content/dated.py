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
class CheckedRow:
    """What the key of an item rests on: a fact in a sentence, and the page that was read for it on a day.

    Without a page (`url` is empty) it is general knowledge or a calculation, as `title` says.
    """

    item: str
    checked_on: date
    decides: str
    title: str
    url: str = ""
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
    """The fact check of one exam: what each item rests on, and what is open."""

    number: int
    rows: tuple[CheckedRow, ...]
    open: tuple[OpenStatement, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class FactCheckRecord:
    """The file that says what the keys of all exams rest on."""

    exams: tuple[CheckedExam, ...]
    place: Place = field(default=NOWHERE, compare=False)
