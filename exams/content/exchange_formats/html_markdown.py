"""The parts of a text as Markdown of items: words as they stand where that reads back as the same parts.

Where it does not, words are escaped; where emphasis cannot be written there, it is left out, as a loss.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from exams.content.exchange_formats import html_tree, limits
from exams.content.exchange_formats.html_parts import Notes, joined, make, parts_of, plain_words
from exams.content.exchange_formats.markdown_html import block_html
from exams.content.exchange_formats.shape import Value
from exams.content.exchange_formats.xml_tree import Element, Node

MARKS: Final = re.compile(r"([\\`*_\[\]<!|~])")
ENTITY: Final = re.compile(r"&(?=#?\w+;)")
BEGINNING: Final = re.compile(r"^(\s*)(?:([#+\-=>])|(\d+)([.)]))")
# A line of words alone, which no rule of Markdown reads as anything else.
PLAIN: Final = re.compile(r"[^\s#+\-=>\d\\`*_\[\]<!|~&][^\n\\`*_\[\]<!|~&]*")
BACKTICKS: Final = re.compile(r"`+")
STANDING: Final = ("table", "pre", "figure")
RULERS: Final = {"left": ":--", "right": "--:", "center": ":-:", "": "---"}


class Quiet:
    """Knows no more than whether something was lost, and finds every image."""

    language = ""
    has_lost = False

    def lose(self, code: str, **values: Value) -> None:
        """Take note."""
        self.has_lost = True

    def image(self, address: str, alt: str) -> str:
        """Return the address as it is."""
        return address


def to_markdown(nodes: Iterable[Node], notes: Notes, source: str = "") -> str:
    """Return a text of HTML as Markdown; `source` is the Markdown that the HTML was made of, if it was."""
    return parts_markdown(parts_of(nodes, notes), notes, source)


def line_markdown(nodes: Iterable[Node], notes: Notes) -> str:
    """Return the text of an option or a question as one line, unless it shows a table, code or a figure."""
    parts = parts_of(nodes, notes)
    if any(one.name in STANDING for one in parts):
        return parts_markdown(parts, notes)
    words: list[Node] = []
    for part in parts:
        if part.name in ("ul", "ol"):
            notes.lose("element", name=part.name)
        for paragraph in (one for one in part.walk() if one.name == "p"):
            words += [make("br"), *paragraph.children] if words else paragraph.children
    return parts_markdown([make("p", words)] if words else [], notes)


def parts_markdown(parts: Sequence[Element], notes: Notes, source: str = "") -> str:
    """Return parts as Markdown that shows them; of `source` it is known that it does."""
    if len(parts) == 1 and parts[0].name == "p" and _is_plain(parts[0].children):
        return plain_words(parts[0].children)
    if sum(map(len, map(plain_words, (part.children for part in parts)))) > limits.MARKDOWN:
        return _escaped(parts)  # too long for any item: nobody will read it
    # The plainest writing that reads back as the same wins: authors go on with this text.
    for write in (_raw, _mixed, _escaped):
        text = write(parts)
        if (source and text == source) or _shows(text, parts):
            return text
    plain = [_without_emphasis(one) for one in parts]
    text = _escaped(plain)
    if _shows(text, plain):
        notes.lose("element", name="em")
    else:
        notes.lose("rough")
    return text


def plain_markdown(text: str) -> str:
    """Return a text that means nothing but its words; its lines stay lines."""
    paragraphs = []
    for block in re.split(r"\n[ \t]*\n", text.strip()):
        lines = [line.strip() for line in block.strip().split("\n")]
        nodes: list[Node] = [part for line in lines for part in (make("br"), line)]
        paragraphs.append(make("p", [node for node in nodes[1:] if node != ""]))
    return parts_markdown([one for one in paragraphs if one.children], Quiet())


def _is_plain(nodes: Sequence[Node]) -> bool:
    return len(nodes) == 1 and isinstance(nodes[0], str) and bool(PLAIN.fullmatch(nodes[0]))


def markdown_parts(text: str) -> list[Element]:
    """Return what Markdown shows on our pages, as parts."""
    return parts_of(html_tree.parse(block_html(text), "", 0).children, Quiet())


def _shows(text: str, parts: Sequence[Element]) -> bool:
    return markdown_parts(text) == list(parts)


def _raw(parts: Sequence[Element]) -> str:
    return _Writer(False).blocks(parts)


def _escaped(parts: Sequence[Element]) -> str:
    return _Writer(True).blocks(parts)


def _mixed(parts: Sequence[Element]) -> str:
    """Return parts of which those alone are escaped that need it."""
    return "\n\n".join(raw if _shows(raw := _raw([one]), [one]) else _escaped([one]) for one in parts)


def _without_emphasis(part: Element) -> Element:
    children: list[Node] = []
    for child in part.children:
        if isinstance(child, str):
            children.append(child)
        elif child.name in ("strong", "em"):
            children += _without_emphasis(child).children
        else:
            children.append(_without_emphasis(child))
    return Element(part.name, part.attributes, joined(children))


class _Writer:
    def __init__(self, is_escaped: bool) -> None:
        self._is_escaped = is_escaped
        self._in_table = False

    def blocks(self, parts: Sequence[Element], between: str = "\n\n") -> str:
        written: list[str] = []
        turn = False
        for at, part in enumerate(parts):
            # Two lists of one kind that follow each other would be one, unless their marks differ.
            turn = at > 0 and parts[at - 1].name == part.name and part.name in ("ul", "ol") and not turn
            written.append(self._block(part, turn))
        return between.join(written)

    def _block(self, part: Element, turn: bool) -> str:
        if part.name == "p":
            return self._paragraph(part.children)
        if part.name == "figure":
            return f"![{part.attributes['alt']}]({part.attributes['src']})"
        if part.name == "pre":
            return _fenced(part)
        if part.name == "table":
            return self._table(part)
        return self._list(part, turn)

    def _paragraph(self, nodes: Sequence[Node]) -> str:
        text = self._words(nodes)
        return "\n".join(map(_beginning, text.split("\n"))) if self._is_escaped else text

    def _list(self, part: Element, turn: bool) -> str:
        is_tight = part.attributes["tight"] == "yes"
        number = int(part.attributes["start"])
        entries = []
        for at, entry in enumerate(part.elements("li")):
            mark = ("* " if turn else "- ") if part.name == "ul" else f"{number + at}{')' if turn else '.'} "
            inner = self.blocks(list(entry.elements()), "\n" if is_tight else "\n\n")
            entries.append(mark + inner.replace("\n", "\n" + " " * len(mark)))
        lines = ("\n" if is_tight else "\n\n").join(entries).split("\n")
        return "\n".join(line.rstrip(" ") if not line.strip() else line for line in lines)

    def _table(self, part: Element) -> str:
        self._in_table = True
        rows = [[self._words(cell.children) for cell in row.elements()] for row in part.elements()]
        self._in_table = False
        head = next(part.elements())
        rulers = [RULERS[cell.attributes["align"]] for cell in head.elements()]
        return "\n".join(map(_row, [rows[0], rulers, *rows[1:]]))

    def _words(self, nodes: Iterable[Node]) -> str:
        return "".join(self._word(node) for node in nodes)

    def _word(self, node: Node) -> str:
        if isinstance(node, str):
            return self._text(node)
        if node.name == "br":
            return "\\\n"
        if node.name == "code":
            return self._code(node.text)
        inner = self._words(node.children)
        if node.name == "strong":
            return f"**{inner}**"
        if node.name == "em":
            return f"*{inner}*"
        return _link(inner, node)

    def _text(self, text: str) -> str:
        if self._is_escaped:
            return ENTITY.sub("&amp;", MARKS.sub(r"\\\1", text))
        return text.replace("|", "\\|") if self._in_table else text

    def _code(self, code: str) -> str:
        longest = max((len(run) for run in BACKTICKS.findall(code)), default=0)
        ticks = "`" * (longest + 1) if longest else "`"
        pad = " " if code.startswith("`") or code.endswith("`") else ""
        inner = code.replace("|", "\\|") if self._in_table else code
        return f"{ticks}{pad}{inner}{pad}{ticks}"


def _beginning(line: str) -> str:
    """Return a line that begins no list, heading or quotation."""
    match = BEGINNING.match(line)
    if not match:
        return line
    space, mark, number, end = match.groups()
    return (
        f"{space}{number}\\{end}{line[match.end() :]}" if number else f"{space}\\{mark}{line[match.end() :]}"
    )


def _link(inner: str, node: Element) -> str:
    address = node.attributes["href"]
    if inner == address and not address.startswith("mailto:"):
        return f"<{address}>"
    return f"[{inner}](<{address}>)" if re.search(r"[()\s]", address) else f"[{inner}]({address})"


def _fenced(part: Element) -> str:
    longest = max((len(run) for run in BACKTICKS.findall(part.text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{part.attributes['language']}\n{part.text}\n{fence}"


def _row(cells: Sequence[str]) -> str:
    return "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)
