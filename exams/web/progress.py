"""Attempts and their results, as lists, panels and charts show them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from accounts.users.models import User
from exams.assembly.selectors import FormFacts
from exams.attempts import selectors
from exams.attempts.selectors import AttemptRow, Drill
from exams.insights.dashboard import NEWEST_DRILLS, Dashboard
from exams.presentation import charts, formatting, verdicts
from exams.presentation.tones import tone

# More names than these do not stand side by side on a phone.
IN_HISTORY: Final = 6


def attempt_context(row: AttemptRow) -> dict[str, Any]:
    """Return an attempt as lists and panels show it."""
    head = row.head
    return {
        "attempt": row,
        "head": head,
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "name": formatting.exam_name(head.form_number),
        "left": formatting.duration(head.seconds_left),
        "tone": tone(*row.band, row.scale.pass_mark) if row.counts and row.band else None,
        "verdict": None if row.scaled_score is None else verdicts.of_attempt(row),
    }


def check_context(drills: Sequence[Drill]) -> dict[str, Any] | None:
    """Return what pages say of a person's checks among their drills, None where there is none.

    The one that runs; else the one with an estimate; else the newest.
    """
    checks = [drill for drill in drills if drill.head.is_check]
    running = next((drill for drill in checks if drill.head.running), None)
    measured = next((drill for drill in checks if drill.estimate), None)
    found = running or measured or next(iter(checks), None)
    if found is None:
        return None
    told = None if running else found.estimate
    return {
        "drill": found,
        "head": found.head,
        "left": formatting.duration(found.head.seconds_left or 0),
        "estimate": told,
        "chart": told and charts.scale(told.scale, told.scaled, (told.band_low, told.band_high)),
    }


def check_of(dashboard: Dashboard) -> dict[str, Any] | None:
    """Return `check_context` of what a home has read; one statement more behind many drills."""
    drills = dashboard.own_drills
    # Behind so many drills the check may be older than the newest.
    return check_context(drills) if len(drills) < NEWEST_DRILLS else own_check(dashboard.user, dashboard.code)


def own_check(user: User | AnonymousUser, code: str) -> dict[str, Any] | None:
    """Return `check_context` of a certification, None for visitors. One statement."""
    if not isinstance(user, User):
        return None
    return check_context(selectors.own_drills(user, code, hidden=True, checks=True))


def history(newest_first: Sequence[AttemptRow]) -> charts.History:
    """Return the course of at least one result, all on one scale; only the newest fit on a phone."""
    results = [
        charts.Result(formatting.short_exam_name(row.head.form_number), row.scaled_score or 0, row.band)
        for row in reversed(newest_first[:IN_HISTORY])
    ]
    return charts.history(results, newest_first[0].scale)


def tiles(
    forms: Sequence[FormFacts],
    dashboard: Dashboard | None,
    *,
    is_locked: bool,
    planned: Mapping[int, dt.date] | None = None,
) -> list[dict[str, Any]]:
    """Return the exams of a course as tiles: how far each is, and where it leads.

    Of several attempts at an exam the one that runs is shown, else the newest that counts, else the newest.
    """
    found = []
    rows = dashboard.newest_attempts if dashboard else ()
    is_taking = any(row.head.running for row in rows)
    for form in forms:
        own = [row for row in rows if row.head.form_number == form.number]
        best_known = [row for row in own if row.head.running] or [row for row in own if row.counts] or own
        row = best_known[0] if best_known else None
        start = reverse("exams:start", args=[form.certification_code, form.number])
        found.append(
            {
                "form": form,
                "name": formatting.short_exam_name(form.number),
                "row": attempt_context(row) if row else None,
                "chart": charts.scale(row.scale, row.scaled_score, row.band) if row and row.counts else None,
                "address": _place_of(row) if row else start,
                "again": start if row and not (row.head.running or is_locked) else "",
                "is_locked": is_locked,
                "is_seen": dashboard is not None and form.number in dashboard.seen,
                "is_next": dashboard is not None
                and form.number == dashboard.exam_number
                and not (is_locked or is_taking),
                "planned": (planned or {}).get(form.number),
            }
        )
    return found


def _place_of(row: AttemptRow) -> str:
    """Return the page of an attempt: while it can be answered the exam, then its result."""
    page = "exams:taking" if row.head.running and row.head.seconds_left else "exams:result"
    return reverse(page, args=[row.head.attempt_id])
