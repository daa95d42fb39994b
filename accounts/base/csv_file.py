"""Rows as a CSV file that spreadsheets open, and in which no cell is a formula."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

MEDIA_TYPE: Final = "text/csv; charset=utf-8"
# Spreadsheets in other languages separate by semicolon or tab.
SEPARATORS: Final = ",;\t"
# A cell that begins with one of these, in full width too, is a formula to a spreadsheet. An apostrophe before
# it makes it a text. After any apostrophes, so that reading undoes writing.
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def harmless(cell: str) -> str:
    """Return a cell as no spreadsheet runs it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def as_written(cell: str) -> str:
    """Return what `harmless` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def write(rows: Sequence[Mapping[str, object]]) -> bytes:
    """Return at least one row as CSV with a head; spreadsheets know its encoding by the mark at its start."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return text.getvalue().encode("utf-8-sig")


def write_quoted(rows: Iterable[Iterable[str]]) -> bytes:
    """Return rows of texts as CSV with its mark, every cell quoted and harmless."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL).writerows(map(harmless, row) for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return harmless(value) if isinstance(value, str) else value
