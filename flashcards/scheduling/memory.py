"""How well a card is remembered, and when it is due: FSRS behind a few functions.

The one file that imports `fsrs`. The library's fuzz is off, since it is drawn at random: a log could not be
replayed. Intervals are spread by a hash of card and review number instead, so that cards learned together do
not come back together.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from functools import lru_cache
from typing import Final

import fsrs
from fsrs.scheduler import DEFAULT_PARAMETERS

RETENTION: Final = 0.9


class Rating(IntEnum):
    """How well a person knew the answer."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


class Phase(IntEnum):
    """Where a card is: in its first steps, in review, or in the steps after it was forgotten."""

    LEARNING = 1
    REVIEW = 2
    RELEARNING = 3


@dataclass(frozen=True, slots=True)
class Rules:
    """What a log must be replayed with. Published rules never change: a change is a new revision."""

    parameters: tuple[float, ...]
    learning: tuple[timedelta, ...]
    relearning: tuple[timedelta, ...]
    longest_days: int
    # (from days, to days, share): how far an interval may be spread, each part of it by its share.
    spread: tuple[tuple[float, float, float], ...]


RULES: Final[Mapping[int, Rules]] = {
    1: Rules(
        parameters=tuple(DEFAULT_PARAMETERS),
        learning=(timedelta(minutes=1), timedelta(minutes=10)),
        relearning=(timedelta(minutes=10),),
        longest_days=36500,
        spread=((2.5, 7.0, 0.15), (7.0, 20.0, 0.1), (20.0, 36500.0, 0.05)),
    )
}
CURRENT: Final = max(RULES)


@dataclass(frozen=True, slots=True)
class Memory:
    """The state of one card for one person. `stability` in days, `difficulty` from 1 to 10."""

    due: datetime
    stability: float
    difficulty: float
    phase: Phase
    step: int | None
    reps: int
    lapses: int
    introduced_at: datetime
    last_review: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """A review as the log has it: all that scheduling took."""

    rating: Rating
    at: datetime
    retention: float
    rules: int


def review(
    memory: Memory | None,
    rating: Rating,
    at: datetime,
    *,
    key: str,
    retention: float = RETENTION,
    rules: int = CURRENT,
    is_spread: bool = True,
) -> Memory:
    """Return the memory after a review at this moment; `memory` is None for a card never seen.

    `key` names the card for the spread. The card is due at `at` or later. Raises KeyError for unknown rules.
    """
    # The library takes no other zone.
    at = at.astimezone(UTC)
    before = _as_library(memory, at)
    after, _ = _scheduler(rules, retention).review_card(before, fsrs.Rating(rating), at)
    assert after.stability is not None  # noqa: S101 (for the type checker: a reviewed card has both)
    assert after.difficulty is not None  # noqa: S101
    reps = memory.reps if memory else 0
    interval = after.due - at
    if is_spread:
        interval = _spread(interval, f"{key}:{reps + 1}", RULES[rules])
    forgot = memory is not None and memory.phase == Phase.REVIEW and rating == Rating.AGAIN
    return Memory(
        due=at + max(interval, timedelta(0)),
        stability=after.stability,
        difficulty=after.difficulty,
        phase=Phase(after.state),
        step=after.step,
        reps=reps + 1,
        lapses=(memory.lapses if memory else 0) + forgot,
        introduced_at=memory.introduced_at if memory else at,
        last_review=at,
    )


def replay(events: Iterable[Event], key: str) -> Memory | None:
    """Return the memory after these reviews in their order; None after none."""
    memory = None
    for event in events:
        memory = review(memory, event.rating, event.at, key=key, retention=event.retention, rules=event.rules)
    return memory


def _as_library(memory: Memory | None, at: datetime) -> fsrs.Card:
    # Without an id the library waits a millisecond to make one.
    if memory is None:
        return fsrs.Card(card_id=0, due=at)
    return fsrs.Card(
        card_id=0,
        state=fsrs.State(memory.phase),
        step=memory.step,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.due,
        last_review=memory.last_review,
    )


@lru_cache(maxsize=256)
def _scheduler(rules: int, retention: float) -> fsrs.Scheduler:
    chosen = RULES[rules]
    return fsrs.Scheduler(
        parameters=chosen.parameters,
        desired_retention=retention,
        learning_steps=chosen.learning,
        relearning_steps=chosen.relearning,
        maximum_interval=chosen.longest_days,
        # The fuzz of the library is random, so a log could not be replayed: `_spread` stands in for it.
        enable_fuzzing=False,
    )


def spread_range(days: int, rules: Rules) -> tuple[int, int]:
    """Return the least and the most days that an interval may be spread to. Below 2.5 days it stays."""
    first = rules.spread[0][0]
    if days < first:
        return days, days
    delta = 1.0 + sum(share * max(min(days, end) - start, 0.0) for start, end, share in rules.spread)
    most = min(round(days + delta), rules.longest_days)
    return min(max(2, round(days - delta)), most), most


def _spread(interval: timedelta, name: str, rules: Rules) -> timedelta:
    least, most = spread_range(interval.days, rules)
    if least == most:
        return interval
    # By a hash, so that a replay of the log spreads as the review did.
    digest = hashlib.sha256(name.encode()).digest()
    return timedelta(days=least + int.from_bytes(digest[:4]) * (most - least + 1) // 2**32)
