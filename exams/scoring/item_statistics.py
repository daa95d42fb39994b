"""What the answers to an item say about it: classical item analysis from counts.

Pure: counts by total score come in, figures go out. The total of an attempt is the number of scored items
answered correctly. Everything follows from how many attempts of each total answered the item correctly and
chose each option, so a hundred thousand attempts are a few thousand numbers.

Sources: Crocker and Algina, Introduction to Classical and Modern Test Theory (1986), chapter 14, for
facility, the index of discrimination and the corrected correlation; Kelley, The selection of upper and lower
groups for the validation of test items, Journal of Educational Psychology 30 (1939), for the 27 percent.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import atanh, sqrt, tanh
from typing import Final

LEAST_ATTEMPTS: Final = 30
"""Below this number of attempts nothing is said: the error of a correlation alone would be 0.19."""
EXTREME_GROUP: Final = Fraction(27, 100)
QUARTILES: Final = 4

type Totals = Mapping[int, int]
"""How many attempts have each total."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Sittings of one total that gave an item the same response.

    `chosen` are ids of options, none where the item was left blank; `is_right` is how scoring judged it.
    """

    total: int
    chosen: tuple[int, ...]
    is_right: bool
    count: int


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """What is counted of an item. `seconds` says how many answered it after looking at it so long."""

    is_scored: bool
    keys: frozenset[int]
    options: tuple[int, ...]
    patterns: tuple[Pattern, ...]
    seconds: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class OptionFigures:
    """An option: the share of all attempts that chose it, 0 to 1, over all and by quartile of the total.

    The lowest quartile comes first. `point_biserial` and `discrimination` are those of choosing it.
    """

    option: int
    is_key: bool
    rate: float
    by_quartile: tuple[float, ...]
    point_biserial: float | None
    discrimination: float


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """An item over `n` attempts.

    `facility` is the share that answered it correctly, 0 to 1; `point_biserial` its correlation with the rest
    score, -1 to 1, None where one of the two does not vary; `discrimination` is facility among the upper 27
    percent less that among the lower; `omitted` the share that left it blank; `median_seconds` how long those
    who answered it looked at it, None where nobody counted.
    """

    n: int
    facility: float
    point_biserial: float | None
    discrimination: float
    omitted: float
    median_seconds: float | None
    options: tuple[OptionFigures, ...]


def analyze(counts: ItemCounts, totals: Totals) -> ItemFigures:
    """Return the figures of an item. Raises ValueError where there is no attempt."""
    n = sum(totals.values())
    if n == 0:
        raise ValueError("there is no attempt to count")
    patterns = counts.patterns
    right = _by_total(patterns, lambda one: one.is_right)
    slices = quartiles(totals)
    low, high = extreme_groups(totals)
    return ItemFigures(
        n=n,
        facility=sum(right.values()) / n,
        point_biserial=_with_rest(counts, totals, lambda one: one.is_right),
        discrimination=_share(right, high) - _share(right, low),
        omitted=1 - sum(one.count for one in patterns if one.chosen) / n,
        median_seconds=median(counts.seconds),
        options=tuple(_option(option, counts, totals, slices, (low, high)) for option in counts.options),
    )


type Weights = Mapping[int, Fraction]
"""Of the attempts with each total, the share (0 to 1) that belongs to a group."""


@dataclass(frozen=True, slots=True)
class Group:
    """Some of all attempts by their total: `size` of them, which need not be whole."""

    size: Fraction
    weights: Weights


def group(totals: Totals, begin: Fraction, end: Fraction) -> Group:
    """Return the attempts from `begin` to `end`, both shares of all, in order of the total.

    Sittings with the same total cannot be told apart. Where a border falls among them, each of them counts
    on both sides by the share that lies there, so that a group is exactly as large as it should be and no
    order of rows decides.
    """
    n = sum(totals.values())
    first, last = begin * n, end * n
    weights, below = dict[int, Fraction](), 0
    for total, count in sorted(totals.items()):
        within = min(last, Fraction(below + count)) - max(first, Fraction(below))
        if within > 0:
            weights[total] = within / count
        below += count
    return Group(last - first, weights)


def quartiles(totals: Totals) -> tuple[Group, ...]:
    """Return four groups of a quarter of all attempts each, the lowest totals first; ties as in `group`."""
    return tuple(
        group(totals, Fraction(number, QUARTILES), Fraction(number + 1, QUARTILES))
        for number in range(QUARTILES)
    )


def extreme_groups(totals: Totals) -> tuple[Group, Group]:
    """Return the lower and the upper 27 percent; ties as in `group`."""
    return group(totals, Fraction(0), EXTREME_GROUP), group(totals, 1 - EXTREME_GROUP, Fraction(1))


def _share(chosen: Totals, among: Group) -> float:
    attempts = sum((weight * chosen.get(total, 0) for total, weight in among.weights.items()), Fraction(0))
    return float(attempts / among.size)


type Holds = Callable[[Pattern], bool]


def _by_total(patterns: Iterable[Pattern], holds: Holds) -> Totals:
    counts = Counter[int]()
    for pattern in patterns:
        if holds(pattern):
            counts[pattern.total] += pattern.count
    return counts


def _option(
    option: int, counts: ItemCounts, totals: Totals, slices: Sequence[Group], extremes: tuple[Group, Group]
) -> OptionFigures:
    def holds(pattern: Pattern) -> bool:
        return option in pattern.chosen

    chosen = _by_total(counts.patterns, holds)
    low, high = extremes
    return OptionFigures(
        option=option,
        is_key=option in counts.keys,
        rate=sum(chosen.values()) / sum(totals.values()),
        by_quartile=tuple(_share(chosen, one) for one in slices),
        point_biserial=_with_rest(counts, totals, holds),
        discrimination=_share(chosen, high) - _share(chosen, low),
    )


def _with_rest(counts: ItemCounts, totals: Totals, holds: Holds) -> float | None:
    """Return Pearson's correlation of a yes or no with the rest score: the total without the item itself.

    An item that does not count is no part of the total, so its rest score is the total. Crocker and Algina
    (1986), 14.3; all sums are whole numbers, so only the last division rounds.
    """
    own = int(counts.is_scored)
    n = sum(totals.values())
    sum_rest = sum(total * count for total, count in totals.items())
    squares = sum(total * total * count for total, count in totals.items())
    # Whoever was judged correct has the item in their total, whatever they chose.
    chosen, together = 0, 0
    for pattern in counts.patterns:
        rest = pattern.total - own * pattern.is_right
        sum_rest += (rest - pattern.total) * pattern.count
        squares += (rest * rest - pattern.total * pattern.total) * pattern.count
        if holds(pattern):
            chosen += pattern.count
            together += rest * pattern.count
    spread = (n * chosen - chosen * chosen) * (n * squares - sum_rest * sum_rest)
    return None if spread == 0 else (n * together - chosen * sum_rest) / sqrt(spread)


def median(counts: Mapping[int, int]) -> float | None:
    """Return the median of values that occur so often: the mean of the middle two where there are two."""
    n = sum(counts.values())
    if n == 0:
        return None
    middle, below = [], 0
    for value, count in sorted(counts.items()):
        middle += [value for rank in ((n - 1) // 2, n // 2) if below <= rank < below + count]
        below += count
    return sum(middle) / 2


def pooled(figures: Sequence[ItemFigures]) -> ItemFigures:
    """Return one item over several editions. Raises ValueError where there is none.

    Shares and the index of discrimination are weighted by attempts; medians too, which is an approximation.
    Correlations, whose rest scores are of different items, are pooled by Fisher's z with weights n - 3
    (Hedges and Olkin, Statistical Methods for Meta-Analysis, 1985, 11.2). A quartile is one of its edition.
    """
    if len(figures) == 1:
        return figures[0]
    weights = [one.n for one in figures]
    timed = [one for one in figures if one.median_seconds is not None]
    options = zip(*(one.options for one in figures), strict=True)
    return ItemFigures(
        n=sum(weights),
        facility=_mean([one.facility for one in figures], weights),
        point_biserial=_pooled_correlation([one.point_biserial for one in figures], weights),
        discrimination=_mean([one.discrimination for one in figures], weights),
        omitted=_mean([one.omitted for one in figures], weights),
        median_seconds=_mean([one.median_seconds or 0 for one in timed], [one.n for one in timed])
        if timed
        else None,
        options=tuple(_pooled_option(same, weights) for same in options),
    )


def _pooled_option(same: Sequence[OptionFigures], weights: Sequence[int]) -> OptionFigures:
    return OptionFigures(
        option=same[0].option,
        is_key=same[0].is_key,
        rate=_mean([one.rate for one in same], weights),
        by_quartile=tuple(
            _mean([one.by_quartile[number] for one in same], weights) for number in range(QUARTILES)
        ),
        point_biserial=_pooled_correlation([one.point_biserial for one in same], weights),
        discrimination=_mean([one.discrimination for one in same], weights),
    )


def _mean(values: Sequence[float], weights: Sequence[int]) -> float:
    return sum(value * weight for value, weight in zip(values, weights, strict=True)) / sum(weights)


def _pooled_correlation(correlations: Sequence[float | None], sizes: Sequence[int]) -> float | None:
    # Fisher's z is infinite at 1, and weighs nothing below four attempts.
    known = [
        (value, size - 3)
        for value, size in zip(correlations, sizes, strict=True)
        if value is not None and abs(value) < 1 and size > 3
    ]
    if not known:
        return None
    return tanh(sum(atanh(value) * weight for value, weight in known) / sum(weight for _, weight in known))
