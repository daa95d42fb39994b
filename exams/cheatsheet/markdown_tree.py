"""The Markdown of a block as a typed tree, for pages on paper. The parser is that of all content."""

import re
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Final
from urllib.parse import urlsplit

from markdown_it.token import Token

from exams.content.markdown import make_parser
from exams.pdf.tree import (
    Block,
    Break,
    Code,
    Emphasis,
    Headline,
    Inline,
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

SCHEMES: Final = ("http", "https", "mailto")
TIP: Final = re.compile(r"[*_]*(?:Exam tip|Vizsgatipp)\b", re.IGNORECASE)
RIGHT: Final = "text-align:right"
DEEPEST: Final = 9  # four lists within each other
_parser: Final = make_parser()


class _Tokens:
    """A stream of tokens that is read once, from the beginning to the end."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens, self._at = tokens, 0

    def until(self, *ends: str) -> Iterator[Token]:
        """Yield tokens up to one of these types, which is taken and not given; without ends all of them."""
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token.type in ends:
                return
            yield token


def is_too_deep(source: str) -> bool:
    """Say whether lists or quotations are nested so deep that no page has room for them.

    Not much deeper the parser itself gives up, and leaves out what follows.
    """
    return any(token.level > DEEPEST for token in _parser.parse(source))


def blocks_of(source: str) -> tuple[Block, ...]:
    """Return the tree of a block of the sheet."""
    return _blocks(_Tokens(_parser.parse(source)))


def _blocks(tokens: _Tokens, *ends: str) -> tuple[Block, ...]:
    return tuple(block for token in tokens.until(*ends) for block in _block(token, tokens))


def _block(token: Token, tokens: _Tokens) -> Iterator[Block]:
    match token.type:
        case "paragraph_open":
            text, inlines = _line(tokens, "paragraph_close")
            yield Paragraph(inlines, is_tip=bool(TIP.match(text)))
        case "heading_open":
            yield Subheading(_line(tokens, "heading_close")[1])
        case "bullet_list_open":
            yield Items(_entries(tokens, "bullet_list_close"))
        case "ordered_list_open":
            yield Items(_entries(tokens, "ordered_list_close"), int(token.attrs.get("start", 1)))
        case "table_open":
            yield _table(tokens)
        case "fence" | "code_block":
            yield Listing(token.content.rstrip("\n"))
        case "blockquote_open":
            yield from _blocks(tokens, "blockquote_close")


def _entries(tokens: _Tokens, end: str) -> tuple[tuple[Block, ...], ...]:
    return tuple(
        _blocks(tokens, "list_item_close") for token in tokens.until(end) if token.type == "list_item_open"
    )


def _line(tokens: _Tokens, end: str) -> tuple[str, Inlines]:
    """Return the text up to an end as it is written, and its tree."""
    found = [token for token in tokens.until(end) if token.type == "inline"]
    text = "".join(token.content for token in found)
    return text, tuple(inline for token in found for inline in _inlines(_Tokens(token.children or ())))


def _table(tokens: _Tokens) -> Table:
    rows: list[tuple[Inlines, ...]] = []
    to_the_right: list[int] = []
    for token in tokens.until("table_close"):
        if token.type == "tr_open":
            cells: list[Inlines] = []
            for cell in tokens.until("tr_close"):
                if cell.type == "th_open" and cell.attrs.get("style") == RIGHT:
                    to_the_right.append(len(cells))
                if cell.type in ("th_open", "td_open"):
                    cells.append(_line(tokens, cell.type.replace("_open", "_close"))[1])
            rows.append(tuple(cells))
    return Table(rows[0], tuple(rows[1:]), tuple(to_the_right))


def _inlines(tokens: _Tokens, *ends: str) -> Inlines:
    return tuple(inline for token in tokens.until(*ends) for inline in _inline(token, tokens))


def _inline(token: Token, tokens: _Tokens) -> Iterator[Inline]:
    match token.type:
        case "text":
            if token.content:
                yield Text(token.content)
        case "code_inline":
            yield Code(token.content)
        case "softbreak":
            yield Text(" ")
        case "hardbreak":
            yield Break()
        case "strong_open":
            yield Strong(_inlines(tokens, "strong_close"))
        case "em_open":
            yield Emphasis(_inlines(tokens, "em_close"))
        case "link_open":
            yield from _link(str(token.attrs.get("href", "")), _inlines(tokens, "link_close"))


def _link(url: str, inlines: Inlines) -> Inlines:
    """Return a link to the web; a relative address leads nowhere on paper."""
    return (Link(url, inlines),) if urlsplit(url).scheme in SCHEMES else inlines


LINE: Final = 132  # characters of a line across the page, less what the ends of lines lose
# How wide columns are, as in the template.
LEAST_COLUMN, MOST_COLUMN, GROWTH = 5, 26, 0.65
WORD_SHARE, LONGEST_WORD = 0.8, 24
LINES_OF_A_PAGE: Final = 91  # of the estimated ones, measured on pages of the real sheet


def lines_of(blocks: tuple[Block, ...], width: float = LINE) -> float:
    """Return how many lines these take, with the space between them."""
    return sum(_height(block, width) for block in blocks)


def _height(block: Block, width: float) -> float:
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
            return _table_height(block, width)


def _table_height(table: Table, width: float) -> float:
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
