"""Checks of items and names that moved on: bytes to records and back. A check names no person."""

from datetime import date
from typing import Any, Final

from exams.content.formats.item_yaml import unique
from exams.content.formats.tree import Branch, Fields, dump, finish, open_document
from exams.content.records import CheckedItem, WatchedNameRecord

NAME_LENGTH: Final = 120
LINE_LENGTH: Final = 500
NO_DAY: Final = date(1970, 1, 1)


def read_checks(data: bytes, file: str) -> tuple[CheckedItem, ...]:
    """Read the checks in their order; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    checks = tuple(_check(row) for row in root.fields(("checks",)).rows("checks"))
    finish(problems)
    return checks


def _check(branch: Branch) -> CheckedItem:
    fields = branch.fields(("item", "checked_on"), ("pages", "note", "language"))
    pages = fields["pages"].rows() if fields.has("pages") else []
    return CheckedItem(
        item=fields.text("item"),
        checked_on=fields["checked_on"].iso_date() or NO_DAY,
        pages=tuple(_address(page) for page in pages),
        note=_short(fields, "note", LINE_LENGTH) if fields.has("note") else "",
        language=_short(fields, "language", 12) if fields.has("language") else "",
        place=branch.place,
    )


def write_checks(checks: tuple[CheckedItem, ...]) -> bytes:
    """Write the file of the checks; reading it again gives equal records."""
    return dump({"checks": [_check_row(one) for one in checks]})


def _check_row(check: CheckedItem) -> dict[str, Any]:
    row = {
        "item": check.item,
        "checked_on": check.checked_on.isoformat(),
        "language": check.language,
        "pages": list(check.pages),
        "note": check.note,
    }
    return {key: value for key, value in row.items() if value}


def read_watched(data: bytes, file: str) -> tuple[WatchedNameRecord, ...]:
    """Read the names; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    rows = unique(root.fields(("watched",)).rows("watched"), "name", "name")
    names = tuple(_watched(row) for row in rows)
    finish(problems)
    return names


def _watched(branch: Branch) -> WatchedNameRecord:
    fields = branch.fields(("name", "since", "page"), ("successor",))
    return WatchedNameRecord(
        name=_short(fields, "name", NAME_LENGTH),
        successor=_short(fields, "successor", NAME_LENGTH) if fields.has("successor") else "",
        since=fields["since"].iso_date() or NO_DAY,
        page=_address(fields["page"]),
        place=branch.place,
    )


def write_watched(names: tuple[WatchedNameRecord, ...]) -> bytes:
    """Write the file of the names; reading it again gives equal records."""
    return dump({"watched": [_watched_row(one) for one in names]})


def _watched_row(name: WatchedNameRecord) -> dict[str, Any]:
    row = {"name": name.name, "successor": name.successor, "since": name.since.isoformat(), "page": name.page}
    return {key: value for key, value in row.items() if value}


def _short(fields: Fields, key: str, longest: int) -> str:
    value = fields.text(key)
    if len(value) > longest:
        fields[key].complain(f"expected at most {longest} characters, found {len(value)}")
    return value


def _address(branch: Branch) -> str:
    value = branch.text()
    if value and (not value.startswith("https://") or len(value) > LINE_LENGTH):
        branch.complain(f"expected an https address of at most {LINE_LENGTH} characters")
    return value
