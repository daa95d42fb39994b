"""The parts that say what keys rest on, when items were checked, and which names moved on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from exams.content.catalog import guide_of
from exams.content.exams import ExamsPart
from exams.content.folder import Folder
from exams.content.formats.factcheck_md import read_factcheck
from exams.content.formats.freshness_yaml import read_checks, read_watched
from exams.content.parts import Content, Part
from exams.content.records import CheckedExam, CheckedItem, FactCheckRecord, Place, WatchedNameRecord
from exams.content.sample import SamplePart

FILE = "CHECKED.md"


class FactCheckPart(Part[FactCheckRecord]):
    """The pages of documentation behind each key."""

    name = "factcheck"
    files = (r"CHECKED\.md",)
    kept = files

    def read(self, folder: Folder, content: Content) -> FactCheckRecord | None:
        """Return the fact check, or None where there is none; revised exams cannot do without one."""
        guide = guide_of(content)
        # An empty one and not none, so that the rules find what is missing.
        if guide.revised and FILE not in folder.names:
            return FactCheckRecord((), Place(FILE, 0))
        return folder.one(FILE, lambda data, file: read_factcheck(data, file, guide.item_ids), optional=True)


CHECKS: Final = "checks.yaml"
WATCHED: Final = "watched.yaml"


@dataclass(frozen=True, slots=True)
class ChecksRecord:
    """Checks of single items, those that the fact check says by exam, and the items of the other files."""

    single: tuple[CheckedItem, ...]
    by_exam: tuple[CheckedItem, ...]
    items: frozenset[str] = field(compare=False)


class ChecksPart(Part[ChecksRecord]):
    """When each item was checked, and by what: the fact check, and what was checked since."""

    name = "checks"
    files = (r"checks\.yaml",)

    def read(self, folder: Folder, content: Content) -> ChecksRecord | None:
        """Return what there is, None where only some exams were asked for."""
        if folder.only is not None:
            return None
        single = folder.one(CHECKS, read_checks, optional=True) or ()
        facts = content.get(FactCheckPart)
        return ChecksRecord(single, checked_by_exam(facts) if facts else (), frozenset(_items(content)))


def _items(content: Content) -> Iterator[str]:
    exams, sample = content.get(ExamsPart), content.get(SamplePart)
    yield from (item.id for exam in (exams.exams if exams else ()) for item in exam.items)
    yield from (item.id for item in (sample.items if sample else ()))


def checked_by_exam(record: FactCheckRecord) -> tuple[CheckedItem, ...]:
    """Return the checks of each item that a page or general knowledge confirms, one for each day."""
    return tuple(one for exam in record.exams for one in _of_exam(exam))


def _of_exam(exam: CheckedExam) -> Iterator[CheckedItem]:
    pages: dict[tuple[str, date], list[str]] = {}
    for row in exam.rows:
        pages.setdefault((row.item, row.checked_on), []).extend([row.url] if row.url else [])
    for (item, day), urls in sorted(pages.items()):
        yield CheckedItem(item, day, tuple(dict.fromkeys(urls)), place=exam.place)


class WatchedPart(Part[tuple[WatchedNameRecord, ...]]):
    """Names that moved on, which items should not go on using unseen."""

    name = "watched"
    files = (r"watched\.yaml",)

    def read(self, folder: Folder, content: Content) -> tuple[WatchedNameRecord, ...] | None:
        """Return the names, none without a file; None where only some exams were asked for."""
        if folder.only is not None:
            return None
        return folder.one(WATCHED, read_watched, optional=True) or ()
