"""Rows as CSV that spreadsheets open: UTF-8 with its mark, and no cell that they would run as a formula."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any, Final

# A cell that begins with one of these is a formula to a spreadsheet, also in full width. An apostrophe before
# it makes it a text.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def csv_of(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return at least one row as CSV with a head; spreadsheets know its encoding by the mark at its start."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    for one in rows:
        writer.writerow({name: cell(value) for name, value in one.items()})
    return text.getvalue().encode("utf-8-sig")


def cell(value: object) -> object:
    """Return what stands in a cell: yes or no, and texts that are no formula."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
