"""The geometry of the charts, pure: where things lie, in percent of the width. Templates draw it."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

# An end label gives way to the score within this share of the scale (180 of 900 points).
_NEAR: Final = Fraction(1, 5)
# A label nearer than this to an end is anchored there, or it would leave the page (865 of 100-1000).
_EDGE: Final = Fraction(15, 100)
# Where the stylesheets draw the pass line: 750 on 100-1000.
_USUAL_CUT: Final = "72.2222%"
_STEPS: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a place, with the end by which it is held: start, middle or end."""

    x: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A score on the whole scale. All `x` and widths are percent strings; None: not drawn."""

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
    shows_low: bool
    shows_high: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """The share of a domain as a bar of the whole width with the pass line on it."""

    width: str
    cut: str
    under: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a whole, drawn where it lies in that whole."""

    x: str
    width: str


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
    found = cut(mark, low, high)
    return "" if found == _USUAL_CUT else found


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
        ticks=tuple(percent(place(tick, low, high)) for tick in range(low, high + 1, step(low, high))),
        line=_label(place(mark, low, high)),
        you=_label(you),
        band_x=percent(ends[0]) if ends else None,
        band_width=percent(ends[1] - ends[0]) if ends else None,
        shows_low=you >= _NEAR,
        shows_high=1 - you >= _NEAR,
    )


def bar(correct: int, count: int, mark: int, low: int, high: int) -> Bar:
    """Return the bar of `correct` out of `count`; an empty domain has an empty bar above nothing."""
    share = Fraction(correct, count) if count else Fraction(0)
    line = place(mark, low, high)
    return Bar(percent(share, 1), percent(line, 1), under=share < line)


def parts(weights: list[int]) -> list[Part]:
    """Return the weights as parts of one bar, each where the one before ends."""
    total = sum(weights)
    if total <= 0:
        raise ValueError("weights must have a sum")
    found: list[Part] = []
    before = 0
    for weight in weights:
        found.append(Part(percent(Fraction(before, total), 1), percent(Fraction(weight, total), 1)))
        before += weight
    return found
