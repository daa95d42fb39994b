"""`python -m tools.figures`: draw the charts of questions from their numbers (`make figures`).

Each `fixtures/<code>/figures/<name>.yaml` gives `<name>.svg` beside it. pygal decides where everything is;
written is only what `figure_svg` allows: shapes and words with classes, so that the stylesheet gives colors
in both themes, in forced colors and in print. `check` draws and writes nothing: it fails where a drawing is
not that of its numbers.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element

import pygal

from exams.content.formats.figure_svg import read_figure
from exams.content.records import FormatError
from tools.items.charts import AxisRecord, ChartRecord, read_chart

FIXTURES: Final = Path(__file__).resolve().parent.parent / "fixtures"
# Units of the drawing. It is shown 18 to 27 rem wide, so 13 units of text are 12 to 18 px.
WIDTH: Final = 320
PLOT_HEIGHT: Final = 190
LINE: Final = 18
LETTER: Final = 6.9  # how wide a letter of a legend is, a little too much rather than too little
SAMPLE: Final = 26
NAMESPACE: Final = "http://www.w3.org/2000/svg"
GUESS: Final = "Random guess"
NUMBERS: Final = re.compile(r"-?\d+(?:\.\d+)?")
CHARTS: Final = {
    "line": pygal.XY,
    "scatter": pygal.XY,
    "roc": pygal.XY,
    "bar": pygal.Bar,
    "histogram": pygal.Histogram,
}


def draw(chart: ChartRecord) -> bytes:
    """Return the figure of a chart. Raises FormatError where it does not keep the rules of figures."""
    legend, height = _legend(chart)
    drawn = _plotted(chart, height)
    plot = next(drawn.iter("g"))
    parts = [
        *legend,
        _words(chart.y.label, 0, height + LINE - 5, "label"),
        *_axes(plot, chart.x),
        *_shapes(drawn, chart),
        _words(chart.x.label, WIDTH / 2, height + PLOT_HEIGHT + LINE - 2, "label", "middle"),
    ]
    head = f'<svg xmlns="{NAMESPACE}" viewBox="0 0 {WIDTH} {height + PLOT_HEIGHT + LINE + 4}">'
    elements = [
        f"<{name}>{escape(' '.join(text.split()), quote=False)}</{name}>"
        for name, text in (("title", chart.title), ("desc", chart.description))
    ]
    svg = "\n".join([head, *elements, *parts, "</svg>", ""]).encode()
    read_figure(svg, f"{chart.name}.svg")
    return svg


def _number(value: float) -> str:
    return f"{round(value, 1):g}"


def _words(text: str, x: float, y: float, role: str, anchor: str = "start") -> str:
    place = f'x="{_number(x)}" y="{_number(y)}"' + (f' text-anchor="{anchor}"' if anchor != "start" else "")
    return f'<text class="{role}" {place}>{escape(text, quote=False)}</text>'


def _legend(chart: ChartRecord) -> tuple[list[str], int]:
    """Return a sample and the name of each series, in as many lines as they need, and their height."""
    entries = [(series.name, f"s{number}") for number, series in enumerate(chart.series, start=1)]
    if chart.kind == "roc":
        entries.append((GUESS, "ref"))
    if len(entries) == 1:
        return [], 0
    parts: list[str] = []
    x, y = 0.0, LINE - 5
    for name, role in entries:
        wide = SAMPLE + LETTER * len(name)
        if x and x + wide > WIDTH:
            x, y = 0.0, y + LINE
        parts += [_sample(chart.kind, role, x, y), _words(name, x + SAMPLE, y, "tick")]
        x += wide + LINE
    return parts, y + 8


def _sample(kind: str, role: str, x: float, y: float) -> str:
    if kind in ("bar", "histogram"):
        return f'<rect class="{role}" x="{_number(x + 8)}" y="{_number(y - 9)}" width="10" height="10"/>'
    if kind == "scatter":
        return f'<circle class="{role}" cx="{_number(x + 12)}" cy="{_number(y - 4)}" r="3.5"/>'
    return f'<path class="{role}" d="M{_number(x)} {_number(y - 4)}h20"/>'


def _plotted(chart: ChartRecord, above: int) -> Element:
    """Return what pygal makes of the numbers: one tree, the plot first."""
    plot = CHARTS[chart.kind](
        width=WIDTH,
        height=above + PLOT_HEIGHT + LINE,
        margin_top=above + LINE + 4,
        margin_right=_beside(chart),
        margin_bottom=LINE,
        margin_left=0,
        spacing=6,
        show_legend=False,
        show_x_guides=False,
        truncate_label=-1,
        js=[],
        css=[],
        stroke=chart.kind != "scatter",
        style=pygal.style.Style(label_font_size=13, major_label_font_size=13),
        **_scales(chart),
    )
    for series in chart.series:
        plot.add(series.name, _values(chart.kind, series.values))
    if chart.kind == "roc":
        plot.add(GUESS, [(0, 0), (1, 1)])
    tree: Element = plot.render_tree()
    return tree


def _beside(chart: ChartRecord) -> int:
    """Return how much room the number at the right end of the x axis needs beyond it: half of itself."""
    last = f"{chart.x.ticks[-1]:,g}" if chart.x.ticks else ""
    return max(12, int(LETTER * len(last) / 2) + 2)


def _values(kind: str, values: Sequence[tuple[float, ...]]) -> list[Any]:
    if kind == "bar":
        return [value for _, value in values]
    if kind == "histogram":
        return [(count, low, high) for low, high, count in values]
    return list(values)


def _scales(chart: ChartRecord) -> dict[str, Any]:
    scales: dict[str, Any] = {"y_labels": _ticks(chart.y), "range": (chart.y.ticks[0], chart.y.ticks[-1])}
    if chart.kind == "bar":
        return {**scales, "x_labels": list(chart.x.names)}
    scales["x_labels"] = _ticks(chart.x)
    scales["xrange"] = (chart.x.ticks[0], chart.x.ticks[-1])
    return scales


def _ticks(axis: AxisRecord) -> list[dict[str, Any]]:
    return [{"value": tick, "label": f"{tick:,g}" if abs(tick) < 1e6 else f"{tick:g}"} for tick in axis.ticks]


@dataclass(frozen=True, slots=True)
class _Moved:
    """An element of the tree, and how far the groups around it move it."""

    element: Element
    x: float
    y: float

    def number(self, name: str, by: float = 0.0) -> str:
        return _number(float(self.element.get(name, "0")) + by)


def _within(group: Element, tag: str, x: float = 0.0, y: float = 0.0) -> Iterator[_Moved]:
    moved = [float(number) for number in NUMBERS.findall(group.get("transform", ""))]
    dx, dy = (moved[0], moved[1]) if len(moved) > 1 else (0.0, 0.0)
    for child in group:
        if child.tag == tag:
            yield _Moved(child, x + dx, y + dy)
        yield from _within(child, tag, x + dx, y + dy)


def _roles(element: Element) -> list[str]:
    return element.get("class", "").split()


def _axes(graph: Element, across: AxisRecord) -> Iterator[str]:
    """Yield the lines of the grid as one path, zero and the lowest as axes, and what the ticks are called."""
    lines: list[tuple[float, str, bool]] = []
    words = []
    columns: list[float] = []
    for axis, (dx, dy) in _axis_groups(graph):
        is_y = "y" in _roles(axis)
        for guide in _within(axis, "g", dx, dy):
            for line in _within(guide.element, "path", guide.x, guide.y) if is_y else ():
                x, y, far = map(float, NUMBERS.findall(line.element.get("d", "")))
                drawn = f"M{_number(x + line.x)} {_number(y + line.y)}h{_number(far)}"
                lines.append((y + line.y, drawn, "axis" in _roles(line.element)))
            for text in _within(guide.element, "text", guide.x, guide.y):
                x, y = float(text.number("x", text.x)), float(text.number("y", text.y))
                words.append(_words(text.element.text or "", x, y, "tick", "end" if is_y else "middle"))
                columns += [] if is_y else [x]
    lowest = max(y for y, _, _ in lines)
    for role, is_axis in (("grid", False), ("axis", True)):
        drawn = "".join(path for y, path, is_zero in lines if (is_zero or y == lowest) is is_axis)
        yield f'<path class="{role}" d="{drawn}"/>'
    yield from words
    if across.cutoff is not None:
        yield from _cutoff(across, across.cutoff, columns, (min(y for y, _, _ in lines), lowest))


def _cutoff(
    axis: AxisRecord, value: float, columns: Sequence[float], rows: tuple[float, float]
) -> Iterator[str]:
    """Yield a line across the plot at a value of the x axis, and the value."""
    share = (value - axis.ticks[0]) / (axis.ticks[-1] - axis.ticks[0])
    x = columns[0] + share * (columns[-1] - columns[0])
    yield f'<path class="ref" d="M{_number(x)} {_number(rows[0])}v{_number(rows[1] - rows[0])}"/>'
    yield _words(f"{value:,g}", x + 5, rows[0] + 10, "tick")


def _axis_groups(graph: Element) -> Iterator[tuple[Element, tuple[float, float]]]:
    for group in _within(graph, "g"):
        if "axis" in _roles(group.element):
            yield group.element, (group.x, group.y)


def _shapes(drawn: Element, chart: ChartRecord) -> Iterator[str]:
    """Yield lines, dots and bars by series."""
    for group in _within(drawn, "g"):
        number = next((role[6:] for role in _roles(group.element) if role.startswith("serie-")), None)
        if number is None:
            continue
        role = f"s{int(number) + 1}" if int(number) < len(chart.series) else "ref"
        yield from _lines(group, role)
        if role != "ref":
            yield from _dots(group, role)
        yield from _bars(group, role, chart)


def _lines(group: _Moved, role: str) -> Iterator[str]:
    for line in _within(group.element, "path", group.x, group.y):
        numbers = [float(number) for number in NUMBERS.findall(line.element.get("d", ""))]
        points = zip(numbers[::2], numbers[1::2], strict=True)
        placed = " ".join(f"{_number(x + line.x)},{_number(y + line.y)}" for x, y in points)
        yield f'<polyline class="{role}" points="{placed}"/>'


def _dots(group: _Moved, role: str) -> Iterator[str]:
    for dot in _within(group.element, "circle", group.x, group.y):
        place = f'cx="{dot.number("cx", dot.x)}" cy="{dot.number("cy", dot.y)}"'
        yield f'<circle class="{role}" {place} r="2.5"/>'


def _bars(group: _Moved, role: str, chart: ChartRecord) -> Iterator[str]:
    bars = list(_within(group.element, "rect", group.x, group.y))
    for at, bar in enumerate(bars):
        x, y = bar.number("x", bar.x), bar.number("y", bar.y)
        size = f'width="{bar.number("width")}" height="{bar.number("height")}"'
        yield f'<rect class="{role}" x="{x}" y="{y}" {size}/>'
        value = chart.series[int(role[1:]) - 1].values[at][-1]
        middle = float(x) + float(bar.number("width")) / 2
        yield _words(f"{value:,g}", middle, float(y) - 4, "value", "middle")


def charts() -> Iterator[tuple[Path, ChartRecord]]:
    """Yield each specification of every certification with the path of its figure. Raises FormatError."""
    for path in sorted(FIXTURES.glob("*/figures/*.yaml")):
        yield path.with_suffix(".svg"), read_chart(path.read_bytes(), path.name)


def stale() -> list[Path]:
    """Return the figures that are not there or not drawn from their numbers."""
    return [path for path, chart in charts() if not path.exists() or path.read_bytes() != draw(chart)]


def main(arguments: list[str]) -> int:
    """Draw what is stale, or only name it."""
    try:
        paths = stale()
        if arguments[:1] != ["check"]:
            for path, chart in charts():
                if path in paths:
                    path.write_bytes(draw(chart))
    except FormatError as error:
        print(error, file=sys.stderr)
        return 1
    for path in paths:
        verdict = "is not drawn from its numbers" if arguments[:1] == ["check"] else "drawn"
        print(f"{path.relative_to(FIXTURES)}: {verdict}")
    return int(bool(paths) and arguments[:1] == ["check"])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
