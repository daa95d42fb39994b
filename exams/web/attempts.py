"""Exams and their results: those of a course, and My exams with those of all courses and drills."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.profile import selectors as profiles
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, signed_in
from exams.assembly import sample as samples
from exams.assembly import selectors as assembly
from exams.attempts import selectors
from exams.attempts.models import EndReason
from exams.insights.dashboard import Dashboard
from exams.presentation import charts, formatting
from exams.web import offers, progress, rendering
from exams.web.practice import drill_lists, row_context
from exams.web.sample import check_of


@require_safe
@signed_in
def attempts(request: SignedInRequest) -> HttpResponse:
    """List the person's own attempts and drills, newest first."""
    rows = selectors.own_attempts(request.user)
    past = [row for row in rows if not row.head.running]
    context = {
        "running": [progress.attempt_context(row) for row in rows if row.head.running],
        "past": [progress.attempt_context(row) for row in past],
        "codes": sorted({row.head.certification_code for row in rows}),
        "any_stopped": any(row.stopped_early for row in past),
        "without_result": [] if rows else _without_result(request),
        **_drills(request),
    }
    return rendering.render_to(request, "exams/attempts.html", context)


@require_safe
def course_exams(request: HttpRequest, code: str) -> HttpResponse:
    """Show the exams of a course as tiles, and to a person the results of all of them."""
    facts, user = rendering.facts_of(request, code), request.user
    forms, standing = assembly.forms(code), offers.standing(request, facts.access_code)
    profile, dashboard = None, None
    if isinstance(user, User):
        profile = profiles.of(user)
        dashboard = Dashboard(user, code, rendering.here_of(profile))
        dashboard.forms, dashboard.newest_attempts = forms, selectors.own_attempts(user, code=code)
    past = [row for row in dashboard.newest_attempts if not row.head.running] if dashboard else []
    # Results on another scale, after the vendor changed it, are left to the list.
    results = dashboard.results if dashboard else ()
    context = {
        "facts": facts,
        "cut": charts.cut_unless_usual(facts.scale),
        "tiles": progress.tiles(forms, dashboard, is_locked=standing.locked),
        "is_locked": standing.locked,
        "price": offers.price_now(standing.offers),
        "check": check_of(samples.size(code)) if standing.locked else None,
        "own_check": progress.own_check(user, code) if standing.locked else None,
        "missing": max(facts.planned_forms - len(forms), 0),
        "past": [progress.attempt_context(row) for row in past],
        "history": progress.history(results) if len(results) > 1 else None,
        "any_stopped": any(row.stopped_early for row in past),
    }
    return rendering.render_for(request, profile, "exams/exams.html", context)


def _without_result(request: SignedInRequest) -> list[dict[str, Any]]:
    """Return what somebody has begun who has nothing else to see here: exams that were canceled or voided."""
    return [
        {
            "head": head,
            "title": formatting.exam_title(head.certification_code, head.form_number),
            "voided": head.end_reason == EndReason.VOIDED,
        }
        for head in selectors.without_result(request.user)
    ]


def _drills(request: SignedInRequest) -> dict[str, Any]:
    """Return a page of the drills; hidden ones are counted, and listed to who asks for them."""
    own = selectors.own_drills(request.user, hidden=True)
    hidden = [one for one in own if one.head.hidden] if request.GET.get("drills") == "hidden" else []
    return {
        **drill_lists(request, own),
        "hidden_drills": [row_context(one) for one in hidden],
        "any_drill": bool(own),
    }
