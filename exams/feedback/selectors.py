"""What a person noted, bookmarked and reported, beside a review and in lists of its own."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection

from accounts.users.models import User
from exams.assembly.selectors import Place
from exams.attempts import running_items
from exams.feedback.models import Reason, ReportState

LIST_LIMIT: Final = 200
# Three tables by one statement: what a person marked of a few dozen items is a handful of rows.
_OWN: Final = """
SELECT n.item_id, 'note', to_json(n.text) FROM exams_note n
WHERE n.user_id = %(user)s AND n.item_id = ANY(%(items)s)
UNION ALL
SELECT b.item_id, 'bookmark', 'true'::json FROM exams_bookmark b
WHERE b.user_id = %(user)s AND b.item_id = ANY(%(items)s)
UNION ALL
SELECT v.item_id, 'reports', json_agg(json_build_object(
    'id', r.id, 'attempt_id', r.attempt_id, 'position', r.position, 'reason', r.reason, 'text', r.text,
    'state', r.state, 'answer', r.answer, 'created_at', r.created_at, 'answered_at', r.answered_at)
  ORDER BY r.created_at DESC, r.id DESC)
FROM exams_problemreport r JOIN exams_itemversion v ON v.id = r.version_id
WHERE r.user_id = %(user)s AND v.item_id = ANY(%(items)s) GROUP BY v.item_id
"""
_REPORTS: Final = f"""
SELECT r.id, r.attempt_id, r.position, r.reason, r.text, r.state, r.answer, r.created_at, r.answered_at,
  c.code, f.number AS form_number, v.item_id IN ({running_items.RUNNING_ITEMS}) AS held
FROM exams_problemreport r JOIN exams_itemversion v ON v.id = r.version_id
JOIN exams_attempt a ON a.id = r.attempt_id JOIN exams_examform f ON f.id = a.form_id
JOIN exams_certification c ON c.id = f.certification_id
WHERE r.user_id = %(user)s ORDER BY r.created_at DESC, r.id DESC LIMIT {LIST_LIMIT}
"""  # noqa: S608  (made of constants)
# A mark is of an item; its question is where the person last met the item in an exam that was scored.
_LISTED: Final = f"""
SELECT m.item_id, m.value, m.at, c.code, f.number AS form_number, s.attempt_id, s.position
FROM (SELECT item_id, {{value}} AS value, {{at}} AS at FROM {{table}} WHERE user_id = %(user)s
      AND item_id NOT IN ({running_items.RUNNING_ITEMS})) AS m
JOIN LATERAL (
  SELECT a.id AS attempt_id, a.form_id, i.position FROM exams_attempt a
  JOIN exams_formitem i ON i.edition_id = a.edition_id JOIN exams_itemversion v ON v.id = i.version_id
  WHERE a.user_id = %(user)s AND a.state = 4 AND v.item_id = m.item_id
  ORDER BY a.started_at DESC LIMIT 1) AS s ON true
JOIN exams_examform f ON f.id = s.form_id JOIN exams_certification c ON c.id = f.certification_id
ORDER BY m.at DESC, m.item_id LIMIT 1000
"""  # noqa: S608  (made of constants)
_NOTES: Final = _LISTED.format(value="text", at="updated_at", table="exams_note")
_BOOKMARKS: Final = _LISTED.format(value="''", at="created_at", table="exams_bookmark")


@dataclass(frozen=True, slots=True)
class Report:
    """A report and its answer, "" while there is none. `attempt_id` and `position` say where it was made."""

    id: int
    attempt_id: UUID
    position: int
    reason: Reason
    text: str
    state: ReportState
    answer: str
    created_at: dt.datetime
    answered_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Own:
    """What a person has said about an item; `note` is "" where there is none, reports the newest first."""

    note: str = ""
    bookmarked: bool = False
    reports: tuple[Report, ...] = ()


NOTHING: Final = Own()


@dataclass(frozen=True, slots=True)
class OwnReport:
    """A report in the list of its person. `held`: its question is in an exam that the person is taking.

    Then texts are empty, since they may tell the answer.
    """

    report: Report
    certification_code: str
    form_number: int
    held: bool


@dataclass(frozen=True, slots=True)
class Marked:
    """A note or a bookmark, and where its question was last met; `text` is "" for a bookmark."""

    attempt_id: UUID
    position: int
    certification_code: str
    form_number: int
    text: str
    at: dt.datetime


def of_places(user: User, places: Sequence[Place]) -> Mapping[int, Own]:
    """Return what a person has said about items, by position; only where there is something. One statement.

    Whoever asks has made sure that the person is not taking an exam with these items.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OWN, {"user": user.pk, "items": [place.item_id for place in places]})
        found: dict[int, dict[str, Any]] = {}
        for item_id, kind, value in cursor.fetchall():
            found.setdefault(item_id, {})[kind] = value
    return {place.position: _own(found[place.item_id]) for place in places if place.item_id in found}


def _own(said: Mapping[str, Any]) -> Own:
    return Own(
        note=said.get("note", ""),
        bookmarked="bookmark" in said,
        reports=tuple(_report(row) for row in said.get("reports", ())),
    )


def _report(row: Mapping[str, Any], *, is_hidden: bool = False) -> Report:
    return Report(
        id=row["id"],
        attempt_id=UUID(str(row["attempt_id"])),
        position=row["position"],
        reason=Reason(row["reason"]),
        text="" if is_hidden else row["text"],
        state=ReportState(row["state"]),
        answer="" if is_hidden else row["answer"],
        created_at=_time(row["created_at"]),
        answered_at=_time(row["answered_at"]) if row["answered_at"] else None,
    )


def _time(value: dt.datetime | str) -> dt.datetime:
    """Return a time that came as such, or within JSON as PostgreSQL writes it."""
    return dt.datetime.fromisoformat(value) if isinstance(value, str) else value


def own_reports(user: User) -> list[OwnReport]:
    """Return the newest 200 reports of a person with their answers. One statement."""
    return [
        OwnReport(_report(row, is_hidden=row["held"]), row["code"], row["form_number"], row["held"])
        for row in _rows(_REPORTS, user)
    ]


def own_notes(user: User) -> list[Marked]:
    """Return a person's notes, newest first, but on items of an exam that they are taking. One statement."""
    return [_marked(row) for row in _rows(_NOTES, user)]


def own_bookmarks(user: User) -> list[Marked]:
    """Return a person's bookmarks, newest first, but on items of an exam being taken. One statement."""
    return [_marked(row) for row in _rows(_BOOKMARKS, user)]


def _marked(row: Mapping[str, Any]) -> Marked:
    return Marked(
        row["attempt_id"], row["position"], row["code"], row["form_number"], row["value"], row["at"]
    )


def _rows(statement: str, user: User) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"user": user.pk})
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
