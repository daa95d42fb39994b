"""The Markdown of a block as a typed tree, for pages on paper. The parser is that of all content."""

import re
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from markdown_it.token import Token

from exams.content.markdown import make_parser
from exams.pdf.tree import (
    Block,
    Break,
    Code,
    Emphasis,
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
