"""Cloze notes, as Anki writes them: a card for each number of a gap. Pure: a row to rows."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from flashcards.services.csv_file import CsvFault, CsvRow

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

    for _ in range(DEPTH_MOST):
        text = GAP.sub(fill, text)
    if BEGINNING.search(text):
        raise CsvFault("gap", line)
    return text
