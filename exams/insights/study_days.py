"""On which days somebody studied a course, as weeks of a calendar, and which course they used last."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db.models.functions import Coalesce

from accounts.base import statements
from accounts.users.models import User
from exams.attempts.models import Attempt
from exams.attempts.selectors import TYPES
from exams.insights import dashboard_hooks

WEEKS: Final = 5
# With an exam to come so many weeks lie ahead, fewer only where it is nearer.
AHEAD: Final = dt.timedelta(weeks=3)
# As text and prepared, since the home of a course asks it: the ORM takes 3 ms to put together the union with
# what lies above, which adds its own parts.
ANSWERED: Final = """
SELECT (e.received_at AT TIME ZONE %(zone)s)::date AS day
FROM exams_attempt a JOIN exams_answerevent e ON e.attempt_id = a.id
LEFT JOIN exams_examform f ON f.id = a.form_id LEFT JOIN exams_drawnpaper d ON d.id = a.drawn_id
JOIN exams_certification c ON c.id = coalesce(f.certification_id, d.certification_id)
WHERE a.user_id = %(user)s AND c.code = %(code)s AND e.received_at >= %(since)s
  AND (a.ended_at IS NULL OR a.ended_at >= %(since)s)
"""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar; `state` is done, plan, exam or "", each shown in words too.

    `begins` says that the month is named here: on its first day, and on the first day of all.
    """

    day: dt.date
    state: str
    is_today: bool
    begins: bool = False


def studied(user: User, code: str, today: dt.date, zone: dt.tzinfo) -> set[dt.date]:
    """Return on which of the last days somebody answered or repeated anything. One statement."""
    since = dt.datetime.combine(today - dt.timedelta(weeks=WEEKS), dt.time(), zone)
    values = {"user": user.pk, "code": code, "since": since, "zone": str(zone)}
    statement = " UNION ".join((ANSWERED, *dashboard_hooks.repetition_days()))
    return {row["day"] for row in statements.dict_rows(statement, values, TYPES)}


def weeks(
    today: dt.date,
    exam_day: dt.date | None,
    done: Collection[dt.date],
    planned: Collection[dt.date],
    first_weekday: int,
) -> list[list[Day]]:
    """Return five weeks: with an exam to come most of them lie ahead. `first_weekday`: 0 is Monday."""
    last = min(exam_day, today + AHEAD) if exam_day and exam_day >= today else today
    end = last + dt.timedelta(days=(first_weekday - 1 - last.weekday()) % 7)
    days = [end - dt.timedelta(days=back) for back in reversed(range(7 * WEEKS))]

    def state(day: dt.date) -> str:
        if day == exam_day:
            return "exam"
        if day in done and day <= today:
            return "done"
        return "plan" if day in planned and day > today else ""

    return [
        [
            Day(day, state(day), day == today, day.day == 1 or day == days[0])
            for day in days[start : start + 7]
        ]
        for start in range(0, 7 * WEEKS, 7)
    ]


def last_course(user: User) -> str:
    """Return the code of the certification that somebody used last, "" without any. One statement each."""
    code = Coalesce("form__certification__code", "drawn__certification__code")
    begun = Attempt.objects.filter(user=user).order_by("-started_at").values_list(code, "started_at")[:1]
    used = sorted([*begun, *dashboard_hooks.last_of(user)], key=lambda one: one[1])
    return used[-1][0] if used else ""
