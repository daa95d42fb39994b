"""Plain records of charts: the numbers that a figure is drawn from."""

from dataclasses import dataclass, field

from exams.content.records import NOWHERE, Place


@dataclass(frozen=True, slots=True)
class AxisRecord:
    """An axis of a chart: what it measures, its ticks or the names of bars, and where a line crosses it."""

    label: str
    ticks: tuple[float, ...] = ()
    names: tuple[str, ...] = ()
    cutoff: float | None = None


@dataclass(frozen=True, slots=True)
class SeriesRecord:
    """One series of a chart: points (x, y), of a bar chart (index, value), of a histogram bins (x, to, n)."""

    name: str
    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class ChartRecord:
    """The numbers that a figure is drawn from; `kind` is line, scatter, bar, histogram or roc."""

    name: str
    kind: str
    title: str
    description: str
    x: AxisRecord
    y: AxisRecord
    series: tuple[SeriesRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)

    @property
    def numbers(self) -> frozenset[float]:
        """Return every number of the series that a reader may need."""
        skipped = 1 if self.kind == "bar" else 0  # the index of a bar is no value
        return frozenset(
            value for series in self.series for point in series.values for value in point[skipped:]
        )
