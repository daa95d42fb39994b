"""The signs of GIFT: escapes, comments with ids and tags, and where a question begins and ends."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

# Escaped signs are noncharacters while the signs that mean something are looked for.
SIGNS: Final = dict(zip("\\:#={}~n", map(chr, range(0xFDD0, 0xFDD8)), strict=True))
MEANT: Final = str.maketrans({hidden: "\n" if sign == "n" else sign for sign, hidden in SIGNS.items()})
ESCAPE: Final = re.compile(r"\\([\\:#={}~n])")
RESERVED: Final = re.compile(r"[\\:#={}~]")
NOTED: Final = re.compile(r"\[(id|tag):((?:\\\]|[^\]])+)\]")
CATEGORY: Final = re.compile(r"\$CATEGORY:\s*(.*)")
BEGINNINGS: Final = ("::", "$CATEGORY:")
AHEAD: Final = 20
COMMENT: Final = 10_000
DEFAULT_CATEGORY: Final = re.compile(r"(?:Default for [^/]+|[^/]+ alapbeállítása)(?:/|$)")
"""What Moodle calls the category that every course begins with, in the languages of our authors."""
ROOTS: Final = re.compile(r"^(?:\$[a-z0-9]+\$/)?(?:top/)?(.*)$", re.DOTALL)


@dataclass(slots=True)
class Block:
    """The lines of one question without its comments: its first line, from 1, and what comments say."""

    line: int = 0
    lines: list[str] = field(default_factory=list)
    source: str = ""
    tags: list[str] = field(default_factory=list)
    category: str = ""

    @property
    def text(self) -> str:
        """Return its lines as one text, escaped signs hidden."""
        return "\n".join(self.lines).strip()


def hide(text: str) -> str:
    """Return a text in which escaped signs cannot be taken for others."""
    return ESCAPE.sub(lambda match: SIGNS[match[1]], text)


def show(text: str) -> str:
    """Return what a text says."""
    return text.translate(MEANT)


def escape(text: str) -> str:
    """Return a text in which no sign means anything, on one line."""
    return RESERVED.sub(r"\\\g<0>", text).replace("\n", "\\n")


def in_comment(text: str) -> str:
    """Return an id or a tag as a comment holds it."""
    return text.replace("]", "\\]")


def category_tag(path: str) -> str:
    """Return a category as a tag: its path below the top, and below the one that Moodle begins with."""
    match = ROOTS.match(path.strip())
    tag = (match[1] if match else "").strip(" /")
    default = DEFAULT_CATEGORY.match(tag)
    return tag[default.end() :].strip(" /") if default else tag


def blocks(text: str) -> Iterator[Block]:
    """Yield the questions of a file. Empty lines part them, unless they stand between braces."""
    block, category, is_open = Block(), "", False
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        words = line.strip()
        if block.lines and block.lines[-1].endswith("}") and words.startswith("::"):
            yield block
            block, is_open = Block(category=category), False
        if not words:
            if not _goes_on(lines, number, is_open):
                if block.lines:
                    yield block
                block, is_open = Block(category=category), False
            else:
                block.lines.append("")
            continue
        if words.startswith("//"):
            _comment(block, words)
            block.lines += [""] if block.lines else []
        elif not block.lines and (match := CATEGORY.fullmatch(words)):
            block.category = category = category_tag(show(hide(match[1])))
        else:
            hidden = hide(words)
            block.line = block.line or number
            block.category = category
            block.lines.append(hidden)
            is_open = hidden.rfind("{") > hidden.rfind("}") or (is_open and "}" not in hidden)
    if block.lines:
        yield block


def _goes_on(lines: Sequence[str], number: int, is_open: bool) -> bool:
    """Tell whether a question goes on after an empty line: in its answers, or with them."""
    following = (line.strip() for line in lines[number : number + AHEAD])
    after = next((line for line in following if line), "")
    return not after.startswith(BEGINNINGS) if is_open else after.startswith("{")


def _comment(block: Block, words: str) -> None:
    # A bound, since the pattern looks at each bracket of a line as a beginning.
    for kind, text in NOTED.findall(words[:COMMENT]):
        value = text.replace("\\]", "]").strip()
        if kind == "tag":
            block.tags.append(value)
        else:
            block.source = value
