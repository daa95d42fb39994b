"""The home of a course, for who has it or has begun: readiness, today's tasks, exams, days, and the plan.

`/<code>/` is this page or the brochure of the certification: one view decides.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import formats
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_safe

from accounts.base.errors import Refused
from accounts.payments import refunds
from accounts.profile import selectors as profiles
from accounts.profile import services as preferences
from accounts.profile.models import Profile
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, or_404, signed_in
from exams.attempts.selectors import AttemptRow
from exams.catalog import selectors as catalog
from exams.catalog.selectors import Facts
from exams.content.states import State
from exams.insights import dashboard as insights
from exams.insights import exam_dates, study_days, study_mail
from exams.insights.next_step import LAST_DAYS, Act
from exams.insights.plan import Day, Kind, Plan, Task
from exams.presentation import charts, domain_bars, formatting, readiness, states
from exams.scoring.prediction import Prediction
from exams.web import next_step, practice, progress, rendering, welcome
from exams.web.catalog import brochure
from exams.web.next_step import Panel

DRILLS_SHOWN: Final = 4
# The next days are open, those after them one click away.
DAYS_SHOWN: Final = 7
# Steps that are nothing to tick: they tell of a state.
NO_TASKS: Final = (Act.WAIT, Act.REST, Act.UNLOCK, Act.CONFIRM)
WEEK: Final = dt.timedelta(days=7)


@require_safe
@signed_in
def my_course(request: SignedInRequest) -> HttpResponse:
    """Lead to the course that the person used last, else to the first one that can be taken."""
    known = [one.facts for one in catalog.certifications(get_language() or "")]
    live = [facts for facts in known if facts.state is State.LIVE] or known
    last = study_days.last_course(request.user)
    code = last if any(last == facts.code for facts in known) else live[0].code if live else ""
    return redirect("exams:landing", code) if code else redirect("exams:catalog")


@require_safe
@gzip_page
def course(request: HttpRequest, code: str) -> HttpResponse:
    """Show the home of a course to who is in it, a welcome to who is new, and to visitors what it is."""
    if not isinstance(request.user, User):
        return brochure(request, code)
    profile = profiles.of(request.user)
    return _page(request, profile, insights.Dashboard(request.user, code, rendering.here_of(profile)))


def _page(
    request: HttpRequest, profile: Profile, dashboard: insights.Dashboard, refused: Refused | None = None
) -> HttpResponse:
    is_new = welcome.fits(dashboard)
    if refused and (is_new or refused.code == "exam_retired"):
        # There is no field to say it at.
        messages.error(request, str(refused))
    if is_new:
        return welcome.show(request, profile, dashboard, refused.status if refused else 200)
    return _home(request, profile, dashboard, refused)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def exam_date(request: SignedInRequest, code: str) -> HttpResponse:
    """Set or remove the person's exam date, and lead to the plan; the form is on the home of the course."""
    if request.method != "POST":
        if not catalog.exists(code, request.user):
            raise Http404
        return redirect(f"{reverse('exams:landing', args=[code])}#day")
    profile = profiles.of(request.user)
    dashboard = insights.Dashboard(request.user, code, rendering.here_of(profile))
    try:
        _change_date(request, code, dashboard.here.today)
    except Refused as error:
        if error.status == 404:
            raise
        return _page(request, profile, dashboard, error)
    return redirect(f"{reverse('exams:landing', args=[code])}#plan")


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
    has_mail = "study_mail" in request.POST
    preferences.update(request.user, study_reminders=has_mail)
    saved = _("Saved. Your exam is on %(day)s.") % {"day": formats.date_format(day, "DATE_FORMAT")}
    mail = _("When something is due, you'll get an email after %(hour)d a.m.") % {
        "hour": study_mail.MORNING[0]
    }
    messages.success(request, f"{saved} {mail}" if has_mail else saved)


def _date_field(
    request: HttpRequest, dashboard: insights.Dashboard, refused: Refused | None
) -> dict[str, Any]:
    """Return the field of the exam date: what was typed where it was refused, else what is stored."""
    stored = dashboard.exam_day.isoformat() if dashboard.exam_day else ""
    return {
        "date_error": refused,
        "date_typed": request.POST.get("day", "")[:20] if refused else stored,
        "date_least": dashboard.here.today.isoformat(),
        "date_most": (dashboard.here.today + exam_dates.FARTHEST).isoformat(),
    }


def _home(
    request: HttpRequest, profile: Profile, dashboard: insights.Dashboard, refused: Refused | None = None
) -> HttpResponse:
    facts = or_404(dashboard.facts)
    check = progress.check_of(dashboard)
    if check:
        # The check has told the answers of the sample already.
        dashboard.sample_size = 0
    step = next_step.panel(dashboard)
    newest = dashboard.results[0] if len(dashboard.results) > 1 else None
    days = dashboard.plan.days if dashboard.plan else ()
    context = {
        "facts": facts,
        "dashboard": dashboard,
        "refund_asked": refunds.would_be_lost(dashboard.user, dashboard.access, facts.access_code),
        "cut": charts.cut_unless_usual(facts.scale),
        "cut_percent": round(charts.pass_line(facts.scale) * 100),
        "step": step,
        "today": _today(dashboard, step),
        "also_running": [progress.attempt_context(row) for row in dashboard.running[1:]],
        "drills": [
            practice.row_context(drill)
            for drill in dashboard.own_drills
            if drill.head.running and not drill.head.hidden
        ][:DRILLS_SHOWN],
        "own_check": check,
        "newest": newest if _is_apart(newest, dashboard.prediction) else None,
        "verdict": readiness.of(dashboard.prediction, dashboard.answers),
        "chart": _chart(facts, dashboard.prediction),
        "domains": _domain_rows(facts, dashboard),
        "tiles": progress.tiles(
            dashboard.forms,
            dashboard,
            is_locked=not dashboard.access,
            planned={
                task.number: day.day
                for day in reversed(days)
                for task in day.tasks
                if task.kind is Kind.EXAM and day.day > dashboard.here.today
            },
        ),
        "plan": _plan(dashboard, dashboard.plan) if dashboard.plan else None,
        **_calendar(dashboard),
        **_dates(facts, dashboard),
        **_date_field(request, dashboard, refused),
    }
    return rendering.render_for(
        request, profile, "exams/home.html", context, refused.status if refused else 200
    )


def _dates(facts: Facts, dashboard: insights.Dashboard) -> dict[str, Any]:
    """Return what the days of the certification and of the access say of the person's exam date."""
    # A planned last day is no fact to plan around: it is named as what it is.
    is_last_planned = "retired_on" in facts.planned_facts
    last = None if is_last_planned else facts.retired_on
    return {
        "over": bool(dashboard.exam_day and dashboard.days_left is None),
        "is_retired": facts.state is State.RETIRED,
        "ends_before": bool(last and dashboard.exam_day and last < dashboard.exam_day),
        "too_early": bool(
            dashboard.exam_day
            and facts.state in states.COMING
            and facts.live_on
            and dashboard.exam_day < facts.live_on
        ),
        "access_ends": dashboard.access.until if dashboard.access_ends_before else None,
        "state": states.in_words(facts),
        "successor": _successor(facts, dashboard.user),
        "coming": states.in_a_sentence(facts) if facts.state in states.COMING or is_last_planned else "",
    }


def _successor(facts: Facts, user: User) -> str:
    """Return the code of the certification that follows a retired one, "" where the site has none."""
    code = facts.successor_code.lower()
    return code if facts.state is State.RETIRED and code and catalog.exists(code, user) else ""


def _is_apart(newest: AttemptRow | None, prediction: Prediction | None) -> bool:
    """Say whether the newest result alone says something else: the estimate is outside its band."""
    band = newest.band if newest else None
    return bool(band and prediction and not band[0] <= prediction.score <= band[1])


def _chart(facts: Facts, prediction: Prediction | None) -> charts.Scale | None:
    """Return the scores of fresh exams on the scale; with little evidence only their band."""
    if prediction is None:
        return None
    score = None if prediction.wide else prediction.score
    return charts.scale(facts.scale, score, (prediction.score_low, prediction.score_high))


def _domain_rows(facts: Facts, dashboard: insights.Dashboard) -> list[domain_bars.Row]:
    """Return the domains in the order of what there is to gain."""
    return [
        domain_bars.row(
            number=standing.domain.number,
            name=standing.domain.name,
            weight=standing.domain.weight_percent,
            share=standing.estimate.share,
            counted=standing.counted,
            figure=formatting.chance(standing.estimate.share),
            estimate=standing.estimate,
            scale=facts.scale,
        )
        for standing in dashboard.by_gain
        if standing.estimate
    ]


# --- Today: what is to do, the next step first, and what is done


def _today(dashboard: insights.Dashboard, step: Panel) -> dict[str, Any]:
    """Return the tasks of today behind the next step, and what was done today, from what is stored anyway."""
    is_task = dashboard.step.act not in NO_TASKS
    tasks = [_line(dashboard, task, is_today=True) for task in dashboard.today[is_task:]]
    return {
        "is_task": is_task,
        "tasks": [task for task in tasks if task["address"] not in ("", step.address)],
        "done": [*_done(dashboard)],
    }


def _done(dashboard: insights.Dashboard) -> Iterator[dict[str, str]]:
    """Yield title, small print and address of what was done today."""
    for row in dashboard.newest_attempts:
        if dashboard.ended_today(row.head):
            taken = progress.attempt_context(row)
            address = reverse("exams:result", args=[row.head.attempt_id])
            verdict = taken["verdict"].heading if taken["verdict"] else ""
            yield {"title": taken["name"], "small": verdict, "address": address}
    for drill in dashboard.own_drills:
        if dashboard.ended_today(drill.head):
            drawn = practice.row_context(drill)
            title = drawn["title"] or _("All questions")
            if not drill.head.is_check:
                title = formatting.practice_name(title)
            yield {"title": title, "small": drawn["answered"], "address": drawn["address"]}
    due = dashboard.repetition
    if due and due.done_today and not due.due:
        yield {"title": due.name, "small": due.done, "address": due.address}


# --- The days: those studied, and the plan


def _calendar(dashboard: insights.Dashboard) -> dict[str, Any]:
    """Return five weeks with the days studied and planned, and how many of the last seven were studied.

    `exam_shown` and `exam_after` say whether the exam is within these weeks, or after them.
    """
    today = dashboard.here.today
    planned = {day.day for day in dashboard.plan.days if _shows(day)} if dashboard.plan else set()
    # Django counts from Sunday.
    first_weekday = (int(formats.get_format("FIRST_DAY_OF_WEEK")) - 1) % 7
    exam = dashboard.exam_day
    weeks = study_days.weeks(today, exam, dashboard.studied, planned, first_weekday)
    return {
        "weeks": weeks,
        "exam_shown": bool(exam and weeks[0][0].day <= exam <= weeks[-1][-1].day),
        "exam_after": bool(exam and exam > weeks[-1][-1].day),
        "studied": sum(today - WEEK < day <= today for day in dashboard.studied),
    }


def _plan(dashboard: insights.Dashboard, plan: Plan) -> dict[str, Any]:
    """Return the days of a plan after today with their lines, without those for nothing but repetition."""
    today = dashboard.here.today
    tomorrow = today + dt.timedelta(days=1)
    days = [
        {
            "day": day.day,
            "is_tomorrow": day.day == tomorrow,
            # What is due every day is said once below.
            "tasks": [
                _line(dashboard, task, is_tomorrow=day.day == tomorrow)
                for task in day.tasks
                if task.kind is not Kind.REPEAT
            ],
        }
        for day in plan.days
        if day.day > today and _shows(day)
    ]
    return {
        "next": days[:DAYS_SHOWN],
        "later": days[DAYS_SHOWN:],
        # On the last days nobody is told what they did not get to.
        "left_out": formatting.listed([dashboard.task_name(task) for task in plan.left_out])
        if plan.left_out and (dashboard.days_left or 0) > LAST_DAYS
        else "",
        "daily": dashboard.repetition.daily if dashboard.repetition and dashboard.days_left else "",
    }


def _shows(day: Day) -> bool:
    return any(task.kind is not Kind.REPEAT for task in day.tasks)


def _line(
    dashboard: insights.Dashboard, task: Task, *, is_today: bool = False, is_tomorrow: bool = False
) -> dict[str, str]:
    """Return title, small print and address of a task; what is not there before its day has no address."""
    repetition = dashboard.repetition
    title, small, address = dashboard.task_name(task), "", ""
    if task.kind is Kind.EXAM:
        small = formatting.duration(dashboard.seconds_of(task.number))
        if not is_today and task.number in dashboard.seen:
            small = _("once more, %(duration)s") % {"duration": small}
        address = reverse("exams:start", args=[dashboard.code, task.number])
    elif task.kind is Kind.REVIEW:
        address = _review_of(dashboard, task.number) if is_tomorrow else ""
    elif task.kind is Kind.DRILL and task.number in dashboard.drills:
        address = dashboard.drills[task.number].address
    elif task.kind is Kind.REPEAT and repetition:
        title, address = repetition.name, repetition.address
        small = repetition.title if is_today else ""
    elif task.kind is Kind.REST:
        small = _("Nothing new on the day before.")
    return {"title": title, "small": small, "address": address}


def _review_of(dashboard: insights.Dashboard, number: int) -> str:
    """Return where tomorrow's review is, "" while its exam is still to be taken today."""
    if Task(Kind.EXAM, number) in dashboard.today:
        return ""
    taken = (row for row in dashboard.newest_attempts if row.counts and row.head.form_number == number)
    return next((next_step.review_of(row).address for row in taken), "")
