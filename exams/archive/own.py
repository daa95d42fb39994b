"""What a person wrote and set in exams, in their archive: notes, bookmarks, reports, dates."""

from typing import Any

from django.db.models import Case, F, TextField, Value, When

from accounts.privacy.holdings import lines
from accounts.users.models import User
from exams.attempts import running_items
from exams.feedback.models import Bookmark, Note, ProblemReport
from exams.insights.models import ExamDate


def notes(user: User, language: str) -> list[dict[str, Any]]:
    """Return notes with the question they are about."""
    return lines(
        Note.objects.filter(user=user).order_by("pk"),
        certification="item__certification__code",
        question="item__code",
        text="text",
        updated_at="updated_at",
    )


def bookmarks(user: User, language: str) -> list[dict[str, Any]]:
    """Return bookmarked questions."""
    return lines(
        Bookmark.objects.filter(user=user).order_by("pk"),
        certification="item__certification__code",
        question="item__code",
        created_at="created_at",
    )


def reports(user: User, language: str) -> list[dict[str, Any]]:
    """Return reports and our answers; an answer about a question of an exam being taken comes after that."""
    rows = ProblemReport.objects.filter(user=user).order_by("pk")
    closed = running_items.among(user, rows.values_list("version_id", flat=True))
    return lines(
        rows,
        attempt="attempt_id",
        position="position",
        question="version__item__code",
        reason="reason",
        text="text",
        language="language",
        reported_at="created_at",
        state="state",
        answer=Case(
            When(version_id__in=closed, then=Value("")), default=F("answer"), output_field=TextField()
        ),
        answered_at="answered_at",
    )


def dates(user: User, language: str) -> list[dict[str, Any]]:
    """Return exam dates."""
    return lines(
        ExamDate.objects.filter(user=user).order_by("pk"),
        certification="certification__code",
        day="day",
        updated_at="updated_at",
    )
