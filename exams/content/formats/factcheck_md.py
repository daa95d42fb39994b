"""The fact check: Markdown of a fixed shape to a record.

Its shape: for each exam `## Exam N`, for the sample `## Free sample`, then a table of item, day (YYYY-MM-DD),
what decides the key, and page: a link, or `general knowledge`, or `calculation`. An item may have several
rows. The part `### Statements ...` has tables of item, statement and what is missing, and a fourth column
where a key rests on it: no, in part, or yes. What is under other headings is for people.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from exams.content.formats.text import decoded, table_cells
from exams.content.records import (
    SAMPLE_IDS,
    SAMPLE_NUMBER,
    CheckedExam,
    CheckedRow,
    FactCheckRecord,
    FormatError,
    OpenStatement,
    Place,
    Problem,
)

EXAM: Final = re.compile(r"## (?:Exam (\d+)|Free sample)")
STATEMENTS: Final = re.compile(r"### Statements\b.*")
LINK: Final = re.compile(r"\[(.+)\]\(<?(\S+?)>?\)")
NO_PAGE: Final = ("general knowledge", "calculation")
HEADING: Final = "Item"
ROW_COLUMNS: Final = 4
STATEMENT_COLUMNS: Final = (3, 4)
DECIDES: Final = ("no", "in part", "yes")


@dataclass(slots=True)
class _Open:
    """The part of an exam while its lines are read."""

    exam: CheckedExam
    item_ids: re.Pattern[str]
    has_statements: bool = False


def read_factcheck(data: bytes, file: str, item_ids: re.Pattern[str]) -> FactCheckRecord:
    """Read the fact check, in which ids of items have this shape. Raises FormatError with every fault."""
    exams: list[_Open] = []
    problems: list[Problem] = []
    current: _Open | None = None
    for number, line in enumerate(decoded(data, file).splitlines(), start=1):
        place = Place(file, number)
        if line.startswith("## "):
            current = None
            if match := EXAM.fullmatch(line.rstrip()):
                exam = CheckedExam(int(match[1] or SAMPLE_NUMBER), place=place)
                current = _Open(exam, item_ids if match[1] else SAMPLE_IDS)
                exams.append(current)
        elif current and (fault := _take(current, line.rstrip(), place)):
            problems.append(Problem(place, "", fault))
    if problems:
        raise FormatError(tuple(sorted(problems, key=lambda problem: problem.place.line)))
    return FactCheckRecord(tuple(part.exam for part in exams), Place(file, 1))


def _take(part: _Open, line: str, place: Place) -> str:
    """Put a line where it belongs; return what is wrong with it, or an empty text."""
    if line.startswith("###"):
        part.has_statements = bool(STATEMENTS.fullmatch(line))
        return "" if part.has_statements else "expected the part Statements"
    cells = table_cells(line)
    if not cells or cells[0] == HEADING:
        return ""
    if not part.item_ids.fullmatch(cells[0]):
        return f"expected an item in the first column, found {cells[0]!r}"
    return (_statement if part.has_statements else _row)(part.exam, cells, place)


def _row(exam: CheckedExam, cells: list[str], place: Place) -> str:
    if len(cells) != ROW_COLUMNS:
        return "expected item, day, what decides, and page"
    item, written, decides, page = cells
    link = LINK.fullmatch(page)
    if not link and page not in NO_PAGE:
        return f"expected a page as a link, or {' or '.join(NO_PAGE)}, found {page!r}"
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return f"expected a date such as 2026-03-31, found {written!r}"
    title, url = (link[1], link[2]) if link else (page, "")
    exam.rows.append(CheckedRow(item, day, decides, title, url, place))
    return ""


def _statement(exam: CheckedExam, cells: list[str], place: Place) -> str:
    if len(cells) not in STATEMENT_COLUMNS:
        return "expected item, statement, what is missing, and how far it decides the key"
    decides = cells[3] if len(cells) == max(STATEMENT_COLUMNS) else "no"
    if decides not in DECIDES:
        return f"expected {', '.join(DECIDES[:-1])} or {DECIDES[-1]}, found {decides!r}"
    exam.open.append(OpenStatement(cells[0], cells[1], decides, place))
    return ""
