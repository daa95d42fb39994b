"""The geometry of the charts, pure: where things lie, in percent of the width. Templates draw it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Final

# An end label goes below that of a score within this share of the scale (180 of 900 points).
_NEAR: Final = Fraction(1, 5)
_LABEL: Final = 88
_BELOW: Final = 108
# A label nearer than this to an end is anchored there, or it would leave the page (865 of 100-1000).
_EDGE: Final = Fraction(15, 100)
# Where the stylesheets draw the pass line: 750 on 100-1000.
_USUAL_CUT: Final = "72.2222%"
_STEPS: Final = (1, 2, 5)
# The history begins three ticks above the end of the scale (400 of 100-1000), where results are.
_HISTORY_BEGINS: Final = 3
# Its plot between the line of the highest and of the lowest score, and where the points begin, in px and
# as a share of the width: the figures of the axis stand before them.
_HISTORY_TOP: Final = 30
_HISTORY_BOTTOM: Final = 206
_HISTORY_START: Final = Fraction(12, 100)
# A column of the pace ends at 6 minutes; the axis is at 100, feet of incorrect answers are below it.
PACE_CAP_MS: Final = 360_000
_PACE_AXIS: Final = 100
# Columns of a histogram are half a tick of the scale wide (50 of 100-1000), with a gap between them.
_HISTOGRAM_AXIS: Final = 140
_HISTOGRAM_TOP: Final = 24
_GAP: Final = Fraction(4, 1000)
# Four small columns, as high as a line of text and a half.
_COLUMNS_HEIGHT: Final = 36


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a place, with the end by which it is held: start, middle or end."""

    x: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A score on the whole scale. All `x` and widths are percent strings; None: not drawn.

    `low_y` and `high_y` are where the ends are labeled, in px from the top.
    """

    low: int
    high: int
    mark: int
    score: int
    band_low: int | None
    band_high: int | None
    ticks: tuple[str, ...]
    line: Label
    you: Label
    band_x: str | None
    band_width: str | None
    low_y: int
    high_y: int


@dataclass(frozen=True, slots=True)
class Span:
    """A band without a score on the whole scale, as `Scale` has it."""

    low: int
    high: int
    mark: int
    band_low: int
    band_high: int
    ticks: tuple[str, ...]
    line: Label
    band_x: str
    band_width: str


@dataclass(frozen=True, slots=True)
class Bar:
    """The share of a domain as a bar of the whole width with the pass line on it."""

    width: str
    cut: str
    under: bool


@dataclass(frozen=True, slots=True)
class Result:
    """A result as the history takes it: a score with its band, and the name that stands below it."""

    name: str
    score: int
    band: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Point:
    """A result in the history: `x` in percent of the width, all others in px from the top."""

    result: Result
    x: str
    y: int
    band_y: int
    band_height: int
    label_y: int


@dataclass(frozen=True, slots=True)
class History:
    """Results in the order of time, on the part of the scale from `low` to `high`; y in px from the top."""

    low: int
    high: int
    mark: int
    top: int
    bottom: int
    mark_y: int
    points: tuple[Point, ...]

    @property
    def courses(self) -> list[tuple[Point, Point]]:
        """Return each point with the next one, which a line connects."""
        return list(pairwise(self.points))


@dataclass(frozen=True, slots=True)
class Pace:
    """A column for each question, as paths in a box of `count` times 110; `even_y` is the even pace."""

    count: int
    ok: str
    miss: str
    even_y: str


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `x` and `width` in percent of the chart, `y` and `height` in px from the top."""

    x: str
    width: str
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Bin:
    """The results from `low` to `high`, both included, and their column."""

    low: int
    high: int
    count: int
    column: Column


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many results there are along a scale, with its pass line; `most` is the tallest column."""

    low: int
    high: int
    mark: int
    most: int
    axis: int
    line: Label
    bins: tuple[Bin, ...]


def percent(share: Fraction, places: int = 2) -> str:
    """Return a share as a percent string for SVG, never outside 0 to 100."""
    return f"{float(min(max(share, Fraction(0)), Fraction(1)) * 100):.{places}f}%"


def place(value: int, low: int, high: int) -> Fraction:
    """Return where a value lies between the ends, from 0 to 1. Raises ValueError for an empty scale."""
    if high <= low:
        raise ValueError("the scale is empty")
    return Fraction(value - low, high - low)


def cut(mark: int, low: int, high: int) -> str:
    """Return where the pass line lies, as the custom property --cut of the stylesheets takes it."""
    return percent(place(mark, low, high), 4)


def cut_unless_usual(mark: int, low: int, high: int) -> str:
    """Return where the pass line is drawn, or nothing where the stylesheets draw it there already."""
    line = cut(mark, low, high)
    return "" if line == _USUAL_CUT else line


def step(low: int, high: int) -> int:
    """Return the round distance of the ticks: at most ten of them fit into the scale."""
    size = 1
    while True:
        for factor in _STEPS:
            if (high - low) <= 10 * factor * size:
                return factor * size
        size *= 10


def _label(share: Fraction) -> Label:
    if share > 1 - _EDGE:
        return Label(percent(share), "end")
    return Label(percent(share), "start" if share < _EDGE else "middle")


@lru_cache(maxsize=64)
def _ticks(low: int, high: int) -> tuple[str, ...]:
    return tuple(percent(place(tick, low, high)) for tick in range(low, high + 1, step(low, high)))


def scale(*, score: int, mark: int, low: int, high: int, band: tuple[int, int] | None = None) -> Scale:
    """Return the chart of a score from `low` to `high` with the pass line and the error band."""
    you = place(score, low, high)
    ends = (place(band[0], low, high), place(band[1], low, high)) if band else None
    return Scale(
        low=low,
        high=high,
        mark=mark,
        score=score,
        band_low=band[0] if band else None,
        band_high=band[1] if band else None,
        ticks=_ticks(low, high),
        line=_label(place(mark, low, high)),
        you=_label(you),
        band_x=percent(ends[0]) if ends else None,
        band_width=percent(ends[1] - ends[0]) if ends else None,
        low_y=_BELOW if you < _NEAR else _LABEL,
        high_y=_BELOW if 1 - you < _NEAR else _LABEL,
    )


def span(band: tuple[int, int], *, mark: int, low: int, high: int) -> Span:
    """Return the chart of a band alone, where there is too little for a score."""
    begins, ends = place(band[0], low, high), place(band[1], low, high)
    return Span(
        low=low,
        high=high,
        mark=mark,
        band_low=band[0],
        band_high=band[1],
        ticks=_ticks(low, high),
        line=_label(place(mark, low, high)),
        band_x=percent(begins),
        band_width=percent(ends - begins),
    )


def bar(correct: int, count: int, mark: int, low: int, high: int) -> Bar:
    """Return the bar of `correct` out of `count`; an empty domain has an empty bar above nothing."""
    share = Fraction(correct, count) if count else Fraction(0)
    line = place(mark, low, high)
    return Bar(percent(share, 1), percent(line, 1), under=share < line)


def weight(share_percent: int) -> str:
    """Return the width of a bar for a weight in percent."""
    return percent(Fraction(share_percent, 100), 1)


def history(results: Sequence[Result], *, mark: int, low: int, high: int) -> History:
    """Return the chart of at least one result on a scale, the first one at the left."""
    begins = low + _HISTORY_BEGINS * step(low, high)
    floor = begins if all(begins <= value for value in (mark, *(one.score for one in results))) else low

    def y(value: int) -> int:
        share = min(max(place(value, floor, high), Fraction(0)), Fraction(1))
        return round(_HISTORY_BOTTOM - share * (_HISTORY_BOTTOM - _HISTORY_TOP))

    def point(number: int, result: Result) -> Point:
        lower, upper = result.band or (result.score, result.score)
        x = _HISTORY_START + (1 - _HISTORY_START) * Fraction(2 * number + 1, 2 * len(results))
        above = min(y(upper), y(result.score) - 10)
        return Point(result, percent(x), y(result.score), y(upper), y(lower) - y(upper), above - 6)

    return History(
        low=floor,
        high=high,
        mark=mark,
        top=_HISTORY_TOP,
        bottom=_HISTORY_BOTTOM,
        mark_y=y(mark),
        points=tuple(point(number, one) for number, one in enumerate(results)),
    )


def pace(times_ms: Sequence[int | None], correct: Sequence[bool], even_seconds: int) -> Pace:
    """Return the chart of the time at each question; incorrect ones have a foot, also without a time."""
    ok, miss = [], []
    for number, (ms, right) in enumerate(zip(times_ms, correct, strict=True)):
        column = f"M{number} {_PACE_AXIS}V{_pace_y(ms)}h.7V{_PACE_AXIS}z" if ms else ""
        if right:
            ok.append(column)
        else:
            miss.append(f"{column}M{number} 103v7h.7v-7z")
    return Pace(len(times_ms), "".join(ok), "".join(miss), str(_pace_y(even_seconds * 1000)))


def _pace_y(ms: int) -> int:
    return _PACE_AXIS - max(1, round(min(ms, PACE_CAP_MS) * 99 / PACE_CAP_MS))


def histogram(results: Sequence[tuple[int, int]], *, mark: int, low: int, high: int) -> Histogram:
    """Return the chart of scores with how many got each; a score at a border is in the upper bin."""
    size = max(1, step(low, high) // 2)
    edges = [*range(low, high, size), high + 1]
    counts = [
        sum(count for score, count in results if begin <= score < end) for begin, end in pairwise(edges)
    ]
    most = max(counts, default=0)

    def column(begin: int, end: int, count: int) -> Column:
        left, right = place(begin, low, high), place(min(end, high), low, high)
        tall = round((_HISTOGRAM_AXIS - _HISTOGRAM_TOP) * count / most) if most else 0
        tall = max(tall, 1) if count else 0
        return Column(percent(left + _GAP / 2), percent(right - left - _GAP), _HISTOGRAM_AXIS - tall, tall)

    return Histogram(
        low=low,
        high=high,
        mark=mark,
        most=most,
        axis=_HISTOGRAM_AXIS,
        line=_label(place(mark, low, high)),
        bins=tuple(
            Bin(begin, min(end - 1, high), count, column(begin, end, count))
            for (begin, end), count in zip(pairwise(edges), counts, strict=True)
        ),
    )


def columns(shares: Sequence[float]) -> tuple[Column, ...]:
    """Return small columns side by side for shares from 0 to 1; an empty one is a line on the axis."""
    wide = Fraction(1, len(shares))
    return tuple(
        Column(
            percent(wide * (number + Fraction(1, 10))),
            percent(wide * Fraction(8, 10)),
            _COLUMNS_HEIGHT - max(1, round(_COLUMNS_HEIGHT * share)),
            max(1, round(_COLUMNS_HEIGHT * share)),
        )
        for number, share in enumerate(shares)
    )
