"""The answer log: the SQL that was proven under races, and what may be sent to it.

Saves lock the attempt row FOR SHARE by primary key alone and judge afterwards; submit and expiry lock it
FOR UPDATE and read the answers in a later statement. Five wrong variants are kept as control tests.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.base import statements
from accounts.base.errors import Refused, Text
from exams.assembly import papers
from exams.attempts import save_throttle, sql
from exams.attempts.leases import Lease

GRACE = dt.timedelta(seconds=sql.GRACE_SECONDS)
BATCH = 100
SEQ_MAX = 20_000
CHANGES_MAX = 5_000
"""Changes that an attempt may have. In three hours that is one each two seconds: nobody gets there."""
# Counting the rows of an attempt at each save would cost a tenth of it, even in a branch that is never taken.
# So only saves count that a flood needs, by a statement of their own: by a high lease or under a high number.
# What is stored uncounted is at most another 25 * 200 rows.
UNCOUNTED_LEASES = 25
UNCOUNTED_SEQS = 200


# One statement, in three steps. `a` locks the row FOR SHARE: saves do not wait for each other, but for a
# close (FOR UPDATE), and a close waits for them; then it reads, in a later statement, all that was stored.
# The row is found by its key alone and judged afterwards (`v`): with state or deadline in the WHERE,
# thousands of rows were filtered for each save. Time is that of the statement's start, so an answer that had
# to wait for the lock counts as sent in time. `stored` leaves out what came before: a replay is harmless.
def _save(counted: str = "") -> str:
    return f"""
WITH a AS MATERIALIZED (
  SELECT id, state, lease_no, deadline_at, ended_at FROM exams_attempt WHERE id = %(attempt)s FOR SHARE),
v AS (
  SELECT a.*, CASE WHEN lease_no <> %(lease)s THEN 'lease_taken' WHEN state <> 1 THEN 'attempt_closed'
    WHEN statement_timestamp() > deadline_at + {sql.GRACE} THEN 'late'
{counted}
    ELSE 'ok' END AS verdict
  FROM a),
stored AS (
  INSERT INTO exams_answerevent
    (attempt_id, lease_no, seq, position, selected, flagged, received_at, confidence, seen_ms)
  SELECT v.id, %(lease)s, c.seq, c.position, c.sel::int[], c.flagged, statement_timestamp(), c.confidence,
    c.seen_ms
  FROM v, unnest(%(seq)s::int[], %(position)s::smallint[], %(selected)s::text[], %(flagged)s::boolean[],
                 %(confidence)s::smallint[], %(seen_ms)s::int[])
    AS c(seq, position, sel, flagged, confidence, seen_ms) WHERE v.verdict = 'ok'
  ON CONFLICT (attempt_id, lease_no, seq) DO NOTHING RETURNING 1)
SELECT verdict, deadline_at, ended_at, statement_timestamp(), (SELECT count(*) FROM stored) FROM v
"""  # noqa: S608  (made of constants)


SAVE = _save()
COUNTED_SAVE = _save(f"""
    WHEN (SELECT count(*) FROM exams_answerevent WHERE attempt_id = %(attempt)s)
      + cardinality(%(seq)s::int[]) > {CHANGES_MAX}
      THEN 'too_many_changes'""")  # noqa: S608  (made of constants)
_SAVE_TYPES = {
    "attempt": "uuid",
    "lease": "int",
    "seq": "int[]",
    "position": "smallint[]",
    "selected": "text[]",
    "flagged": "boolean[]",
    "confidence": "smallint[]",
    "seen_ms": "int[]",
}

_SENT = """unnest(%(seq)s::int[], %(position)s::smallint[], %(selected)s::text[], %(flagged)s::boolean[])
    AS c(seq, position, sel, flagged)"""
_RECORD = """INSERT INTO exams_refusedanswer
    (attempt_id, lease_no, seq, position, selected, flagged, received_at, reason)
  SELECT %(attempt)s, %(lease)s, c.seq, c.position, c.sel::int[], c.flagged, statement_timestamp(), %(reason)s
  FROM {source}
  WHERE (SELECT count(*) FROM exams_refusedanswer WHERE attempt_id = %(attempt)s) < 200
  ON CONFLICT DO NOTHING"""
# Runs when fewer rows were stored than sent. The same content again is a replay, another one is refused and
# recorded: IS DISTINCT FROM compares the whole content, so that nothing new hides under a used number.
_REPLAY_BODY = """
WITH reused AS (
  SELECT c.* FROM {sent}
  JOIN exams_answerevent e ON e.attempt_id = %(attempt)s AND e.lease_no = %(lease)s AND e.seq = c.seq
  WHERE (e.position, e.selected, e.flagged) IS DISTINCT FROM (c.position, c.sel::int[], c.flagged)),
r AS ({record})
SELECT min(seq) FROM reused
"""
REPLAY = _REPLAY_BODY.format(sent=_SENT, record=_RECORD.format(source="reused AS c"))
# How many positions are answered: their newest change has a choice. `answered` says the same of values.
NEWEST_SELECTED = """SELECT DISTINCT ON (position) position, selected FROM exams_answerevent
    WHERE attempt_id = {attempt} ORDER BY position, lease_no DESC, seq DESC"""
ANSWERED = "(SELECT count(*) FROM (" + NEWEST_SELECTED + ") AS newest WHERE newest.selected <> '{{}}')"  # noqa: S608  (made of constants)
# The answer that counts at each position touched, as arrays of JSON in the order of `Answer`.
NEWEST = """(SELECT json_agg(json_build_array(position, selected, flagged, lease_no, seq, confidence)
                             ORDER BY position)
    FROM (SELECT DISTINCT ON (position) * FROM exams_answerevent WHERE attempt_id = {attempt}
          ORDER BY position, lease_no DESC, seq DESC) AS newest)"""
REFUSE = f"""WITH r AS ({_RECORD.format(source=_SENT)})
SELECT {ANSWERED.format(attempt="%(attempt)s::uuid")}, end_reason FROM exams_attempt WHERE id = %(attempt)s
"""  # noqa: S608  (made of constants)
# The lease goes before the number: every page counts its changes from 1, and the newest page is right.
NEWEST_FIRST = "lease_no DESC, seq DESC"


def _newest(more: str = "") -> str:
    """Return the statement that reads what is chosen at each position of attempts, and more columns."""
    return f"""
SELECT DISTINCT ON (e.attempt_id, e.position) e.attempt_id::text, e.position, e.selected{more}
FROM exams_answerevent e WHERE e.attempt_id = ANY(%s::uuid[])
ORDER BY e.attempt_id, e.position, {NEWEST_FIRST}
"""  # noqa: S608  (made of constants)


_ALL = ", e.flagged, e.lease_no, e.seq, e.confidence"


def _longest() -> str:
    """Return the column with the longest time of any change of a position.

    A page that takes over counts on from there. Its window is in the order of the rows: they are sorted once.
    """
    return f""",
  max(e.seen_ms) OVER (PARTITION BY e.attempt_id, e.position ORDER BY {NEWEST_FIRST}
                       ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)"""


type Chosen = Mapping[int, Sequence[int]]
"""The options that count by position, which scores and receipts are made of; none where it was cleared."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one answer as the client sent it; `seq` counts within its lease.

    `confidence` is 1 (guess), 2 (unsure) or 3 (sure); `seen_ms` is how long the question had been looked at.
    """

    seq: int
    position: int
    selected: tuple[int, ...]
    flagged: bool
    confidence: int | None = None
    seen_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer that counts at a position: the highest (lease, seq).

    `seen_ms` is the longest time that any change of the position said, where it was asked for.
    """

    position: int
    selected: tuple[int, ...]
    flagged: bool
    lease_no: int
    seq: int
    confidence: int | None = None
    seen_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What an acknowledged save says."""

    saved_seq: int
    deadline_at: dt.datetime | None
    server_now: dt.datetime


def answered(rows: Iterable[Answer]) -> int:
    """Return how many answers have a choice. A cleared answer is none, and neither is a flag alone."""
    return sum(bool(answer.selected) for answer in rows)


def check(paper_id: int, changes: Iterable[Change]) -> None:
    """Refuse a change that the paper does not allow, naming its position; nothing has been stored yet."""
    paper = papers.order(paper_id)
    for change in changes:
        place = paper.at(change.position)
        if place is None:
            raise invalid(change.position, _("There is no question %(position)s."))
        if len(change.selected) > place.choose:
            raise invalid(
                change.position,
                _("Too many answers to question %(position)s: %(sent)s sent, at most %(choose)s allowed."),
                choose=place.choose,
                sent=len(change.selected),
            )
        if len(set(change.selected)) != len(change.selected) or not place.options.issuperset(change.selected):
            raise invalid(
                change.position, _("One of the answers sent doesn't belong to question %(position)s.")
            )


def invalid(position: int, detail: Text, **values: object) -> Refused:
    """Return the refusal of an answer that cannot be, naming its position."""
    return Refused("invalid_answer", 422, detail, values={"position": position, **values}, position=position)


def not_found() -> Refused:
    """Return the refusal that absent and foreign attempts share, word for word."""
    return Refused("not_found", 404, _("Attempt not found."))


def save(lease: Lease, changes: Sequence[Change]) -> Saved:
    """Append changes to the log: exactly one statement when all is new and in order.

    Raises Refused: too_many_saves, not_found, lease_taken, attempt_closed, late, too_many_changes,
    seq_reused, invalid_answer.
    """
    if wait := save_throttle.saves.seconds_to_wait(lease.attempt_id):
        raise Refused(
            "too_many_saves",
            429,
            _("Answers are coming in too fast. This one is stored in your browser and will be sent again."),
            retry_after=wait,
        )
    check(lease.paper_id, changes)
    values = _values(lease.attempt_id, lease.number, changes)
    last = max(change.seq for change in changes)
    counted = lease.number > UNCOUNTED_LEASES or last > UNCOUNTED_SEQS
    # The save itself finds a dead connection; asking first would double the statements.
    database: Any = connection
    database.health_check_done = True
    database.ensure_connection()
    database.connection.notices.clear()
    row = statements.first(COUNTED_SAVE if counted else SAVE, values, _SAVE_TYPES)
    # Sent alone, it is committed by now.
    database.raise_if_unreplicated()
    if row is None:
        raise not_found()
    verdict, deadline_at, ended_at, server_now, stored = row
    if verdict != "ok":
        raise _refuse(verdict, values, deadline_at, ended_at)
    if stored < len(changes):
        _check_replay(values)
    return Saved(last, deadline_at, server_now)


def _values(attempt_id: UUID, lease_no: int, changes: Sequence[Change]) -> dict[str, Any]:
    """Return what statements take, arrays as text that PostgreSQL reads for the type of any array.

    As ARRAY[...] each would be an expression, to be parsed and converted: a twentieth of what a save takes.
    """
    return {
        "attempt": str(attempt_id),
        "lease": lease_no,
        "seq": _array([str(change.seq) for change in changes]),
        "position": _array([str(change.position) for change in changes]),
        # Sorted, so that the same choice in another order is the same payload.
        "selected": _array([f'"{_array(map(str, sorted(change.selected)))}"' for change in changes]),
        "flagged": _array(["t" if change.flagged else "f" for change in changes]),
        "confidence": _optional_array([change.confidence for change in changes]),
        "seen_ms": _optional_array([change.seen_ms for change in changes]),
    }


def _array(parts: Iterable[str]) -> str:
    return "{" + ",".join(parts) + "}"


def _optional_array(numbers: Sequence[int | None]) -> str | None:
    """Return an array, or None where there is no number at all."""
    if not any(number is not None for number in numbers):
        return None
    return _array(["NULL" if number is None else str(number) for number in numbers])


def _check_replay(values: Mapping[str, Any]) -> None:
    reused = statements.first(REPLAY, {**values, "reason": "seq_reused"})[0]
    if reused is not None:
        raise Refused(
            "seq_reused",
            409,
            _("This change was sent before with different content. The first one was kept."),
            seq=reused,
        )


_REFUSALS = {
    "lease_taken": (409, _("This exam is open in another window. Answers are saved there.")),
    "attempt_closed": (409, _("The exam has ended. Answers saved before that: %(saved)s.")),
    "late": (
        409,
        _("This answer arrived after time was up. Answers saved before that: %(saved)s."),
    ),
    # A page that is told 422 sends no more of it, and goes on with what it is told otherwise.
    "too_many_changes": (
        422,
        _(
            "This exam has too many changes, so we can't save any more. "
            "Your %(saved)s answers are safe, and you can submit it."
        ),
    ),
}


def _refuse(
    verdict: str,
    values: Mapping[str, Any],
    deadline_at: dt.datetime | None,
    ended_at: dt.datetime | None,
) -> Refused:
    saved, end_reason = statements.first(REFUSE, {**values, "reason": verdict})
    extra = {"saved": saved, "deadline_at": deadline_at, "ended_at": ended_at, "end_reason": end_reason}
    status, detail = _REFUSALS[verdict]
    return Refused(verdict, status, detail, values={"saved": saved}, **extra)


def refuse_after_the_end(attempt_id: UUID, lease_no: int, change: Change, *, late: bool) -> Refused:
    """Record a change of the page without script that came after the end, and return its refusal."""
    # The position is the number, so that refusals of several questions are all on record.
    values = {**_values(attempt_id, lease_no, [change]), "seq": _array([str(change.position)])}
    return _refuse("late" if late else "attempt_closed", values, None, None)


def current(attempt_id: UUID, *, times: bool = False) -> list[Answer]:
    """Return the answer that counts at each position touched, in order of position."""
    return current_of([attempt_id], times=times).get(attempt_id, [])


def current_of[Id: (UUID, str)](
    attempt_ids: Collection[Id], *, times: bool = False
) -> dict[Id, list[Answer]]:
    """Return the answers that count of several attempts by one statement; with `times` also how long."""
    # Text as it comes: making a UUID of every row cost a quarter of a sweep.
    by_attempt: dict[str, list[Answer]] = {str(attempt_id): [] for attempt_id in attempt_ids}
    newest = _newest(_ALL + _longest() if times else _ALL)
    for attempt_id, position, selected, *more in statements.rows(newest, [list(by_attempt)]):
        by_attempt[attempt_id].append(Answer(position, tuple(selected), *more))
    return {attempt_id: rows for attempt_id in attempt_ids if (rows := by_attempt[str(attempt_id)])}


def chosen_of(attempt_ids: Sequence[UUID]) -> dict[UUID, Chosen]:
    """Return the options that count of each attempt, to close or to score it.

    Call it in a statement after the one that locked the attempts. It reads nothing else: of a sweep over
    thousands of attempts most of the time goes into reading answers.
    """
    by_attempt: dict[str, dict[int, Sequence[int]]] = {str(attempt_id): {} for attempt_id in attempt_ids}
    for attempt_id, position, selected in statements.rows(_newest(), [list(by_attempt)]):
        by_attempt[attempt_id][position] = selected
    return {attempt_id: by_attempt[str(attempt_id)] for attempt_id in attempt_ids}


def chosen(attempt_id: UUID) -> Chosen:
    """Return the options that count of one attempt, see `chosen_of`."""
    return chosen_of([attempt_id])[attempt_id]


def receipt(chosen: Chosen) -> str:
    """Return the receipt of an attempt: SHA-256 of [[position, sorted option ids], ...]."""
    content = [[position, sorted(selected)] for position, selected in sorted(chosen.items()) if selected]
    return hashlib.sha256(json.dumps(content, separators=(",", ":")).encode()).hexdigest()
