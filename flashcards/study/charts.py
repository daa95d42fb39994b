"""The geometry of the charts of one's study, pure: x in percent of the width, y in px. Templates draw it."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

from exams.presentation.charts import percent

# The plot lies between these; the words of the axis stand below it.
TOP: Final = 24
BOTTOM: Final = 164
# Where the plot begins: the figures of the axis stand before it.
START: Final = Fraction(1, 10)
# A column takes so much of the room between it and the next.
FILL: Final = Fraction(7, 10)
# Days that are named below the columns.
NAMED_DAYS: Final = 10


@dataclass(frozen=True, slots=True)
class Column:
    """A number as a column; `index` counts from 0."""

    index: int
    count: int
    x: str
    y: int
    height: int

    @property
    def is_named(self) -> bool:
        """Say whether its day is written below it."""
        return self.index % NAMED_DAYS == 0


@dataclass(frozen=True, slots=True)
class Columns:
    """Numbers side by side, up to `most`."""

    most: int
    width: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Dot:
    """A share, 0 to 1, at its place."""

    share: float
    x: str
    y: int


@dataclass(frozen=True, slots=True)
class Curve:
    """Shares over time, from `low` to 1, with the wanted one as a line."""

    low: float
    wanted_y: int
    dots: tuple[Dot, ...]

    @property
    def courses(self) -> list[tuple[Dot, Dot]]:
        """Return each dot with the next one, which a line connects."""
        return list(pairwise(self.dots))


def columns(counts: Sequence[int]) -> Columns:
    """Return the chart of at least one number; nothing is drawn for 0."""
    most = max(*counts, 1)
    room = (1 - START) / len(counts)
    drawn = []
    for index, count in enumerate(counts):
        height = round((BOTTOM - TOP) * Fraction(count, most))
        # One card among hundreds is still to be seen.
        height = max(height, 2) if count else 0
        drawn.append(Column(index, count, percent(START + room * index), BOTTOM - height, height))
    return Columns(most, percent(room * FILL), tuple(drawn))


def curve(shares: Sequence[tuple[int, float]], places: int, target: float) -> Curve:
    """Return the chart of shares at their places, from 0 to below `places`; the wanted one is a line.

    The scale begins at one half, or at 0 where a share is below it.
    """
    low = 0.5 if all(share >= 0.5 for _, share in shares) else 0.0

    def y(share: float) -> int:
        return round(BOTTOM - (share - low) / (1 - low) * (BOTTOM - TOP))

    room = (1 - START) / places
    dots = tuple(
        Dot(share, percent(START + room * (place + Fraction(1, 2))), y(share)) for place, share in shares
    )
    return Curve(low, y(target), dots)
