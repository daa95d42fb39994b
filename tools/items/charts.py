"""The numbers that figures are drawn from: a small specification beside each figure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from exams.content.figures import FiguresPart
from exams.content.folder import Folder
from exams.content.formats.tree import Branch, Fields, finish, open_document
from exams.content.parts import Content, Part
from exams.content.records import NOWHERE, Place, Problem
from tools.items.values import decimal, decimals


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


KINDS: Final = ("line", "scatter", "bar", "histogram", "roc")
KEYS: Final = ("kind", "title", "description", "x", "y", "series")
POINT: Final = 2
BIN: Final = 3
SERIES_MAX: Final = 4


def read_chart(data: bytes, file: str) -> ChartRecord:
    """Read a specification; its name is that of the file. Raises FormatError with every fault and its line.

    Series of a line, scatter or ROC chart have `points` [[x, y], ...], those of a bar chart `values` in the
    order of the names of its x axis, those of a histogram `bins` [[from, to, count], ...]. The x axis of a
    histogram may have a `cutoff`, where a line is drawn.
    """
    root, problems = open_document(data, file)
    fields = root.fields(KEYS)
    kind = fields["kind"].one_of(KINDS)
    record = ChartRecord(
        name=PurePosixPath(file).stem,
        kind=kind,
        title=fields["title"].title(),
        description=fields.text("description"),
        x=_axis(fields["x"], names=kind == "bar", cutoff=kind == "histogram"),
        y=_axis(fields["y"], names=False),
        series=tuple(_series(row, kind) for row in fields.rows("series")),
        place=root.place,
    )
    _check(record, fields)
    finish(problems)
    return record


def _axis(branch: Branch, *, names: bool, cutoff: bool = False) -> AxisRecord:
    fields = branch.fields(("label", "names" if names else "ticks"), ("cutoff",) if cutoff else ())
    if names:
        return AxisRecord(fields.text("label"), names=fields["names"].texts())
    ticks = decimals(fields["ticks"])
    if len(ticks) < POINT or list(ticks) != sorted(set(ticks)):
        fields["ticks"].complain("ticks are at least two numbers that grow")
    at = decimal(fields["cutoff"]) if fields.has("cutoff") else None
    if at is not None and ticks and not ticks[0] <= at <= ticks[-1]:
        fields["cutoff"].complain("a cutoff is between the first tick and the last")
    return AxisRecord(fields.text("label"), ticks, cutoff=at)


def _series(branch: Branch, kind: str) -> SeriesRecord:
    key = {"bar": "values", "histogram": "bins"}.get(kind, "points")
    fields = branch.fields(("name", key))
    if key == "values":
        values = tuple((float(index), value) for index, value in enumerate(decimals(fields[key])))
        return SeriesRecord(fields.text("name"), values)
    size = BIN if key == "bins" else POINT
    rows = []
    for row in fields.rows(key):
        rows.append(decimals(row))
        if len(rows[-1]) != size:
            row.complain(f"expected {size} numbers, found {len(rows[-1])}")
    return SeriesRecord(fields.text("name"), tuple(rows))


def _check(record: ChartRecord, fields: Fields) -> None:
    if not 1 <= len(record.series) <= SERIES_MAX:
        fields["series"].complain(f"a chart has 1 to {SERIES_MAX} series, this one {len(record.series)}")
    for series, row in zip(record.series, fields.rows("series"), strict=True):
        if not series.values:
            row.complain("the series is empty")
        if record.kind == "bar" and len(series.values) != len(record.x.names):
            row.complain(f"{len(series.values)} values for {len(record.x.names)} names")


class ChartsPart(Part[Mapping[str, ChartRecord]]):
    """The numbers of charts by the name of their figure; a load keeps these files as they are written."""

    name = "charts"
    files = (r"figures/[^/]+\.yaml",)

    def read(self, folder: Folder, content: Content) -> Mapping[str, ChartRecord]:
        """Return the charts that there are."""
        return {chart.name: chart for chart in folder.all(self.files[0], read_chart)}

    def problems(self, record: Mapping[str, ChartRecord], content: Content) -> Iterator[Problem]:
        """Return the charts that nobody has drawn."""
        known = content[FiguresPart]
        for name, chart in record.items():
            if name not in known.figures and name not in known.faulty:
                message = "has not been drawn: there is no .svg beside it"
                yield Problem(Place(chart.place.file, 0), "", message)
