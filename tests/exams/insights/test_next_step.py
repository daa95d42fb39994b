"""The one next step: a table of situations."""

from dataclasses import dataclass
from typing import cast

import pytest

from accounts.access.policy import Access
from accounts.access.policy import Reason as Why
from exams.insights.dashboard import Dashboard, decide
from exams.insights.next_step import Act, Reason, Step

GRANTED = Access(granted=True, reason=Why.ENTITLED)
ENDED = Access(granted=False, reason=Why.ENDED)
LOCKED = Access(granted=False, reason=Why.NOT_ENTITLED)
UNCONFIRMED = Access(granted=False, reason=Why.EMAIL_UNVERIFIED)


@dataclass
class Facts:
    """A situation of which every fact is known."""

    running: bool = False
    is_fresh: bool = False
    access: Access = GRANTED
    days_left: int | None = None
    results: int = 0
    exam_number: int | None = None
    new_exam: bool = True
    due: int = 0
    drill_domain: int | None = None
    is_sure: bool = False


NEWCOMER: dict[str, object] = {"exam_number": 1}
LEARNER: dict[str, object] = {"results": 2, "exam_number": 3, "is_sure": True}

TABLE: list[tuple[str, dict[str, object], Act, Reason]] = [
    ("nothing yet", NEWCOMER, Act.FIRST_EXAM, Reason.NOTHING_KNOWN),
    ("nothing yet, cards wait", {**NEWCOMER, "due": 9}, Act.FIRST_EXAM, Reason.NOTHING_KNOWN),
    ("nothing published", {}, Act.WAIT, Reason.NOTHING_PUBLISHED),
    ("cards before any exam exists", {"due": 3}, Act.REPEAT, Reason.REPETITION_DUE),
    (
        "an exam runs",
        {**LEARNER, "is_fresh": True, "running": True, "due": 9},
        Act.RESUME,
        Reason.CLOCK_RUNS,
    ),
    (
        "an exam runs, access is over",
        {"running": True, "access": ENDED},
        Act.RESUME,
        Reason.CLOCK_RUNS,
    ),
    (
        "an address to confirm",
        {**NEWCOMER, "access": UNCONFIRMED},
        Act.CONFIRM,
        Reason.NO_ACCESS,
    ),
    ("no access", {**NEWCOMER, "access": LOCKED}, Act.UNLOCK, Reason.NO_ACCESS),
    ("access is over", {**NEWCOMER, "access": ENDED}, Act.UNLOCK, Reason.ACCESS_ENDED),
    ("an exam was just taken", {**LEARNER, "is_fresh": True, "due": 9}, Act.REVIEW, Reason.JUST_TAKEN),
    (
        "an exam was just taken, access is over",
        {**LEARNER, "is_fresh": True, "access": ENDED},
        Act.REVIEW,
        Reason.JUST_TAKEN,
    ),
    (
        "nothing counts, and every exam was seen",
        {**NEWCOMER, "new_exam": False},
        Act.FIRST_EXAM,
        Reason.NO_NEW_QUESTIONS,
    ),
    ("cards are due", {**LEARNER, "due": 1, "drill_domain": 2}, Act.REPEAT, Reason.REPETITION_DUE),
    (
        "a weak domain can be drilled",
        {**LEARNER, "drill_domain": 2},
        Act.DRILL,
        Reason.COSTS_MOST,
    ),
    ("little is known", {**LEARNER, "is_sure": False}, Act.NEXT_EXAM, Reason.TOO_LITTLE_KNOWN),
    ("enough is known", LEARNER, Act.NEXT_EXAM, Reason.MEASURE_AGAIN),
    ("every exam is taken", {"results": 6, "is_sure": True}, Act.REVIEW, Reason.NO_NEW_QUESTIONS),
    (
        "every exam is taken, a domain is weak",
        {"results": 6, "drill_domain": 1},
        Act.DRILL,
        Reason.COSTS_MOST,
    ),
    ("the exam is tomorrow", {**LEARNER, "days_left": 1}, Act.REST, Reason.EXAM_IS_NEAR),
    ("the exam is today", {**LEARNER, "days_left": 0, "due": 4}, Act.REPEAT, Reason.EXAM_IS_NEAR),
    ("the exam is tomorrow, nothing done", {**NEWCOMER, "days_left": 1}, Act.REST, Reason.EXAM_IS_NEAR),
    ("the exam is in two days", {**LEARNER, "days_left": 2}, Act.NEXT_EXAM, Reason.MEASURE_AGAIN),
]


@pytest.mark.parametrize(("name", "facts", "act", "reason"), TABLE, ids=[row[0] for row in TABLE])
def test_the_next_step_of(name: str, facts: dict[str, object], act: Act, reason: Reason) -> None:
    assert decide(Facts(**facts)) == Step(act, reason)  # type: ignore[arg-type]


def test_what_comes_after_a_repetition_is_decided_as_if_nothing_were_due() -> None:
    facts = Facts(results=1, exam_number=2, due=3)
    dashboard = cast("Dashboard", facts)
    assert decide(dashboard).act is Act.REPEAT
    assert decide(dashboard, repeated=True).act is Act.NEXT_EXAM


def test_the_table_has_every_act_and_every_reason() -> None:
    assert {row[2] for row in TABLE} == set(Act)
    assert {row[3] for row in TABLE} == set(Reason)
