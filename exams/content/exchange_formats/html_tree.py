"""HTML of other systems as a tree: read as browsers do, with whatever is missing or too much."""

from html.parser import HTMLParser
from typing import Final

from exams.content.exchange_formats import limits
from exams.content.exchange_formats.html_parts import BLOCKS
from exams.content.exchange_formats.shape import refusal
from exams.content.exchange_formats.xml_tree import Element, names_of

VOID: Final = names_of("area base br col embed hr img input link meta param source track wbr basefont frame")
# What a new element of these kinds ends, as browsers do; lists and tables within each other do not.
ENDED_BY: Final = {
    "li": {"li"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "tr": {"tr", "tbody", "tfoot", "thead"},
    "td": {"td", "th", "tr", "tbody", "tfoot"},
    "th": {"td", "th", "tr", "tbody", "tfoot"},
    "thead": {"tbody", "tfoot"},
    "tbody": {"tbody", "tfoot"},
    "option": {"option"},
}
WALLS: Final = frozenset({"table", "ul", "ol", "dl", ""})


class _Builder(HTMLParser):
    def __init__(self, file: str, line: int) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", line=line)
        self._open = [self.root]
        self._file = file
        self._line = line
        self._left = limits.NODES

    def _start(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        line = self._line + self.getpos()[0] - 1
        # Attributes cost memory as elements do.
        self._left -= 1 + len(attrs)
        if self._left < 0:
            raise refusal(self._file, line, "nodes", most=limits.NODES)
        self._end_before(tag)
        if len(self._open) > limits.DEPTH:
            raise refusal(self._file, line, "depth", most=limits.DEPTH)
        element = Element(tag, {name: value or "" for name, value in attrs}, [], line)
        self._open[-1].children.append(element)
        return element

    def _end_before(self, tag: str) -> None:
        if (tag in BLOCKS or tag == "form") and self._open[-1].name == "p":
            self._open.pop()
        for at in range(len(self._open) - 1, 0, -1):
            name = self._open[at].name
            if tag in ENDED_BY.get(name, ()):
                del self._open[at:]
                return self._end_before(tag)
            if name in WALLS:
                return None
        return None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = self._start(tag, attrs)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # `<svg/>` and `<math/>` are empty; `<p/>` and `<b/>` begin, as in every browser.
        if tag in ("svg", "math", "path", "rect", "circle"):
            self._start(tag, attrs)
        else:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        names = [one.name for one in self._open]
        if tag in names:
            del self._open[len(names) - 1 - names[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def parse(html: str, file: str, line: int) -> Element:
    """Return a root without a name, with what a text of HTML holds. Raises FormatError if it is too much."""
    builder = _Builder(file, line)
    builder.feed(html)
    builder.close()
    return builder.root
