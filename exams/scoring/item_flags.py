"""What is wrong with an item by its figures, and what follows for one that does not count yet.

The limits are rules of thumb, and said as such: an author decides, with the question at hand.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from exams.scoring.item_statistics import LEAST_ATTEMPTS, ItemFigures

TOO_EASY: Final = 0.95
"""From this facility on an item hardly tells anybody from anybody."""
TOO_HARD: Final = 0.25
"""Up to this facility an item of four options is not answered better than by guessing."""
PICKED: Final = 0.02
"""An option that a smaller share chooses is no distractor."""
GOOD_DISCRIMINATION: Final = 0.3
FAIR_DISCRIMINATION: Final = 0.1
"""ScorePak of the University of Washington: from 0.30 on good, from 0.10 on fair, below that poor."""
EASY: Final = 0.85
HARD: Final = 0.5
"""ScorePak: from 0.85 on easy, up to 0.50 hard, between them of medium difficulty."""
PROMOTED: Final = 0.2
"""The least corrected correlation at which an item is proposed to count (Ebel 1972: below 0.20 is weak)."""


class Flag(StrEnum):
    """Something about an item that its author should look at."""

    KEY_NOT_BEST = "key_not_best"
    NEGATIVE = "negative"
    UNPICKED = "unpicked"
    TOO_EASY = "too_easy"
    TOO_HARD = "too_hard"


DOUBTFUL: Final = (Flag.KEY_NOT_BEST, Flag.NEGATIVE, Flag.TOO_HARD)
"""Flags that cast doubt on the key; the others are about how well an item measures."""


class Proposal(StrEnum):
    """What is proposed for an item that does not count yet."""

    PROMOTE = "promote"
    RETIRE = "retire"
    WAIT = "wait"


class Difficulty(StrEnum):
    """How hard an item turned out to be, in the words in which the blueprint expects it."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


@dataclass(frozen=True, slots=True)
class Raised:
    """A flag, and the options that raise it: ids, none where it is about the whole item."""

    flag: Flag
    options: tuple[int, ...] = ()


def is_enough(n: int) -> bool:
    """Say whether so many attempts say anything."""
    return n >= LEAST_ATTEMPTS


def flags(item: ItemFigures) -> tuple[Raised, ...]:
    """Return what an author should look at, the worst first; nothing while there is not enough data."""
    if not is_enough(item.n):
        return ()
    better = _better_than_the_key(item)
    negative = item.discrimination < 0 or (item.point_biserial or 0) < 0
    unpicked = tuple(option.option for option in item.options if option.rate < PICKED)
    rows = (
        (bool(better), Raised(Flag.KEY_NOT_BEST, better)),
        (negative, Raised(Flag.NEGATIVE)),
        (item.facility <= TOO_HARD, Raised(Flag.TOO_HARD)),
        (item.facility >= TOO_EASY, Raised(Flag.TOO_EASY)),
        (bool(unpicked), Raised(Flag.UNPICKED, unpicked)),
    )
    return tuple(raised for is_so, raised in rows if is_so)


def _better_than_the_key(item: ItemFigures) -> tuple[int, ...]:
    """Return the options that the top quartile chose more often than a key."""
    # Who knows most is the best witness of what is correct.
    top = {option.option: option.by_quartile[-1] for option in item.options}
    keys = [top[option.option] for option in item.options if option.is_key]
    if not keys:
        return ()
    return tuple(
        option.option for option in item.options if not option.is_key and top[option.option] > min(keys)
    )


def difficulty(facility: float) -> Difficulty:
    """Return how hard an item of this facility is."""
    if facility >= EASY:
        return Difficulty.EASY
    return Difficulty.HARD if facility <= HARD else Difficulty.MEDIUM


def proposal(item: ItemFigures) -> Proposal:
    """Return what to do with an item that does not count yet.

    It is retired where the best candidates miss it or fail at it, promoted where nothing is wrong with it and
    it correlates with the score, and waits otherwise.
    """
    raised = {raised.flag for raised in flags(item)}
    if raised & {Flag.KEY_NOT_BEST, Flag.NEGATIVE}:
        return Proposal.RETIRE
    correlates = is_enough(item.n) and (item.point_biserial or 0) >= PROMOTED
    return Proposal.PROMOTE if correlates and not raised else Proposal.WAIT
