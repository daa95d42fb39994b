"""What a document is made of: plain values that a template sets. Texts are data and never become markup."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """Words as they are."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """Words of a program within a line."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Words that lead or matter."""

    inlines: "tuple[Inline, ...]"


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Words that are stressed."""

    inlines: "tuple[Inline, ...]"


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to an address of the web."""

    url: str
    inlines: "tuple[Inline, ...]"


@dataclass(frozen=True, slots=True)
class Break:
    """The end of a line within a paragraph."""


type Inline = Text | Code | Strong | Emphasis | Link | Break
type Inlines = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `is_tip` marks one that is set apart."""

    inlines: Inlines
    is_tip: bool = False


@dataclass(frozen=True, slots=True)
class Subheading:
    """A heading within a block."""

    inlines: Inlines


@dataclass(frozen=True, slots=True)
class Items:
    """A list; each entry is a row of blocks. Numbered ones count from `start`, others have None."""

    entries: "tuple[tuple[Block, ...], ...]"
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table: its heads, its rows with as many cells each, and which of its columns stand to the right."""

    heads: tuple[Inlines, ...]
    rows: tuple[tuple[Inlines, ...], ...]
    to_the_right: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines of a program."""

    text: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The one figure that a document is about, set large, and the words beside it."""

    figure: str
    text: str


type Block = Paragraph | Subheading | Items | Table | Listing | Headline


@dataclass(frozen=True, slots=True)
class Part:
    """A numbered part of a section with its title and its content."""

    number: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A section with its title; a document of few parts may have one without."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document in one language; `source` is at the foot of each page, `url` below the title.

    `pages` is the foot of each page, with {n} for its number and {total} for their count. `contents` is the
    heading of the table of contents, and without it there is none. `after` are closing lines. A `compact`
    document is set small.
    """

    language: str
    title: str
    lead: str
    author: str
    source: str
    url: str
    pages: str
    sections: tuple[Section, ...]
    contents: str = ""
    after: tuple[str, ...] = ()
    compact: bool = False


def plain(value: Any) -> Any:  # noqa: ANN401 (any value of the tree)
    """Return a tree as values for JSON; each node says by `kind` what it is."""
    if is_dataclass(value) and not isinstance(value, type):
        values = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return {"kind": type(value).__name__, **values}
    if isinstance(value, tuple):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    return value
