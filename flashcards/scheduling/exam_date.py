"""How an exam date bends the schedule: higher retention towards it, and a last look at every card."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from flashcards.scheduling.memory import Memory

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


def last_look(day: Day, position: int) -> datetime | None:
    """Return when a card is to be seen once more before the exam; None without an exam to come.

    The last seven days before the exam are filled evenly, by the positions of the cards.
    """
    if day.days_left is None or day.exam_on is None:
        return None
    return day.start_of(day.exam_on - timedelta(days=LAST_DAYS - position % LAST_DAYS))


def due_on(day: Day, memory: Memory, position: int) -> datetime:
    """Return when a card is due, its last look before the exam included.

    A card that comes back before the exam by itself, or was seen in its last days, needs none.
    """
    look = last_look(day, position)
    if look is None or day.exam_on is None:
        return memory.due
    last_days = day.start_of(day.exam_on - timedelta(days=LAST_DAYS))
    comes_anyway = last_days <= memory.due < day.start_of(day.exam_on)
    if comes_anyway or memory.last_review >= last_days or memory.due < look:
        return memory.due
    return max(look, memory.last_review)
