"""The parts with checks of items and with watched names, and their tables."""

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import ClassVar

from exams.bank.models import Item
from exams.catalog.models import Certification
from exams.content.catalog import CatalogPart
from exams.content.formats.freshness_yaml import write_checks, write_watched
from exams.content.freshness import CHECKS, WATCHED, ChecksPart, ChecksRecord, WatchedPart
from exams.content.parts import Content
from exams.content.records import CheckedItem, WatchedNameRecord
from exams.content_sync.operations import Operation, SkippedOperation
from exams.content_sync.parts import StoredPart, apply
from exams.freshness import services
from exams.freshness.models import ItemCheck, WatchedName
from exams.publication.models import PublishLog


@dataclass(frozen=True, slots=True)
class ChecksOperation(Operation):
    """Items that were checked on a day."""

    checked_on: date
    source: ItemCheck.Source
    checks: tuple[CheckedItem, ...] = field(repr=False)
    noun: ClassVar[str] = "checks"

    def __str__(self) -> str:
        return f"checks: {len(self.checks)} on {self.checked_on}"


class StoredChecksPart(ChecksPart, StoredPart[ChecksRecord]):
    """Checks are only added: what left the files was checked all the same."""

    def plan(self, record: ChecksRecord, content: Content, overwrite: Container[str]) -> Sequence[Operation]:
        """Return the checks that are not stored, by day; those of items that nobody knows are passed over."""
        # Items of the files count as known: they are stored before the checks are.
        code = content[CatalogPart].certification.code
        stored = set(_stored(code))
        items = Item.objects.filter(certification__code=code)
        known = record.items | set(items.values_list("code", flat=True))
        return [
            *_missing(record.by_exam, ItemCheck.Source.FACT_CHECK, stored, known),
            *_missing(record.single, ItemCheck.Source.FILES, stored, known),
        ]

    def write(self, code: str) -> Mapping[str, bytes]:
        """Return what was checked item by item; the fact check is a file that is kept as it is."""
        single = tuple(dict.fromkeys(_stored(code, without=ItemCheck.Source.FACT_CHECK)))
        return {CHECKS: write_checks(single)} if single else {}


@apply.register
def _add(operation: ChecksOperation, code: str, log: PublishLog) -> None:
    services.add_checks(code, operation.checks, operation.source)


def _stored(code: str, without: str = "") -> Iterator[CheckedItem]:
    rows = ItemCheck.objects.filter(item__certification__code=code).exclude(source=without)
    for row in rows.select_related("item").order_by("pk"):
        yield CheckedItem(row.item.code, row.checked_on, tuple(row.pages), row.note, row.language)


def _missing(
    wanted: Sequence[CheckedItem],
    source: ItemCheck.Source,
    stored: Collection[CheckedItem],
    item_codes: Collection[str],
) -> Iterator[ChecksOperation]:
    new = [check for check in dict.fromkeys(wanted) if check not in stored and check.item in item_codes]
    for day, checks in groupby(
        sorted(new, key=lambda check: check.checked_on), lambda check: check.checked_on
    ):
        yield ChecksOperation(day, source, tuple(checks))


@dataclass(frozen=True, slots=True)
class WatchOperation(Operation):
    """A name that is watched, or whose facts have changed; without a record it is watched no more."""

    name: str
    record: WatchedNameRecord | None = field(repr=False)
    noun: ClassVar[str] = "watched names"

    def __str__(self) -> str:
        return f"watched/{self.name}: {'watched' if self.record else 'no longer watched'}"


class StoredWatchedPart(WatchedPart, StoredPart[tuple[WatchedNameRecord, ...]]):
    """Names as the files have them, but for those that were written here."""

    def plan(
        self, record: tuple[WatchedNameRecord, ...], content: Content, overwrite: Container[str]
    ) -> Sequence[Operation]:
        """Return the names that are new, differ or left the files."""
        rows = WatchedName.objects.filter(certification__code=content[CatalogPart].certification.code)
        stored = {row.name: row for row in rows}
        wanted = {one.name: one for one in record}
        operations: list[Operation] = []
        for name in sorted({*stored, *wanted}):
            row, watched = stored.get(name), wanted.get(name)
            if (_record(row) if row else None) == watched:
                continue
            if row is not None and row.is_ours and f"watched/{name}" not in overwrite:
                # What was added here is in no file yet; that is no difference to tell.
                operations += [SkippedOperation(f"watched/{name}")] if watched else []
            else:
                operations.append(WatchOperation(name, watched))
        return operations

    def names(self, record: tuple[WatchedNameRecord, ...], content: Content) -> Collection[str]:
        """Return the names that are watched here or in the files."""
        rows = WatchedName.objects.filter(certification__code=content[CatalogPart].certification.code)
        names = {*rows.values_list("name", flat=True), *(one.name for one in record)}
        return [f"watched/{name}" for name in names]

    def write(self, code: str) -> Mapping[str, bytes]:
        """Return the names that are watched."""
        rows = WatchedName.objects.filter(certification__code=code).order_by("name")
        records = tuple(one for row in rows if (one := _record(row)))
        return {WATCHED: write_watched(records)} if records else {}


@apply.register
def _watch(operation: WatchOperation, code: str, log: PublishLog) -> None:
    """Store one name, and bring the tasks of the questions to it."""
    services.set_name(Certification.objects.get(code=code), operation.name, operation.record)


def _record(row: WatchedName) -> WatchedNameRecord | None:
    """Return what a file says of a name, None where it is watched no more."""
    return WatchedNameRecord(row.name, row.successor, row.since, row.page) if row.is_watched else None
