"""What must hold after every step of the machine: the promises G1 to G5, against the model."""

import json
import re
from collections import Counter
from dataclasses import asdict
from typing import Any, ClassVar, Final
from uuid import UUID

from django.db import connection
from hypothesis.stateful import RuleBasedStateMachine, invariant

from accounts.users.models import User
from exams.attempts import answers, results, selectors
from exams.attempts.models import State
from tests.factories import Form
from tests.flows import ledger
from tests.flows.sat import Payload, Sat, code, payloads

SECRET = "CANARY-8841"
KEY_FIELDS = re.compile(r'"(is_key|is_scored|failure|difficulty|domain\w*|rationale\w*|why\w*|tip\w*|right)"')

# Plain statements, asked after each of thousands of steps: building them would cost more than they do.
ATTEMPTS: Final = """
SELECT id, state, lease_no, end_reason, seen_before, answers_sha256, started_at, ended_at, deadline_at
FROM exams_attempt WHERE user_id = %s
"""
EVENTS: Final = """
SELECT attempt_id, lease_no, seq, position, selected, flagged
FROM exams_answerevent WHERE attempt_id = ANY(%s)
"""
REFUSALS: Final = (
    "SELECT attempt_id, lease_no, seq, reason FROM exams_refusedanswer WHERE attempt_id = ANY(%s)"
)
SCORES: Final = """
SELECT attempt_id, revision, raw, scaled, passed, result->>'right', reason <> '', actor_id IS NOT NULL
FROM exams_score WHERE attempt_id = ANY(%s) ORDER BY revision
"""
TRACES: Final = """
SELECT subject_id, count(*) FROM accounts_auditentry
WHERE subject_type = 'exams.attempt' AND subject_id = ANY(%s) GROUP BY 1
"""


def rows_of(statement: str, *values: Any) -> list[Any]:
    """Return what the database says to a statement."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
    return rows


class Promises(RuleBasedStateMachine):
    """The attempts of Anna, and what must be true of them at any time."""

    anna: ClassVar[User]
    form: ClassVar[Form]
    sats: list[Sat]

    @invariant()
    def rows_are_as_the_model_says(self) -> None:
        rows = {row[0]: row[1:] for row in rows_of(ATTEMPTS, self.anna.pk)}
        assert set(rows) == {sat.id for sat in self.sats}
        assert sum(sat.state == State.RUNNING for sat in self.sats) <= 1
        for sat in self.sats:
            state, lease_no, reason, seen_before, receipt, started_at, ended_at, deadline_at = rows[sat.id]
            assert (state, lease_no, reason, seen_before) == (
                sat.state,
                sat.lease_no,
                sat.reason,
                sat.seen_before,
            )
            assert receipt == sat.receipt
            if sat.state == State.RUNNING:
                assert ended_at is None
            elif sat.state != State.VOIDED:
                assert ended_at
                assert deadline_at
                assert started_at <= ended_at <= deadline_at
                assert (ended_at == deadline_at) == sat.ended_at_deadline

    @invariant()
    def the_log_is_as_the_model_says_and_stays_so_after_the_end(self) -> None:
        ids = [sat.id for sat in self.sats]
        stored: dict[UUID, dict[tuple[int, int], Payload]] = {one: {} for one in ids}
        for one, lease_no, seq, position, selected, flagged in rows_of(EVENTS, ids):
            stored[one][lease_no, seq] = (position, tuple(selected), flagged)
        refused: dict[UUID, set[tuple[int, int, str]]] = {one: set() for one in ids}
        for one, lease_no, seq, reason in rows_of(REFUSALS, ids):
            refused[one].add((lease_no, seq, reason))
        current = answers.current_of(ids)
        for sat in self.sats:
            assert stored[sat.id] == sat.events
            assert refused[sat.id] == sat.refused
            assert payloads(current.get(sat.id, [])) == sat.current()

    @invariant()
    def scores_are_one_by_one_and_right(self) -> None:
        scores: dict[UUID, list[Any]] = {sat.id: [] for sat in self.sats}
        for one, *score in rows_of(SCORES, [*scores]):
            scores[one].append(score)
        for sat in self.sats:
            assert [revision for revision, *_ in scores[sat.id]] == list(range(1, sat.revisions + 1))
            right = ledger.right(self.form, sat.chosen())
            for revision, raw, scaled, passed, places, has_reason, has_actor in scores[sat.id]:
                assert (raw, scaled, passed) == ledger.score(self.form, sat.chosen())
                assert places == "".join("01"[position in right] for position in range(1, 9))
                assert (has_reason, has_actor) == (revision > 1, revision > 1)

    @invariant()
    def staff_leave_a_trace(self) -> None:
        ids = [str(sat.id) for sat in self.sats]
        audits = Counter(dict(rows_of(TRACES, ids)))
        assert all(audits[str(sat.id)] == sat.audits for sat in self.sats)

    @invariant()
    def nothing_secret_is_in_what_a_page_of_a_running_attempt_gets(self) -> None:
        for sat in self.sats[-1:]:
            taking = selectors.taking(self.anna, sat.id)
            assert taking.head.running == sat.open
            assert payloads(taking.answers.values()) == sat.current()
            text = json.dumps(asdict(taking), default=str)
            assert SECRET not in text
            assert not KEY_FIELDS.search(text)
            if sat.open:
                refusal = code(lambda: results.review(self.anna, sat.id, "en"))  # noqa: B023
                assert refusal == "not_finished"
