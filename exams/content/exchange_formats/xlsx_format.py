"""Whole items as a workbook of Excel: one worksheet, all cells text, none of them a formula."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time
from io import BytesIO
from typing import Any, Final

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.xml.constants import XLSX

from accounts.base.csv_file import as_written, harmless
from exams.content.exchange_formats import limits, xml_tree
from exams.content.exchange_formats.archive import Archive
from exams.content.exchange_formats.shape import Context, Parsed, Picture, Written, refusal
from exams.content.exchange_formats.table import COLUMNS, Row, items_of, rows_of
from exams.content.records import FormatError, WholeItem

MEDIA_TYPE: Final = XLSX.removesuffix(".main+xml")
MACROS: Final = "vbaproject.bin"
XML: Final = (".xml", ".rels", ".vml")
TEXT_FORMAT: Final = "@"
# Excel writes signs that XML cannot hold as _x000D_, and an underscore that looks so as _x005F_.
ESCAPED: Final = re.compile(r"_x(00[01][0-9A-Fa-f]|005[Ff])_")
TO_ESCAPE: Final = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
WIDTHS: Final = {
    "stem": 60,
    "ask": 40,
    **{name: 40 for name in COLUMNS if name.startswith(("option", "why"))},
}


def read_xlsx(data: bytes, file: str, context: Context) -> Parsed:
    """Read the rows of the first worksheet. A formula is refused, not computed."""
    _check(data, file, context)
    try:
        book = load_workbook(BytesIO(data), read_only=True, data_only=False, keep_links=False)
        worksheet = book.worksheets[0]
        for other in book.worksheets[1:]:
            context.lose(0, "", "worksheet", name=other.title)
        return items_of(_rows(worksheet, context), context)
    except (FormatError, limits.TooLong):
        raise
    except Exception:
        raise refusal(file, 0, "zip") from None


def _check(data: bytes, file: str, context: Context) -> None:
    """Look into the archive before openpyxl does: what it unpacks to, how much XML, no DTD, no macros."""
    archive = Archive(data, file, context.deadline)
    left = limits.WORKBOOK_NODES
    for name in archive.names:
        if name.lower().endswith(MACROS):
            raise refusal(file, 0, "macro")
        if name.lower().endswith(XML):
            part, most = archive.read(name), limits.WORKBOOK_NODES
            left = xml_tree.count(part, f"{file}/{name}", context.deadline, left, most)


def _rows(worksheet: Any, context: Context) -> Iterator[Row]:  # noqa: ANN401 (a worksheet that openpyxl only reads)
    width = 0
    # A worksheet may say that it has 16,384 columns; openpyxl would make a cell of each.
    for number, row in enumerate(worksheet.iter_rows(max_col=limits.COLUMNS), start=1):
        context.deadline.check()
        cells = [_value(cell, number, column, context) for column, cell in enumerate(row, start=1)]
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        # Excel leaves out the empty cells at the end of a row.
        width = width or len(cells)
        yield number, cells + [""] * (width - len(cells))


def _value(cell: Any, row: int, column: int, context: Context) -> str:  # noqa: ANN401
    value, name = cell.value, f"{get_column_letter(column)}{row}"
    if value is None:
        return ""
    if cell.data_type == "f":
        context.complain(row, "", "formula", cell=name)
        return ""
    if not isinstance(value, str | bool | int | float | date | time):
        context.complain(row, "", "cell_kind", cell=name)
        return ""
    if cell.data_type == "e":
        context.complain(row, "", "cell_error", cell=name, value=str(value))
        return ""
    return as_written(_plain(value))


def _plain(value: object) -> str:
    """Return what a cell shows: numbers without the point that spreadsheets add to whole ones."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), value) if isinstance(value, str) else str(value)


def write_xlsx(items: Iterable[WholeItem], pictures: Mapping[str, Picture]) -> Written:
    """Write one row for each item and language."""
    rows, losses = rows_of(items)
    book = Workbook()
    worksheet = book.worksheets[0]
    worksheet.title = "Questions"
    _fill(worksheet, rows)
    for column, name in enumerate(COLUMNS, start=1):
        worksheet.column_dimensions[get_column_letter(column)].width = WIDTHS.get(name, 14)
    worksheet.freeze_panes = "B2"
    written = BytesIO()
    book.save(written)
    return Written(written.getvalue(), losses)


def _fill(worksheet: Worksheet, rows: list[list[str]]) -> None:
    bold, wrapped = Font(bold=True), Alignment(vertical="top", wrap_text=True)
    for number, row in enumerate(rows, start=1):
        for column, text in enumerate(row, start=1):
            if text:
                cell = worksheet.cell(number, column)
                assert isinstance(cell, Cell)  # noqa: S101 (for the type checker: no cells are merged)
                _set(cell, text)
                cell.alignment = wrapped
                if number == 1:
                    cell.font = bold


def _set(cell: Cell, text: str) -> None:
    """Set a text as a text, whatever it begins with, and keep it one when somebody edits it."""
    cell.value = TO_ESCAPE.sub("_x005F_", harmless(text))
    cell.data_type = "s"
    cell.number_format = TEXT_FORMAT
