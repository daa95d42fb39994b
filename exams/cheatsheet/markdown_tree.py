"""The Markdown of a block as a typed tree, for pages on paper. The parser is that of all content."""

import re
from collections.abc import Iterator, Sequence
from math import ceil
from typing import Final
from urllib.parse import urlsplit

from markdown_it.tree import SyntaxTreeNode

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


def is_too_deep(source: str) -> bool:
    """Say whether lists or quotations are nested so deep that no page has room for them.

    Not much deeper the parser itself gives up, and leaves out what follows.
    """
    return any(token.level > DEEPEST for token in _parser.parse(source))


def blocks_of(source: str) -> tuple[Block, ...]:
    """Return the tree of a block of the sheet."""
    return _blocks(SyntaxTreeNode(_parser.parse(source)))


def _blocks(node: SyntaxTreeNode) -> tuple[Block, ...]:
    return tuple(block for child in node.children for block in _block(child))


def _block(node: SyntaxTreeNode) -> Iterator[Block]:
    match node.type:
        case "paragraph":
            yield Paragraph(_line(node), is_tip=bool(TIP.match(node.children[0].content)))
        case "heading":
            yield Subheading(_line(node))
        case "bullet_list":
            yield Items(tuple(map(_blocks, node.children)))
        case "ordered_list":
            yield Items(tuple(map(_blocks, node.children)), int(node.attrs.get("start", 1)))
        case "table":
            yield _table(node)
        case "fence" | "code_block":
            yield Listing(node.content.rstrip("\n"))
        case "blockquote":
            yield from _blocks(node)


def _line(node: SyntaxTreeNode) -> Inlines:
    """Return the words of a paragraph, a heading or a cell."""
    return tuple(inline for child in node.children for inline in _inlines(child))


def _table(node: SyntaxTreeNode) -> Table:
    rows = [row for part in node.children for row in part.children]
    heads = rows[0].children
    to_the_right = tuple(at for at, head in enumerate(heads) if head.attrs.get("style") == RIGHT)
    first, *rest = (tuple(map(_line, row.children)) for row in rows)
    return Table(first, tuple(rest), to_the_right)


def _inlines(node: SyntaxTreeNode) -> Inlines:
    return tuple(inline for child in node.children for inline in _inline(child))


def _inline(node: SyntaxTreeNode) -> Iterator[Inline]:
    match node.type:
        case "text":
            if node.content:
                yield Text(node.content)
        case "code_inline":
            yield Code(node.content)
        case "softbreak":
            yield Text(" ")
        case "hardbreak":
            yield Break()
        case "strong":
            yield Strong(_inlines(node))
        case "em":
            yield Emphasis(_inlines(node))
        case "link":
            yield from _link(str(node.attrs.get("href", "")), _inlines(node))


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
