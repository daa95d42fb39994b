"""What the readers of text files share: decoding, and the tables of Markdown."""

import re
from html import unescape
from typing import Final

from exams.content.records import FormatError, Place, Problem

RULER: Final = re.compile(r"\|?(\s*:?-+:?\s*\|)+\s*(:?-+:?\s*)?")
CELL_BORDER: Final = re.compile(r"(?<!\\)\|")
# They reorder what is shown, so that a text reads otherwise than it is stored.
BIDI: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def bidi_fault(text: str) -> str:
    """Return what is wrong where a text changes its direction, written as a character or as an entity."""
    match = BIDI.search(unescape(text))
    return f"the text holds U+{ord(match[0]):04X}, which changes its direction" if match else ""


def decoded(data: bytes, file: str) -> str:
    """Return the text of a file. Raises FormatError with the line of the first byte that is no UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(Place(file, data[: error.start].count(b"\n") + 1), "", "the file is not UTF-8")
        raise FormatError((problem,)) from error


def table_cells(line: str) -> list[str]:
    """Return the cells of a line of a table; none for its ruler and for any other line."""
    if not line.startswith("|") or RULER.fullmatch(line):
        return []
    return [cell.strip() for cell in CELL_BORDER.split(line)[1:-1]]
