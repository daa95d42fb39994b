"""How much room a block takes on paper when it is set small: an estimate in lines, to fit a page or two."""

from collections.abc import Sequence
from math import ceil
from typing import Final

from exams.pdf.tree import (
    Block,
    Break,
    Code,
    Emphasis,
    Headline,
    Inlines,
    Items,
    Link,
    Listing,
    Paragraph,
    Strong,
    Subheading,
    Table,
    Text,
)

LINE: Final = 132  # characters of a line across the page, less what the ends of lines lose
# How wide columns are, as in the template.
LEAST_COLUMN, MOST_COLUMN, GROWTH = 5, 26, 0.65
WORD_SHARE, LONGEST_WORD = 0.8, 24
LINES_OF_A_PAGE: Final = 91  # of the estimated ones, measured on pages of the real sheet


def lines_of(blocks: tuple[Block, ...], width: float = LINE) -> float:
    """Return how many lines these take, with the space between them."""
    return sum(_lines(block, width) for block in blocks)


def _lines(block: Block, width: float) -> float:
    match block:
        case Paragraph(inlines, is_tip):
            return _wrapped(inlines, width) + (1.2 if is_tip else 0.5)
        case Subheading():
            return 2
        case Headline():
            return 5
        case Items(entries):
            return sum(lines_of(entry, width - 3) for entry in entries) + 0.3
        case Listing(text):
            return text.count("\n") + 2
        case Table():
            return _table(block, width)


def _table(table: Table, width: float) -> float:
    columns = [[cells[at] for cells in (table.heads, *table.rows)] for at in range(len(table.heads))]
    shares = [max(_bounded(max(map(_length, cells)) ** GROWTH), _word_share(cells)) for cells in columns]
    widths = [width * share / sum(shares) - 4 for share in shares]
    rows = (
        max(_wrapped(cell, room) for cell, room in zip(row, widths, strict=False)) + 0.45
        for row in table.rows
    )
    return 1.5 + sum(rows)


def _bounded(share: float) -> float:
    return min(max(share, LEAST_COLUMN), MOST_COLUMN)


def _word_share(cells: Sequence[Inlines]) -> float:
    longest = max(len(word) for cell in cells for word in [*_words(cell).split(), ""])
    return WORD_SHARE * min(longest, LONGEST_WORD)


def _wrapped(inlines: Inlines, width: float) -> int:
    return max(1, ceil(_length(inlines) / max(width, 8)))


def _words(inlines: Inlines) -> str:
    pieces = []
    for inline in inlines:
        match inline:
            case Text(text) | Code(text):
                pieces.append(text)
            case Strong(within) | Emphasis(within) | Link(_, within):
                pieces.append(_words(within))
            case Break():
                pieces.append(" ")
    return "".join(pieces)


def _length(inlines: Inlines) -> int:
    total = 0
    for inline in inlines:
        match inline:
            case Text(text):
                total += len(text)
            case Code(text):
                total += round(1.3 * len(text))
            case Strong(within) | Emphasis(within) | Link(_, within):
                total += _length(within)
            case Break():
                total += LINE // 2
    return total
