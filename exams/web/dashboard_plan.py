"""The plan as a list of days: what each task is called, and where it is done."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from exams.insights.dashboard import Dashboard
from exams.insights.next_step import LAST_DAYS, Act
from exams.insights.plan import Day, Kind, Task
from exams.presentation import formatting
from exams.web.next_step import Panel

# The next days are open, those after them one click away.
DAYS_SHOWN: Final = 7


def context(dashboard: Dashboard, step: Panel) -> dict[str, Any]:
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


def _day(dashboard: Dashboard, day: Day, today: dt.date) -> dict[str, Any]:
    return {
        "day": day.day,
        "is_today": day.day == today,
        "is_tomorrow": day.day == today + dt.timedelta(days=1),
        "tasks": [_line(dashboard, task, is_today=day.day == today) for task in day.tasks],
    }


def _line(dashboard: Dashboard, task: Task, *, is_today: bool) -> dict[str, str]:
    """Return title, small print and address of a task; only what can be done today has an address."""
    repetition = dashboard.repetition
    title, small, address = name_of(dashboard, task), "", ""
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


def name_of(dashboard: Dashboard, task: Task) -> str:
    """Return what a task is called."""
    if task.kind is Kind.EXAM:
        return formatting.exam_name(task.number)
    if task.kind is Kind.REVIEW:
        return _("Review your incorrect answers")
    if task.kind is Kind.DRILL:
        names = {domain.number: domain.name for domain in dashboard.domains}
        return _("Drill: %(name)s") % {"name": names.get(task.number, str(task.number))}
    return {Kind.REPEAT: _("Spaced repetition"), Kind.REST: _("Rest")}.get(task.kind, _("Your exam"))


def _left_out(dashboard: Dashboard, tasks: Iterable[Task]) -> str:
    """Return what there is no day for, as a list in a sentence, or nothing."""
    names = [name_of(dashboard, task) for task in tasks]
    return formatting.listed(names) if names else ""
