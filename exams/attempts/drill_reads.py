"""What pages and the API read of drills: frozen values, in a known number of statements.

A drill is never read as an exam, nor an exam as a drill. What a drill shares with an exam that its person is
taking stays closed until that has ended: question, review, and the result that would tell it.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.assembly import papers, solutions
from exams.assembly.papers import CompiledPaper, PaperItem
from exams.assembly.solutions import Solution, SolvedText
from exams.attempts import answers, held, score_codec, sql
from exams.attempts.answers import Answer
from exams.attempts.models import Feedback, State
from exams.attempts.results import ReviewItem
from exams.attempts.selectors import CURRENT_SCORE, rows_of
from exams.bank import rulings

CLOSED = "(SELECT count(*) FROM exams_answerevent e WHERE e.attempt_id = {attempt} AND e.closes)"
# Whether the person is taking an exam with an item of the drill is asked only of who is taking any.
HEAD = f"""
SELECT a.id AS attempt_id, c.code AS certification_code, a.state, {sql.EFFECTIVE_STATE} AS effective_state,
  a.feedback, a.started_at, a.deadline_at, a.ended_at, a.end_reason, statement_timestamp() AS server_now,
  a.minutes_allowed, a.hidden_at IS NOT NULL AS hidden, a.opened_at IS NOT NULL AS opened,
  -a.drawn_id AS paper_id, d.language, d.asked, cardinality(d.version_ids) AS total_items,
  a.quarantined_at IS NOT NULL AS quarantined, {rulings.LAST} AS last_ruling,
  EXISTS (SELECT 1 FROM exams_attempt t WHERE t.user_id = %(user)s
          AND {held.taking("t")})
  AND EXISTS (SELECT 1 FROM exams_itemversion v WHERE v.id = ANY(d.version_ids)
              AND v.item_id IN ({held.HELD})) AS held
FROM exams_attempt a JOIN exams_drawnpaper d ON d.id = a.drawn_id
JOIN exams_certification c ON c.id = d.certification_id
WHERE a.user_id = %(user)s AND a.mode = 'drill'
"""  # noqa: S608  (made of constants)
WITH_SCORE = f"""
SELECT h.*, {answers.ANSWERED.format(attempt="h.attempt_id")} AS answered,
  {CLOSED.format(attempt="h.attempt_id")} AS closed, s.raw, s.result
FROM ({{head}}) AS h {CURRENT_SCORE} ORDER BY h.started_at DESC
"""  # noqa: S608  (made of constants)
ONE = WITH_SCORE.replace("{head}", HEAD + " AND a.id = %(id)s")
LIST = WITH_SCORE.replace(
    "{head}",
    HEAD
    + """ AND a.state <> 5 AND (%(hidden)s OR a.hidden_at IS NULL)
  AND (%(code)s::text IS NULL OR c.code = %(code)s) ORDER BY a.started_at DESC LIMIT %(limit)s""",
)
# Domain and task of an item are those of today: loading content may move it.
TOPICS = """
SELECT v.id AS version_id, d.number, t.code,
  coalesce((SELECT name FROM exams_domaintext WHERE domain_id = d.id AND language = %(language)s),
           (SELECT name FROM exams_domaintext WHERE domain_id = d.id AND language = c.original_language),
           '') AS name
FROM exams_itemversion v JOIN exams_item i ON i.id = v.item_id JOIN exams_taskstatement t ON t.id = i.task_id
JOIN exams_domain d ON d.id = t.domain_id JOIN exams_certification c ON c.id = i.certification_id
WHERE v.id = ANY(%(versions)s)
"""
LIST_LIMIT = 200


@dataclass(frozen=True, slots=True)
class DrillHead:
    """The facts of a drill. `held`: an exam that the person is taking has some of its questions.

    `last_ruling` is the last ruling of all.
    """

    attempt_id: UUID
    certification_code: str
    state: State
    effective_state: State
    feedback: Feedback
    started_at: dt.datetime
    deadline_at: dt.datetime | None
    ended_at: dt.datetime | None
    end_reason: str
    server_now: dt.datetime
    minutes_allowed: int
    hidden: bool
    opened: bool
    paper_id: int
    language: str
    asked: Mapping[str, Any]
    total_items: int
    quarantined: bool
    last_ruling: int | None
    held: bool

    @property
    def running(self) -> bool:
        """Whether answers are still accepted."""
        return self.effective_state == State.RUNNING

    @property
    def seconds_left(self) -> int | None:
        """Whole seconds until the deadline, not below zero; None without a time limit."""
        if self.deadline_at is None:
            return None
        return max(0, int((self.deadline_at - self.server_now).total_seconds()))

    @property
    def at_once(self) -> bool:
        """Whether each answer is checked as soon as it is given."""
        return self.feedback == Feedback.AT_ONCE


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill in a list. `done` counts positions closed or answered; raw and share once it is scored.

    `right` is a digit for each position then. None of it is told while an exam holds a question of it: they
    would tell whether it was correct.
    """

    head: DrillHead
    done: int
    raw: int | None
    share: float | None
    right: str = ""


@dataclass(frozen=True, slots=True)
class DrillTaking:
    """A running drill: its questions, what was answered, and the reviews of positions that are closed.

    `held` are the positions whose questions an exam holds that the person is taking.
    """

    drill: Drill
    paper: CompiledPaper
    items: tuple[PaperItem, ...]
    answers: Mapping[int, Answer]
    reviews: Mapping[int, ReviewItem]
    held: frozenset[int]

    @property
    def next_open(self) -> int | None:
        """The first position that can be answered and is not closed yet, or None."""
        return next((item.position for item in self.items if item.position not in self.reviews), None)


_FIELDS = tuple(field.name for field in fields(DrillHead))


def _drill(row: Mapping[str, Any]) -> Drill:
    states = {name: State(row[name]) for name in ("state", "effective_state")}
    feedback = Feedback(row["feedback"])
    more = {"feedback": feedback, "asked": json.loads(row["asked"])}
    head = DrillHead(**{name: row[name] for name in _FIELDS} | states | more)
    stored = score_codec.decode_drill(row["result"]) if row["result"] is not None and not head.held else None
    return Drill(
        head=head,
        done=row["closed"] if head.at_once else row["answered"],
        raw=row["raw"] if stored else None,
        share=float(Fraction(stored.share)) if stored else None,
        right=stored.right if stored else "",
    )


def drill(user: User, attempt_id: UUID) -> Drill:
    """Return an own drill by one statement. Raises Refused not_found for any other, and for exams."""
    rows = rows_of(ONE, {"user": user.pk, "id": str(attempt_id)})
    if not rows:
        raise answers.not_found()
    return _drill(rows[0])


def own_drills(
    user: User, code: str | None = None, *, hidden: bool = False, limit: int = LIST_LIMIT
) -> list[Drill]:
    """Return a person's drills, newest first; hidden ones only where asked for. One statement."""
    values = {"user": user.pk, "code": code, "hidden": hidden, "limit": limit}
    return [_drill(row) for row in rows_of(LIST, values)]


def taking(user: User, attempt_id: UUID, ui_language: str) -> DrillTaking:
    """Return what the page of a running drill needs, with the reviews of closed positions alone.

    Raises Refused not_found.
    """
    found = drill(user, attempt_id)
    paper = papers.get(found.head.paper_id)
    given = {answer.position: answer for answer in answers.current(attempt_id)}
    held = _held(user, found.head)
    closed = [position for position in given if found.head.at_once and position not in held]
    return DrillTaking(
        drill=found,
        paper=paper,
        items=tuple(item for item in paper.items if item.position not in held),
        answers=given,
        reviews=_reviews(found.head.paper_id, closed, given, ui_language),
        held=held,
    )


def _held(user: User, head: DrillHead) -> frozenset[int]:
    """Return the positions whose items are in an exam that the person is taking."""
    if not head.held:
        return frozenset()
    order = papers.order(head.paper_id)
    versions = held.held_versions(user, order.version_ids)
    return frozenset(n for n, version_id in enumerate(order.version_ids, 1) if version_id in versions)


def closed_review(paper_id: int, answer: Answer, ui_language: str) -> ReviewItem:
    """Return the review of a position that is closed. Whoever asks has seen to that, under the row lock."""
    return _reviews(paper_id, [answer.position], {answer.position: answer}, ui_language)[answer.position]


def review(user: User, attempt_id: UUID, ui_language: str) -> tuple[Drill, tuple[ReviewItem, ...]]:
    """Return every item of a scored drill with key and reasons.

    Raises Refused: not_found, not_finished, exam_running.
    """
    found = drill(user, attempt_id)
    if found.head.state != State.SCORED:
        raise not_finished(found.head)
    if found.head.held:
        raise exam_running()
    given = {answer.position: answer for answer in answers.current(attempt_id)}
    positions = range(1, found.head.total_items + 1)
    items = _reviews(found.head.paper_id, positions, given, ui_language)
    # As it was scored: a ruling that came later is told beside it, and rewrites nothing.
    return found, tuple(
        replace(items[position], correct=found.right[position - 1] == "1") for position in positions
    )


def not_finished(head: DrillHead) -> Refused:
    """Return the refusal of a result that is not there yet."""
    detail = _("The drill hasn't ended yet.")
    if not head.running:
        detail = _("Your answers are safe, but your score isn't ready yet.")
    return Refused("not_finished", 409, detail, state=head.state.label)


def exam_running() -> Refused:
    """Return the refusal of everything that would tell of questions in an exam that is being taken."""
    return Refused(
        "exam_running",
        409,
        _("An exam you're taking includes this question. You can see its answer once that exam has ended."),
    )


def _reviews(
    paper_id: int, positions: Sequence[int], given: Mapping[int, Answer], ui_language: str
) -> dict[int, ReviewItem]:
    if not positions:
        return {}
    order = papers.order(paper_id)
    versions = [order.version_ids[position - 1] for position in positions]
    solved = solutions.solved([order.text_ids[position - 1] for position in positions])
    rows = rows_of(TOPICS, {"versions": versions, "language": ui_language})
    topics = {row["version_id"]: row for row in rows}
    return {
        position: _review_item(
            position,
            solved[order.text_ids[position - 1]],
            topics[version_id],
            given.get(position),
            rulings.in_force(order.ruling),
        )
        for position, version_id in zip(positions, versions, strict=True)
    }


def _review_item(
    position: int,
    text: SolvedText,
    topic: Mapping[str, Any],
    given: Answer | None,
    in_force: rulings.InForce,
) -> ReviewItem:
    """Return a review as it was told when the position was closed: by what was ruled before the drill."""
    chosen = frozenset(given.selected) if given else frozenset()
    key = text.ruled_key(in_force)
    return ReviewItem(
        solution=Solution(position, topic["number"], is_scored=True, text=text),
        domain_name=topic["name"],
        task_code=topic["code"],
        correct=key.out or key.accepts(chosen),
        flagged=bool(given and given.flagged),
        chosen=chosen,
    )
