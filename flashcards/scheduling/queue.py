"""The work of a day: which cards come in which order, and how an exam date bends the schedule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from flashcards.scheduling.memory import Memory, Phase

RISE_DAYS: Final = 30
PEAK: Final = 0.97
LAST_DAYS: Final = 7


@dataclass(frozen=True)
class Day:
    """A day of a person in their time zone: the moment of asking, and the exam where there is one.

    Each card of a deck asks it, so what follows from these three is worked out once.
    """

    now: datetime
    zone: ZoneInfo
    exam_on: date | None = None

    @cached_property
    def today(self) -> date:
        """Return the date of the moment in the zone of the person."""
        return self.now.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """Return the first moment of a day."""
        return datetime.combine(day, time(), self.zone)

    @cached_property
    def start(self) -> datetime:
        """Return the first moment of the day."""
        return self.start_of(self.today)

    @cached_property
    def end(self) -> datetime:
        """Return the first moment of the day after."""
        return self.start_of(self.today + timedelta(days=1))

    @cached_property
    def days_left(self) -> int | None:
        """Return the days until the exam; None without one or when it is over."""
        left = (self.exam_on - self.today).days if self.exam_on else -1
        return left if left >= 0 else None


def retention_on(day: Day, desired: float) -> float:
    """Return the chance of recall to aim for: the desired one, rising in the last 30 days to 0.97.

    Rounded to thousandths, so that few schedulers are made. Never below the desired one.
    """
    if day.days_left is None or day.days_left >= RISE_DAYS:
        return desired
    risen = desired + (PEAK - desired) * (RISE_DAYS - day.days_left) / RISE_DAYS
    return max(desired, round(risen, 3))


def final_look_at(day: Day, position: int) -> datetime | None:
    """Return when a card is to be seen once more before the exam; None without an exam to come.

    The last seven days before the exam are filled evenly, by the positions of the cards.
    """
    if day.days_left is None or day.exam_on is None:
        return None
    # By the position, so that a card keeps its day however often it is asked for.
    return day.start_of(day.exam_on - timedelta(days=LAST_DAYS - position % LAST_DAYS))


def due_on(day: Day, memory: Memory, position: int) -> datetime:
    """Return when a card is due, its last look before the exam included.

    A card that comes back before the exam by itself, or was seen in its last days, needs none.
    """
    # Worked out when cards are asked for, not stored: an exam date that moves takes effect at once.
    final_look = final_look_at(day, position)
    if final_look is None or day.exam_on is None:
        return memory.due
    last_days = day.start_of(day.exam_on - timedelta(days=LAST_DAYS))
    comes_anyway = last_days <= memory.due < day.start_of(day.exam_on)
    if comes_anyway or memory.last_review >= last_days or memory.due < final_look:
        return memory.due
    return max(final_look, memory.last_review)


LEECH_LAPSES: Final = 8
# A card in its first steps may be shown so much before it is due, when nothing else is left.
AHEAD: Final = timedelta(minutes=20)


class Stage(StrEnum):
    """How far a person is with a card."""

    NEW = "new"
    LEARNING = "learning"
    LEARNED = "learned"
    STUBBORN = "stubborn"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Entry:
    """A card in the deck of a person; `memory` is None until it was reviewed.

    A suspended one is never due.
    """

    card_id: int
    position: int
    domain: int | None
    memory: Memory | None
    is_suspended: bool = False

    @property
    def is_leech(self) -> bool:
        """Say whether the card was forgotten so often that it should be learned otherwise."""
        return self.memory is not None and self.memory.lapses >= LEECH_LAPSES

    @property
    def was_learned(self) -> bool:
        """Say whether the card was ever beyond its first steps, whatever became of it since."""
        return self.memory is not None and self.memory.phase != Phase.LEARNING

    @property
    def stage(self) -> Stage:
        """Return the one stage that tells most."""
        if self.is_suspended:
            return Stage.SUSPENDED
        if self.memory is None:
            return Stage.NEW
        if self.is_leech:
            return Stage.STUBBORN
        return Stage.LEARNED if self.memory.phase == Phase.REVIEW else Stage.LEARNING


@dataclass(frozen=True, slots=True)
class Queue:
    """The work of a day: `due` and `new` in the order in which they come, `waiting` are steps not due yet.

    `again` were seen today and come back today, so they aren't `done`.
    """

    due: tuple[Entry, ...]
    new: tuple[Entry, ...]
    waiting: tuple[Entry, ...]
    done: int
    again: int

    @property
    def left(self) -> int:
        """Return how many cards are still to be seen today."""
        return len(self.due) + len(self.new) + len(self.waiting)

    @property
    def total(self) -> int:
        """Return how many cards there are today, those done included."""
        return self.done + self.left

    def next(self, day: Day) -> Entry | None:
        """Return the card to show: what is due, then what is new, then a step that is nearly due."""
        if self.due or self.new:
            return (*self.due, *self.new)[0]
        near = (one for one in self.waiting if one.memory and one.memory.due <= day.now + AHEAD)
        return next(near, None)


def queue(entries: Iterable[Entry], day: Day, *, new_per_day: int, domain: int | None = None) -> Queue:
    """Return the work of the day; `domain` leaves out cards of the others.

    Cards in review are due on their day, steps of minutes at their moment. New cards that were begun today
    count against `new_per_day`, whatever their domain.
    """
    known = list(entries)
    # Whatever their domain, or who changes it would get the new cards of a day again.
    begun = sum(1 for one in known if one.memory and one.memory.introduced_at >= day.start)
    chosen = studied(known, domain)
    due, waiting = _due(chosen, day)
    new = [one for one in chosen if one.memory is None][: max(new_per_day - begun, 0)]
    open_ids = {one.card_id for one in (*due, *waiting)}
    seen = {one.card_id for one in chosen if one.memory and one.memory.last_review >= day.start}
    return Queue(tuple(due), tuple(new), tuple(waiting), len(seen - open_ids), len(seen & open_ids))


def studied(entries: Iterable[Entry], domain: int | None) -> list[Entry]:
    """Return the cards that come up: those of the domain, where there is one, that are not suspended."""
    return [one for one in entries if not one.is_suspended and domain in (None, one.domain)]


def _due(entries: Sequence[Entry], day: Day) -> tuple[list[Entry], list[Entry]]:
    """Return what is due, steps of minutes first, and the steps that are due later today.

    Shortly before midnight a step of minutes ends tomorrow; whoever is studying waits for it all the same.
    """
    steps, days, waiting = [], [], []
    last = max(day.end, day.now + AHEAD)
    for entry in entries:
        if entry.memory is None:
            continue
        due_at = due_on(day, entry.memory, entry.position)
        if entry.memory.phase == Phase.REVIEW:
            if due_at < day.end:
                days.append((due_at, entry))
        elif due_at <= day.now:
            steps.append((due_at, entry))
        elif due_at < last:
            waiting.append((due_at, entry))
    # Of cards due at once the position decides, so that two devices show the same one.
    ordered = [sorted(part, key=lambda pair: (pair[0], pair[1].position)) for part in (steps, days, waiting)]
    first, second, later = ([one for _, one in part] for part in ordered)
    return [*first, *second], later


def forecast(entries: Iterable[Entry], day: Day, days: int = 30) -> tuple[int, ...]:
    """Return how many known cards come due on each day from today on; what is overdue counts today."""
    counts = [0] * days
    for one in entries:
        if one.memory is not None and not one.is_suspended:
            due = due_on(day, one.memory, one.position).astimezone(day.zone).date()
            place = max((due - day.today).days, 0)
            if place < days:
                counts[place] += 1
    return tuple(counts)
