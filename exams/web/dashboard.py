"""The dashboard: how likely a pass is, what to do next, and the plan to the day of the exam."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from accounts.base.errors import Refused
from accounts.profile import selectors as profiles
from accounts.users.requests import SignedInRequest, signed_in
from exams.attempts import selectors
from exams.catalog import selectors as catalog
from exams.catalog.selectors import Facts
from exams.insights import dashboard as insights
from exams.insights import exam_dates
from exams.insights.next_step import LAST_DAYS, Act
from exams.insights.plan import Day, Kind, Task
from exams.presentation import charts, domain_bars, formatting, readiness, states
from exams.scoring.prediction import Prediction
from exams.scoring.rules import Scale
from exams.web import next_step, practice, progress, rendering
from exams.web.next_step import Panel

# More results than these are on the page of all exams.
RESULTS_SHOWN: Final = 6
# Of so many newest drills, so many that run are shown; the page of practice has all.
NEWEST_DRILLS: Final = 20
DRILLS_SHOWN: Final = 4
# The next days are open, those after them one click away.
DAYS_SHOWN: Final = 7


@require_safe
@signed_in
def my_dashboard(request: SignedInRequest) -> HttpResponse:
    """Lead to the dashboard of the certification that the person works on: their latest, else the first."""
    latest = selectors.own_attempts(request.user, 1)
    if latest:
        return redirect("exams:dashboard", latest[0].head.certification_code)
    known = catalog.certifications(get_language() or "")
    return redirect("exams:dashboard", known[0].facts.code) if known else redirect("exams:catalog")


@require_http_methods(["GET", "HEAD", "POST"])
@gzip_page
@signed_in
def dashboard(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the dashboard of a certification; POST sets or removes the person's exam date."""
    profile = profiles.of(request.user)
    dashboard = insights.Dashboard(request.user, code, rendering.here_of(profile))
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
    drills = _drills(request, code)
    if drills["own_check"]:
        # The check has told the answers of the sample already.
        dashboard.sample_size = 0
    context = {
        **_context(dashboard.facts, dashboard),
        **_date_field(request, dashboard, refused),
        **drills,
    }
    return rendering.render_for(
        request, profile, "exams/dashboard.html", context, refused.status if refused else 200
    )


def _drills(request: SignedInRequest, code: str) -> dict[str, Any]:
    """Return the drills that can be resumed, newest first, and the check. One or two statements."""
    own = selectors.own_drills(request.user, code, limit=NEWEST_DRILLS)
    running = [practice.row_context(drill) for drill in own if drill.head.running]
    # Behind so many drills the check may be older than the newest.
    check = (
        progress.check_context(own) if len(own) < NEWEST_DRILLS else progress.own_check(request.user, code)
    )
    return {"drills": running[:DRILLS_SHOWN], "own_check": check}


def _change_date(request: SignedInRequest, code: str, today: dt.date) -> None:
    if "clear" in request.POST:
        exam_dates.clear(request.user, code)
        return
    try:
        day = dt.date.fromisoformat(request.POST.get("day", "").strip())
    except ValueError:
        raise Refused(
            "exam_date_unreadable", 422, gettext_lazy("Enter the date of your exam, such as 2027-03-28.")
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
    # A planned last day is no fact to plan around: it is named as what it is.
    is_last_planned = "retired_on" in facts.planned_facts
    last = None if is_last_planned else facts.retired_on
    return {
        "facts": facts,
        "found": dashboard,
        "cut": charts.cut_unless_usual(facts.pass_mark, facts.scale_min, facts.scale_max),
        "step": step,
        "also_running": [progress.attempt_context(row) for row in dashboard.running[1:]],
        "verdict": readiness.of(dashboard.prediction, dashboard.answers),
        "chart": _chart(facts, dashboard.prediction),
        "domains": _domain_rows(facts, dashboard),
        "history": progress.history(dashboard.results[:RESULTS_SHOWN])
        if len(dashboard.results) > 1
        else None,
        "results": [progress.attempt_context(row) for row in dashboard.results[:RESULTS_SHOWN]],
        "plan": _plan(dashboard, step) if dashboard.plan else None,
        "over": bool(dashboard.exam_day and dashboard.days_left is None),
        "today": dashboard.here.today,
        "stopped": progress.attempt_context(dashboard.last)
        if dashboard.last and not dashboard.results
        else None,
        "retired": bool(last and dashboard.exam_day and last < dashboard.exam_day),
        "too_early": bool(
            dashboard.exam_day
            and facts.state in states.COMING
            and facts.live_on
            and dashboard.exam_day < facts.live_on
        ),
        "access_ends": dashboard.access.until if dashboard.access_ends_before else None,
        "coming": states.in_a_sentence(facts) if facts.state in states.COMING or is_last_planned else "",
    }


def _chart(facts: Facts, prediction: Prediction | None) -> charts.Scale | None:
    """Return the scores of fresh exams on the scale; with little evidence only their band."""
    if prediction is None:
        return None
    return charts.scale(
        score=None if prediction.wide else prediction.score,
        mark=facts.pass_mark,
        low=facts.scale_min,
        high=facts.scale_max,
        band=(prediction.score_low, prediction.score_high),
    )


def _domain_rows(facts: Facts, dashboard: insights.Dashboard) -> list[domain_bars.Row]:
    """Return the domains in the order of what there is to gain."""
    scale = Scale(facts.scale_min, facts.scale_max, facts.pass_mark)
    rows = [
        domain_bars.row(
            number=standing.domain.number,
            name=standing.domain.name,
            weight=standing.domain.weight_percent,
            share=standing.estimate.share,
            counted=standing.counted,
            figure=formatting.chance(standing.estimate.share),
            estimate=standing.estimate,
            scale=scale,
        )
        for standing in dashboard.standings
        if standing.estimate
    ]
    return sorted(rows, key=lambda row: row.gain, reverse=True)


# --- The plan as a list of days


def _plan(dashboard: insights.Dashboard, step: Panel) -> dict[str, Any]:
    """Return the days of a plan with their lines; days with nothing but repetition share one sentence.

    Today begins with the step that the page shows.
    """
    if dashboard.plan is None:
        return {}
    today = dashboard.here.today
    days = [_day(dashboard, day, today) for day in dashboard.plan.days if _shows(day, today)]
    first = days[0]
    if first["is_today"] and dashboard.step.act not in (Act.WAIT, Act.REST):
        first["tasks"][0] |= {"title": step.title, "address": step.address}
        if dashboard.repetition and dashboard.step.act is Act.REPEAT:
            first["tasks"][0]["small"] = dashboard.repetition.name
    return {
        "next": days[:DAYS_SHOWN],
        "later": days[DAYS_SHOWN:],
        # On the last days nobody is told what they did not get to.
        "left_out": _left_out(dashboard, dashboard.plan.left_out)
        if (dashboard.days_left or 0) > LAST_DAYS
        else "",
        "daily": dashboard.repetition.daily if dashboard.repetition and dashboard.days_left else "",
    }


def _shows(day: Day, today: dt.date) -> bool:
    return day.day == today or any(task.kind is not Kind.REPEAT for task in day.tasks)


def _day(dashboard: insights.Dashboard, day: Day, today: dt.date) -> dict[str, Any]:
    return {
        "day": day.day,
        "is_today": day.day == today,
        "is_tomorrow": day.day == today + dt.timedelta(days=1),
        "tasks": [_line(dashboard, task, is_today=day.day == today) for task in day.tasks],
    }


def _line(dashboard: insights.Dashboard, task: Task, *, is_today: bool) -> dict[str, str]:
    """Return title, small print and address of a task; only what can be done today has an address."""
    repetition = dashboard.repetition
    title, small, address = _task_name(dashboard, task), "", ""
    if task.kind is Kind.EXAM:
        small = formatting.duration(dashboard.facts.duration_minutes * 60) if dashboard.facts else ""
        address = reverse("exams:start", args=[dashboard.code, task.number])
    elif task.kind is Kind.REVIEW:
        small = formatting.exam_name(task.number)
    elif task.kind is Kind.DRILL and task.number in dashboard.drills:
        address = dashboard.drills[task.number].address
    elif task.kind is Kind.REPEAT and repetition:
        title, address = repetition.name, repetition.address
        small = repetition.title if is_today else ""
    elif task.kind is Kind.REST:
        small = _("Nothing new on the day before.")
    return {"title": title, "small": small, "address": address if is_today else ""}


def _task_name(dashboard: insights.Dashboard, task: Task) -> str:
    """Return what a task is called."""
    if task.kind is Kind.EXAM:
        return formatting.exam_name(task.number)
    if task.kind is Kind.REVIEW:
        return _("Review your incorrect answers")
    if task.kind is Kind.DRILL:
        names = {domain.number: domain.name for domain in dashboard.domains}
        return _("Drill: %(name)s") % {"name": names.get(task.number, str(task.number))}
    return {Kind.REPEAT: _("Spaced repetition"), Kind.REST: _("Rest")}.get(task.kind, _("Your exam"))


def _left_out(dashboard: insights.Dashboard, tasks: Iterable[Task]) -> str:
    """Return what there is no day for, as a list in a sentence, or nothing."""
    names = [_task_name(dashboard, task) for task in tasks]
    return formatting.listed(names) if names else ""
