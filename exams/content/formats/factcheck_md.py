"""The fact check: Markdown of a fixed shape to a record.

Its shape: for each exam `## Exam N`, for the sample `## Free sample`, then `Checked on YYYY-MM-DD.`
and three parts: `### Pages ...` with a table of page, address and items; `### General ...` with a paragraph
of items; `### Statements ...` with tables of item, statement and what is missing, and a fourth column where a
key rests on it. What is under other headings is for people.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from exams.content.dated import CheckedExam, CheckedPage, FactCheckRecord, OpenStatement
from exams.content.formats.text import decoded, table_cells
from exams.content.records import (
    SAMPLE_IDS,
    SAMPLE_NUMBER,
    FormatError,
    Place,
    Problem,
)

EXAM: Final = re.compile(r"## (?:Exam (\d+)|Free sample)")
PART: Final = re.compile(r"### (Pages|General|Statements)\b.*")
CHECKED: Final = re.compile(r"Checked on (\S+)\.")
PAGE_COLUMNS: Final = 3
STATEMENT_COLUMNS: Final = (3, 4)


@dataclass(slots=True)
class _Open:
    """The part of an exam while its lines are read."""

    number: int
    place: Place
    item_ids: re.Pattern[str]
    part: str = ""
    checked_on: str = ""
    pages: list[CheckedPage] = field(default_factory=list)
    general: list[str] = field(default_factory=list)
    open: list[OpenStatement] = field(default_factory=list)

    def close(self) -> CheckedExam:
        """Return the exam as a record."""
        return CheckedExam(
            self.number,
            self.checked_on,
            tuple(self.pages),
            tuple(self.general),
            tuple(self.open),
            self.place,
        )


def read_factcheck(data: bytes, file: str, item_ids: re.Pattern[str]) -> FactCheckRecord:
    """Read the fact check, in which ids of items have this shape. Raises FormatError with every fault."""
    exams: list[_Open] = []
    problems: list[Problem] = []
    current: _Open | None = None
    for number, line in enumerate(decoded(data, file).splitlines(), start=1):
        place = Place(file, number)
        if line.startswith("## "):
            found = EXAM.fullmatch(line.rstrip())
            current = _begun(found, place, item_ids) if found else None
            exams += [current] if current else []
        elif current and (fault := _take(current, line.rstrip(), place)):
            problems.append(Problem(place, "", fault))
    problems += [
        Problem(exam.place, "", f"exam {exam.number} does not say when it was checked")
        for exam in exams
        if not exam.checked_on
    ]
    if problems:
        raise FormatError(tuple(sorted(problems, key=lambda problem: problem.place.line)))
    return FactCheckRecord(tuple(exam.close() for exam in exams), Place(file, 1))


def _begun(heading: re.Match[str], place: Place, item_ids: re.Pattern[str]) -> _Open:
    if heading[1] is None:
        return _Open(SAMPLE_NUMBER, place, SAMPLE_IDS)
    return _Open(int(heading[1]), place, item_ids)


def _take(exam: _Open, line: str, place: Place) -> str:
    """Put a line where it belongs; return what is wrong with it, or an empty text."""
    if line.startswith("###"):
        part = PART.fullmatch(line)
        exam.part = part[1] if part else ""
        return "" if part else "expected the part Pages, General or Statements"
    if found := CHECKED.fullmatch(line):
        return _date(exam, found[1])
    cells = table_cells(line)
    if exam.part == "General":
        exam.general += _items(exam, line)
    elif cells and _items(exam, line):
        return _row(exam, cells, place)
    return ""


def _items(exam: _Open, text: str) -> list[str]:
    """Return the ids of items in a text; an id that is part of a longer word is none."""
    return [found.group() for found in re.finditer(rf"\b(?:{exam.item_ids.pattern})\b", text)]


def _date(exam: _Open, written: str) -> str:
    exam.checked_on = written
    try:
        date.fromisoformat(written)
    except ValueError:
        return f"expected a date such as 2026-03-31, found {written!r}"
    return ""


def _row(exam: _Open, cells: list[str], place: Place) -> str:
    if exam.part == "Pages":
        if len(cells) != PAGE_COLUMNS:
            return "expected page, address and items"
        exam.pages.append(CheckedPage(cells[0], cells[1].strip("<>"), tuple(_items(exam, cells[2])), place))
    elif exam.part == "Statements":
        if len(cells) not in STATEMENT_COLUMNS or not exam.item_ids.fullmatch(cells[0]):
            return "expected item, statement, what is missing, and how far it decides the key"
        decides = cells[3] if len(cells) == max(STATEMENT_COLUMNS) else "no"
        exam.open.append(OpenStatement(cells[0], cells[1], decides, place))
    return ""
