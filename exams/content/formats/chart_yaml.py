"""The numbers of a chart: a small specification beside the figure that is drawn from it."""

from pathlib import PurePosixPath
from typing import Final

from exams.content.charts import AxisRecord, ChartRecord, SeriesRecord
from exams.content.formats.tree import Branch, Fields, finish, open_document

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
    ticks = fields["ticks"].decimals()
    if len(ticks) < POINT or list(ticks) != sorted(set(ticks)):
        fields["ticks"].complain("ticks are at least two numbers that grow")
    at = fields["cutoff"].decimal() if fields.has("cutoff") else None
    if at is not None and ticks and not ticks[0] <= at <= ticks[-1]:
        fields["cutoff"].complain("a cutoff is between the first tick and the last")
    return AxisRecord(fields.text("label"), ticks, cutoff=at)


def _series(branch: Branch, kind: str) -> SeriesRecord:
    key = {"bar": "values", "histogram": "bins"}.get(kind, "points")
    fields = branch.fields(("name", key))
    if key == "values":
        values = tuple((float(index), value) for index, value in enumerate(fields[key].decimals()))
        return SeriesRecord(fields.text("name"), values)
    size = BIN if key == "bins" else POINT
    rows = []
    for row in fields.rows(key):
        rows.append(row.decimals())
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
