"""What a person noted, bookmarked and reported, beside a review and in lists of its own."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import JSONArray

from accounts.users.models import User
from exams.assembly.models import FormItem
from exams.assembly.solutions import Place
from exams.attempts import running_items
from exams.attempts.models import State
from exams.feedback.models import Bookmark, Note, ProblemReport, Reason, ReportState

LIST_LIMIT: Final = 200
MARKS_LIMIT: Final = 1000
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


def _own(marks: Mapping[str, Any]) -> Own:
    return Own(
        note=marks.get("note", ""),
        bookmarked="bookmark" in marks,
        reports=tuple(_report(row) for row in marks.get("reports", ())),
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
    rows = ProblemReport.objects.filter(user_id=user.pk).values(
        *("id", "attempt_id", "position", "reason", "text", "state", "answer", "created_at", "answered_at"),
        code=F("attempt__form__certification__code"),
        form_number=F("attempt__form__number"),
        held=ExpressionWrapper(Q(version__item__in=running_items.of(user)), output_field=BooleanField()),
    )
    return [
        OwnReport(_report(row, is_hidden=row["held"]), row["code"], row["form_number"], row["held"])
        for row in rows[:LIST_LIMIT]
    ]


def own_notes(user: User) -> list[Marked]:
    """Return a person's notes, newest first, but on items of an exam that they are taking. One statement."""
    return _marked(user, Note.objects.values("text", at=F("updated_at")))


def own_bookmarks(user: User) -> list[Marked]:
    """Return a person's bookmarks, newest first, but on items of an exam being taken. One statement."""
    return _marked(user, Bookmark.objects.values(text=Value(""), at=F("created_at")))


def _marked(user: User, rows: QuerySet[Any, dict[str, Any]]) -> list[Marked]:
    """Return marks of items, each with where the person last met its item in an exam that was scored."""
    met = FormItem.objects.filter(
        version__item=OuterRef("item"),
        edition__attempts__user=user,
        edition__attempts__state=State.SCORED,
    ).order_by("-edition__attempts__started_at")
    place = JSONArray(
        *("edition__attempts__pk", "position"),
        *("edition__form__certification__code", "edition__form__number"),
    )
    marks = rows.filter(user=user).exclude(item__in=running_items.of(user))
    placed = marks.annotate(place=Subquery(met.values_list(place)[:1])).filter(place__isnull=False)
    newest = placed.order_by("-at", "item").values_list("place", "text", "at")
    return [
        Marked(UUID(attempt_id), position, code, form_number, text, at)
        for (attempt_id, position, code, form_number), text, at in newest[:MARKS_LIMIT]
    ]
