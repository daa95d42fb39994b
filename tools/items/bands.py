"""What is measured of many items, or of many readings, and the band in which the figure has to be.

The band is that of the guide, by the name of the measure; without one it is the usual one, and where there is
none either, nothing is judged. A band that does not hold the figure of the vendor's own samples is advice: no
exam is blamed for what the vendor does.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final, Protocol

from exams.content.records import ALL_SAMPLES, Band, Guide, ItemRecord, Place
from exams.content.rules.rule import PERCENT, Fault, Finding, Outcome, Row, finding_of
from tools.items.measured import percent

# Below this one item moves a share by more than 6 points, and the bands are some 10 points wide.
ENOUGH: Final = 16
LISTED_MAX: Final = 20
"""With more items than that it is no help to name them."""


class OfItem(Protocol):
    """An item, or what somebody says of one."""

    @property
    def item(self) -> ItemRecord:
        """Return the item."""


def share(numbers: Sequence[float]) -> float:
    """Return the percentage of what was found among all that was looked at."""
    return PERCENT * fmean(numbers)


@dataclass(frozen=True, slots=True)
class Measure[T: OfItem]:
    """Numbers of each thing (`of`), and how all of them become one figure (`fold`).

    `share` folds what is 1 where something was found and 0 elsewhere. With `each` every number by itself has
    to be in the band.
    """

    code: str
    name: str
    label: str
    of: Callable[[T], Iterable[float]]
    fold: Callable[[Sequence[float]], float] = share
    usual: Band | None = None
    least: int = ENOUGH
    each: bool = False

    @property
    def unit(self) -> int:
        """Return what a share from 0 to 1 is multiplied by to be like its figure."""
        return PERCENT if self.fold is share else 1

    def figure(self, things: Sequence[T]) -> float | None:
        """Return the figure of many things; None where there is nothing to measure, or no one figure."""
        numbers = [number for one in things for number in self.of(one)]
        return None if self.each or not numbers else self.fold(numbers)

    def __call__(
        self, things: Sequence[T], guide: Guide, place: Place, samples: Mapping[str, float] | None = None
    ) -> Finding:
        """Judge many things; `samples` are figures of the vendor's by set, those of the guide if None."""
        found = [(one.item, list(self.of(one))) for one in things]
        numbers = [number for _, own in found for number in own]
        samples = guide.samples.get(self.name, {}) if samples is None else samples
        band = guide.bands.get(self.name, self.usual)
        if band is None and not samples:
            return Finding((), ())
        limit, value = self._limit(band), self._value(numbers)
        faults = [Fault(*fault, limit) for fault in self._faults(found, numbers, band, value, place)]
        theirs = samples.get(ALL_SAMPLES)
        if len(numbers) < self.least:
            limit, faults = f"{limit}, from {self.least} on", []
        elif band and theirs is not None and not _is_in(theirs, band):
            limit, faults = f"{limit}, advice", []
        return finding_of(
            self.code,
            self.name,
            Outcome((Row(self.label, value, limit, _samples_text(samples)),), tuple(faults)),
        )

    def _faults(
        self,
        found: Sequence[tuple[ItemRecord, Sequence[float]]],
        numbers: Sequence[float],
        band: Band | None,
        value: str,
        place: Place,
    ) -> list[tuple[Place, str, str]]:
        if band is None or not numbers:
            return []
        if self.each:
            return [
                (item.place, item.id, f"{self.label}: {number:g}")
                for item, own in found
                for number in own
                if not _is_in(number, band)
            ]
        figure = self.fold(numbers)
        if _is_in(figure, band):
            return []
        # Those that have it where it is too much, those that lack it where it is too little.
        is_over = figure > band[1]
        named = dict.fromkeys(item.id for item, own in found if own and any(own) == is_over)
        listed = f": {', '.join(named)}" if self.fold in (share, sum) and len(named) <= LISTED_MAX else ""
        return [(place, "", f"{self.label}: {value}{listed}")]

    def _value(self, numbers: Sequence[float]) -> str:
        if not numbers:
            return "none"
        if self.each:
            return f"{min(numbers):g}-{max(numbers):g}"
        if self.fold is share:
            return percent(sum(numbers), len(numbers))
        return f"{self.fold(numbers):g}" if self.fold is sum else f"{self.fold(numbers):.1f}"

    def _limit(self, band: Band | None) -> str:
        if band is None:
            return ""
        (low, high), unit = band, " %" if self.fold is share and not self.each else ""
        if low == high:
            return f"{low:g}{unit}"
        if low == 0:
            return f"at most {high:g}{unit}"
        if unit and high == PERCENT:
            return f"at least {low:g}{unit}"
        return f"{low:g}-{high:g}{unit}"


def _is_in(figure: float, band: Band) -> bool:
    return band[0] <= figure <= band[1]


def _samples_text(samples: Mapping[str, float]) -> str:
    """Return the figure of all samples, then those of the sets."""
    sets = ", ".join(f"{name} {figure:g}" for name, figure in samples.items() if name != ALL_SAMPLES)
    whole = f"{samples[ALL_SAMPLES]:g}" if ALL_SAMPLES in samples else ""
    return f"{whole} ({sets})" if sets else whole
