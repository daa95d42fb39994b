"""What exams tell support: the attempts of a person, today's starts and scores, what waits for its score."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access.models import EVERYTHING
from accounts.admin.panels import Act, Figure, Figures, Panel, Row
from accounts.admin.person import BACK
from accounts.base import hooks
from accounts.users.models import User
from exams.attempts import metrics, staff
from exams.attempts.models import Attempt, EndReason, Mode, Score, State

# A day of the site's own zone, found by the index of when it was.
STARTS: Final = """
SELECT day.at, count(*) FILTER (WHERE a.mode = 'exam'), count(*) FILTER (WHERE a.mode = 'drill')
FROM (SELECT date_trunc('day', statement_timestamp(), %(zone)s) AS at) AS day
LEFT JOIN exams_attempt a ON a.started_at >= day.at
GROUP BY day.at
"""
SCORES: Final = """
SELECT day.at, count(s.scaled) FILTER (WHERE s.revision = 1),
  count(s.scaled) FILTER (WHERE s.revision = 1 AND s.passed)
FROM (SELECT date_trunc('day', statement_timestamp(), %(zone)s) AS at) AS day
LEFT JOIN exams_score s ON s.created_at >= day.at
GROUP BY day.at
"""


MODES: Final = {Mode.EXAM: _("Exam"), Mode.DRILL: _("Drill")}
STATES: Final = {
    State.RUNNING: _("In progress"),
    State.SUBMITTED: _("Submitted"),
    State.EXPIRED: _("Expired"),
    State.SCORED: _("Scored"),
    State.VOIDED: _("Voided"),
}


def _today(sql: str) -> tuple[datetime, int, int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"zone": settings.SITE_ZONE})
        day, first, second = cursor.fetchone()
    return day, first, second


def _list(**query: object) -> str:
    return f"{reverse('admin:exams_attempt_changelist')}?{urlencode(query)}"


def _starts() -> Sequence[Figure]:
    """One statement."""
    day, exams, drills = _today(STARTS)
    note = _("Drills: %(count)d") % {"count": drills}
    address = _list(started_at__gte=day.isoformat(), mode__exact=Mode.EXAM)
    return [Figure(_("Exams started today"), exams, address, note)]


def _scores() -> Sequence[Figure]:
    """One statement."""
    day, scored, passed = _today(SCORES)
    note = _("Passed: %(count)d") % {"count": passed}
    address = _list(ended_at__gte=day.isoformat(), state__exact=State.SCORED.value, mode__exact=Mode.EXAM)
    return [Figure(_("Exams scored today"), scored, address, note)]


def _waiting() -> Sequence[Figure]:
    """One statement."""
    counts = metrics.read_backlog()
    note = _("Set aside after errors: %(count)d") % {"count": counts.quarantined}
    waiting = counts.unscored + counts.unfinished + counts.quarantined
    bad = counts.quarantined > 0
    return [Figure(_("Waiting for a score"), waiting, _list(waits="score"), note, is_bad=bad)]


def _attempts(person: User, reader: User, which: slice) -> Sequence[Row]:
    """One statement."""
    scores = Score.objects.filter(attempt=OuterRef("pk")).order_by("-revision")
    attempts = Attempt.objects.filter(user=person).select_related(
        "form__certification", "drawn__certification"
    )
    rows: list[Any] = list(
        attempts.annotate(scaled=Subquery(scores.values("scaled")[:1])).order_by("-started_at", "-pk")[which]
    )
    may_act = not staff.obstacle(reader, person)
    return [
        Row(
            (
                *(row.form or row.drawn, MODES[row.mode], STATES[row.state]),
                *("" if row.scaled is None else row.scaled, row.started_at, row.ended_at or ""),
            ),
            reverse("admin:exams_attempt_change", args=[row.pk]),
            _acts_on(row) if may_act else (),
        )
        for row in rows
    ]


def _acts_on(attempt: Attempt) -> list[Act]:
    """Return what can be done with an attempt while it runs."""
    acts = {"extend": _("Extend"), "void": _("Void")} if attempt.state == State.RUNNING else {}
    query = urlencode(BACK)
    return [
        Act(verb, f"{reverse(f'admin:exams_attempt_{act}', args=[attempt.pk])}?{query}")
        for act, verb in acts.items()
        if act == "void" or attempt.deadline_at is not None
    ]


def _begun(person: User, codes: Collection[str], since: datetime) -> Sequence[str]:
    """Return how many exams and drills somebody has started of what codes open, canceled ones among them.

    What staff voided does not count: it may have been our fault. One statement.
    """
    rows = Attempt.objects.filter(user=person, started_at__gte=since).exclude(end_reason=EndReason.VOIDED)
    if EVERYTHING not in codes:
        certifications = [code.removeprefix("cert:") for code in codes]
        rows = rows.filter(
            Q(form__certification__code__in=certifications) | Q(drawn__certification__code__in=certifications)
        )
    counts = rows.aggregate(
        exams=Count("pk", filter=Q(mode=Mode.EXAM)),
        drills=Count("pk", filter=Q(mode=Mode.DRILL)),
        canceled=Count("pk", filter=Q(end_reason=EndReason.CANCELLED)),
        first=Min("started_at"),
    )
    labels = {
        "exams": gettext("Exams: %(count)d"),
        "drills": gettext("Drills: %(count)d"),
        "canceled": gettext("canceled again: %(count)d"),
    }
    parts = [text % {"count": counts[name]} for name, text in labels.items() if counts[name]]
    if counts["first"]:
        at = date_format(localtime(counts["first"]), "DATETIME_FORMAT")
        parts.append(gettext("the first on %(at)s") % {"at": at})
    return parts


def register() -> None:
    """Add attempts to the page of a person, and the numbers of exams to the start page."""
    hooks.register(
        "person_panels",
        Panel(
            "attempts",
            _("Attempts"),
            "exams.view_attempt",
            (
                *(_("Exam"), _("Mode"), _("State")),
                *(_("Score"), _("Started"), _("Ended")),
            ),
            _("No attempts."),
            _attempts,
            3,
        ),
        key="attempts",
    )
    hooks.register("begun_since", _begun)
    hooks.register("start_page_figures", Figures("exams.view_attempt", _starts, 1))
    hooks.register("start_page_figures", Figures("exams.view_attempt", _scores, 2))
    hooks.register("start_page_figures", Figures("exams.view_attempt", _waiting, 3))
    hooks.register("audited_things", lambda person: Attempt.objects.filter(user=person))
