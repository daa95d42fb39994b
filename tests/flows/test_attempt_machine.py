"""An attempt under any order of acts against a plain model: G1 to G5 and G7 after each step."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.db import DatabaseError, transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.users.models import User
from exams.attempts import answers, grading, leases, lifecycle, selectors, sweeps
from exams.attempts.answers import Answer, Change
from exams.attempts.errors import Refused
from exams.attempts.models import AnswerEvent, Attempt, AttemptAudit, RefusedAnswer, Score, State
from tests.exams.attempts.helpers import age, past_deadline
from tests.factories import Form, make_form, start
from tests.flows import ledger

pytestmark = pytest.mark.django_db

type Payload = tuple[int, tuple[int, ...], bool]

SECRET = "CANARY-8841"
KEY_FIELDS = re.compile(r'"(is_key|is_scored|failure|difficulty|domain\w*|rationale\w*|why\w*|tip\w*|right)"')
NEVER_LATE, IN_GRACE, OVER = 3600, -10, -45

which = st.sampled_from([0, 0, 0, 0, 1, 2])
numbers = st.integers(1, 6)
choices = st.tuples(
    st.sampled_from([1, 1, 2, 3, 3, 8]),
    st.lists(st.integers(0, 3), unique=True, max_size=2).map(tuple),
    st.booleans(),
)


@dataclass(slots=True)
class Sat:
    """What the model knows of one sitting. `left`: seconds to the deadline, never near a limit."""

    id: UUID
    lease_no: int
    tokens: dict[int, str]
    holder: str
    seen_before: bool
    state: int = State.RUNNING
    left: int = 180 * 60
    events: dict[tuple[int, int], Payload] = field(default_factory=dict)
    refused: set[tuple[int, int, str]] = field(default_factory=set)
    receipt: str = ""
    reason: str = ""
    ended_at_deadline: bool = False
    forgotten: bool = False
    tries: int = 0
    revisions: int = 0
    audits: int = 0

    @property
    def over(self) -> bool:
        """Whether time and grace are over although the row still runs."""
        return self.state == State.RUNNING and self.left <= OVER

    @property
    def open(self) -> bool:
        """Whether answers are taken."""
        return self.state == State.RUNNING and not self.over

    def current(self) -> dict[int, Payload]:
        """Return the newest change of each position: highest lease, then highest number."""
        return {payload[0]: payload for _, payload in sorted(self.events.items())}

    def chosen(self) -> dict[int, tuple[int, ...]]:
        """Return the options that count."""
        return {position: payload[1] for position, payload in self.current().items()}

    def close(self, state: State, reason: str) -> None:
        """End the sitting as the product should."""
        self.ended_at_deadline = state == State.EXPIRED or self.left < 0
        self.state, self.reason = state, reason
        self.receipt = ledger.receipt(self.chosen())

    def settle(self) -> None:
        """Bring the sitting as far as it can be."""
        if self.over:
            self.close(State.EXPIRED, "expired")
        if self.state in (State.SUBMITTED, State.EXPIRED):
            self.state, self.revisions = State.SCORED, 1


def code(act: Callable[[], object]) -> str:
    """Do something and return the code of its refusal, or an empty text."""
    try:
        act()
    except Refused as refused:
        return refused.code
    return ""


class AttemptMachine(RuleBasedStateMachine):
    """Anna sits, staff help, clocks run, workers die, Béla tries to look."""

    anna: ClassVar[User]
    bela: ClassVar[User]
    form: ClassVar[Form]
    met: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.sats: list[Sat] = []
        self.undo = transaction.atomic()
        self.undo.__enter__()

    def teardown(self) -> None:
        """Forget everything that this example did."""
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def sat(self, which: int) -> Sat:
        """Return the newest sitting, or one before."""
        return self.sats[-1 - which % len(self.sats)]

    def payload(self, choice: tuple[int, tuple[int, ...], bool]) -> Payload:
        """Turn drawn indices into an answer that the paper allows."""
        position, indices, flagged = choice
        options = self.form.keys[position] + self.form.others[position]
        most = 2 if position == 3 else 1
        return position, tuple(sorted(options[index] for index in indices[:most])), flagged

    # --- Anna ---
    @rule()
    def start(self) -> None:
        running = next((sat for sat in self.sats if sat.state == State.RUNNING), None)
        begun = start(self.anna, self.form)
        if running and running.open:
            assert (begun.attempt_id, begun.created, begun.lease) == (running.id, False, None)
            self.met["started twice"] += 1
            return
        if running:
            running.close(State.EXPIRED, "expired")
        assert begun.created
        assert begun.lease
        seen = any(sat.state != State.VOIDED for sat in self.sats)
        self.sats.append(Sat(begun.attempt_id, 1, {1: begun.lease}, "test", seen))

    def send(self, sat: Sat, lease_no: int, sent: Sequence[tuple[int, Payload]]) -> None:
        """Send changes by a lease and expect what the model says."""
        lease = leases.read(sat.tokens[lease_no])
        assert lease
        got = code(lambda: answers.save(lease, [Change(seq, *payload) for seq, payload in sent]))
        self.met[got or "saved"] += 1
        refusal = self.verdict(sat, lease_no)
        if refusal:
            sat.refused |= {(lease_no, seq, refusal) for seq, _ in sent}
            assert got == refusal
            return
        reused = False
        for seq, payload in sent:
            reused |= sat.events.setdefault((lease_no, seq), payload) != payload
        assert got == ("seq_reused" if reused else "")

    def verdict(self, sat: Sat, lease_no: int) -> str:
        """Return why a save must be refused, if so."""
        if lease_no != sat.lease_no:
            return "lease_taken"
        if sat.state != State.RUNNING:
            return "attempt_closed"
        return "late" if sat.over else ""

    @precondition(lambda self: self.sats)
    @rule(which=which, sent=st.lists(st.tuples(numbers, choices), min_size=1, max_size=3))
    def save(self, which: int, sent: list[tuple[int, tuple[int, tuple[int, ...], bool]]]) -> None:
        sat = self.sat(which)
        self.send(sat, max(sat.tokens), [(seq, self.payload(choice)) for seq, choice in sent])

    @precondition(lambda self: any(len(sat.tokens) > 1 for sat in self.sats))
    @rule(seq=numbers, choice=choices)
    def save_by_an_old_lease(self, seq: int, choice: tuple[int, tuple[int, ...], bool]) -> None:
        sat = next(sat for sat in reversed(self.sats) if len(sat.tokens) > 1)
        self.send(sat, min(sat.tokens), [(seq, self.payload(choice))])

    @precondition(lambda self: self.stored())
    @rule(pick=st.integers(0, 50))
    def replay(self, pick: int) -> None:
        sat, lease_no, seq = self.stored()[pick % len(self.stored())]
        self.send(sat, lease_no, [(seq, sat.events[lease_no, seq])])
        self.met["replayed"] += 1

    @precondition(lambda self: self.stored())
    @rule(pick=st.integers(0, 50), choice=choices)
    def send_other_content_under_a_used_number(
        self, pick: int, choice: tuple[int, tuple[int, ...], bool]
    ) -> None:
        sat, lease_no, seq = self.stored()[pick % len(self.stored())]
        self.send(sat, lease_no, [(seq, self.payload(choice))])

    def stored(self) -> list[tuple[Sat, int, int]]:
        """Return what was stored by a lease whose token is known."""
        return [(sat, *key) for sat in self.sats for key in sorted(sat.events) if key[0] in sat.tokens]

    @precondition(lambda self: self.sats)
    @rule(which=which, position=st.integers(1, 8), seq=numbers)
    def send_an_option_of_another_question(self, which: int, position: int, seq: int) -> None:
        sat = self.sat(which)
        lease = leases.read(sat.tokens[max(sat.tokens)])
        assert lease
        foreign = tuple(self.form.keys[position % 8 + 1][:1])
        assert code(lambda: answers.save(lease, [Change(seq, position, foreign, False)])) == "invalid_answer"

    @precondition(lambda self: self.sats)
    @rule(which=which, holder=st.sampled_from(["a", "b"]))
    def take_over(self, which: int, holder: str) -> None:
        sat = self.sat(which)
        if not sat.open:
            refusal = code(
                lambda: lifecycle.take_lease(user=self.anna, attempt_id=sat.id, holder=f"session:{holder}")
            )
            assert refusal == "attempt_closed"
            if sat.over:
                sat.close(State.EXPIRED, "expired")
            return
        taken = lifecycle.take_lease(user=self.anna, attempt_id=sat.id, holder=f"session:{holder}")
        sat.lease_no, sat.holder = sat.lease_no + 1, holder
        assert (taken.lease_no, taken.next_seq) == (sat.lease_no, 1)
        assert shown(taken.answers) == sat.current()
        sat.tokens[sat.lease_no] = taken.lease
        self.met["taken over"] += 1

    @precondition(lambda self: any(sat.open for sat in self.sats))
    @rule(choice=choices, other=choices, seq=numbers)
    def answer_again_in_another_window(
        self,
        choice: tuple[int, tuple[int, ...], bool],
        other: tuple[int, tuple[int, ...], bool],
        seq: int,
    ) -> None:
        sat = next(sat for sat in self.sats if sat.open)
        self.send(sat, max(sat.tokens), [(seq, self.payload(choice))])
        self.take_over(len(self.sats) - 1 - self.sats.index(sat), "b")
        self.send(sat, max(sat.tokens), [(1, self.payload((choice[0], *other[1:])))])

    @precondition(lambda self: self.sats)
    @rule(which=which, choice=choices)
    def answer_without_script(self, which: int, choice: tuple[int, tuple[int, ...], bool]) -> None:
        sat = self.sat(which)
        position, selected, flagged = self.payload(choice)
        got = code(
            lambda: lifecycle.answer_without_script(
                user=self.anna, attempt_id=sat.id, position=position, selected=selected, flagged=flagged
            )
        )
        if sat.open:
            assert got == ""
            sat.lease_no, sat.holder = sat.lease_no + 1, ""
            sat.events[sat.lease_no, 1] = (position, selected, flagged)
            self.met["answered without script"] += 1
        else:
            assert got == ("late" if sat.over else "attempt_closed")
            sat.refused.add((sat.lease_no + 1, position, got))

    @precondition(lambda self: self.sats)
    @rule(which=which, by=st.sampled_from(["new", "new", "old", "none"]))
    def submit(self, which: int, by: str) -> None:
        sat = self.sat(which)
        number = {"new": max(sat.tokens), "old": min(sat.tokens), "none": None}[by]
        token = sat.tokens[number] if number else None
        expected = ""
        if sat.state == State.VOIDED:
            expected = "attempt_closed"
        elif sat.open and number and number != sat.lease_no:
            expected = "lease_taken"
        got: list[lifecycle.Receipt] = []
        refusal = code(lambda: got.append(lifecycle.submit(user=self.anna, attempt_id=sat.id, lease=token)))
        assert refusal == expected
        if expected:
            return
        if sat.state != State.RUNNING:
            self.met["submitted again"] += 1
        elif sat.over:
            sat.close(State.EXPIRED, "expired")
        else:
            sat.close(State.SUBMITTED, "submitted")
            self.met["submitted"] += 1
        assert (got[0].state, got[0].receipt) == (sat.reason, sat.receipt)

    @precondition(lambda self: self.sats)
    @rule(which=which)
    def cancel(self, which: int) -> None:
        sat = self.sat(which)
        expected = ""
        if sat.state != State.VOIDED and not sat.open:
            expected = "attempt_closed"
        elif sat.open and sat.events:
            expected = "already_answered"
        assert code(lambda: lifecycle.cancel(user=self.anna, attempt_id=sat.id)) == expected
        if not expected and sat.open:
            sat.state, sat.reason, sat.ended_at_deadline = State.VOIDED, "cancelled", False
            self.met["cancelled"] += 1

    @precondition(lambda self: self.sats)
    @rule(session=st.sampled_from(["test", "a", "b", None]))
    def log_out(self, session: str | None) -> None:
        held = [
            sat
            for sat in self.sats
            if sat.state == State.RUNNING and (session is None or sat.holder == session)
        ]
        assert lifecycle.release_leases(self.anna.pk, session) == len(held)
        for sat in held:
            sat.lease_no, sat.holder = sat.lease_no + 1, ""
            self.met["logged out"] += 1

    @precondition(lambda self: self.sats)
    @rule(which=which)
    def open_the_result(self, which: int) -> None:
        sat = self.sat(which)
        lifecycle.settle(user=self.anna, attempt_id=sat.id)
        sat.settle()
        result = selectors.result(self.anna, sat.id, "en")
        assert (result.score is not None) == (sat.state == State.SCORED)

    @precondition(lambda self: any(sat.open for sat in self.sats))
    @rule(seq=numbers, choice=choices, swept=st.booleans())
    def an_answer_comes_late_and_time_is_given(
        self, seq: int, choice: tuple[int, tuple[int, ...], bool], swept: bool
    ) -> None:
        sat = next(sat for sat in self.sats if sat.open)
        past_deadline(sat.id, -OVER)
        sat.left = OVER
        sent = [(seq, self.payload(choice))]
        self.send(sat, max(sat.tokens), sent)
        if swept:
            assert lifecycle.expire(sat.id)
            sat.close(State.EXPIRED, "expired")
            self.met["expired"] += 1
        self.give_time(sat, 30)
        self.send(sat, max(sat.tokens), sent)

    # --- the clock, the workers, the staff ---
    @precondition(lambda self: any(sat.state == State.RUNNING for sat in self.sats))
    @rule(left=st.sampled_from([NEVER_LATE, IN_GRACE, OVER, -600]), swept=st.booleans())
    def time_passes(self, left: int, swept: bool) -> None:
        sat = next(sat for sat in self.sats if sat.state == State.RUNNING)
        past_deadline(sat.id, -left)
        sat.left = left
        if swept:
            self.sweep()

    @precondition(lambda self: any(sat.open for sat in self.sats))
    @rule()
    def a_new_start_bars_the_extension_of_the_old_attempt(self) -> None:
        old = next(sat for sat in self.sats if sat.open)
        past_deadline(old.id, -OVER)
        old.left = OVER
        self.start()
        self.give_time(old, 30)
        self.met["extension barred"] += 1

    @precondition(lambda self: any(sat.state in grading.ENDED for sat in self.sats))
    @rule()
    def nobody_scores_for_a_while(self) -> None:
        sat = next(sat for sat in self.sats if sat.state in grading.ENDED)
        age(sat.id, 100)
        sat.left -= 100
        sat.forgotten = True

    @precondition(lambda self: self.sats)
    @rule(which=which)
    def expire(self, which: int) -> None:
        sat = self.sat(which)
        assert lifecycle.expire(sat.id) == (not sat.open)
        if sat.over:
            sat.close(State.EXPIRED, "expired")
            self.met["expired"] += 1

    @precondition(lambda self: self.sats)
    @rule()
    def sweep(self) -> None:
        sweeps.sweep()
        states = dict(Attempt.objects.filter(user=self.anna).values_list("pk", "state"))
        for sat in self.sats:
            if sat.over:
                sat.close(State.EXPIRED, "expired")
                self.met["swept"] += 1
            due = sat.reason == "expired" or sat.forgotten or sat.ended_at_deadline
            waits_for_its_hint = states[sat.id] in grading.ENDED and not (due and not sat.tries)
            if not waits_for_its_hint:
                sat.settle()

    @precondition(lambda self: self.sats)
    @rule(which=which)
    def grade(self, which: int) -> None:
        sat = self.sat(which)
        ended = sat.state in grading.ENDED
        assert grading.grade(sat.id) == ended
        if ended:
            sat.settle()
            self.met["graded"] += 1

    @precondition(lambda self: any(sat.state in grading.ENDED and sat.tries < 3 for sat in self.sats))
    @rule()
    def a_worker_dies_while_scoring(self) -> None:
        sat = next(sat for sat in self.sats if sat.state in grading.ENDED and sat.tries < 3)
        assert grading.claim([sat.id]) == [sat.id]
        sat.tries += 1

    @precondition(lambda self: self.sats)
    @rule(which=which)
    def rescore(self, which: int) -> None:
        sat = self.sat(which)
        refusal = code(lambda: grading.rescore(attempt_id=sat.id, actor=self.bela, reason="a wrong key"))
        assert refusal == ("" if sat.state == State.SCORED else "not_scored")
        if not refusal:
            sat.revisions += 1
            self.met["rescored"] += 1

    @precondition(lambda self: self.sats)
    @rule(which=which, minutes=st.sampled_from([0, 1, 30]))
    def extend(self, which: int, minutes: int) -> None:
        self.give_time(self.sat(which), minutes)

    def give_time(self, sat: Sat, minutes: int) -> None:
        """Extend a sitting, where that is possible."""
        possible = (
            minutes > 0
            and sat.state in (State.RUNNING, State.EXPIRED)
            and sat.left + 60 * minutes > 0
            and not any(other.state == State.RUNNING for other in self.sats if other is not sat)
        )
        refusal = code(
            lambda: lifecycle.extend(attempt_id=sat.id, minutes=minutes, actor=self.bela, reason="power cut")
        )
        assert refusal == ("" if possible else "cannot_extend")
        if possible:
            self.met["opened again" if sat.state == State.EXPIRED else "extended"] += 1
            sat.left += 60 * minutes
            sat.state, sat.reason, sat.receipt, sat.audits = State.RUNNING, "", "", sat.audits + 1
            sat.forgotten = False

    @precondition(lambda self: self.sats)
    @rule(which=which)
    def void(self, which: int) -> None:
        sat = self.sat(which)
        running = sat.state == State.RUNNING
        refusal = code(lambda: lifecycle.void(attempt_id=sat.id, actor=self.bela, reason="test sitting"))
        assert refusal == ("" if running else "attempt_closed")
        if running:
            sat.state, sat.reason, sat.ended_at_deadline = State.VOIDED, "voided", False
            sat.audits += 1

    # --- a stranger ---
    @precondition(lambda self: self.sats)
    @rule(which=which)
    def a_stranger_tries_every_door(self, which: int) -> None:
        sat, bela = self.sat(which), self.bela
        token = sat.tokens[max(sat.tokens)]
        doors: list[Callable[[], object]] = [
            lambda: selectors.taking(bela, sat.id),
            lambda: selectors.result(bela, sat.id, "en"),
            lambda: selectors.review(bela, sat.id, "en"),
            lambda: lifecycle.take_lease(user=bela, attempt_id=sat.id, holder="x"),
            lambda: lifecycle.submit(user=bela, attempt_id=sat.id, lease=token),
            lambda: lifecycle.cancel(user=bela, attempt_id=sat.id),
            lambda: lifecycle.settle(user=bela, attempt_id=sat.id),
        ]
        assert {code(door) for door in doors} == {"not_found"}

    # --- what must hold after every step ---
    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        rows = {row.pk: row for row in Attempt.objects.filter(user=self.anna)}
        assert set(rows) == {sat.id for sat in self.sats}
        assert sum(sat.state == State.RUNNING for sat in self.sats) <= 1
        for sat in self.sats:
            row = rows[sat.id]
            assert (row.state, row.lease_no, row.end_reason, row.seen_before) == (
                sat.state,
                sat.lease_no,
                sat.reason,
                sat.seen_before,
            )
            assert row.answers_sha256 == sat.receipt
            if sat.state == State.RUNNING:
                assert row.ended_at is None
            elif sat.state != State.VOIDED:
                assert row.ended_at
                assert row.started_at <= row.ended_at <= row.deadline_at
                assert (row.ended_at == row.deadline_at) == sat.ended_at_deadline

    @invariant()
    def the_log_is_as_the_model_says_and_stays_so_after_the_end(self) -> None:
        ids = [sat.id for sat in self.sats]
        stored: dict[UUID, dict[tuple[int, int], Payload]] = {one: {} for one in ids}
        events = AnswerEvent.objects.filter(attempt_id__in=ids)
        for one, lease_no, seq, position, selected, flagged in events.values_list(
            "attempt_id", "lease_no", "seq", "position", "selected", "flagged"
        ):
            stored[one][lease_no, seq] = (position, tuple(selected), flagged)
        refused: dict[UUID, set[tuple[int, int, str]]] = {one: set() for one in ids}
        refusals = RefusedAnswer.objects.filter(attempt_id__in=ids)
        for one, lease_no, seq, reason in refusals.values_list("attempt_id", "lease_no", "seq", "reason"):
            refused[one].add((lease_no, seq, reason))
        given = answers.current_of(ids)
        for sat in self.sats:
            assert stored[sat.id] == sat.events
            assert refused[sat.id] == sat.refused
            assert shown(given.get(sat.id, [])) == sat.current()

    @invariant()
    def scores_are_one_by_one_and_right(self) -> None:
        rows = Score.objects.filter(attempt_id__in=[sat.id for sat in self.sats]).order_by("revision")
        scores: dict[UUID, list[Score]] = {sat.id: [] for sat in self.sats}
        for row in rows:
            scores[row.attempt_id].append(row)
        for sat in self.sats:
            assert [row.revision for row in scores[sat.id]] == list(range(1, sat.revisions + 1))
            right = ledger.right(self.form, sat.chosen())
            for row in scores[sat.id]:
                assert (row.raw, row.scaled, row.passed) == ledger.score(self.form, sat.chosen())
                assert row.result["right"] == "".join("01"[position in right] for position in range(1, 9))
                assert (bool(row.reason), bool(row.actor_id)) == (row.revision > 1, row.revision > 1)

    @invariant()
    def staff_leave_a_trace(self) -> None:
        ids = [sat.id for sat in self.sats]
        audits = Counter(AttemptAudit.objects.filter(attempt_id__in=ids).values_list("attempt_id", flat=True))
        assert all(audits[sat.id] == sat.audits for sat in self.sats)

    @invariant()
    def nothing_secret_is_in_what_a_page_of_a_running_attempt_gets(self) -> None:
        for sat in self.sats[-1:]:
            taking = selectors.taking(self.anna, sat.id)
            assert taking.head.running == sat.open
            assert shown(taking.answers.values()) == sat.current()
            text = json.dumps(asdict(taking), default=str)
            assert SECRET not in text
            assert not KEY_FIELDS.search(text)
            if sat.open:
                refusal = code(lambda: selectors.review(self.anna, sat.id, "en"))  # noqa: B023
                assert refusal == "not_finished"


def shown(given: Iterable[Answer]) -> dict[int, Payload]:
    """Bring answers of the product into the shape of the model."""
    return {answer.position: (answer.position, answer.selected, answer.flagged) for answer in given}


THOROUGH = settings(
    max_examples=60,
    stateful_step_count=40,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
SEARCH = settings(THOROUGH, phases=[Phase.generate], report_multiple_bugs=False)


def walk(anna: User, bela: User, how: settings) -> Counter[str]:
    """Run the machine and return what it met."""
    AttemptMachine.anna, AttemptMachine.bela = anna, bela
    AttemptMachine.form = make_form(mark=SECRET, languages=("en",))
    AttemptMachine.met = Counter()
    with override_settings(DATABASE_PREPARES=how is THOROUGH):
        run_state_machine_as_test(AttemptMachine, settings=how)
    return AttemptMachine.met


MET = {
    "saved", "replayed", "seq_reused", "lease_taken", "attempt_closed", "late", "started twice",
    "taken over", "answered without script", "submitted", "submitted again", "cancelled", "logged out",
    "expired", "swept", "graded", "rescored", "extended", "opened again",
    "extension barred",
}  # fmt: skip


def test_whatever_happens_in_whatever_order_the_promises_hold(anna: User, bela: User) -> None:
    met = walk(anna, bela, THOROUGH)
    assert set(met) >= MET, MET - set(met)


# module, name, what to replace, by what: each is a fault that somebody could make
MUTANTS: dict[str, tuple[Any, str, str, str]] = {
    "the latest arrival counts": (answers, "CURRENT", "lease_no DESC, seq DESC", "received_at DESC"),
    "numbers go before leases": (answers, "CURRENT", "lease_no DESC, seq DESC", "seq DESC, lease_no DESC"),
    "an old lease may write": (answers, "SAVE", "lease_no <> %(lease)s", "lease_no < 0"),
    "an ended attempt takes answers": (answers, "SAVE", "WHEN state <> 1 THEN 'attempt_closed'", ""),
    "a sweep without receipts": (sweeps, "EXPIRE", "answers_sha256 = n.receipt", "answers_sha256 = ''"),
}


@pytest.mark.parametrize("mutant", list(MUTANTS))
def test_the_machine_finds_a_fault_in_the_sql(
    anna: User, bela: User, monkeypatch: pytest.MonkeyPatch, mutant: str
) -> None:
    module, name, old, new = MUTANTS[mutant]
    sql = getattr(module, name)
    assert old in sql
    monkeypatch.setattr(module, name, sql.replace(old, new))
    with pytest.raises((AssertionError, DatabaseError, Refused)):
        walk(anna, bela, SEARCH)


def test_the_machine_finds_unscored_items_that_count(
    anna: User, bela: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = grading.marking

    def careless(edition_id: int) -> grading.Marking:
        found = real(edition_id)
        places = tuple((position, domain, True, keys) for position, domain, _, keys in found.places)
        return grading.Marking(found.scale, found.weights, places)

    with monkeypatch.context() as patch, pytest.raises(AssertionError):
        patch.setattr(grading, "marking", careless)
        walk(anna, bela, SEARCH)
