"""Whole items as CSV: UTF-8, every cell quoted, and no cell that a spreadsheet would run."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from accounts.base.csv_file import SEPARATORS, as_written, write_quoted
from exams.content.exchange_formats import limits
from exams.content.exchange_formats.shape import Context, Parsed, Picture, Written, refusal, text_of
from exams.content.exchange_formats.table import COLUMNS, Row, items_of, rows_of
from exams.content.records import WholeItem

FORMULA: Final = re.compile(r"\s*[=\uff1d]")
CELL: Final = 200_000
LINE: Final = re.compile(r"[^\n]*+\n|[^\n]++")


def read_csv(data: bytes, file: str, context: Context) -> Parsed:
    """Read the rows of a file. A cell that begins as a formula is refused; an apostrophe makes it text."""
    return items_of(_rows(text_of(data, file, "encoding_csv"), context), context)


def _rows(text: str, context: Context) -> Iterator[Row]:
    # The limit is one of the whole process; it is set to the same each time.
    csv.field_size_limit(CELL)
    first = text.split("\n", 1)[0]
    # The head has no texts, so what it has most of separates.
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(_lines(text, separator, context), delimiter=separator, strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [_cell(cell, line, context) for cell in cells]
            line = reader.line_num + 1
    except csv.Error:
        raise refusal(context.file, line, "quotes") from None


def _lines(text: str, separator: str, context: Context) -> Iterator[str]:
    """Yield the lines of a file with their ends. One with a million cells is refused before it is parted."""
    for number, match in enumerate(LINE.finditer(text), start=1):
        if text.count(separator, match.start(), match.end()) > limits.CELLS:
            raise refusal(context.file, number, "cells", found=limits.CELLS, expected=len(COLUMNS))
        yield match[0]


def _cell(cell: str, line: int, context: Context) -> str:
    if FORMULA.match(cell):
        context.complain(line, "", "formula", cell=cell.strip()[:20])
    return as_written(cell.strip(" \r\n"))


def write_csv(items: Iterable[WholeItem], pictures: Mapping[str, Picture]) -> Written:
    """Write one row for each item and language."""
    rows, losses = rows_of(items)
    return Written(write_quoted(rows), losses)
