"""What a person may practice: items of exams that they finished or opened for practice, and how each went.

Never an item of an exam that the person is taking: `RUNNING_ITEMS` says which those are, for every reader
of keys.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection, models

from accounts.base import prepared
from accounts.users.models import User
from exams.assembly import solutions
from exams.attempts import answers, score_codec
from exams.attempts.answers import Answer
from exams.attempts.running_items import RUNNING_ITEMS, is_running_exam
from exams.attempts.selectors import rows_of, rows_of_prepared
from exams.bank import rulings
from exams.catalog.models import Certification

EXAMS = f"""
SELECT f.id AS form_id, f.number,
  EXISTS (SELECT 1 FROM exams_attempt a WHERE a.user_id = %(user)s AND a.form_id = f.id
          AND a.state IN (2, 3, 4)) AS finished,
  EXISTS (SELECT 1 FROM exams_practiceopening o WHERE o.user_id = %(user)s AND o.form_id = f.id) AS opened,
  EXISTS (SELECT 1 FROM exams_attempt a WHERE a.user_id = %(user)s AND a.form_id = f.id
          AND {is_running_exam("a")}) AS taking
FROM exams_examform f JOIN exams_certification c ON c.id = f.certification_id
WHERE c.code = %(code)s
  AND EXISTS (SELECT 1 FROM exams_paper p WHERE p.edition_id = f.current_id)
ORDER BY f.number
"""  # noqa: S608  (made of constants)
PLACES = f"""
WITH own AS (
  SELECT form_id FROM exams_attempt WHERE user_id = %(user)s AND mode = 'exam' AND state IN (2, 3, 4)
  UNION SELECT form_id FROM exams_practiceopening WHERE user_id = %(user)s),
editions AS (
  SELECT current_id AS id FROM exams_examform
  WHERE certification_id = %(certification)s AND id IN (SELECT form_id FROM own))
SELECT DISTINCT ON (v.item_id) v.item_id, v.id FROM editions e
JOIN exams_formitem i ON i.edition_id = e.id JOIN exams_itemversion v ON v.id = i.version_id
JOIN exams_item m ON m.id = v.item_id JOIN exams_taskstatement t ON t.id = m.task_id
JOIN exams_domain d ON d.id = t.domain_id
WHERE m.current_id IS NOT NULL AND v.item_id NOT IN ({RUNNING_ITEMS})
  AND (%(domain)s::int IS NULL OR d.number = %(domain)s) AND (%(task)s::text IS NULL OR t.code = %(task)s)
  AND (%(difficulty)s::text IS NULL OR v.difficulty = %(difficulty)s)
ORDER BY v.item_id, v.published_at DESC
"""  # noqa: S608  (made of constants)
# When each item was last shown, and where its answer was last told: at the end of an exam or a drill, or when
# its position was closed. What was drawn and never closed says nothing about a person.
MEETINGS = f"""
WITH own AS (
  SELECT id, edition_id, drawn_id, state, feedback, started_at, seen_ms FROM exams_attempt
  WHERE user_id = %(user)s AND (state <> 5 OR opened_at IS NOT NULL)),
met AS (
  SELECT v.item_id, o.id, i.position, v.id AS version_id, o.started_at, o.state, o.feedback,
    o.seen_ms[i.position] AS seen_ms
  FROM own o JOIN exams_formitem i ON i.edition_id = o.edition_id
  JOIN exams_itemversion v ON v.id = i.version_id WHERE v.item_id = ANY(%(items)s)
  UNION ALL
  SELECT v.item_id, o.id, u.position, v.id, o.started_at, o.state, o.feedback, o.seen_ms[u.position]
  FROM own o JOIN exams_drawnpaper d ON d.id = o.drawn_id
  CROSS JOIN unnest(d.version_ids) WITH ORDINALITY AS u(id, position)
  JOIN exams_itemversion v ON v.id = u.id WHERE v.item_id = ANY(%(items)s)),
told AS (
  SELECT DISTINCT ON (item_id) item_id, id, position, version_id, seen_ms FROM met
  WHERE CASE WHEN feedback = 'at_end' THEN state IN (2, 3, 4)
    ELSE EXISTS (SELECT 1 FROM exams_answerevent e
                 WHERE e.attempt_id = met.id AND e.position = met.position AND e.closes) END
  ORDER BY item_id, started_at DESC)
SELECT s.item_id, s.at AS shown_at, s.at > statement_timestamp() - make_interval(days => %(days)s) AS lately,
  t.id AS attempt_id, t.position::int AS position, t.version_id, t.seen_ms, {rulings.LAST} AS last_ruling
FROM (SELECT item_id, max(started_at) AS at FROM met GROUP BY item_id) AS s LEFT JOIN told t USING (item_id)
"""  # noqa: S608  (made of constants)
_PLACES_TYPES = {
    "user": "bigint",
    "certification": "bigint",
    "domain": "int",
    "task": "text",
    "difficulty": "text",
}
_MEETINGS_TYPES = {"user": "bigint", "items": "bigint[]", "days": "int"}


class Pool(models.TextChoices):
    """Which of the items that a person may practice are drawn from."""

    ALL = "all"
    NEW = "new"
    MISSED = "missed"
    FLAGGED = "flagged"
    UNSURE = "unsure"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for. `days`: leave out what was shown in so many last days, 0 for nothing."""

    pool: Pool = Pool.ALL
    domain: int | None = None
    task: str | None = None
    difficulty: str | None = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class PracticeExam:
    """An exam as a source of drills: whether the person finished it, opened it, and is taking it now."""

    form_id: int
    number: int
    finished: bool
    opened: bool
    taking: bool

    @property
    def open(self) -> bool:
        """Whether drills may draw from it, once it is not being taken."""
        return self.finished or self.opened


@dataclass(frozen=True, slots=True)
class _Meeting:
    """How an item went when its answer was last told; `answer` is None where there was none."""

    version_id: int
    answer: Answer | None
    seen_ms: int


def exams(user: User, code: str) -> list[PracticeExam]:
    """Return the exams of a certification as sources of drills, by number. One statement."""
    return [PracticeExam(**row) for row in rows_of(EXAMS, {"user": user.pk, "code": code})]


def versions(user: User, certification: Certification, filters: Filters) -> list[int]:
    """Return the current version of each item that fits. One statement, or four for a pool."""
    values = {
        "user": user.pk,
        "certification": certification.pk,
        "domain": filters.domain,
        "task": filters.task,
        "difficulty": filters.difficulty,
    }
    with connection.cursor() as cursor:
        prepared.execute(cursor, PLACES, _PLACES_TYPES, values)
        places: dict[int, int] = dict(cursor.fetchall())
    if not places or (filters.pool == Pool.ALL and not filters.days):
        return list(places.values())
    asked = {"user": user.pk, "items": list(places), "days": filters.days}
    rows = rows_of_prepared(MEETINGS, _MEETINGS_TYPES, asked)
    lately = {row["item_id"] for row in rows if filters.days and row["lately"]}
    in_pool = _in_pool(filters.pool, places, rows, slow_ms(certification))
    return [version_id for item_id, version_id in places.items() if item_id in in_pool - lately]


def slow_ms(certification: Certification) -> int:
    """Return the time for a question at the pace of the real exam, in milliseconds: longer is slow."""
    return certification.duration_minutes * 60_000 // certification.items_total


def _in_pool(pool: Pool, items: Iterable[int], rows: Sequence[dict[str, Any]], slow: int) -> set[int]:
    if pool == Pool.ALL:
        return set(items)
    if pool == Pool.NEW:
        return set(items) - {row["item_id"] for row in rows}
    meetings = _meetings(rows)
    if pool == Pool.MISSED:
        in_force = rulings.in_force(next((row["last_ruling"] for row in rows), None))
        keys = solutions.ruled_keys([one.version_id for one in meetings.values()], in_force)
        return {
            item_id
            for (item_id, meeting), key in zip(meetings.items(), keys, strict=True)
            if not (key.out or key.accepts(meeting.answer.selected if meeting.answer else ()))
        }
    if pool == Pool.SLOW:
        return {item_id for item_id, one in meetings.items() if one.seen_ms > slow}
    if pool == Pool.FLAGGED:
        return {item_id for item_id, one in meetings.items() if one.answer and one.answer.flagged}
    return {item_id for item_id, one in meetings.items() if one.answer and one.answer.confidence in (1, 2)}


def _meetings(rows: Sequence[dict[str, Any]]) -> dict[int, _Meeting]:
    closed = [row for row in rows if row["attempt_id"] is not None]
    attempt_ids: list[UUID] = list({row["attempt_id"] for row in closed})
    current = {
        (attempt_id, answer.position): answer
        for attempt_id, all_of_it in answers.current_of(attempt_ids, times=True).items()
        for answer in all_of_it
    }
    meetings = {}
    for row in closed:
        answer = current.get((row["attempt_id"], row["position"]))
        longest = max(row["seen_ms"] or 0, (answer and answer.seen_ms) or 0)
        meetings[row["item_id"]] = _Meeting(row["version_id"], answer, longest)
    return meetings


MISSED: Final = f"""
SELECT m.coverage
FROM exams_attempt a JOIN exams_examform f ON f.id = a.form_id
JOIN exams_certification c ON c.id = f.certification_id
JOIN LATERAL (SELECT result FROM exams_score WHERE attempt_id = a.id ORDER BY revision DESC LIMIT 1) s ON true
JOIN exams_formitem i ON i.edition_id = a.edition_id AND i.is_scored
JOIN exams_itemversion v ON v.id = i.version_id JOIN exams_item m ON m.id = v.item_id
WHERE a.user_id = %(user)s AND c.code = %(code)s AND a.state = 4 AND v.item_id NOT IN ({RUNNING_ITEMS})
  AND NOT {score_codec.RIGHT_AT.format(result="s.result", position="i.position")}
  AND NOT {score_codec.OUT_AT.format(result="s.result", position="i.position")}
ORDER BY a.started_at, i.position
"""  # noqa: S608  (made of constants)


def missed(user: User, code: str) -> list[frozenset[str]]:
    """Return the coverage ids of each missed item, once for each ended exam in which it was missed.

    By the current score of each; items that do not count are left out, and those of an exam that the person
    is taking (G5). One statement.
    """
    return [frozenset(row["coverage"]) for row in rows_of(MISSED, {"user": user.pk, "code": code})]
