"""Reading and changing the exam date of a person: one write, called by whatever page or program."""

import datetime as dt
from typing import Final

from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.catalog import selectors as catalog
from exams.catalog.models import Certification
from exams.content.states import State, state_on
from exams.insights.models import ExamDate

FARTHEST: Final = dt.timedelta(days=2 * 366)
"""Nobody plans longer: such a date is a slip of the keyboard."""


def exam_date(user: User, code: str) -> dt.date | None:
    """Return the exam date of a person, or None while they have not said one. One query."""
    rows = ExamDate.objects.filter(user_id=user.pk, certification__code=code)
    return rows.values_list("day", flat=True).first()


def exam_date_unless_retired(user: User, code: str) -> dt.date | None:
    """Return what `exam_date` does, but None for an exam that can no longer be taken. One query."""
    rows = ExamDate.objects.filter(user_id=user.pk, certification__code=code).select_related("certification")
    row = rows.first()
    is_over = row and state_on(row.certification, timezone.localdate()) is State.RETIRED
    return None if row is None or is_over else row.day


def set_to(user: User, code: str, day: dt.date | None, today: dt.date) -> None:
    """Store the exam date of a person, None to forget it; `today` is that of their time zone.

    Raises Refused: not_found, exam_date_past, exam_date_far, exam_retired.
    """
    if day is None:
        clear(user, code)
        return
    if day < today:
        raise Refused("exam_date_past", 422, _("This day is over. Choose today or a later day."))
    if day > today + FARTHEST:
        raise Refused("exam_date_far", 422, _("Choose a day within the next two years."))
    certification = Certification.objects.filter(code=code).first()
    if certification is None or not catalog.sees(user, certification):
        raise Refused("not_found", 404, _("Not found."))
    if state_on(certification, timezone.localdate()) is State.RETIRED:
        raise Refused("exam_retired", 422, _("The real exam can't be taken anymore."))
    # An upsert, since another device may set or clear it at once.
    ExamDate.objects.bulk_create(
        [ExamDate(user=user, certification=certification, day=day, updated_at=Now())],
        update_conflicts=True,
        unique_fields=["user", "certification"],
        update_fields=["day", "updated_at"],
    )


def clear(user: User, code: str) -> None:
    """Forget the exam date of a person; harmless where there is none."""
    ExamDate.objects.filter(user_id=user.pk, certification__code=code).delete()
