"""The one next step: a table of situations."""

import pytest

from exams.insights.next_step import Act, Gate, Reason, Situation, Step, decide

NEWCOMER: dict[str, object] = {"new_exam": 1}
LEARNER: dict[str, object] = {"results": 2, "new_exam": 3, "enough": True}

TABLE: list[tuple[str, dict[str, object], Act, Reason]] = [
    ("nothing yet", NEWCOMER, Act.FIRST_EXAM, Reason.NOTHING_KNOWN),
    ("nothing yet, cards wait", {**NEWCOMER, "due": 9}, Act.FIRST_EXAM, Reason.NOTHING_KNOWN),
    ("nothing published", {}, Act.WAIT, Reason.NOTHING_PUBLISHED),
    ("cards before any exam exists", {"due": 3}, Act.REPEAT, Reason.REPETITION_DUE),
    ("an exam runs", {**LEARNER, "running": True, "due": 9}, Act.RESUME, Reason.CLOCK_RUNS),
    (
        "an exam runs, access is over",
        {"running": True, "gate": Gate.ENDED},
        Act.RESUME,
        Reason.CLOCK_RUNS,
    ),
    (
        "an address to confirm",
        {**NEWCOMER, "gate": Gate.UNCONFIRMED},
        Act.CONFIRM,
        Reason.NO_ACCESS,
    ),
    ("no access", {**NEWCOMER, "gate": Gate.LOCKED}, Act.UNLOCK, Reason.NO_ACCESS),
    ("access is over", {**NEWCOMER, "gate": Gate.ENDED}, Act.UNLOCK, Reason.ACCESS_ENDED),
    ("cards are due", {**LEARNER, "due": 1, "weak_domain": 2}, Act.REPEAT, Reason.REPETITION_DUE),
    (
        "a weak domain can be drilled",
        {**LEARNER, "weak_domain": 2, "drill_open": True},
        Act.DRILL,
        Reason.COSTS_MOST,
    ),
    (
        "it was drilled since the last exam",
        {**LEARNER, "weak_domain": 2},
        Act.NEXT_EXAM,
        Reason.MEASURE_AGAIN,
    ),
    ("little is known", {**LEARNER, "enough": False}, Act.NEXT_EXAM, Reason.TOO_LITTLE_KNOWN),
    ("enough is known", LEARNER, Act.NEXT_EXAM, Reason.MEASURE_AGAIN),
    ("every exam is taken", {"results": 6, "enough": True}, Act.REVIEW, Reason.NO_NEW_QUESTIONS),
    (
        "every exam is taken, a domain is weak",
        {"results": 6, "weak_domain": 1, "drill_open": True},
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
    assert decide(Situation(**facts)) == Step(act, reason)  # type: ignore[arg-type]


def test_the_table_has_every_act_and_every_reason() -> None:
    assert {row[2] for row in TABLE} == set(Act)
    assert {row[3] for row in TABLE} == set(Reason)
