"""Charts are drawn from their numbers: every figure of the product is, and each kind can be."""

import re

import pytest

pytest.importorskip("pygal")  # the image has no tools for drawing

from exams.content.formats.figure_svg import SIZE, read_figure
from exams.content.records import FormatError
from tools import figures
from tools.items.charts import AxisRecord, ChartRecord, SeriesRecord

PERCENT = AxisRecord("Share (%)", (0, 25, 50, 75, 100))
POINTS = ((0.0, 10.0), (20.0, 45.5), (50.0, 80.0), (100.0, 90.0))


def chart(kind: str, *values: tuple[tuple[float, ...], ...], x: AxisRecord = PERCENT) -> ChartRecord:
    series = tuple(SeriesRecord(f"Series {number}", one) for number, one in enumerate(values, start=1))
    return ChartRecord("chart", kind, "A title", "A & <description>", x, PERCENT, series)


CHARTS = {
    "line": chart("line", POINTS, POINTS[:2]),
    "scatter": chart("scatter", POINTS),
    "roc": ChartRecord(
        "chart",
        "roc",
        "ROC",
        "Two models.",
        AxisRecord("False positive rate", (0, 0.5, 1)),
        AxisRecord("True positive rate", (0, 0.5, 1)),
        (SeriesRecord("A", ((0, 0), (0.1, 0.7), (1, 1))), SeriesRecord("B", ((0, 0), (0.4, 0.5), (1, 1)))),
    ),
    "bar": chart("bar", ((0, 20.0), (1, 70.0)), ((0, 5.0), (1, 9.0)), x=AxisRecord("Kind", names=("a", "b"))),
    "histogram": chart("histogram", ((0, 50, 30), (50, 100, 60))),
}


def test_every_figure_of_the_product_is_drawn_from_its_numbers() -> None:
    assert len(list(figures.charts())) >= 1
    assert [path.name for path in figures.stale()] == []


@pytest.mark.parametrize("kind", CHARTS)
def test_a_chart_is_a_small_figure_that_keeps_the_rules(kind: str) -> None:
    svg = figures.draw(CHARTS[kind])
    figure = read_figure(svg, "chart.svg")
    assert len(svg) <= SIZE
    assert (figure.title, figure.description) == (CHARTS[kind].title, CHARTS[kind].description)
    assert CHARTS[kind].x.label in figure.svg
    assert figures.draw(CHARTS[kind]) == svg


def test_points_are_where_their_numbers_say() -> None:
    svg = figures.draw(chart("line", ((0, 0), (50, 50), (100, 100)))).decode()
    (points,) = [line for line in svg.splitlines() if line.startswith("<polyline")]
    places = [tuple(map(float, pair.split(","))) for pair in points.split('points="')[1][:-3].split()]
    assert places[0][0] < places[1][0] < places[2][0]
    assert places[0][1] > places[1][1] > places[2][1]
    assert abs(places[1][0] - (places[0][0] + places[2][0]) / 2) < 0.2
    assert abs(places[1][1] - (places[0][1] + places[2][1]) / 2) < 0.2


def test_series_differ_by_class_and_are_named() -> None:
    svg = figures.draw(CHARTS["line"]).decode()
    assert svg.count('class="s1"') == 1 + 1 + len(POINTS)
    assert svg.count('class="s2"') == 1 + 1 + 2
    assert ">Series 1</text>" in svg
    assert ">Series 2</text>" in svg
    assert "Random guess" in figures.draw(CHARTS["roc"]).decode()
    assert "Series 1" not in figures.draw(CHARTS["scatter"]).decode()


def test_a_chart_that_does_not_fit_a_figure_is_refused() -> None:
    many = tuple((float(n % 100), float(n % 100)) for n in range(400))
    with pytest.raises(FormatError, match="bytes; at most"):
        figures.draw(chart("scatter", many))


def test_a_cutoff_is_a_line_at_its_place_on_the_axis() -> None:
    axis = AxisRecord("Share (%)", PERCENT.ticks, cutoff=75)
    svg = figures.draw(chart("histogram", ((0, 50, 30), (50, 100, 60)), x=axis)).decode()
    line = re.search(r'<path class="ref" d="M([\d.]+) ', svg)
    tick = re.search(r'<text class="tick" x="([\d.]+)" y="[\d.]+" text-anchor="middle">75<', svg)
    assert line and tick
    assert float(line[1]) == pytest.approx(float(tick[1]), abs=0.2)
    assert 'class="ref"' not in figures.draw(CHARTS["histogram"]).decode()
