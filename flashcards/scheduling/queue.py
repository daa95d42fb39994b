"""Which card comes next today, and how many there are: from the cards of a person and the day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flashcards.scheduling.exam_date import Day, due_on
from flashcards.scheduling.memory import Memory, Phase

LEECH_LAPSES: Final = 8
# A card in its first steps may be shown so much before it is due, when nothing else is left.
AHEAD: Final = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Entry:
    """A card in the deck of a person; `memory` is None until it was reviewed."""

    card_id: int
    position: int
    domain: int | None
    memory: Memory | None

    @property
    def is_leech(self) -> bool:
        """Say whether the card was forgotten so often that it should be learned otherwise."""
        return self.memory is not None and self.memory.lapses >= LEECH_LAPSES


@dataclass(frozen=True, slots=True)
class Queue:
    """The work of a day: `due` and `new` in the order in which they come, `waiting` are steps not due yet."""

    due: tuple[Entry, ...]
    new: tuple[Entry, ...]
    waiting: tuple[Entry, ...]
    done: int

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
    begun = sum(1 for one in known if one.memory and one.memory.introduced_at >= day.start)
    chosen = [one for one in known if domain is None or one.domain == domain]
    due, waiting = _due(chosen, day)
    new = [one for one in chosen if one.memory is None][: max(new_per_day - begun, 0)]
    open_ids = {one.card_id for one in (*due, *waiting)}
    done = [
        one
        for one in chosen
        if one.memory and one.memory.last_review >= day.start and one.card_id not in open_ids
    ]
    return Queue(tuple(due), tuple(new), tuple(waiting), len(done))


def _due(entries: Sequence[Entry], day: Day) -> tuple[list[Entry], list[Entry]]:
    """Return what is due, steps of minutes first, and the steps that are due later today.

    Shortly before midnight a step of minutes ends tomorrow; whoever is studying waits for it all the same.
    """
    steps, days, waiting = [], [], []
    last = max(day.end, day.now + AHEAD)
    for one in entries:
        if one.memory is None:
            continue
        due = due_on(day, one.memory, one.position)
        if one.memory.phase == Phase.REVIEW:
            if due < day.end:
                days.append((due, one))
        elif due <= day.now:
            steps.append((due, one))
        elif due < last:
            waiting.append((due, one))
    ordered = [sorted(part, key=lambda pair: (pair[0], pair[1].position)) for part in (steps, days, waiting)]
    first, second, later = ([one for _, one in part] for part in ordered)
    return [*first, *second], later


def forecast(entries: Iterable[Entry], day: Day, days: int = 30) -> tuple[int, ...]:
    """Return how many known cards come due on each day from today on; what is overdue counts today."""
    counts = [0] * days
    for one in entries:
        if one.memory is not None:
            due = due_on(day, one.memory, one.position).astimezone(day.zone).date()
            place = max((due - day.today).days, 0)
            if place < days:
                counts[place] += 1
    return tuple(counts)
