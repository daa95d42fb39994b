"""The dashboard: how likely a pass is, what to do next, and the plan to the day of the exam."""

import datetime as dt
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest, signed_in
from exams.attempts import selectors
from exams.catalogue import selectors as catalogue
from exams.catalogue.selectors import Facts
from exams.insights import dashboard as insights
from exams.insights import exam_dates
from exams.presentation import charts, readiness
from exams.scoring.prediction import Prediction
from exams.web import dashboard_plan, frame, next_step, practice, progress

# More results than these are on the page of all exams.
RESULTS_SHOWN: Final = 6
# Of so many newest drills, so many that run are shown; the page of practice has all.
NEWEST_DRILLS: Final = 20
DRILLS_SHOWN: Final = 4


@require_safe
@signed_in
def mine(request: SignedInRequest) -> HttpResponse:
    """Lead to the dashboard of the certification that the person works on: their latest, else the first."""
    latest = selectors.own_attempts(request.user, 1)
    if latest:
        return redirect("exams:dashboard", latest[0].head.certification_code)
    known = catalogue.certifications(get_language() or "")
    return redirect("exams:dashboard", known[0].facts.code) if known else redirect("exams:catalogue")


@require_http_methods(["GET", "HEAD", "POST"])
@gzip_page
@signed_in
def dashboard(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the dashboard of a certification; POST sets or removes the person's exam date."""
    profile = frame.profile_of(request)
    dashboard = insights.Dashboard(request.user, code, frame.here_of(profile))
    today = dashboard.here.today
    refused = None
    if request.method == "POST":
        try:
            _change_date(request, code, today)
        except Refused as error:
            if error.status == 404:
                raise
            refused = error
        else:
            return redirect(f"{reverse('exams:dashboard', args=[code])}#plan")
    if dashboard.facts is None:
        raise Http404
    context = {
        **_context(dashboard.facts, dashboard),
        **_date_field(request, dashboard, refused),
        "drills": _running_drills(request, code),
    }
    return frame.render_for(
        request, profile, "exams/dashboard.html", context, refused.status if refused else 200
    )


def _running_drills(request: SignedInRequest, code: str) -> list[dict[str, Any]]:
    """Return the drills that can be resumed, newest first. One statement."""
    own = selectors.own_drills(request.user, code, limit=NEWEST_DRILLS)
    return [practice.row_context(drill) for drill in own if drill.head.running][:DRILLS_SHOWN]


def _change_date(request: SignedInRequest, code: str, today: dt.date) -> None:
    if "clear" in request.POST:
        exam_dates.clear(request.user, code)
        return
    try:
        day = dt.date.fromisoformat(request.POST.get("day", "").strip())
    except ValueError:
        raise Refused(
            "exam_date_unreadable", 422, _("Enter the date of your exam, such as 2027-03-28.")
        ) from None
    exam_dates.set_to(request.user, code, day, today)


def _date_field(
    request: SignedInRequest, dashboard: insights.Dashboard, refused: Refused | None
) -> dict[str, Any]:
    """Return the field of the exam date: what was typed where it was refused, else what is stored."""
    stored = dashboard.exam_day.isoformat() if dashboard.exam_day else ""
    return {
        "date_error": refused,
        "date_typed": request.POST.get("day", "")[:20] if refused else stored,
        "date_least": dashboard.here.today.isoformat(),
        "date_most": (dashboard.here.today + exam_dates.FARTHEST).isoformat(),
    }


def _context(facts: Facts, dashboard: insights.Dashboard) -> dict[str, Any]:
    step = next_step.panel(dashboard)
    return {
        "facts": facts,
        "found": dashboard,
        "cut": charts.cut_unless_usual(facts.pass_mark, facts.scale_min, facts.scale_max),
        "step": step,
        "also_running": [progress.attempt_context(row) for row in dashboard.running[1:]],
        "verdict": readiness.of(dashboard.prediction, dashboard.answers, _alone(dashboard)),
        "chart": _chart(facts, dashboard.prediction),
        "domains": [_domain(facts, standing) for standing in dashboard.standings],
        "history": progress.history(dashboard.results[:RESULTS_SHOWN])
        if len(dashboard.results) > 1
        else None,
        "results": [progress.attempt_context(row) for row in dashboard.results[:RESULTS_SHOWN]],
        "plan": dashboard_plan.context(dashboard, step) if dashboard.plan else None,
        "over": bool(dashboard.exam_day and dashboard.days_left is None),
        "today": dashboard.here.today,
        "stopped": progress.attempt_context(dashboard.last)
        if dashboard.last and not dashboard.results
        else None,
        "retired": bool(facts.retired_on and dashboard.exam_day and facts.retired_on < dashboard.exam_day),
    }


def _alone(dashboard: insights.Dashboard) -> tuple[int, float] | None:
    """Return the exam of the newest result and the chance that it names, where its questions were new."""
    newest = dashboard.results[0] if dashboard.results else None
    if newest is None or newest.chance is None or newest.head.seen_before:
        return None
    return newest.head.form_number, newest.chance


def _chart(facts: Facts, prediction: Prediction | None) -> charts.Scale | charts.Span | None:
    """Return the scores of fresh exams on the scale; with little evidence only their band."""
    if prediction is None:
        return None
    band = (prediction.score_low, prediction.score_high)
    mark, low, high = facts.pass_mark, facts.scale_min, facts.scale_max
    if prediction.wide:
        return charts.span(band, mark=mark, low=low, high=high)
    return charts.scale(score=prediction.score, mark=mark, low=low, high=high, band=band)


def _domain(facts: Facts, standing: insights.Standing) -> dict[str, Any]:
    estimate = standing.estimate
    share = round((estimate.share if estimate else 0) * 1000)
    return {
        "domain": standing.domain,
        "correct": standing.correct,
        "answered": standing.answered,
        "cost": standing.cost,
        "low": round(estimate.low * 100) if estimate else None,
        "high": round(estimate.high * 100) if estimate else None,
        "bar": charts.bar(share, 1000, facts.pass_mark, facts.scale_min, facts.scale_max),
    }
