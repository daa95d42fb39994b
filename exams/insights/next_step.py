"""The one next best step, and why: a decision over plain facts."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

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


@dataclass(frozen=True, slots=True)
class Situation:
    """How somebody stands with a certification.

    `results` counts scored attempts, `new_exam` is the number of an exam whose questions they have not seen.
    `weak_domain` is the one that costs most points while it is below the pass line, `drill_open` whether it
    can be drilled and was not since the last exam. `days_left` is None without an exam date; `enough` says
    whether the evidence allows a single number.
    """

    running: bool = False
    gate: Gate = Gate.OPEN
    results: int = 0
    new_exam: int | None = None
    due: int = 0
    weak_domain: int | None = None
    drill_open: bool = False
    days_left: int | None = None
    enough: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """The act with its reason."""

    act: Act
    reason: Reason


def decide(now: Situation) -> Step:
    """Return the one next step. What cannot wait comes first, then what is short, then what costs most."""
    if now.running:
        return Step(Act.RESUME, Reason.CLOCK_RUNS)
    if now.gate is Gate.ENDED:
        return Step(Act.UNLOCK, Reason.ACCESS_ENDED)
    if now.gate is Gate.LOCKED:
        return Step(Act.UNLOCK, Reason.NO_ACCESS)
    if now.gate is Gate.UNCONFIRMED:
        return Step(Act.CONFIRM, Reason.NO_ACCESS)
    if now.days_left is not None and now.days_left <= LAST_DAYS:
        return Step(Act.REPEAT if now.due else Act.REST, Reason.EXAM_IS_NEAR)
    if not now.results:
        return _first(now)
    if now.due:
        return Step(Act.REPEAT, Reason.REPETITION_DUE)
    if now.weak_domain is not None and now.drill_open:
        return Step(Act.DRILL, Reason.COSTS_MOST)
    if now.new_exam is not None:
        return Step(Act.NEXT_EXAM, Reason.MEASURE_AGAIN if now.enough else Reason.TOO_LITTLE_KNOWN)
    return Step(Act.REVIEW, Reason.NO_NEW_QUESTIONS)


def _first(now: Situation) -> Step:
    if now.new_exam is not None:
        return Step(Act.FIRST_EXAM, Reason.NOTHING_KNOWN)
    if now.due:
        return Step(Act.REPEAT, Reason.REPETITION_DUE)
    return Step(Act.WAIT, Reason.NOTHING_PUBLISHED)
