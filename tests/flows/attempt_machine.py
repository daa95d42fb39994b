"""Everything that can happen to an attempt, in any order; the model says what must come of it."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import ClassVar

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from accounts.users.models import User
from exams.attempts import answers, grading, leases, lifecycle, results, selectors, staff, sweeps
from exams.attempts.answers import Change
from exams.attempts.models import Attempt, State
from tests.exams.attempts.helpers import age, claimed_ago, past_deadline
from tests.factories import start
from tests.flows.promises import Promises
from tests.flows.sat import IN_GRACE, NEVER_LATE, OVER, Payload, Sat, code, payloads

type Choice = tuple[int, tuple[int, ...], bool]

MOST = 4

which = st.sampled_from([0, 0, 0, 0, 1, 2])
numbers = st.integers(1, 6)
choices = st.tuples(
    st.sampled_from([1, 1, 2, 3, 3, 8]),
    st.lists(st.integers(0, 3), unique=True, max_size=2).map(tuple),
    st.booleans(),
)


class AttemptMachine(Promises):
    """Anna sits, staff help, clocks run, workers die, Béla tries to look."""

    bela: ClassVar[User]
    met: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.sats = []
        self.undo = transaction.atomic()
        self.undo.__enter__()

    def teardown(self) -> None:
        """Forget everything that this example did."""
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def sat(self, which: int) -> Sat:
        """Return the newest attempt, or one before."""
        return self.sats[-1 - which % len(self.sats)]

    def payload(self, choice: tuple[int, tuple[int, ...], bool]) -> Payload:
        """Turn drawn indices into an answer that the paper allows."""
        position, indices, flagged = choice
        options = self.form.keys[position] + self.form.others[position]
        most = 2 if position == 3 else 1
        return position, tuple(sorted(options[index] for index in indices[:most])), flagged

    # --- Anna ---
    @initialize()
    def begin(self) -> None:
        self.start()

    @precondition(lambda self: len(self.sats) < MOST)
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
        seen = any(sat.state != State.VOIDED or sat.opened for sat in self.sats)
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
            if sat.events.setdefault((lease_no, seq), payload) != payload:
                sat.refused.add((lease_no, seq, "seq_reused"))
                reused = True
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
    def save(self, which: int, sent: list[tuple[int, Choice]]) -> None:
        sat = self.sat(which)
        self.send(sat, max(sat.tokens), [(seq, self.payload(choice)) for seq, choice in sent])

    @precondition(lambda self: any(sat.open for sat in self.sats))
    @rule(sent=st.lists(st.tuples(numbers, choices), min_size=1, max_size=3))
    def save_what_runs(self, sent: list[tuple[int, Choice]]) -> None:
        sat = next(sat for sat in self.sats if sat.open)
        self.send(sat, max(sat.tokens), [(seq, self.payload(choice)) for seq, choice in sent])

    @precondition(lambda self: any(len(sat.tokens) > 1 for sat in self.sats))
    @rule(seq=numbers, choice=choices)
    def save_by_an_old_lease(self, seq: int, choice: Choice) -> None:
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
    def send_other_content_under_a_used_number(self, pick: int, choice: Choice) -> None:
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
        sat.lease_no, sat.holder, sat.opened = sat.lease_no + 1, holder, True
        assert (taken.lease_no, taken.next_seq) == (sat.lease_no, 1)
        assert payloads(taken.answers) == sat.current()
        sat.tokens[sat.lease_no] = taken.lease
        self.met["taken over"] += 1

    @precondition(lambda self: any(sat.open for sat in self.sats))
    @rule(choice=choices, other=choices, seq=numbers)
    def answer_again_in_another_window(
        self,
        choice: Choice,
        other: Choice,
        seq: int,
    ) -> None:
        sat = next(sat for sat in self.sats if sat.open)
        self.send(sat, max(sat.tokens), [(seq, self.payload(choice))])
        self.take_over(len(self.sats) - 1 - self.sats.index(sat), "b")
        self.send(sat, max(sat.tokens), [(1, self.payload((choice[0], *other[1:])))])

    @precondition(lambda self: self.sats)
    @rule(which=which, choice=choices)
    def answer_without_script(self, which: int, choice: Choice) -> None:
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

    # Few acts end an attempt, or every attempt would be a short one.
    @precondition(lambda self: any(len(sat.events) > 2 for sat in self.sats))
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

    @precondition(lambda self: len(self.sats) == 1)
    @rule()
    def start_by_mistake(self) -> None:
        self.start()
        self.cancel(next(n for n, sat in enumerate(reversed(self.sats)) if sat.state == State.RUNNING))

    @precondition(lambda self: self.sats)
    @rule(which=which)
    def cancel(self, which: int) -> None:
        sat = self.sat(which)
        expected = ""
        if sat.state != State.VOIDED and not sat.open:
            expected = "attempt_closed"
        elif sat.open and any(sat.chosen().values()):
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
        holder = session and f"session:{session}"
        assert lifecycle.release_leases(self.anna.pk, holder) == len(held)
        for sat in held:
            sat.lease_no, sat.holder = sat.lease_no + 1, ""
            self.met["logged out"] += 1

    @precondition(lambda self: len(self.sats) < MOST)
    @rule(right=st.sets(st.integers(1, 8)), flagged=st.booleans())
    def sit_to_the_end(self, right: set[int], flagged: bool) -> None:
        self.start()
        sat = next(sat for sat in self.sats if sat.state == State.RUNNING)
        sent = [
            (6 + position, (position, tuple(sorted(keys if position in right else ())), flagged))
            for position, keys in self.form.keys.items()
        ]
        self.send(sat, max(sat.tokens), sent)
        which = len(self.sats) - 1 - self.sats.index(sat)
        self.submit(which, "new")
        self.open_the_result(which)

    @precondition(lambda self: self.sats)
    @rule(which=which)
    def open_the_result(self, which: int) -> None:
        sat = self.sat(which)
        lifecycle.settle(user=self.anna, attempt_id=sat.id)
        # Between two tries there is a pause, whoever asks.
        if not (sat.paused and sat.state in grading.ENDED):
            sat.settle()
        result = results.result(self.anna, sat.id, "en")
        assert (result.score is not None) == (sat.state == State.SCORED)

    @precondition(lambda self: any(sat.open for sat in self.sats))
    @rule(seq=numbers, choice=choices, swept=st.booleans())
    def an_answer_comes_late_and_time_is_given(self, seq: int, choice: Choice, swept: bool) -> None:
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
    @rule(
        left=st.sampled_from([NEVER_LATE, IN_GRACE, OVER, -600]),
        then=st.sampled_from(["nothing", "sweep", "answer"]),
        seq=numbers,
        choice=choices,
    )
    def time_passes(self, left: int, then: str, seq: int, choice: Choice) -> None:
        sat = next(sat for sat in self.sats if sat.state == State.RUNNING)
        past_deadline(sat.id, -left)
        sat.left = left
        if then == "sweep":
            self.sweep()
        elif then == "answer":
            self.send(sat, max(sat.tokens), [(seq, self.payload(choice))])

    @precondition(lambda self: len(self.sats) < MOST and any(sat.open and sat.events for sat in self.sats))
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
        if sat.tries:
            claimed_ago(sat.id, 100)
            sat.paused = False

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
        assert grading.claim([sat.id]) == ([] if sat.paused else [sat.id])
        sat.tries += not sat.paused
        sat.paused = True

    @precondition(lambda self: self.sats)
    @rule(which=which)
    def rescore(self, which: int) -> None:
        sat = self.sat(which)
        refusal = code(lambda: grading.rescore(attempt_id=sat.id, actor=self.bela, reason="a wrong key"))
        # The rules are the same all the time, so no rescore can change anything.
        assert refusal == ("nothing_would_change" if sat.state == State.SCORED else "not_scored")
        self.met[refusal] += 1

    @precondition(lambda self: any(sat.tries for sat in self.sats))
    @rule(which=which)
    def release(self, which: int) -> None:
        sat = self.sat(which)
        waits = sat.over or sat.state in grading.ENDED
        refusal = code(
            lambda: staff.release(attempt_id=sat.id, actor=self.bela, reason="the disk is repaired")
        )
        assert refusal == ("" if waits else "not_waiting")
        if waits:
            sat.tries, sat.paused, sat.audits = 0, False, sat.audits + 1
            self.met["released"] += 1

    @precondition(lambda self: self.sats)
    @rule(which=which, minutes=st.sampled_from([0, 1, 30]))
    def extend(self, which: int, minutes: int) -> None:
        self.give_time(self.sat(which), minutes)

    def give_time(self, sat: Sat, minutes: int) -> None:
        """Extend an attempt, where that is possible."""
        possible = (
            minutes > 0
            and sat.state in (State.RUNNING, State.EXPIRED)
            and sat.left + 60 * minutes > 0
            and not any(other.state == State.RUNNING for other in self.sats if other is not sat)
        )
        refusal = code(
            lambda: staff.extend(attempt_id=sat.id, minutes=minutes, actor=self.bela, reason="power cut")
        )
        assert refusal == ("" if possible else "cannot_extend")
        if possible:
            self.met["opened again" if sat.state == State.EXPIRED else "extended"] += 1
            sat.left += 60 * minutes
            sat.state, sat.reason, sat.receipt, sat.audits = State.RUNNING, "", "", sat.audits + 1
            sat.forgotten, sat.tries, sat.paused = False, 0, False

    @precondition(lambda self: any(len(sat.events) > 2 for sat in self.sats))
    @rule(which=which)
    def void(self, which: int) -> None:
        sat = self.sat(which)
        running = sat.state == State.RUNNING
        refusal = code(lambda: staff.void(attempt_id=sat.id, actor=self.bela, reason="test attempt"))
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
        acts: list[Callable[[], object]] = [
            lambda: selectors.taking(bela, sat.id),
            lambda: results.result(bela, sat.id, "en"),
            lambda: results.review(bela, sat.id, "en"),
            lambda: lifecycle.take_lease(user=bela, attempt_id=sat.id, holder="x"),
            lambda: lifecycle.submit(user=bela, attempt_id=sat.id, lease=token),
            lambda: lifecycle.cancel(user=bela, attempt_id=sat.id),
            lambda: lifecycle.settle(user=bela, attempt_id=sat.id),
        ]
        assert {code(act) for act in acts} == {"not_found"}
