"""HTML of other systems as the few parts that Markdown of items has. What is not among them is a loss.

A text becomes a list of blocks: p, figure, pre, ul, ol and table. Words within them are strings and strong,
em, code, a and br. Two texts are the same to a reader if their parts are equal.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Final, Protocol
from urllib.parse import urlsplit

from markdown_it.common.normalize_url import normalizeLink, validateLink

from exams.content.exchange_formats.shape import Value
from exams.content.exchange_formats.xml_tree import Element, Node, names_of
from exams.content.markdown import CODE_LABELS

SPACE: Final = re.compile(r"[ \t\n\r\f\u2028\u2029]+")
SCHEMES: Final = frozenset({"http", "https", "mailto"})
SAME: Final[Mapping[str, str]] = {
    **dict.fromkeys(["b", "strong"], "strong"),
    **dict.fromkeys(["i", "em", "cite", "dfn", "var"], "em"),
    **dict.fromkeys(["code", "tt", "kbd", "samp"], "code"),
}
QUIET: Final = names_of("span abbr acronym bdi label time wbr data nobr tbody")
REMOVED: Final = names_of(
    "script style iframe frame object embed applet video audio source track canvas form input button select"
    " textarea link meta base head title noscript template map area"
)
PLAIN_BLOCKS: Final = names_of(
    "address article aside body center div figcaption figure footer header html"
    " main nav p section summary details fieldset legend dialog"
)
HEADINGS: Final = names_of("h1 h2 h3 h4 h5 h6")
BLOCKS: Final = PLAIN_BLOCKS | HEADINGS | names_of("blockquote dd dl dt hr li ol pre table ul")
SUPERSCRIPT: Final = str.maketrans("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ")
SUBSCRIPT: Final = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")
SHIFTED: Final = {"sup": (SUPERSCRIPT, "^"), "sub": (SUBSCRIPT, "_")}
LANGUAGE: Final = re.compile(r"(?:language|lang|brush:?)[-_: ]+([a-z0-9+#]+)", re.IGNORECASE)
ALIGNED: Final = re.compile(r"text-align\s*:\s*(left|right|center)", re.IGNORECASE)
TEX: Final = re.compile(r"\\\(.{1,300}?\\\)|\\\[.{1,300}?\\\]|\$\$.{1,300}?\$\$", re.DOTALL)
SPAN: Final = 100  # as many columns as one cell may claim to cover


class Notes(Protocol):
    """Where losses of a text go, and who knows where its images are."""

    language: str

    def lose(self, code: str, **values: Value) -> None:
        """Note a loss."""

    def image(self, address: str, alt: str) -> str:
        """Return the address by which the bank knows an image, or an empty text where it is left out."""


def make(name: str, children: Sequence[Node] = (), **attributes: str) -> Element:
    """Return a part."""
    return Element(name, attributes, list(children))


def parts_of(nodes: Iterable[Node], notes: Notes) -> list[Element]:
    """Return the blocks of a text."""
    return _Simplifier(notes).blocks(nodes)


def plain_words(nodes: Iterable[Node]) -> str:
    """Return the words of parts without their form."""
    return make("", list(nodes)).all_text


class _Simplifier:
    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def blocks(self, nodes: Iterable[Node]) -> list[Element]:
        elements: list[Element] = []
        run: list[Node] = []
        for node in nodes:
            if isinstance(node, Element) and _is_block(node):
                elements += self._paragraphs(run)
                run = []
                elements += self._block(node)
            else:
                run.append(node)
        return [*elements, *self._paragraphs(run)]

    def _paragraphs(self, run: Sequence[Node]) -> Iterator[Element]:
        """Yield the paragraphs of words, and the figures that stand among them."""
        for words, figures in _between_figures(self.words(run)):
            for paragraph in _without_gaps(words):
                if trimmed := _trimmed(paragraph):
                    yield make("p", trimmed)
            yield from figures

    def _block(self, node: Element) -> list[Element]:
        self._look(node)
        name = node.name
        if self._is_other_language(node):
            return []
        if name in HEADINGS or name == "dt":
            self._notes.lose("element", name=name)
            return [_emphasized(one, "strong") for one in self.blocks(node.children)]
        if name in ("ul", "ol"):
            return self._list(node)
        if name == "pre":
            return self._code(node)
        if name == "table":
            return self._table(node)
        if name == "hr" or (name not in PLAIN_BLOCKS and name not in SAME and name not in QUIET):
            self._notes.lose("element", name=name)
        blocks = self.blocks(node.children)
        kind = SAME.get(name, "")
        return [_emphasized(one, kind) for one in blocks] if kind in ("strong", "em") else blocks

    def _look(self, node: Element) -> None:
        style = ALIGNED.sub("", node.attributes.get("style", "")).strip(" ;")
        if style or node.attributes.keys() & {"color", "bgcolor", "face", "size"}:
            self._notes.lose("style")

    def _is_other_language(self, node: Element) -> bool:
        language = node.attributes.get("lang", "")
        if "multilang" not in node.attributes.get("class", "").split() or not language:
            return False
        if language.split("-")[0].split("_")[0].lower() == self._notes.language:
            return False
        self._notes.lose("other_language", language=language)
        return True

    def _list(self, node: Element) -> list[Element]:
        entries = [self.blocks(one.children if one.name == "li" else [one]) for one in node.elements()]
        rows = [make("li", one) for one in entries if one]
        if not rows:
            return []
        is_tight = not any(one.first("p") for one in node.elements())
        start = node.attributes.get("start", "1")
        # CommonMark reads at most nine digits before the point.
        first = start if start.isdecimal() and len(start) < 9 and node.name == "ol" else "1"
        return [make(node.name, rows, tight="yes" if is_tight else "no", start=str(int(first)))]

    def _code(self, node: Element) -> list[Element]:
        code = node.all_text.replace("\r", "").removeprefix("\n").removesuffix("\n")
        if not code.strip():
            return []
        named = " ".join(
            one.attributes.get("class", "") for one in node.walk() if one.name in ("pre", "code")
        )
        match = LANGUAGE.search(named)
        language = match[1].lower() if match else "text"
        if language not in CODE_LABELS:
            self._notes.lose("code_language", name=language)
            language = "text"
        return [make("pre", [code], language=language)]

    def _table(self, node: Element) -> list[Element]:
        captions = [one for caption in node.elements("caption") for one in self.blocks(caption.children)]
        rows = [row for row in _rows(node) if any(row.elements("td", "th"))]
        if not rows:
            return captions
        if not all(cell.name == "th" for cell in rows[0].elements("td", "th")) and not any(
            row.name == "thead" for row in node.elements()
        ):
            self._notes.lose("table_head")
        cells = [[part for cell in row.elements("td", "th") for part in self._cells(cell)] for row in rows]
        width = max(len(row) for row in cells)
        for row in cells:
            row.extend(make("td", align="") for _ in range(width - len(row)))
        # Markdown aligns whole columns: as the heading is, or else as the first cell that says so.
        for column in zip(*cells, strict=True):
            align = next(filter(None, (cell.attributes["align"] for cell in column)), "")
            for cell in column:
                cell.attributes["align"] = align
        return [*captions, make("table", [make("tr", row) for row in cells])]

    def _cells(self, cell: Element) -> list[Element]:
        """Return a cell, and empty ones for the further columns that it covers."""
        match = ALIGNED.search(cell.attributes.get("style", ""))
        align = match[1].lower() if match else cell.attributes.get("align", "").lower()
        if not align and "align-" in (kinds := cell.attributes.get("class", "")):
            align = kinds.split("align-")[1].split()[0]
        if align not in ("left", "right", "center"):
            align = ""
        words: list[Node] = []
        for block in self.blocks(cell.children):
            if block.name == "figure":
                self._notes.lose("image_place", name=block.attributes["src"])
                block = make("p", [block.attributes["alt"]])
            elif block.name != "p":
                self._notes.lose("element", name=block.name)
                block = make("p", [SPACE.sub(" ", " ".join(block.strings()))])
            words += [" ", *block.children] if words else block.children
        spaced = [" " if isinstance(one, Element) and one.name == "br" else one for one in words]
        covered = cell.attributes.get("colspan", "1")
        # colspan="99999999" would be as many cells.
        more = min(int(covered), SPAN) - 1 if covered.isdecimal() else 0
        if more > 0 or cell.attributes.get("rowspan", "1") not in ("0", "1", ""):
            self._notes.lose("element", name="colspan" if more > 0 else "rowspan")
        return [
            make("td", _trimmed(joined(spaced)), align=align),
            *(make("td", align="") for _ in range(more)),
        ]

    def words(self, nodes: Iterable[Node], within: frozenset[str] = frozenset()) -> list[Node]:
        """Return what stands in a line; figures stay where they were."""
        inline: list[Node] = []
        for node in nodes:
            inline += [self._text(node)] if isinstance(node, str) else self._inline(node, within)
        return joined(inline)

    def _text(self, text: str) -> str:
        if TEX.search(text):
            self._notes.lose("formula")
        return SPACE.sub(" ", text)

    def _inline(self, node: Element, within: frozenset[str]) -> list[Node]:
        self._look(node)
        name = SAME.get(node.name, node.name)
        if self._is_other_language(node):
            return []
        if name == "br":
            return [make("br")]
        if name in ("img", "image") or (name == "object" and _shows_image(node)):
            return self._image(node)
        if name == "svg":
            self._notes.lose("image_svg", name="<svg>")
            return []
        if name in REMOVED:
            self._notes.lose("removed", name=name)
            return []
        return self._formatted(name, node, within)

    def _formatted(self, name: str, node: Element, within: frozenset[str]) -> list[Node]:
        if name == "code":
            return self._code_words(node)
        if name in SHIFTED:
            return [self._shifted(node)]
        if name == "math":
            self._notes.lose("element", name=name)
            return [self._text(node.all_text)]
        if name == "q":
            return ["“", *self.words(node.children, within), "”"]
        if name == "a":
            return self._link(node, within)
        if name in ("strong", "em"):
            inner = self.words(node.children, within | {name})
            return inner if name in within else _wrapped(name, inner)
        if name not in QUIET:
            self._notes.lose("element", name=name)
        return self.words(node.children, within)

    def _image(self, node: Element) -> list[Node]:
        alt = node.attributes.get("alt", "") if node.name != "object" else node.all_text
        caption = bracketed(alt)
        address = self._notes.image(node.attributes.get("src") or node.attributes.get("data", ""), caption)
        if not address:
            return [f" {caption} "] if caption else []
        return [make("figure", src=address, alt=caption)]

    def _code_words(self, node: Element) -> list[Node]:
        words = SPACE.sub(" ", node.all_text).strip()
        for one in node.elements():
            if one.name not in QUIET:
                self._notes.lose("element", name=one.name)
        return [make("code", [words])] if words else []

    def _shifted(self, node: Element) -> str:
        table, mark = SHIFTED[node.name]
        words = SPACE.sub(" ", node.all_text)
        if all(ord(letter) in table for letter in words):
            return words.translate(table)
        self._notes.lose("element", name=node.name)
        return mark + words

    def _link(self, node: Element, within: frozenset[str]) -> list[Node]:
        inner = self.words(node.children, within | {"a"})
        address = node.attributes.get("href", "").strip()
        if not address or "a" in within:
            return inner
        if not is_link(address):
            self._notes.lose("link", address=address)
            return inner
        return _wrapped("a", inner, href=normalizeLink(address))


def is_link(address: str) -> bool:
    """Tell whether an address leads to where links of items may lead."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    has_target = bool(parts.netloc) or parts.scheme == "mailto"
    return parts.scheme.lower() in SCHEMES and has_target and validateLink(address)


def _is_block(node: Element) -> bool:
    """Tell whether an element is a block, or a word of a line that holds one, against the rules."""
    if node.name in BLOCKS:
        return True
    inline = node.name in QUIET or (node.name in SAME and node.name != "code")
    return inline and any(one.name in BLOCKS for one in node.walk())


def _emphasized(block: Element, kind: str) -> Element:
    return make("p", _wrapped(kind, _flat(block.children, kind))) if block.name == "p" else block


def _flat(nodes: Iterable[Node], name: str) -> list[Node]:
    flat: list[Node] = []
    for node in nodes:
        flat += node.children if isinstance(node, Element) and node.name == name else [node]
    return joined(flat)


def _rows(table: Element) -> Iterator[Element]:
    for element in table.elements():
        if element.name == "tr":
            yield element
        elif element.name in ("thead", "tbody", "tfoot"):
            yield from element.elements("tr")


def _shows_image(node: Element) -> bool:
    return node.attributes.get("type", "").lower().startswith("image/")


def bracketed(alt: str) -> str:
    """Return the words for an image as Markdown can hold them: brackets in pairs, no escapes."""
    words = SPACE.sub(" ", alt).strip().replace("\\", "/").replace("`", "'")
    return words.replace("[", "(").replace("]", ")").replace("<", "(").replace("!(", "(")


def _wrapped(name: str, inner: Sequence[Node], **attributes: str) -> list[Node]:
    """Return words within an element: white space at its ends and figures are outside of it."""
    wrapped: list[Node] = []
    for words, figures in _between_figures(inner):
        before, kept, after = _edges(words)
        wrapped += [*before, *([Element(name, dict(attributes), kept)] if kept else []), *after, *figures]
    return wrapped


def _between_figures(nodes: Iterable[Node]) -> Iterator[tuple[list[Node], list[Element]]]:
    """Yield words up to each figure, with that figure; the last ones have none."""
    words: list[Node] = []
    for node in nodes:
        if isinstance(node, Element) and node.name == "figure":
            yield words, [node]
            words = []
        else:
            words.append(node)
    yield words, []


def _edges(nodes: Sequence[Node]) -> tuple[list[Node], list[Node], list[Node]]:
    """Return the gaps before words, the words, and the gaps behind them."""
    before = list(takewhile(_is_gap, nodes))
    kept = list(nodes[len(before) :])
    after = list(takewhile(_is_gap, reversed(kept)))[::-1]
    kept = kept[: len(kept) - len(after)]
    if kept and isinstance(kept[0], str) and kept[0] != kept[0].lstrip():
        before.append(" ")
        kept[0] = kept[0].lstrip()
    if kept and isinstance(kept[-1], str) and kept[-1] != kept[-1].rstrip():
        after.insert(0, " ")
        kept[-1] = kept[-1].rstrip()
    return before, kept, after


def _is_gap(node: Node) -> bool:
    return not node.strip() if isinstance(node, str) else node.name == "br"


def joined(nodes: Iterable[Node]) -> list[Node]:
    """Return nodes with neighbors of one kind as one, and single spaces."""
    merged: list[Node] = []
    for node in nodes:
        last = merged[-1] if merged else None
        if isinstance(node, str):
            if not node:
                continue
            if isinstance(last, str):
                merged[-1] = SPACE.sub(" ", last + node)
                continue
        elif isinstance(last, Element) and node.name == last.name and node.name in ("strong", "em"):
            merged[-1] = Element(last.name, last.attributes, joined([*last.children, *node.children]))
            continue
        merged.append(node)
    return merged


def _without_gaps(nodes: Sequence[Node]) -> Iterator[list[Node]]:
    """Yield the paragraphs of words: two breaks that follow each other part them."""
    paragraph: list[Node] = []
    breaks = 0
    for node in nodes:
        is_break = isinstance(node, Element) and node.name == "br"
        breaks = breaks + 1 if is_break else breaks if _is_gap(node) else 0
        if is_break and breaks > 1:
            yield paragraph
            paragraph = []
        else:
            paragraph.append(node)
    yield paragraph


def _trimmed(nodes: Sequence[Node]) -> list[Node]:
    """Return a line without white space at its ends and around its breaks."""
    _, kept, _ = _edges(nodes)
    for at, node in enumerate(kept):
        if isinstance(node, Element) and node.name == "br":
            before, after = kept[at - 1], kept[at + 1]
            if isinstance(before, str):
                kept[at - 1] = before.rstrip(" ")
            if isinstance(after, str):
                kept[at + 1] = after.lstrip(" ")
    return [node for node in kept if node != ""]
