"""What the one next best step may be, and why. `exams.insights.dashboard` decides it, for all pages."""

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


@dataclass(frozen=True, slots=True)
class Step:
    """The act with its reason."""

    act: Act
    reason: Reason
