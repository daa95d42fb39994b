"""Own cards as a CSV file, both ways. Pure: bytes to rows and rows to bytes.

A cell that a spreadsheet would run as a formula is written behind an apostrophe, and read without it.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import StringIO
from typing import Final

from accounts.base.csv_file import SEPARATORS, as_written, write_quoted

COLUMNS: Final = ("id", "front", "back", "tags", "domain")
NEEDED: Final = ("front", "back")
SAME: Final = {"term": "front", "question": "front", "definition": "back", "answer": "back"}
"""What other programs call the columns that a card needs."""
MOST_BYTES: Final = 256 * 1024
MOST_ROWS: Final = 500
LISTS: Final = "\t;"
"""What parts the two columns of a list whose first line names none: a comma may be a part of the words."""
ANKI: Final = b"collection.anki"
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class CsvFault(Exception):
    """What is wrong with a file: a reason, the line from 1 (0: the whole file), what the sentence names."""

    def __init__(self, reason: str, line: int = 0, **values: object) -> None:
        super().__init__(reason)
        self.reason, self.line, self.values = reason, line, values


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A card as a file has it. `id` and `domain` are empty where the file says nothing."""

    id: str
    front: str
    back: str
    tags: tuple[str, ...] = ()
    domain: str = ""
    line: int = field(default=0, compare=False)


def text_of(data: bytes) -> str:
    """Return a file as text. Raises CsvFault."""
    # Said before its size: a smaller package could not be read either.
    if data.startswith(b"PK") and ANKI in data:
        raise CsvFault("anki_package")
    if len(data) > MOST_BYTES:
        raise CsvFault("too_large", most=MOST_BYTES // 1024)
    try:
        # Spreadsheets put a mark before UTF-8, and need it to read the file as such.
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CsvFault("encoding", 1 + data[: error.start].count(b"\n")) from error
    if bad := CONTROL.search(text):
        raise CsvFault("control", 1 + text[: bad.start()].count("\n"))
    return text


def bounded(rows: Iterable[CsvRow]) -> tuple[CsvRow, ...]:
    """Return rows, of which there may not be too many. Raises CsvFault."""
    kept: list[CsvRow] = []
    for row in rows:
        if len(kept) == MOST_ROWS:
            raise CsvFault("too_many_rows", row.line, most=MOST_ROWS)
        kept.append(row)
    return tuple(kept)


def rows(text: str) -> Iterator[CsvRow]:
    """Yield the rows of a table, or of a list of two columns. Raises CsvFault."""
    separator, has_names = _dialect(text.split("\n", 1)[0])
    table = lines(text, separator)
    names = _names(next(table, ([], 0))[0]) if has_names else list(NEEDED)
    for cells, line in table:
        if len(cells) != len(names):
            raise CsvFault("columns", line, found=len(cells), expected=len(names))
        yield _row(dict(zip(names, map(_plain, cells), strict=True)), line)


def _dialect(first: str) -> tuple[str, bool]:
    """Return what parts the cells of a file, by its first line, and whether that line names columns."""
    # What is there most often parts the cells, unless another one finds the names.
    by_number = sorted(SEPARATORS, key=first.count, reverse=True)
    for separator in by_number:
        if any(_name(cell.strip('"')) in NEEDED for cell in first.split(separator)):
            return separator, True
    listed = next((separator for separator in LISTS if first.count(separator) == 1), "")
    return (listed, False) if listed else (by_number[0], True)


def lines(text: str, separator: str, *, begin: int = 1) -> Iterator[tuple[list[str], int]]:
    """Yield the rows that are not empty, with the lines on which they begin; the first line is `begin`."""
    if separator != ",":
        text = _with_words_quoted(text, separator)
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    line = begin
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield cells, line
            line = reader.line_num + begin
    except csv.Error as error:
        raise CsvFault("quotes", line) from error


def _with_words_quoted(text: str, separator: str) -> str:
    """Return a list in which a quotation mark is a part of the words unless a pair is around a whole cell."""
    end = re.escape(separator) + r"\r\n"
    # Possessive, or a cell of nothing but quotation marks would be tried in every way.
    cell = re.compile(rf'("(?:[^"]|"")*+"(?![^{end}])|[^"{end}][^{end}]*)|"[^{end}]*')
    return cell.sub(lambda match: match[1] or f'"{match[0].replace('"', '""')}"', text)


def _name(cell: str) -> str:
    name = cell.strip().lower()
    return SAME.get(name, name)


def _names(header: Sequence[str]) -> list[str]:
    names = list(map(_name, header))
    for name in names:
        if name not in COLUMNS:
            # Cut, since what is no column may be a whole text.
            raise CsvFault("unknown_column", 1, name=name[:40], known=", ".join(COLUMNS))
        if names.count(name) > 1:
            raise CsvFault("column_twice", 1, name=name)
    for name in NEEDED:
        if name not in names:
            raise CsvFault("column_missing", 1, name=name)
    return names


def _row(cells: Mapping[str, str], line: int) -> CsvRow:
    tags = tuple(tag for part in cells.get("tags", "").split(",") if (tag := part.strip()))
    return CsvRow(
        id=cells.get("id", ""),
        front=cells["front"],
        back=cells["back"],
        tags=tags,
        domain=cells.get("domain", ""),
        line=line,
    )


def _plain(cell: str) -> str:
    return as_written(cell.strip(" \r\n"))


def write(rows: Iterable[CsvRow]) -> bytes:
    """Return a file that spreadsheets open: UTF-8 with its mark, every cell quoted, no formula in it."""
    cells = ((row.id, row.front, row.back, ", ".join(row.tags), row.domain) for row in rows)
    return write_quoted((COLUMNS, *cells))


BEGINNING: Final = re.compile(r"\{\{c([1-9]\d{0,2})::")
# The innermost one: a gap may be within another.
GAP: Final = re.compile(BEGINNING.pattern + r"((?:(?!\{\{c\d|\}\}).)*)\}\}", re.DOTALL)
DEPTH_MOST: Final = 3
TEXT_MOST: Final = 16_000
"""Four times what a card may hold: gaps take room."""


def cards(row: CsvRow) -> Iterator[CsvRow]:
    """Yield a row as it is, or for each number in its front the text with these gaps, and the whole text.

    The first card keeps the id of the note. Raises CsvFault.
    """
    numbers = sorted({int(number) for number in BEGINNING.findall(row.front)})
    if not numbers:
        yield replace(row, back=_filled(row.back, row.line))
        return
    if len(row.front) + len(row.back) > TEXT_MOST:
        raise CsvFault("formatting", row.line)
    back = "\n\n".join(part for text in (row.front, row.back) if (part := _filled(text, row.line).strip()))
    for number in numbers:
        name = row.id and f"{row.id}-c{number}" if number != numbers[0] else row.id
        yield replace(row, id=name, front=_filled(row.front, row.line, hidden=number), back=back)


def _filled(text: str, line: int, hidden: int = 0) -> str:
    """Return a text with its answers, but for the gaps of one number. Raises CsvFault."""

    def fill(gap: re.Match[str]) -> str:
        answer, _, hint = gap[2].partition("::")
        # Escaped, or Markdown could take it for a link.
        return rf"\[{hint or '...'}\]" if int(gap[1]) == hidden else answer

    # From the inside out, and not without end: the file is somebody else's.
    for _ in range(DEPTH_MOST):
        text = GAP.sub(fill, text)
    if BEGINNING.search(text):
        raise CsvFault("gap", line)
    return text
