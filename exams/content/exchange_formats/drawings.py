"""The figures of an item as files that go along with it: drawings of ours, and images.

On our pages a stylesheet colors a drawing. A file of its own has none, and readers differ in how much CSS
they know, so every part gets its look as attributes: the colors of the light theme, on white.
"""

import re
from collections.abc import Collection, Mapping
from html import escape
from typing import Final, NamedTuple

from exams.content.exchange_formats import xml_tree
from exams.content.exchange_formats.limits import Deadline
from exams.content.exchange_formats.pictures import SUFFIXES
from exams.content.exchange_formats.shape import Picture
from exams.content.exchange_formats.xml_tree import Element
from exams.content.formats.figure_svg import NAMESPACE, WORDS
from exams.content.markdown import figure_names
from exams.content.records import FormatError, WholeItem


class Series(NamedTuple):
    """How the curves, dots and bars of a series look."""

    color: str
    dash: str = ""
    is_hollow: bool = False


class Ruler(NamedTuple):
    """How a line looks that belongs to no series."""

    color: str
    width: str
    dash: str = ""


# The rules of `.fig` in components.css, with the light colors of tokens.css.
PAPER: Final = "#ffffff"
INK: Final = "#14191b"
INK_2: Final = "#4d575a"
EDGE: Final = "#727b7d"
SERIES: Final[Mapping[str, Series]] = {
    "s1": Series("#0a5a73"),
    "s2": Series(INK, "6 4", is_hollow=True),
    "s3": Series("#7a4d00", "2 3"),
    "s4": Series("#a1271e", "10 3 2 3", is_hollow=True),
}
RULERS: Final[Mapping[str, Ruler]] = {
    "grid": Ruler("#dfe2de", "1"),
    "axis": Ruler(EDGE, "1.5"),
    "ref": Ruler(EDGE, "1.5", "2 3"),
}
CURVES: Final = frozenset({"path", "polyline", "line"})
SHAPES: Final = frozenset({"circle", "rect"})
STRONG: Final = frozenset({"label", "value"})
FONT: Final = {"font-family": "Arial, Helvetica, sans-serif", "font-size": "13"}
SCALE: Final = 1.35
"""As large as a page of ours shows a drawing at most."""
MARGIN: Final = 8
"""Words reach to the edge, and other fonts are wider."""
BACKGROUND: Final = f'<rect x="-{MARGIN}" y="-{MARGIN}" width="100%" height="100%" fill="{PAPER}"></rect>'
_ROOT: Final = re.compile(rf'<svg xmlns="[^"]*" viewBox="-{MARGIN} -{MARGIN} ([0-9.]+) ([0-9.]+)"[^>]*>')
_LOOK: Final = re.compile(r' (?:fill|stroke|stroke-width|stroke-dasharray)="[^"]*"')


def standalone(svg: str) -> bytes:
    """Return a drawing as a file that looks everywhere as it does on our pages."""
    root = xml_tree.parse(svg.encode(), "", Deadline())
    width, height = (float(size) + 2 * MARGIN for size in root.attributes["viewBox"].split()[2:])
    head = _attributes(
        {
            "xmlns": NAMESPACE,
            "viewBox": f"-{MARGIN} -{MARGIN} {width:.8g} {height:.8g}",
            "width": f"{width * SCALE:.0f}",
            "height": f"{height * SCALE:.0f}",
            **FONT,
        }
    )
    words = [_written(child, "") for child in root.elements("title", "desc")]
    shapes = [_written(child, "") for child in root.elements() if child.name not in ("title", "desc")]
    return f"<svg{head}>{''.join(words)}{BACKGROUND}{''.join(shapes)}</svg>".encode()


def bare(data: bytes) -> bytes:
    """Return what `standalone` made a drawing's file of; any other file is returned as it is."""
    try:
        svg = _LOOK.sub("", _ROOT.sub(_bare_root, data.decode().replace(BACKGROUND, "", 1), count=1))
        # Only what comes out of our own writer byte for byte is ours; all else is judged as foreign.
        return svg.encode() if standalone(svg) == data else data
    except (FormatError, KeyError, ValueError):
        return data


def _bare_root(match: re.Match[str]) -> str:
    width, height = (float(size) - 2 * MARGIN for size in match.groups())
    return f'<svg viewBox="0 0 {width:.8g} {height:.8g}">'


def _written(element: Element, series: str) -> str:
    classes = element.attributes.get("class", "").split()
    series = next((name for name in classes if name in SERIES), series)
    attributes = {**element.attributes, **_look(element.name, classes, series)}
    words = escape(element.text, quote=False) if element.name in WORDS else ""
    inner = "".join(_written(child, series) for child in element.elements())
    return f"<{element.name}{_attributes(attributes)}>{words}{inner}</{element.name}>"


def _look(name: str, classes: Collection[str], group: str) -> dict[str, str]:
    """Return the attributes that say what the stylesheet of our pages says; `group` is the series."""
    if name == "text":
        return {"fill": INK if STRONG.intersection(classes) else INK_2}
    if name not in CURVES | SHAPES:
        return {}
    series = SERIES.get(group, Series(INK))
    ruler = next((RULERS[name] for name in classes if name in RULERS), None)
    dash = ruler.dash if ruler else series.dash if name in CURVES else ""
    color, width = ruler[:2] if ruler else (series.color, "2" if name in CURVES else "1.5")
    fill = "none" if name in CURVES else PAPER if series.is_hollow else color
    return {
        "fill": fill,
        "stroke": color,
        "stroke-width": width,
        **({"stroke-dasharray": dash} if dash else {}),
    }


def _attributes(values: Mapping[str, str]) -> str:
    return "".join(f' {name}="{escape(value)}"' for name, value in values.items())


class Drawings:
    """The files of one item by the names of its figures."""

    def __init__(self, item: WholeItem, pictures: Mapping[str, Picture]) -> None:
        self._figures = {figure.name: figure for figure in item.record.figures}
        self._pictures = pictures
        self._named = figure_names(*item.record.texts)

    @property
    def missing(self) -> tuple[str, ...]:
        """Return the names of figures that nobody has drawn here."""
        return tuple(name for name in self._named if self.path(name) is None)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of figures that have a file."""
        return tuple(name for name in self._named if self.path(name) is not None)

    def path(self, name: str) -> str | None:
        """Return where the file of a figure is, from where its item is."""
        if name in self._figures:
            return f"figures/{name}.svg"
        if name in self._pictures:
            return f"images/{name}{SUFFIXES[self._pictures[name].media_type]}"
        return None

    def data(self, name: str) -> bytes:
        """Return the file of a figure that has one."""
        if name in self._figures:
            return standalone(self._figures[name].svg)
        return self._pictures[name].data
