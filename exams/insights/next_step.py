"""The one next best step, and why: a decision over facts. Every page that says what to do next asks here."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

# The last days belong to what is known already: a bad result then teaches less than it worries.
LAST_DAYS: Final = 1


class Act(StrEnum):
    """What to do."""

    RESUME = "resume"
    CONFIRM = "confirm"
    UNLOCK = "unlock"
    FIRST_EXAM = "first-exam"
    REPEAT = "repeat"
    REST = "rest"
    DRILL = "drill"
    NEXT_EXAM = "next-exam"
    REVIEW = "review"
    WAIT = "wait"


class Reason(StrEnum):
    """Why: one sentence of the page each."""

    CLOCK_RUNS = "clock-runs"
    JUST_TAKEN = "just-taken"
    NO_ACCESS = "no-access"
    ACCESS_ENDED = "access-ended"
    NOTHING_KNOWN = "nothing-known"
    EXAM_IS_NEAR = "exam-is-near"
    REPETITION_DUE = "repetition-due"
    COSTS_MOST = "costs-most"
    TOO_LITTLE_KNOWN = "too-little-known"
    MEASURE_AGAIN = "measure-again"
    NO_NEW_QUESTIONS = "no-new-questions"
    NOTHING_PUBLISHED = "nothing-published"


class Gate(StrEnum):
    """Whether somebody may start anything, or what is in the way."""

    OPEN = "open"
    UNCONFIRMED = "unconfirmed"
    LOCKED = "locked"
    ENDED = "ended"


class Situation(Protocol):
    """Where somebody is with a certification. `decide` reads it from above, so that facts may be lazy."""

    @property
    def is_running(self) -> bool:
        """Whether an exam runs."""

    @property
    def is_fresh(self) -> bool:
        """Whether the last result is new, has something to review, and nothing was begun since."""

    @property
    def gate(self) -> Gate:
        """Whether anything may be started."""

    @property
    def days_left(self) -> int | None:
        """Days until the exam; None without a date."""

    @property
    def counted(self) -> int:
        """How many results count."""

    @property
    def exam_number(self) -> int | None:
        """The number of the exam to take: a new one; any exam while no result counts."""

    @property
    def exam_is_new(self) -> bool:
        """Whether they have not seen the questions of that exam."""

    @property
    def due(self) -> int:
        """How much is to be repeated today."""

    @property
    def drill_domain(self) -> int | None:
        """The domain that costs most, where some domain is weak and this one was not drilled lately."""

    @property
    def is_sure(self) -> bool:
        """Whether the evidence allows a single number."""


@dataclass(frozen=True, slots=True)
class Step:
    """The act with its reason."""

    act: Act
    reason: Reason


_CLOSED: Final = {
    Gate.ENDED: Step(Act.UNLOCK, Reason.ACCESS_ENDED),
    Gate.LOCKED: Step(Act.UNLOCK, Reason.NO_ACCESS),
    Gate.UNCONFIRMED: Step(Act.CONFIRM, Reason.NO_ACCESS),
}


def decide(now: Situation, *, repeated: bool = False) -> Step:
    """Return the one next step. What cannot wait comes first, then what is short, then what costs most.

    `repeated` asks for the step once everything that is due has been repeated.
    """
    if now.is_running:
        return Step(Act.RESUME, Reason.CLOCK_RUNS)
    # What was taken may be reviewed whatever has ended since.
    if now.is_fresh:
        return Step(Act.REVIEW, Reason.JUST_TAKEN)
    if closed := _CLOSED.get(now.gate):
        return closed
    if now.days_left is not None and now.days_left <= LAST_DAYS:
        is_due = not repeated and now.due
        return Step(Act.REPEAT if is_due else Act.REST, Reason.EXAM_IS_NEAR)
    if not now.counted and now.exam_number is not None:
        return Step(Act.FIRST_EXAM, Reason.NOTHING_KNOWN if now.exam_is_new else Reason.NO_NEW_QUESTIONS)
    if not repeated and now.due:
        return Step(Act.REPEAT, Reason.REPETITION_DUE)
    return _learn(now) if now.counted else Step(Act.WAIT, Reason.NOTHING_PUBLISHED)


def _learn(now: Situation) -> Step:
    if now.drill_domain is not None:
        return Step(Act.DRILL, Reason.COSTS_MOST)
    if now.exam_number is not None:
        return Step(Act.NEXT_EXAM, Reason.MEASURE_AGAIN if now.is_sure else Reason.TOO_LITTLE_KNOWN)
    return Step(Act.REVIEW, Reason.NO_NEW_QUESTIONS)
