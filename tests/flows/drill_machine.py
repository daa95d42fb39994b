"""Drills in any order of acts, beside exams of the same person; the model says what must come of it."""

from collections import Counter
from dataclasses import dataclass, field
from typing import ClassVar, Final
from uuid import UUID

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from accounts.users.models import User
from exams.attempts import answers, drills, leases, lifecycle, results, selectors, sweeps
from exams.attempts.answers import Change
from exams.attempts.models import Feedback, Mode, State
from tests.exams.attempts.helpers import past_deadline
from tests.exams.attempts.practice import answers_of, close, draw, finish_exam, idle, positions_in
from tests.factories import Form, start
from tests.flows import ledger
from tests.flows.promises import rows_of
from tests.flows.sat import IN_GRACE, OVER, code

MOST = 5
which = st.integers(0, MOST - 1)
positions = st.integers(1, 5)

CLOSES: Final = """
SELECT attempt_id, count(*) FROM exams_answerevent WHERE closes AND attempt_id = ANY(%s) GROUP BY 1
"""
DRILLS: Final = """
SELECT id, state, end_reason, hidden_at IS NOT NULL FROM exams_attempt WHERE user_id = %s AND mode = 'drill'
"""
SCORES: Final = "SELECT attempt_id, raw, scaled, passed FROM exams_score WHERE attempt_id = ANY(%s)"


@dataclass(slots=True)
class Drilled:
    """What the model knows of a drill; `left` are seconds to the deadline, None without one.

    `days` have gone by since it was started or last answered.
    """

    id: UUID
    form: Form
    at_once: bool
    given: dict[int, tuple[list[int], list[int]]]
    lease: str | None
    left: int | None
    chosen: dict[int, list[int]] = field(default_factory=dict)
    state: int = State.RUNNING
    reason: str = ""
    hidden: bool = False
    days: int = 0
    seq: int = 0

    @property
    def over(self) -> bool:
        """Whether time and grace are over although it still runs."""
        return self.state == State.RUNNING and self.left is not None and self.left <= OVER

    @property
    def open(self) -> bool:
        """Whether answers are taken."""
        return self.state == State.RUNNING and not self.over

    def end(self, reason: str) -> None:
        """End and score it."""
        self.state, self.reason = State.SCORED, reason


class DrillMachine(RuleBasedStateMachine):
    """Anna practices two exams that she finished, and now and then takes the first of them again."""

    anna: ClassVar[User]
    forms: ClassVar[tuple[Form, Form]]
    met: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.drilled: list[Drilled] = []
        self.exam: lifecycle.Started | None = None
        self.undo = transaction.atomic()
        self.undo.__enter__()

    def teardown(self) -> None:
        """Forget everything that this example did."""
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize()
    def both_exams_are_finished(self) -> None:
        self.before = [finish_exam(self.anna, form) for form in self.forms]
        for number, at_once, minutes in ((1, True, 0), (2, False, 30), (1, True, 30)):
            self.start_a_drill(number, at_once, minutes)

    def pick(self, which: int) -> Drilled:
        """Return the newest drill, or one before."""
        return self.drilled[-1 - which % len(self.drilled)]

    def held(self, drill: Drilled) -> bool:
        """Say whether the running exam has the questions of a drill."""
        return self.exam is not None and drill.form is self.forms[0]

    # --- Anna practices
    @precondition(lambda self: len(self.drilled) < MOST)
    @rule(number=st.integers(1, 2), at_once=st.booleans(), minutes=st.sampled_from([0, 0, 30]))
    def start_a_drill(self, number: int, at_once: bool, minutes: int) -> None:
        form = self.forms[number - 1]
        feedback = Feedback.AT_ONCE if at_once else Feedback.AT_END
        domain = number  # each exam of this machine is of one domain
        if number == 1 and self.exam:
            got = code(lambda: draw(self.anna, form, feedback=feedback, minutes=minutes, domain=domain))
            assert got == "nothing_to_draw"
            self.met["nothing to draw"] += 1
            return
        begun = draw(self.anna, form, feedback=feedback, minutes=minutes, domain=domain)
        assert len(positions_in(form, begun.attempt_id)) == 5
        given = answers_of(form, begun.attempt_id)
        left = 60 * minutes if minutes else None
        self.drilled.append(Drilled(begun.attempt_id, form, at_once, given, begun.lease, left))

    @precondition(lambda self: len(self.drilled) < MOST)
    @rule(at_once=st.booleans())
    def draw_from_the_exam_while_it_runs(self, at_once: bool) -> None:
        begins = self.exam is None
        if begins:
            self.start_the_exam()
        self.start_a_drill(1, at_once, 0)
        if begins:
            self.submit_the_exam()

    @precondition(lambda self: self.exam and any(one.at_once for one in self.drilled))
    @rule(which=which, position=positions)
    def close_while_the_exam_runs(self, which: int, position: int) -> None:
        self.close(which, position, "right")

    @precondition(lambda self: any(one.at_once and one.open for one in self.drilled))
    @rule(position=positions)
    def close_twice(self, position: int) -> None:
        drill = next(one for one in self.drilled if one.at_once and one.open)
        for what in ("right", "wrong"):
            self.close(len(self.drilled) - 1 - self.drilled.index(drill), position, what)

    @precondition(lambda self: any(one.over for one in self.drilled))
    @rule(position=positions)
    def answer_too_late(self, position: int) -> None:
        drill = next(one for one in self.drilled if one.over)
        if drill.at_once:
            self.close(len(self.drilled) - 1 - self.drilled.index(drill), position, "right")
        else:
            self.save(position, True)

    @precondition(lambda self: self.drilled)
    @rule(which=which, position=positions, what=st.sampled_from(["right", "wrong", "show", "few", "foreign"]))
    def close(self, which: int, position: int, what: str) -> None:
        drill = self.pick(which)
        keys, others = drill.given[position]
        foreign = drill.given[position % 5 + 1][0]
        selected = {"right": keys, "wrong": others[: len(keys)], "foreign": foreign}.get(what, [])
        shown = []
        got = code(lambda: shown.append(close(self.anna, drill.id, position, *selected, show=what == "show")))
        assert got == self.verdict(drill, position, what)
        self.met[got or "closed"] += 1
        if got:
            return
        drill.chosen.setdefault(position, selected)
        drill.days = 0
        assert shown[0].correct == (sorted(drill.chosen[position]) == sorted(keys))
        assert shown[0].answered == bool(drill.chosen[position])

    def verdict(self, drill: Drilled, position: int, what: str) -> str:
        """Return why a closing must be refused, if so."""
        if not drill.at_once:
            return "not_at_once"
        if self.held(drill):
            return "exam_running"
        if position in drill.chosen:
            return ""
        if not drill.open:
            return "late" if drill.over else "attempt_closed"
        return "invalid_answer" if what in ("few", "foreign") else ""

    @precondition(lambda self: any(not one.at_once for one in self.drilled))
    @rule(position=positions, right=st.booleans())
    def save(self, position: int, right: bool) -> None:
        waiting = [one for one in reversed(self.drilled) if not one.at_once]
        drill = next((one for one in waiting if one.over), waiting[0])
        lease = leases.read(drill.lease or "")
        assert lease
        drill.seq += 1
        keys, others = drill.given[position]
        selected = keys if right else others[:1]
        got = code(lambda: answers.save(lease, [Change(drill.seq, position, tuple(selected), False, 1, 5)]))
        assert got == ("" if drill.open else "late" if drill.over else "attempt_closed")
        self.met[f"save {got}"] += 1
        if not got:
            drill.chosen[position] = selected
            drill.days = 0

    @precondition(lambda self: any(one.at_once for one in self.drilled))
    @rule(position=positions)
    def answer_at_once_by_the_ways_of_an_exam(self, position: int) -> None:
        drill = next(one for one in self.drilled if one.at_once)
        acts = [
            lambda: lifecycle.take_lease(user=self.anna, attempt_id=drill.id, holder="x"),
            lambda: lifecycle.answer_without_script(
                user=self.anna,
                attempt_id=drill.id,
                position=position,
                selected=tuple(drill.given[position][0]),
                flagged=False,
            ),
        ]
        assert {code(act) for act in acts} == {"feedback_at_once"}

    @precondition(lambda self: any(len(one.chosen) > 1 for one in self.drilled))
    @rule(which=which)
    def finish(self, which: int) -> None:
        drill = self.pick(which)
        running, over = drill.state == State.RUNNING, drill.over
        receipt = lifecycle.submit(user=self.anna, attempt_id=drill.id, lease=drill.lease)
        assert receipt.receipt == ledger.receipt(drill.chosen)
        lifecycle.settle(user=self.anna, attempt_id=drill.id)
        if running:
            drill.end("expired" if over else "submitted")
            self.met["finished"] += 1

    @precondition(lambda self: self.drilled)
    @rule(which=which, hidden=st.booleans())
    def hide(self, which: int, hidden: bool) -> None:
        drill = self.pick(which)
        drills.hide(user=self.anna, attempt_id=drill.id, hidden=hidden)
        drill.hidden = hidden

    # --- Anna takes the first exam again
    @precondition(lambda self: self.exam is None)
    @rule()
    def start_the_exam(self) -> None:
        self.exam = start(self.anna, self.forms[0])
        assert self.exam.created
        self.met["exam"] += 1

    @precondition(lambda self: self.exam is not None)
    @rule()
    def submit_the_exam(self) -> None:
        assert self.exam
        lifecycle.submit(user=self.anna, attempt_id=self.exam.attempt_id, lease=self.exam.lease)
        lifecycle.settle(user=self.anna, attempt_id=self.exam.attempt_id)
        self.exam = None

    # --- the clock
    @precondition(lambda self: any(one.open and one.left is not None for one in self.drilled))
    @rule(
        left=st.sampled_from([IN_GRACE, OVER, OVER]),
        then=st.sampled_from(["nothing", "sweep", "answer"]),
        position=positions,
    )
    def time_passes(self, left: int, then: str, position: int) -> None:
        drill = next(one for one in self.drilled if one.open and one.left is not None)
        past_deadline(drill.id, -left)
        drill.left = left
        if then == "sweep":
            self.sweep()
        elif then == "answer" and drill.over:
            self.answer_too_late(position)

    @precondition(lambda self: any(one.open and one.left is None for one in self.drilled))
    @rule(days=st.sampled_from([25, 29, 31]))
    def nobody_answers_for_days(self, days: int) -> None:
        drill = next(one for one in self.drilled if one.open and one.left is None)
        idle(drill.id, days)
        drill.days += days
        self.sweep()

    @precondition(lambda self: self.drilled)
    @rule()
    def sweep(self) -> None:
        sweeps.sweep()
        for drill in self.drilled:
            if drill.over:
                drill.end("expired")
                self.met["swept"] += 1
            elif drill.open and drill.left is None and drill.days > 30:
                drill.end("idle")
                self.met["abandoned"] += 1

    # --- What must hold
    @invariant()
    def what_was_answered_is_stored_and_what_was_shown_never_changes(self) -> None:
        ids = [drill.id for drill in self.drilled]
        given, closes = answers.current_of(ids), Counter(dict(rows_of(CLOSES, ids)))
        for drill in self.drilled:
            stored = {one.position: list(one.selected) for one in given.get(drill.id, [])}
            assert stored == {position: sorted(chosen) for position, chosen in drill.chosen.items()}
            assert closes[drill.id] == (len(drill.chosen) if drill.at_once else 0)

    @invariant()
    def rows_and_scores_are_as_the_model_says(self) -> None:
        rows = {row[0]: row[1:] for row in rows_of(DRILLS, self.anna.pk)}
        assert set(rows) == {drill.id for drill in self.drilled}
        found: dict[UUID, list[tuple[int, int | None, bool | None]]] = {one: [] for one in rows}
        for one, raw, scaled, passed in rows_of(SCORES, [*rows]):
            found[one].append((raw, scaled, passed))
        for drill in self.drilled:
            assert rows[drill.id] == (drill.state, drill.reason, drill.hidden)
            right = sum(
                sorted(drill.chosen.get(position, ())) == sorted(keys)
                for position, (keys, _) in drill.given.items()
            )
            assert found[drill.id] == ([(right, None, None)] if drill.state == State.SCORED else [])

    @invariant()
    def nothing_leaves_before_its_time(self) -> None:
        for drill in self.drilled:
            found = selectors.taking(self.anna, drill.id, Mode.DRILL)
            reviews = results.closed_reviews(found, "en")
            assert found.drill
            if self.held(drill):
                assert (found.items, dict(reviews), len(found.held)) == ((), {}, 5)
                assert (found.drill.raw, found.drill.share) == (None, None)
            else:
                assert set(reviews) == (set(drill.chosen) if drill.at_once else set())
            expected = "not_finished" if drill.state == State.RUNNING else "exam_running"
            if drill.state == State.RUNNING or self.held(drill):
                assert code(lambda: results.drill_review(self.anna, drill.id, "en")) == expected  # noqa: B023

    @invariant()
    def exams_know_nothing_of_drills(self) -> None:
        own = {row.head.attempt_id for row in selectors.own_attempts(self.anna)}
        assert not own & {drill.id for drill in self.drilled}
        if hasattr(self, "before"):
            refusal = code(lambda: results.review(self.anna, self.before[0], "en"))
            assert refusal == ("exam_running" if self.exam else "")
            assert code(lambda: results.review(self.anna, self.before[1], "en")) == ""

    @invariant()
    def lists_leave_out_what_is_hidden(self) -> None:
        shown = {one.head.attempt_id for one in selectors.own_drills(self.anna)}
        assert shown == {drill.id for drill in self.drilled if not drill.hidden}
