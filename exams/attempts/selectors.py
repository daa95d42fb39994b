"""What pages and the API read of attempts: frozen values, in a known number of statements.

Exams and drills are read by the same functions. A drill is never found as an exam, nor an exam as a drill.
"""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from django.db.models.functions import Now

from accounts.base import statements
from accounts.users.models import User
from exams.assembly import papers
from exams.assembly.papers import CompiledPaper, PaperItem
from exams.attempts import answers, running_items, score_codec, sql
from exams.attempts.answers import Answer
from exams.attempts.models import CHECK, Attempt, Feedback, Mode, State
from exams.attempts.score_codec import StoredEstimate
from exams.bank import rulings
from exams.kinds.kinds import Kind, Progress
from exams.scoring import rules

# Columns are named as the fields that they fill. An attempt is read on every page of an exam, with the
# answers counted by the log's own order, which no queryset can say: so these reads are SQL.
_COMMON = f"""
  a.id AS attempt_id, c.code AS certification_code, c.id AS certification_id, a.state,
  {sql.EFFECTIVE_STATE} AS effective_state, a.started_at, a.deadline_at, a.ended_at, a.end_reason,
  statement_timestamp() AS server_now, a.minutes_allowed, a.quarantined_at IS NOT NULL AS quarantined,
  a.opened_at IS NOT NULL AS opened, a.user_id
"""
HEAD = f"""
SELECT {_COMMON}, f.number AS form_number, a.accommodation, a.seen_before, a.answers_sha256 AS receipt,
  a.edition_id, a.paper_id, a.form_id, a.score_error <> '' AS failed, {sql.NEXT_TRY_AT} AS next_try_at
FROM exams_attempt a JOIN exams_examform f ON f.id = a.form_id
JOIN exams_certification c ON c.id = f.certification_id
"""  # noqa: S608  (made of constants)
# Whether the person is taking an exam with an item of the drill is asked only of who is taking any.
DRILL_HEAD = f"""
SELECT {_COMMON}, a.feedback, a.hidden_at IS NOT NULL AS hidden, -a.drawn_id AS paper_id, d.language, d.asked,
  cardinality(d.version_ids) AS total_items, {rulings.LAST} AS last_ruling,
  EXISTS (SELECT 1 FROM exams_attempt t WHERE t.user_id = %(user)s AND {running_items.is_running_exam("t")})
  AND EXISTS (SELECT 1 FROM exams_itemversion v WHERE v.id = ANY(d.version_ids)
              AND v.item_id IN ({running_items.RUNNING_ITEMS})) AS held
FROM exams_attempt a JOIN exams_drawnpaper d ON d.id = a.drawn_id
JOIN exams_certification c ON c.id = d.certification_id
WHERE a.user_id = %(user)s
"""  # noqa: S608  (made of constants)
ONE = HEAD + "WHERE a.id = %(id)s AND a.user_id = %(user)s"
CURRENT_SCORE = """
LEFT JOIN LATERAL (SELECT * FROM exams_score WHERE attempt_id = h.attempt_id
                   ORDER BY revision DESC LIMIT 1) AS s ON true
"""
ITEMS = "(SELECT count(*) FROM exams_formitem WHERE edition_id = h.edition_id)"
# What taking needs beside the facts: the answers that count, and the languages of the edition.
_TAKING = f"""
SELECT h.*, {answers.NEWEST.format(attempt="h.attempt_id")} AS answers,
  ARRAY(SELECT DISTINCT language FROM exams_paper WHERE edition_id = h.edition_id) AS languages
FROM ({ONE}) AS h
"""  # noqa: S608  (made of constants)


# What is complete of a drill: too few options of a question are no answer, as its pages say before the end.
_COMPLETE = f"""(SELECT count(*) FROM ({answers.NEWEST_SELECTED.format(attempt="h.attempt_id")}) AS newest
  JOIN exams_drawnpaper p ON p.id = -h.paper_id
  JOIN exams_itemversion v ON v.id = p.version_ids[newest.position]
  WHERE cardinality(newest.selected) = v.choose)"""  # noqa: S608  (made of constants)


def _drills(which: str, more: str = "") -> str:
    """Return the statement that reads drills as a list shows them, and more columns."""
    return f"""
SELECT h.*, {_COMPLETE} AS answered,
  (SELECT count(*) FROM exams_answerevent e WHERE e.attempt_id = h.attempt_id AND e.closes) AS closed,
  s.raw, s.result{more}
FROM ({DRILL_HEAD} AND {which}) AS h {CURRENT_SCORE} ORDER BY h.started_at DESC
"""  # noqa: S608  (made of constants)


DRILL = _drills("a.id = %(id)s")
_DRILL_TAKING = _drills("a.id = %(id)s", f", {answers.NEWEST.format(attempt='h.attempt_id')} AS answers")
DRILLS = _drills("""a.state <> 5 AND (%(hidden)s OR a.hidden_at IS NULL)
  AND (%(code)s::text IS NULL OR c.code = %(code)s) AND (NOT %(checks)s OR d.asked ->> 'pool' = 'check')
  ORDER BY a.started_at DESC LIMIT %(limit)s""")
# Counting reads the pages of a hundred answers, so it is left to exams without a score that says it.
_ANSWERED = f"""coalesce({score_codec.ANSWERED.format(result="s.result")},
  {answers.ANSWERED.format(attempt="h.attempt_id")})"""
LIST = f"""
SELECT h.*, {_ANSWERED} AS answered, {ITEMS} AS total_items,
  e.scale_min AS low, e.scale_max AS high, e.pass_mark, s.scaled AS scaled_score, s.passed, s.result
FROM ({HEAD} WHERE a.user_id = %(user)s AND a.state <> 5
      ORDER BY a.started_at DESC LIMIT %(limit)s) AS h
JOIN exams_formedition e ON e.id = h.edition_id {CURRENT_SCORE}
ORDER BY h.started_at DESC
"""  # noqa: S608  (made of constants)
LIST_OF = LIST.replace("a.state <> 5", "a.state <> 5 AND c.code = %(code)s")
# Whether a person has seen the questions of a form: also in a start that was canceled after it was opened,
# and a form that was opened for drills.
SEEN = """SELECT 1 FROM exams_attempt WHERE user_id = %(user)s AND form_id = %(form)s
    AND (state <> 5 OR opened_at IS NOT NULL)
    UNION ALL SELECT 1 FROM exams_practiceopening WHERE user_id = %(user)s AND form_id = %(form)s"""
# Every item that a person was shown, by exams and by drills, in whatever version. All questions of a drill
# leave the server with its start.
SHOWN = """
SELECT v.item_id FROM (SELECT DISTINCT edition_id FROM exams_attempt
  WHERE user_id = %(user)s AND edition_id IS NOT NULL AND (state <> 5 OR opened_at IS NOT NULL)) AS x
JOIN exams_formitem i ON i.edition_id = x.edition_id JOIN exams_itemversion v ON v.id = i.version_id
UNION ALL
SELECT v.item_id FROM exams_attempt x JOIN exams_drawnpaper d ON d.id = x.drawn_id
CROSS JOIN unnest(d.version_ids) AS u(id) JOIN exams_itemversion v ON v.id = u.id
WHERE x.user_id = %(user)s
"""
SEEN_POSITIONS = f"""ARRAY(
    SELECT p.position FROM exams_formitem p JOIN exams_itemversion pv ON pv.id = p.version_id
    WHERE p.edition_id = %(edition)s AND pv.item_id IN ({SHOWN}) ORDER BY p.position)"""  # noqa: S608
# Every exam that runs, a row without one where none does; whether the questions of a form were seen, and
# whether any exam was scored.
OF_FORM = f"""
SELECT h.*, EXISTS ({SEEN}) AS seen, EXISTS (SELECT 1 FROM exams_attempt
  WHERE user_id = %(user)s AND mode = 'exam' AND state = 4) AS has_result, CASE WHEN h.form_id = %(form)s
  THEN {answers.ANSWERED.format(attempt="h.attempt_id")} ELSE 0 END AS answered, {ITEMS} AS total_items
FROM (VALUES (1)) AS one LEFT JOIN ({HEAD} WHERE a.user_id = %(user)s AND a.state = 1) AS h
  ON h.effective_state = 1 ORDER BY h.deadline_at
"""  # noqa: S608  (made of constants)
RUNNING = f"{HEAD} WHERE a.user_id = %(user)s AND a.mode = 'exam' AND {sql.RUNNING} ORDER BY a.deadline_at"
WITHOUT_RESULT = (
    HEAD + "WHERE a.user_id = %(user)s AND a.state = 5 ORDER BY a.started_at DESC LIMIT %(limit)s"
)
# Whether a person has begun an exam of the same certification since, canceled ones left out.
BEGUN_SINCE = """EXISTS (SELECT 1 FROM exams_attempt b JOIN exams_examform bf ON bf.id = b.form_id
    WHERE b.user_id = h.user_id AND b.started_at > h.started_at AND b.state <> 5
      AND bf.certification_id = h.certification_id)"""
_BEGUN = f"SELECT 1 FROM ({ONE}) AS h WHERE {BEGUN_SINCE}"  # noqa: S608  (made of constants)
LIST_LIMIT = 200


@dataclass(frozen=True, slots=True)
class AttemptFacts:
    """What is known of an exam and of a drill.

    `state` as stored; `effective_state` counts an overdue one as expired. `deadline_at` is None without a
    time limit, `paper_id` is the number of the paper as leases name it.
    """

    attempt_id: UUID
    certification_code: str
    certification_id: int
    state: State
    effective_state: State
    started_at: dt.datetime
    deadline_at: dt.datetime | None
    ended_at: dt.datetime | None
    end_reason: str
    server_now: dt.datetime
    minutes_allowed: int
    quarantined: bool
    opened: bool
    paper_id: int

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


@dataclass(frozen=True, slots=True)
class Head(AttemptFacts):
    """The facts of an exam, which always has a deadline."""

    deadline_at: dt.datetime
    form_number: int
    accommodation: str
    seen_before: bool
    receipt: str
    edition_id: int
    form_id: int
    failed: bool
    next_try_at: dt.datetime | None

    @property
    def seconds_left(self) -> int:
        """Whole seconds until the deadline, not below zero."""
        return max(0, int((self.deadline_at - self.server_now).total_seconds()))

    @property
    def closes_at(self) -> dt.datetime:
        """When the grace after the deadline ends."""
        return self.deadline_at + answers.GRACE

    @property
    def seconds_used(self) -> int:
        """Whole seconds from start to end; until now for a running one."""
        return int(((self.ended_at or self.server_now) - self.started_at).total_seconds())


@dataclass(frozen=True, slots=True)
class DrillHead(AttemptFacts):
    """The facts of a drill. `held`: an exam that the person is taking has some of its questions.

    `last_ruling` is the last ruling of all.
    """

    feedback: Feedback
    hidden: bool
    language: str
    asked: Mapping[str, Any]
    total_items: int
    last_ruling: int | None
    held: bool

    @property
    def at_once(self) -> bool:
        """Whether each answer is checked as soon as it is given."""
        return self.feedback == Feedback.AT_ONCE

    @property
    def is_check(self) -> bool:
        """Whether it is a check: a drill of the free sample."""
        return self.asked.get("pool") == CHECK

    @property
    def measures(self) -> bool:
        """Whether it is the first check of its person, the only one that can have an estimate."""
        return bool(self.asked.get("first"))


@dataclass(frozen=True, slots=True)
class Drill:
    """A drill in a list. `done` counts positions closed, or answered completely; raw and share once it is
    scored.

    `right` is a digit for each position then, `estimate` where a check puts the person. None of it is told
    while an exam holds a question of it: they would tell whether it was correct.
    """

    head: DrillHead
    done: int
    raw: int | None
    share: float | None
    right: str = ""
    estimate: StoredEstimate | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """What an open page asks now and then; `state` counts an overdue attempt as expired."""

    state: State
    end_reason: str
    lease_no: int
    deadline_at: dt.datetime | None
    server_now: dt.datetime


@dataclass(frozen=True, slots=True)
class Taking:
    """Everything that the pages of a running attempt need, read once.

    `languages` are those in which an exam can be read; `held` are positions of a drill whose questions are in
    an exam that the person is taking, and `drill` says how a drill stands.
    """

    head: Head | DrillHead
    paper: CompiledPaper
    answers: Mapping[int, Answer]
    languages: frozenset[str] = frozenset()
    held: frozenset[int] = frozenset()
    drill: Drill | None = None

    @property
    def has_choice(self) -> bool:
        """Whether anything is chosen anywhere: a start can be canceled no more."""
        return answers.answered(self.answers.values()) > 0

    @property
    def progress(self) -> Mapping[int, Progress]:
        """How far the question at each position is answered."""
        stored = {position: answer.selected for position, answer in self.answers.items()}
        return {
            item.position: Kind.progress(stored.get(item.position, ()), item.choose)
            for item in self.paper.items
        }

    @property
    def items(self) -> tuple[PaperItem, ...]:
        """The questions that may be shown now."""
        return tuple(item for item in self.paper.items if item.position not in self.held)


@dataclass(frozen=True, slots=True)
class Scale(rules.Scale):
    """The scale of the edition that was sat."""

    total_items: int


@dataclass(frozen=True, slots=True)
class OfForm:
    """What a person has to do with a form: the attempt that runs, and whether its questions were seen.

    `has_result` is whether any exam of theirs was scored. `elsewhere` is what runs at other forms, the one
    that ends first in front.
    """

    running: Head | None
    answered: int
    total_items: int
    seen: bool
    has_result: bool
    elsewhere: Sequence[Head]


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt as it stands in a list. `band` is on the scale of the edition that was taken.

    `correct` counts the unscored items, too. Where the result doesn't count, there is no band.
    """

    head: Head
    answered: int
    total_items: int
    scaled_score: int | None
    passed: bool | None
    band: tuple[int, int] | None
    correct: int | None
    scale: Scale

    @property
    def counts(self) -> bool:
        """Whether the result says something about the person: it is scored, and half of it was answered."""
        return self.scaled_score is not None and not self.stopped_early

    @property
    def stopped_early(self) -> bool:
        """Whether it ended with fewer than half of the questions answered."""
        return not self.head.running and is_stopped(self.answered, self.total_items)

    @property
    def missed(self) -> str:
        """What there is to review of a scored attempt, as the review filters it; "" where all is correct."""
        correct = self.correct or 0
        if self.answered > correct:
            return "incorrect"
        return "unanswered" if correct < self.total_items else ""


def is_stopped(answered: int, total_items: int) -> bool:
    """Whether so few answers say too little for a result that counts: fewer than half of the questions."""
    return 2 * answered < total_items


type Row = dict[str, Any]
# Of every parameter of the statements, here and above, that take PostgreSQL longer to plan than to run.
TYPES: Final = {
    **dict.fromkeys(("certification", "form", "user"), "bigint"),
    **dict.fromkeys(("checks", "hidden"), "boolean"),
    **dict.fromkeys(("code", "language", "zone"), "text"),
    **dict.fromkeys(("limit", "position"), "int"),
    "id": "uuid",
    "items": "bigint[]",
    "since": "timestamptz",
}
_HEAD_FIELDS: Final = {kind: tuple(field.name for field in fields(kind)) for kind in (Head, DrillHead)}


def _facts[Kind: (Head, DrillHead)](kind: type[Kind], row: Row) -> Kind:
    states = {name: State(row[name]) for name in ("state", "effective_state")}
    return kind(**{name: row[name] for name in _HEAD_FIELDS[kind]} | states)


def head_of(row: Row) -> Head:
    """Return the facts of an exam from a row of `HEAD`."""
    return _facts(Head, row)


def _own_row(statement: str, user: User, attempt_id: UUID) -> Row:
    rows = statements.dict_rows(statement, {"id": str(attempt_id), "user": user.pk})
    if not rows:
        raise answers.not_found()
    return rows[0]


def head(user: User, attempt_id: UUID) -> Head:
    """Return the facts of an own exam by one statement. Raises Refused not_found for any other."""
    return head_of(_own_row(ONE, user, attempt_id))


def clock(user: User, attempt_id: UUID) -> Clock:
    """Return the time and the lease of an own attempt by one statement. Raises Refused not_found."""
    rows = Attempt.objects.filter(pk=attempt_id, user=user)
    row = rows.values_list("state", "end_reason", "lease_no", "deadline_at", Now()).first()
    if row is None:
        raise answers.not_found()
    state, end_reason, lease_no, deadline_at, now = row
    is_over = deadline_at is not None and now > deadline_at + answers.GRACE
    effective = State.EXPIRED if state == State.RUNNING and is_over else State(state)
    return Clock(effective, end_reason, lease_no, deadline_at, now)


def taking(user: User, attempt_id: UUID, mode: Mode = Mode.EXAM) -> Taking:
    """Return what taking needs, by one statement once a process knows the paper.

    One more for a drill of which an exam holds questions. Raises Refused not_found.
    """
    if mode == Mode.EXAM:
        row = _own_row(_TAKING, user, attempt_id)
        exam = head_of(row)
        return Taking(exam, papers.compiled(exam.paper_id), _answers(row), frozenset(row["languages"]))
    row = _own_row(_DRILL_TAKING, user, attempt_id)
    own = _drill(row)
    paper = papers.compiled(own.head.paper_id)
    return Taking(own.head, paper, _answers(row), held=_held(user, own.head), drill=own)


def _answers(row: Row) -> dict[int, Answer]:
    return {
        position: Answer(position, tuple(selected), *more)
        for position, selected, *more in row["answers"] or ()
    }


def _held(user: User, drill: DrillHead) -> frozenset[int]:
    """Return the positions whose items are in an exam that the person is taking."""
    if not drill.held:
        return frozenset()
    order = papers.order(drill.paper_id)
    versions = running_items.among(user, order.version_ids)
    return frozenset(n for n, version_id in enumerate(order.version_ids, 1) if version_id in versions)


def _drill(row: Row) -> Drill:
    # Under psycopg2, a raw cursor of Django hands out jsonb as text.
    asked, feedback = json.loads(row["asked"]), Feedback(row["feedback"])
    drill = _facts(DrillHead, row | {"asked": asked, "feedback": feedback})
    stored = score_codec.decode_drill(row["result"]) if row["result"] is not None and not drill.held else None
    return Drill(
        head=drill,
        done=row["closed"] if drill.at_once else row["answered"],
        raw=row["raw"] if stored else None,
        share=float(Fraction(stored.share)) if stored else None,
        right=stored.right if stored else "",
        estimate=stored.estimate if stored else None,
    )


def drill(user: User, attempt_id: UUID) -> Drill:
    """Return an own drill by one statement. Raises Refused not_found for any other, and for exams."""
    return _drill(_own_row(DRILL, user, attempt_id))


def own_drills(
    user: User,
    code: str | None = None,
    *,
    hidden: bool = False,
    checks: bool = False,
    limit: int = LIST_LIMIT,
) -> list[Drill]:
    """Return a person's drills, newest first, or checks only; hidden ones where asked for. One statement."""
    values = {"user": user.pk, "code": code, "hidden": hidden, "checks": checks, "limit": limit}
    return [_drill(row) for row in statements.dict_rows(DRILLS, values)]


def own_attempts(user: User, limit: int = LIST_LIMIT, code: str | None = None) -> list[AttemptRow]:
    """Return a person's attempts, newest first, canceled ones left out; of one certification by its code.

    One statement.
    """
    values = {"user": user.pk, "limit": limit, "code": code}
    rows = statements.dict_rows(LIST if code is None else LIST_OF, values, TYPES)
    return [_attempt_row(row) for row in rows]


def without_result(user: User) -> list[Head]:
    """Return a person's exams that were canceled or voided, newest first. One statement."""
    rows = statements.dict_rows(WITHOUT_RESULT, {"user": user.pk, "limit": LIST_LIMIT})
    return [head_of(row) for row in rows]


def begun_since(user: User, attempt_id: UUID) -> bool:
    """Say whether another exam of its certification was begun since an own one. One statement."""
    values = {"id": str(attempt_id), "user": user.pk}
    return bool(statements.rows(_BEGUN, values, TYPES))


def _attempt_row(row: Row) -> AttemptRow:
    stored = score_codec.decode(row["result"]) if row["result"] is not None else None
    telling = None if is_stopped(row["answered"], row["total_items"]) else stored
    return AttemptRow(
        head=head_of(row),
        answered=row["answered"],
        total_items=row["total_items"],
        scaled_score=row["scaled_score"],
        passed=row["passed"],
        band=(telling.band_low, telling.band_high) if telling else None,
        correct=stored.right.count("1") if stored else None,
        scale=Scale(row["low"], row["high"], row["pass_mark"], row["total_items"]),
    )


def running(user: User) -> list[Head]:
    """Return every exam that runs, the one that ends first in front. One statement."""
    return [head_of(row) for row in statements.dict_rows(RUNNING, {"user": user.pk})]


def of_form(user: User, form_id: int) -> OfForm:
    """Return what a person has to do with a form, and what runs elsewhere. One statement."""
    rows = statements.dict_rows(OF_FORM, {"user": user.pk, "form": form_id})
    has_result, seen = rows[0]["has_result"], rows[0]["seen"]
    rows = [row for row in rows if row["attempt_id"]]
    own = next((row for row in rows if row["form_id"] == form_id), None)
    elsewhere = [head_of(row) for row in rows if row is not own]
    if own is None:
        return OfForm(None, 0, 0, seen, has_result, elsewhere)
    # The questions of the one that runs are no reason for a warning.
    return OfForm(head_of(own), own["answered"], own["total_items"], False, has_result, elsewhere)


def running_with(item_ids: Sequence[int]) -> int:
    """Return how many people are taking an exam with one of these items now. One statement."""
    rows = Attempt.objects.filter(state=State.RUNNING, mode=Mode.EXAM)
    return rows.filter(edition__items__version__item__in=item_ids).distinct().count()
