"""The geometry of the charts, pure: where things lie, in percent of the width. Templates draw it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Final

from exams.presentation.tones import Tone, tone
from exams.scoring import rules

# An end of the scale is labeled below the pass line's label where the line is within this share of it.
_NEAR: Final = Fraction(1, 5)
_LABEL: Final = 90
_BELOW: Final = 108
# A label nearer than this to an end begins there, or it would leave a phone's page (919 of 100-1000).
_EDGE: Final = Fraction(9, 100)
# Where the stylesheets draw the pass line: 750 on 100-1000.
_USUAL_CUT: Final = "72.2222%"
_STEPS: Final = (1, 2, 5)
# The plot of a history between the line of the highest and of the lowest score, and where the points begin,
# in px and as a share of the width: the figures of the axis stand before them.
_HISTORY_TOP: Final = 30
_HISTORY_BOTTOM: Final = 246
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
    """A score, a band or both on the whole scale. All `x` and widths are percent strings; None: not drawn.

    The score is labeled above the scale, its ends and the pass line below it: they never collide. `low_y`,
    `high_y` and `height` are in px from the top.
    """

    low: int
    high: int
    mark: int
    score: int | None
    band_low: int | None
    band_high: int | None
    tone: Tone | None
    ticks: tuple[str, ...]
    line: Label
    you: Label | None
    dot_x: str | None
    band_x: str | None
    band_width: str | None
    low_y: int
    high_y: int
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    """A share as a dot on the whole width with the pass line on it, and where it may lie in truth."""

    dot_x: str
    cut: str
    range_x: str | None
    range_width: str | None
    tone: Tone | None


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
    """Results in the order of time, on the scale from `low` to `high`; y in px from the top."""

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


def pass_line(on: rules.Scale) -> Fraction:
    """Return where the pass line of a scale lies, from 0 to 1."""
    return place(on.pass_mark, on.low, on.high)


def cut(on: rules.Scale) -> str:
    """Return where the pass line lies, as the custom property --cut of the stylesheets takes it."""
    return percent(pass_line(on), 4)


def cut_unless_usual(on: rules.Scale) -> str:
    """Return where the pass line is drawn, or nothing where the stylesheets draw it there already."""
    line = cut(on)
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
        return Label("100%", "end")
    return Label("0%", "start") if share < _EDGE else Label(percent(share), "middle")


@lru_cache(maxsize=64)
def _ticks(low: int, high: int) -> tuple[str, ...]:
    return tuple(percent(place(tick, low, high)) for tick in range(low, high + 1, step(low, high)))


def scale(on: rules.Scale, score: int | None, band: tuple[int, int] | None = None) -> Scale:
    """Return the chart of a score, of its band or of both, with the pass line."""
    low, high = on.low, on.high
    you, line = None if score is None else place(score, low, high), pass_line(on)
    ends = (place(band[0], low, high), place(band[1], low, high)) if band else None
    low_y, high_y = (_BELOW if share < _NEAR else _LABEL for share in (line, 1 - line))
    return Scale(
        low=low,
        high=high,
        mark=on.pass_mark,
        score=score,
        band_low=band[0] if band else None,
        band_high=band[1] if band else None,
        tone=tone(*band, on.pass_mark) if band else None,
        ticks=_ticks(low, high),
        line=Label(percent(line), _label(line).anchor),
        you=None if you is None else _label(you),
        dot_x=None if you is None else percent(you),
        band_x=percent(ends[0]) if ends else None,
        band_width=percent(ends[1] - ends[0]) if ends else None,
        low_y=low_y,
        high_y=high_y,
        height=max(low_y, high_y) + 6,
    )


def bar(
    share: float, line: Fraction, spread: tuple[int, int] | None = None, *, is_telling: bool = True
) -> Bar:
    """Return the bar of a share, 0 to 1, with the share that passes and the range of the true one.

    The range is in whole percent, as it is printed, so its tone goes by the line in whole percent. The share
    may lie outside it. Without a range, or where that is not telling (few answers), the bar has no tone.
    """
    ends = [Fraction(end, 100) for end in spread or ()]
    return Bar(
        percent(Fraction(share).limit_denominator(1000), 1),
        percent(line, 1),
        percent(ends[0], 1) if ends else None,
        percent(ends[1] - ends[0], 1) if ends else None,
        tone(*spread, round(line * 100)) if spread and is_telling else None,
    )


def weight(share_percent: int) -> str:
    """Return the width of a bar for a weight in percent."""
    return percent(Fraction(share_percent, 100), 1)


def history(results: Sequence[Result], on: rules.Scale) -> History:
    """Return the chart of at least one result on a scale, the first one at the left."""
    low, high, mark = on.low, on.high, on.pass_mark

    def y(value: int) -> int:
        share = min(max(place(value, low, high), Fraction(0)), Fraction(1))
        return round(_HISTORY_BOTTOM - share * (_HISTORY_BOTTOM - _HISTORY_TOP))

    def point(number: int, result: Result) -> Point:
        lower, upper = result.band or (result.score, result.score)
        x = _HISTORY_START + (1 - _HISTORY_START) * Fraction(2 * number + 1, 2 * len(results))
        label = min(y(upper), y(result.score) - 10) - 6
        if label - 14 < y(mark) < label + 3:
            # Above it would be crossed by the pass line.
            label = max(y(lower), y(result.score) + 10) + 17
        return Point(result, percent(x), y(result.score), y(upper), y(lower) - y(upper), label)

    return History(
        low=low,
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


def histogram(results: Sequence[tuple[int, int]], on: rules.Scale) -> Histogram:
    """Return the chart of scores with how many got each; a score at a border is in the upper bin."""
    low, high = on.low, on.high
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
        mark=on.pass_mark,
        most=most,
        axis=_HISTOGRAM_AXIS,
        line=_label(pass_line(on)),
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
