"""What must hold after every step of the machine: the promises G1 to G5, against the model."""

import json
import re
from collections import Counter
from dataclasses import asdict
from typing import ClassVar
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine, invariant

from accounts.audit.models import AuditEntry
from accounts.users.models import User
from exams.attempts import answers, results, selectors
from exams.attempts.models import AnswerEvent, Attempt, RefusedAnswer, Score, State
from tests.exams.attempts.helpers import deadline_of
from tests.factories import Form
from tests.flows import ledger
from tests.flows.sat import Payload, Sat, code, shown

SECRET = "CANARY-8841"
KEY_FIELDS = re.compile(r'"(is_key|is_scored|failure|difficulty|domain\w*|rationale\w*|why\w*|tip\w*|right)"')


class Promises(RuleBasedStateMachine):
    """The sittings of Anna, and what must be true of them at any time."""

    anna: ClassVar[User]
    form: ClassVar[Form]
    sats: list[Sat]

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
                assert row.started_at <= row.ended_at <= deadline_of(row)
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
        ids = [str(sat.id) for sat in self.sats]
        entries = AuditEntry.objects.filter(subject_type="exams.attempt", subject_id__in=ids)
        audits = Counter(entries.values_list("subject_id", flat=True))
        assert all(audits[str(sat.id)] == sat.audits for sat in self.sats)

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
                refusal = code(lambda: results.review(self.anna, sat.id, "en"))  # noqa: B023
                assert refusal == "not_finished"
