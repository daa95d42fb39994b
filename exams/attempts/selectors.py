"""What pages and the API read of attempts: frozen values, in a known number of statements."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from accounts.base import prepared
from accounts.users.models import User
from exams.assembly import papers
from exams.assembly.papers import CompiledPaper
from exams.attempts import answers, score_codec, sql
from exams.attempts.answers import Answer
from exams.attempts.models import Attempt, Mode, State

# Columns are named as the fields that they fill. An attempt is read on every page of an exam, with the
# answers counted by the log's own order, which no queryset can say: so these reads are SQL. All of them are
# of exams alone; `drill_reads` reads drills.
HEAD = f"""
SELECT a.id AS attempt_id, c.code AS certification_code, f.number AS form_number, a.state,
  a.effective_state, a.started_at, a.deadline_at, a.ended_at, a.end_reason,
  statement_timestamp() AS server_now, a.minutes_allowed, a.accommodation, a.seen_before,
  a.answers_sha256 AS receipt, a.edition_id, a.paper_id, a.form_id, c.id AS certification_id,
  a.quarantined_at IS NOT NULL AS quarantined, a.opened_at IS NOT NULL AS opened,
  a.score_error <> '' AS failed, a.next_try_at, a.user_id
FROM (SELECT *, {sql.EFFECTIVE_STATE} AS effective_state, {sql.NEXT_TRY_AT} AS next_try_at
      FROM exams_attempt WHERE mode = 'exam') AS a
JOIN exams_examform f ON f.id = a.form_id JOIN exams_certification c ON c.id = f.certification_id
"""  # noqa: S608  (made of constants)
ONE = HEAD + "WHERE a.id = %s AND a.user_id = %s"
CURRENT_SCORE = """
LEFT JOIN LATERAL (SELECT * FROM exams_score WHERE attempt_id = h.attempt_id
                   ORDER BY revision DESC LIMIT 1) AS s ON true
"""
ITEMS = "(SELECT count(*) FROM exams_formitem WHERE edition_id = h.edition_id)"
LIST = f"""
SELECT h.*, {answers.ANSWERED.format(attempt="h.attempt_id")} AS answered, {ITEMS} AS total_items,
  e.scale_min AS low, e.scale_max AS high, e.pass_mark, s.scaled AS scaled_score, s.passed, s.result
FROM ({HEAD} WHERE a.user_id = %(user)s AND a.state <> 5
      ORDER BY a.started_at DESC LIMIT %(limit)s) AS h
JOIN exams_formedition e ON e.id = h.edition_id {CURRENT_SCORE}
ORDER BY h.started_at DESC
"""  # noqa: S608  (made of constants)
LIST_OF = LIST.replace("a.state <> 5", "a.state <> 5 AND c.code = %(code)s")
LIST_OF_LATEST = LIST.replace(
    "a.state <> 5",
    """a.state <> 5 AND c.id = (
        SELECT lf.certification_id FROM exams_attempt latest JOIN exams_examform lf ON lf.id = latest.form_id
        WHERE latest.user_id = %(user)s AND latest.mode = 'exam' AND latest.state <> 5
        ORDER BY latest.started_at DESC LIMIT 1)""",
)
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
OF_FORM = f"""
SELECT h.*, {answers.ANSWERED.format(attempt="h.attempt_id")} AS answered, {ITEMS} AS total_items,
  EXISTS (SELECT 1 FROM exams_practiceopening
          WHERE user_id = %(user)s AND form_id = %(form)s) AS opened_for_practice
FROM (VALUES (1)) AS one LEFT JOIN ({HEAD} WHERE a.user_id = %(user)s AND a.form_id = %(form)s
      AND (a.state <> 5 OR a.opened_at IS NOT NULL)) AS h ON true ORDER BY h.effective_state LIMIT 1
"""  # noqa: S608  (made of constants)
RUNNING_ELSEWHERE = f"""
SELECT h.* FROM ({HEAD} WHERE a.user_id = %s AND a.form_id <> %s AND a.state = 1) AS h
WHERE h.effective_state = 1 ORDER BY h.deadline_at
"""  # noqa: S608  (made of constants)
WITHOUT_RESULT = f"""
SELECT h.* FROM ({HEAD} WHERE a.user_id = %s AND a.state = 5) AS h ORDER BY h.started_at DESC LIMIT %s
"""  # noqa: S608  (made of constants)
CLOCK = f"""
SELECT {sql.EFFECTIVE_STATE} AS state, a.end_reason, a.lease_no, a.deadline_at,
  statement_timestamp() AS server_now
FROM exams_attempt a WHERE a.id = %s AND a.user_id = %s
"""  # noqa: S608  (made of constants)
# Whether a person has begun an exam or a drill of the same certification since, canceled ones left out.
BEGUN_SINCE = """EXISTS (SELECT 1 FROM exams_attempt b
    LEFT JOIN exams_examform bf ON bf.id = b.form_id LEFT JOIN exams_drawnpaper bd ON bd.id = b.drawn_id
    WHERE b.user_id = h.user_id AND b.started_at > h.started_at AND b.state <> 5
      AND coalesce(bf.certification_id, bd.certification_id) = h.certification_id)"""
LIST_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Head:
    """The facts of an attempt. `state` as stored; `effective_state` counts an overdue one as expired."""

    attempt_id: UUID
    certification_code: str
    form_number: int
    state: State
    effective_state: State
    started_at: dt.datetime
    deadline_at: dt.datetime
    ended_at: dt.datetime | None
    end_reason: str
    server_now: dt.datetime
    minutes_allowed: int
    accommodation: str
    seen_before: bool
    receipt: str
    edition_id: int
    paper_id: int
    form_id: int
    certification_id: int
    quarantined: bool
    opened: bool
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
    def running(self) -> bool:
        """Whether answers are still accepted."""
        return self.effective_state == State.RUNNING

    @property
    def seconds_used(self) -> int:
        """Whole seconds from start to end; until now for a running one."""
        return int(((self.ended_at or self.server_now) - self.started_at).total_seconds())


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
    """Everything the taking page needs: two statements, and a third when a process first meets the paper."""

    head: Head
    paper: CompiledPaper
    answers: Mapping[int, Answer]

    @property
    def answered(self) -> int:
        """How many positions have a choice."""
        return answers.answered(self.answers.values())


@dataclass(frozen=True, slots=True)
class Scale:
    """The scale of the edition that was sat."""

    low: int
    high: int
    pass_mark: int
    total_items: int


@dataclass(frozen=True, slots=True)
class OfForm:
    """What a person has to do with a form: the attempt that runs, and whether its questions were seen."""

    running: Head | None
    answered: int
    total_items: int
    seen: bool


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt as it stands in a list. `band` is on the scale of the edition that was taken.

    `correct` counts the unscored items, too; `chance` is that of passing another exam, by this one alone.
    Where the result doesn't count, there is neither band nor chance.
    """

    head: Head
    answered: int
    total_items: int
    scaled_score: int | None
    passed: bool | None
    band: tuple[int, int] | None
    correct: int | None
    chance: float | None
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
_HEAD_FIELDS = tuple(field.name for field in fields(Head))


def rows_of(statement: str, values: Sequence[Any] | Mapping[str, Any]) -> list[Row]:
    """Return what a statement finds, each row by the names of its columns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return _fetched(cursor)


def rows_of_prepared(statement: str, types: Mapping[str, str], values: Mapping[str, Any]) -> list[Row]:
    """Return what a statement finds as `rows_of` does; each connection prepares it once."""
    with connection.cursor() as cursor:
        prepared.execute(cursor, statement, types, values)
        return _fetched(cursor)


def _fetched(cursor: CursorWrapper) -> list[Row]:
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def head_of(row: Row) -> Head:
    """Return the facts of an attempt from a row of `HEAD`."""
    states = {name: State(row[name]) for name in ("state", "effective_state")}
    return Head(**{name: row[name] for name in _HEAD_FIELDS} | states)


def head(user: User, attempt_id: UUID) -> Head:
    """Return the facts of an own attempt by one statement. Raises Refused not_found for any other."""
    rows = rows_of(ONE, [str(attempt_id), user.pk])
    if not rows:
        raise answers.not_found()
    return head_of(rows[0])


def clock(user: User, attempt_id: UUID) -> Clock:
    """Return the time and the lease of an own attempt by one statement. Raises Refused not_found."""
    rows = rows_of(CLOCK, [str(attempt_id), user.pk])
    if not rows:
        raise answers.not_found()
    return Clock(**rows[0] | {"state": State(rows[0]["state"])})


def taking(user: User, attempt_id: UUID) -> Taking:
    """Return what the taking page needs. Raises Refused not_found."""
    attempt_head = head(user, attempt_id)
    given = {answer.position: answer for answer in answers.current(attempt_id)}
    return Taking(attempt_head, papers.get(attempt_head.paper_id), given)


def own_attempts(user: User, limit: int = LIST_LIMIT, code: str | None = None) -> list[AttemptRow]:
    """Return a person's attempts, newest first, canceled ones left out; of one certification by its code.

    One statement.
    """
    values, types = {"user": user.pk, "limit": limit}, {"user": "bigint", "limit": "int"}
    if code is None:
        rows = rows_of_prepared(LIST, types, values)
    else:
        rows = rows_of_prepared(LIST_OF, {**types, "code": "text"}, {**values, "code": code})
    return [_attempt_row(row) for row in rows]


def latest_attempts(user: User, limit: int = LIST_LIMIT) -> list[AttemptRow]:
    """Return what `own_attempts` does, of the certification that somebody took last. One statement."""
    types = {"user": "bigint", "limit": "int"}
    rows = rows_of_prepared(LIST_OF_LATEST, types, {"user": user.pk, "limit": limit})
    return [_attempt_row(row) for row in rows]


def without_result(user: User) -> list[Head]:
    """Return a person's exams that were canceled or voided, newest first. One statement."""
    return [head_of(row) for row in rows_of(WITHOUT_RESULT, [user.pk, LIST_LIMIT])]


def begun_since(user: User, attempt_id: UUID) -> bool:
    """Say whether anything of its certification was begun since an own exam. One statement."""
    rows = rows_of(f"SELECT {BEGUN_SINCE} AS found FROM ({ONE}) AS h", [str(attempt_id), user.pk])  # noqa: S608
    return any(row["found"] for row in rows)


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
        chance=telling.chance if telling else None,
        scale=Scale(row["low"], row["high"], row["pass_mark"], row["total_items"]),
    )


def running_elsewhere(user: User, form_id: int) -> list[Head]:
    """Return what runs at other forms, the attempt that ends first in front. One statement."""
    return [head_of(row) for row in rows_of(RUNNING_ELSEWHERE, [user.pk, form_id])]


def running(user: User) -> list[Head]:
    """Return every exam that runs, the one that ends first in front. One statement."""
    return running_elsewhere(user, 0)  # no form has this key


def of_form(user: User, form_id: int) -> OfForm:
    """Return what a person has to do with a form. One statement."""
    row = rows_of(OF_FORM, {"user": user.pk, "form": form_id})[0]
    if row["attempt_id"] is None:
        return OfForm(None, 0, 0, seen=row["opened_for_practice"])
    head = head_of(row)
    # The one that runs comes first, if there is one: its own questions are no reason for a warning.
    return OfForm(head if head.running else None, row["answered"], row["total_items"], not head.running)


def running_with(item_ids: Sequence[int]) -> int:
    """Return how many people are taking an exam with one of these items now. One statement."""
    rows = Attempt.objects.filter(state=State.RUNNING, mode=Mode.EXAM)
    return rows.filter(edition__items__version__item__in=item_ids).distinct().count()
