"""The Markdown of items: CommonMark, tables, fenced code, figures. One parser for checks and for pages.

A figure stands in a paragraph of its own, `![Caption](figure:name)`; the caption of a drawing may be empty.
An image of pixels is a figure whose name is made of its content; its brackets hold what it shows, for those
who do not see it.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from typing import Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

# What a fence may name, and how the page calls it. `text` is code without a label.
CODE_LABELS: Final = {
    "bash": "Shell",
    "csv": "CSV",
    "ini": "INI",
    "json": "JSON",
    "log": "Log",
    "python": "Python",
    "sql": "SQL",
    "text": "",
    "yaml": "YAML",
}
TEXT_LENGTH: Final = 8_000
TABLE_ROWS: Final = 30
TABLE_COLUMNS: Final = 8
NARROW: Final = 3  # so many columns fit a small phone; wider tables scroll by themselves
CODE_LINES: Final = 60
CODE_WIDTH: Final = 120
FIGURE: Final = re.compile(r"figure:([a-z0-9]+(?:-[a-z0-9]+)*)")
IMAGE: Final = re.compile(r"image-[0-9a-f]{16}")
# Texts without any of these are plain paragraphs and lists, and most are: they need no parser.
MARKS: Final = re.compile(r"\||```|~~~|!\[")
INDENT: Final = re.compile(r" {4}|\t")
BLOCKS: Final = {"table_open": "table", "fence": "code", "figure": "figure"}
BORDER: Final = re.compile(r"(?<!\\)\|")
KEPT: Final = 1_024  # texts whose blocks are kept: every rule asks for those of the same text


class Block(NamedTuple):
    """A table, code or a figure of a text: which, its lines, and the name and caption of a figure."""

    kind: str
    lines: tuple[int, int] | None
    figure: str
    caption: str


def make_parser() -> MarkdownIt:
    """Return a parser of its own, to which a renderer may add rules.

    CommonMark alone: no typographic quotes, no links made of bare text; both would change code and figures.
    """
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.core.ruler.push("figures", _figures)
    return parser


@cache
def _parser() -> MarkdownIt:
    return make_parser()


def _tokens(text: str) -> Sequence[Token]:
    """Parse a text, unless it is longer than allowed: parsing can take the square of its length."""
    return _parser().parse(text) if len(text) <= TEXT_LENGTH else ()


def _figures(state: StateCore) -> None:
    """Make one token `figure` of a paragraph that is nothing but a figure; its content is the name."""
    tokens = state.tokens
    for at in range(len(tokens) - 2):
        image = _only_image(tokens[at : at + 3])
        match = FIGURE.fullmatch(str(image.attrs["src"])) if image else None
        if image is None or match is None:
            continue
        figure = Token("figure", "figure", 0, content=match[1], map=tokens[at].map, block=True)
        figure.meta["caption"] = image.content
        tokens[at : at + 3] = [figure, _nothing(), _nothing()]
    state.tokens = [token for token in tokens if token.type != "nothing"]


def _nothing() -> Token:
    return Token("nothing", "", 0)


def _only_image(tokens: Sequence[Token]) -> Token | None:
    if [token.type for token in tokens] != ["paragraph_open", "inline", "paragraph_close"]:
        return None
    children = tokens[1].children or []
    return children[0] if len(children) == 1 and children[0].type == "image" else None


@lru_cache(maxsize=KEPT)
def _parsed(text: str) -> tuple[Block, ...]:
    return tuple(_block(token) for token in _tokens(text) if token.type in BLOCKS)


def _block(token: Token) -> Block:
    lines = (token.map[0], token.map[1]) if token.map else None
    name = token.content if token.type == "figure" else ""
    return Block(BLOCKS[token.type], lines, name, token.meta.get("caption", ""))


def _blocks(text: str) -> tuple[Block, ...]:
    return _parsed(text) if MARKS.search(text) else ()


def has_blocks(text: str) -> bool:
    """Tell whether a text of an option is more than a line: whether it has a table, code or a figure."""
    return bool(_blocks(text))


def figure_names(*texts: str) -> tuple[str, ...]:
    """Return the names of the figures that texts show, each once, in their order."""
    shown = (text for text in texts if "figure:" in text)
    return tuple(dict.fromkeys(block.figure for text in shown for block in _blocks(text) if block.figure))


def is_image(name: str) -> bool:
    """Tell whether a figure of this name is an image of pixels."""
    return bool(IMAGE.fullmatch(name))


def silent_images(text: str) -> tuple[str, ...]:
    """Return the names of images of which a text does not say what they show."""
    if "figure:" not in text:
        return ()
    images = (block for block in _blocks(text) if is_image(block.figure))
    return tuple(block.figure for block in images if not block.caption.strip())


def kinds_of(*texts: str) -> frozenset[str]:
    """Return which of table, code and figure the texts show."""
    return frozenset(block.kind for text in texts for block in _blocks(text))


def blocks_of(text: str) -> tuple[str, ...]:
    """Return what a text shows, in its order: table, code, figure, captioned figure."""
    return tuple(f"captioned {block.kind}" if block.caption else block.kind for block in _blocks(text))


def prose(text: str) -> str:
    """Return a text without its tables, code and figures: what is read as sentences."""
    if not MARKS.search(text):
        return text
    lines = text.split("\n")
    for block in _blocks(text):
        if block.lines:
            first, end = block.lines
            lines[first:end] = [""] * (end - first)
    return "\n".join(lines).strip()


def column_count(table: Sequence[Token]) -> int:
    """Return the columns of a table, by the tokens from its beginning on."""
    row = next(index for index, token in enumerate(table) if token.type == "tr_close")
    return sum(token.type == "th_open" for token in table[:row])


def faults(text: str, *, columns: int = TABLE_COLUMNS, rows: int = TABLE_ROWS) -> Iterator[str]:
    """Yield what is wrong with a text that may hold blocks; `columns` and `rows` are the most of a table."""
    if len(text) > TEXT_LENGTH:
        yield f"the text has {len(text)} characters; at most {TEXT_LENGTH} are allowed"
    elif MARKS.search(text) or INDENT.search(text):
        tokens, lines = _parser().parse(text), text.split("\n")
        for index, token in enumerate(tokens):
            if token.type == "table_open":
                yield from _table_faults(tokens[index:], lines, columns, rows)
            elif token.type == "fence":
                yield from _code_faults(token)
            elif token.type == "code_block":
                yield "code is only indented; fence it with its language"
            elif token.type == "inline":
                yield from _image_faults(token)


def line_faults(text: str) -> Iterator[str]:
    """Yield what is wrong with a text that is one paragraph, as a question is."""
    if has_blocks(text):
        yield "tables, code and figures belong into the stem, not into the question"
    else:
        yield from faults(text)


def _table_faults(table: Sequence[Token], lines: Sequence[str], columns: int, most: int) -> Iterator[str]:
    first, end = table[0].map or (0, 0)
    own_columns, rows = column_count(table), end - first - 2
    if own_columns > columns:
        yield f"a table has {own_columns} columns; at most {columns} are allowed here"
    if rows > most:
        yield f"a table has {rows} rows; at most {most} are allowed"
    heads = [token.content for token in table[: 3 * own_columns + 2] if token.type == "inline"]
    if not all(heads[1:]) or not any(heads):
        yield "a table has a column without a heading; only the first may have none"
    for line in lines[first + 2 : end]:
        cells = len(BORDER.split(line.strip().strip("|")))
        if cells != own_columns:
            yield f"a row of a table has {cells} cells instead of {own_columns}: {line.strip()[:40]!r}"
            return


def _code_faults(fence: Token) -> Iterator[str]:
    name = fence.info.strip()
    if name not in CODE_LABELS:
        yield f"code is marked {name!r}; known are {', '.join(CODE_LABELS)}"
    code = fence.content.splitlines()
    if len(code) > CODE_LINES:
        yield f"code has {len(code)} lines; at most {CODE_LINES} are allowed"
    widest = max(map(len, code), default=0)
    if widest > CODE_WIDTH:
        yield f"a line of code has {widest} characters; at most {CODE_WIDTH} are allowed"


def _image_faults(inline: Token) -> Iterator[str]:
    for token in inline.children or []:
        if token.type == "image" and FIGURE.fullmatch(str(token.attrs["src"])):
            yield f"{token.attrs['src']} is not alone in its paragraph"
        elif token.type == "image":
            yield f"an image leads to {str(token.attrs['src'])[:60]!r}; figures are called figure:name"
