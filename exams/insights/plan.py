"""A plan to the exam, day by day: which exam, review or drill on which day, and what no longer fits.

Today is for the next step, which is decided elsewhere. From tomorrow on exams come first, since only new
questions measure; each takes a day, and the next day is for its incorrect answers. After the last new one an
exam is taken again every two weeks. Drills are spread over free days, at least two a week: the domains in the
order of what there is to gain, each once before any twice. The day before the exam is free of anything new.
Where days are missing, drills are left out first, then exams from the last one on; what is repeated every day
never is.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import cycle, islice
from typing import Final

# An exam and the review on the day after it.
DAYS_OF_AN_EXAM: Final = 2
# There is a drill for each domain, so many for each weak one, and in a long plan so many a week.
DRILLS_OF_A_DOMAIN: Final = 2
DRILLS_A_WEEK: Final = 2
# So many days are between exams that are taken again.
DAYS_TO_RETAKE: Final = 14


class Kind(StrEnum):
    """What a day is for."""

    EXAM = "exam"
    REVIEW = "review"
    DRILL = "drill"
    REPEAT = "repeat"
    REST = "rest"
    ACCESS = "access"
    THE_EXAM = "the-exam"


@dataclass(frozen=True, slots=True)
class Task:
    """A thing to do: `number` is that of the exam or the domain, 0 where there is none."""

    kind: Kind
    number: int = 0


@dataclass(frozen=True, slots=True)
class Day:
    """A day with what to do, the main thing first."""

    day: dt.date
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do: exams not yet taken and domains to practice, by number, most to gain first.

    Of the `domains` those of `weak_domains` are missed where there is no day for them.
    `retakes` are the numbers of exams that were taken, the one to take again first.
    `today` is what today is for, the next step first. `exam_today` is the number of an exam that was taken or
    runs today: tomorrow is for its incorrect answers, and no other exam begins before.
    What needs access is for no day after `last_open_day`.
    """

    exams: tuple[int, ...] = ()
    domains: tuple[int, ...] = ()
    weak_domains: tuple[int, ...] = ()
    repeats: bool = False
    today: tuple[Task, ...] = ()
    exam_today: int | None = None
    last_open_day: dt.date | None = None
    retakes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The days until the exam on which there is something to do, and what there is no day for."""

    days: tuple[Day, ...]
    left_out: tuple[Task, ...]


def plan(today: dt.date, exam_day: dt.date, work: Work) -> Plan:
    """Return the plan from today to the exam day. Raises ValueError when the exam day is over."""
    left = (exam_day - today).days
    if left < 0:
        raise ValueError("the exam day is over")
    # The day before the exam is not for learning, so two days must be left for one to learn on.
    open_days = _open_days(today, left, work.last_open_day)
    study_days = min(max(left - 1, 0), open_days)
    tasks: dict[int, list[Task]] = {place: [] for place in range(left + 1)}
    tasks[0] += work.today
    if work.exam_today and left > 1 and Task(Kind.REVIEW, work.exam_today) not in work.today:
        tasks[1].append(Task(Kind.REVIEW, work.exam_today))
    new = _exam_days(work, study_days)
    again = range((new[-1] if new else 0) + DAYS_TO_RETAKE, study_days - 1, DAYS_TO_RETAKE)
    begun = dict([*zip(new, work.exams, strict=False), *zip(again, work.retakes, strict=False)])
    for place, number in begun.items():
        if place:
            tasks[place].append(Task(Kind.EXAM, number))
        tasks[place + 1].append(Task(Kind.REVIEW, number))
    wanted = _drills(work, study_days)
    # What today is for is not for tomorrow again.
    first = 2 if wanted and wanted[0] in work.today else 1
    free = [place for place in range(first, study_days) if not tasks[place]]
    for place, drill in zip(_spread(free, len(wanted)), wanted, strict=False):
        tasks[place].append(drill)
    if left > 1:
        tasks[left - 1].append(Task(Kind.REST))
    if work.repeats:
        for place in range(1, open_days):
            if place not in begun:
                tasks[place].append(Task(Kind.REPEAT))
    tasks[left].append(Task(Kind.THE_EXAM))
    drilled = {task.number for found in tasks.values() for task in found if task.kind is Kind.DRILL}
    return Plan(
        days=tuple(
            Day(today + dt.timedelta(days=place), tuple(found)) for place, found in tasks.items() if found
        ),
        left_out=(
            *(Task(Kind.DRILL, number) for number in work.weak_domains if number not in drilled),
            *(Task(Kind.EXAM, number) for number in work.exams[len(new) :]),
        ),
    )


def _open_days(today: dt.date, left: int, last: dt.date | None) -> int:
    """Return how many days before the exam are open. Today is: its step is decided elsewhere."""
    return left if last is None else min(left, max((last - today).days + 1, 1))


def _exam_days(work: Work, study_days: int) -> list[int]:
    """Return on which days exams begin: one of today at once, the last with its review before the rest."""
    if work.exams and Task(Kind.EXAM, work.exams[0]) in work.today:
        first = 0
    else:
        first = DAYS_OF_AN_EXAM if work.exam_today else 1
    days = study_days - first
    fitting = min(len(work.exams), max(days, 0) // DAYS_OF_AN_EXAM)
    if fitting < 2:
        # What today is for needs no room: it is begun all the same.
        return [first] * (fitting or first == 0)
    return [first + place * (days - DAYS_OF_AN_EXAM) // (fitting - 1) for place in range(fitting)]


def _drills(work: Work, study_days: int) -> list[Task]:
    """Return the drills that would be good after today: each domain in turn, then again."""
    of_weak = DRILLS_OF_A_DOMAIN * len(work.weak_domains)
    wished = max(len(work.domains), of_weak, DRILLS_A_WEEK * study_days // 7)
    wanted = [Task(Kind.DRILL, number) for number in islice(cycle(work.domains), wished)]
    for task in work.today:
        if task in wanted:
            wanted.remove(task)
    return wanted


def _spread(free: Sequence[int], wanted: int) -> list[int]:
    """Return so many of the free days, evenly apart; all of them where there are not enough."""
    if wanted == 0 or wanted >= len(free):
        return list(free) if wanted else []
    return [free[place * len(free) // wanted] for place in range(wanted)]
