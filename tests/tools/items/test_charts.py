"""The numbers of charts: read by kind, and refused with file and line."""

import pytest

from exams.content.records import FormatError
from tools.items.charts import AxisRecord, SeriesRecord, read_chart

LINE = """\
kind: line
title: A title
description: A description.
x: {label: Epoch, ticks: [0, 2.5]}
y: {label: Error, ticks: [-1, 0, 1]}
series:
- name: Training
  points: [[0, 1], [2.5, -0.5]]
"""


def faults(text: str) -> list[str]:
    with pytest.raises(FormatError) as caught:
        read_chart(text.encode(), "figures/curve.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_a_chart_reads_its_axes_and_series() -> None:
    chart = read_chart(LINE.encode(), "figures/curve.yaml")
    assert (chart.name, chart.kind, chart.title) == ("curve", "line", "A title")
    assert chart.x == AxisRecord("Epoch", (0.0, 2.5))
    assert chart.series == (SeriesRecord("Training", ((0.0, 1.0), (2.5, -0.5))),)
    assert chart.numbers == {0.0, 1.0, 2.5, -0.5}


def test_bars_have_names_and_histograms_have_bins() -> None:
    bars = LINE.replace("line", "bar").replace("ticks: [0, 2.5]", "names: [a, b]")
    chart = read_chart(bars.replace("points: [[0, 1], [2.5, -0.5]]", "values: [7, 8]").encode(), "b.yaml")
    assert chart.series[0].values == ((0.0, 7.0), (1.0, 8.0))
    assert chart.numbers == {7.0, 8.0}
    bins = LINE.replace("line", "histogram").replace("points: [[0, 1], [2.5, -0.5]]", "bins: [[0, 5, 9]]")
    assert read_chart(bins.encode(), "h.yaml").series[0].values == ((0.0, 5.0, 9.0),)
    cut = bins.replace("ticks: [0, 2.5]", "ticks: [0, 2.5], cutoff: 1.5")
    assert read_chart(cut.encode(), "h.yaml").x.cutoff == 1.5
    assert "4: a cutoff is between" in faults(cut.replace("cutoff: 1.5", "cutoff: 3"))[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: line", "kind: pie", "1: expected one of line, scatter, bar, histogram, roc, found 'pie'"),
        ("ticks: [0, 2.5]", "ticks: [2.5, 0]", "4: ticks are at least two numbers that grow"),
        ("ticks: [0, 2.5]", "ticks: [0]", "4: ticks are at least two numbers that grow"),
        ("ticks: [0, 2.5]", "ticks: [0, .inf]", "4: expected a number such as -12.5, found .inf"),
        ("ticks: [0, 2.5]", "ticks: [0, many]", "4: expected a number, found text"),
        ("[2.5, -0.5]]", "[2.5, -0.5, 3]]", "8: expected 2 numbers, found 3"),
        ("points: [[0, 1], [2.5, -0.5]]", "points: []", "7: the series is empty"),
        ("description: A description.\n", "", "1: the key 'description' is missing"),
    ],
)
def test_a_fault_of_a_chart_is_named_with_its_line(old: str, new: str, said: str) -> None:
    assert LINE.count(old) == 1
    assert any(line.startswith(f"figures/curve.yaml:{said}") for line in faults(LINE.replace(old, new)))


def test_bars_without_a_value_for_each_name_are_refused() -> None:
    bars = LINE.replace("line", "bar").replace("ticks: [0, 2.5]", "names: [a, b]")
    found = faults(bars.replace("points: [[0, 1], [2.5, -0.5]]", "values: [7]"))
    assert found == ["figures/curve.yaml:7: 1 values for 2 names"]
