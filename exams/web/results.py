"""The result of an exam: score, band, domains and task statements, and what to do next."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.users.models import User
from accounts.users.requests import SignedInRequest, signed_in
from exams.attempts import lifecycle, selectors
from exams.attempts.models import State
from exams.presentation import charts, formatting, verdicts
from exams.web import compression, frame

# A page of a few KB: the cheapest level is as good as any.
COMPRESSION_LEVEL: Final = 1


@require_safe
@signed_in
def result(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """Show the score; while it is not there yet, a page that asks again by itself or by a link."""
    found = _settled(request.user, attempt_id)
    elsewhere = _elsewhere(found.head)
    if elsewhere:
        return redirect(*elsewhere)
    if found.score is None:
        return _waiting(request, found)
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = _result(found, found.score)
    response = frame.render_for(request, frame.profile_of(request), "exams/result.html", context)
    return compression.compressed(request, response, COMPRESSION_LEVEL)


def _settled(user: User, attempt_id: UUID) -> selectors.Result:
    """Return the result; a missing score is made here and now, with every worker dead (G3)."""
    language = get_language() or ""
    found = selectors.result(user, attempt_id, language)
    if found.score is None and not found.head.running:
        lifecycle.settle(user=user, attempt_id=attempt_id)
        found = selectors.result(user, attempt_id, language)
    return found


def _elsewhere(head: selectors.Head) -> tuple[Any, ...]:
    """Return where an attempt belongs that has no result: one that runs, or one that was cancelled."""
    if head.effective_state == State.VOIDED:
        return ("exams:attempts",)
    if head.running and head.seconds_left:
        return ("exams:taking", head.attempt_id)
    return ()


def _waiting(request: SignedInRequest, found: selectors.Result) -> HttpResponse:
    head = found.head
    template = "exams/waiting.html#waiting" if request.headers.get("HX-Request") else "exams/waiting.html"
    context = {
        "head": head,
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "seconds": max(1, round((head.closes_at - head.server_now).total_seconds())),
    }
    return frame.render_for(request, frame.profile_of(request), template, context)


def _result(found: selectors.Result, score: selectors.ScoreFacts) -> dict[str, Any]:
    head, scale = found.head, found.scale
    mark, low, high = scale.pass_mark, scale.low, scale.high
    band = (score.band_low, score.band_high)
    share = float(Fraction(score.share))
    tasks = selectors.task_results(head, score, get_language() or "")
    return {
        "head": head,
        "result": found,
        "score": score,
        "scale": scale,
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "verdict": verdicts.of(scaled=score.scaled, mark=mark, band=band, share=score.pass_chance),
        "chart": charts.scale(score=score.scaled, mark=mark, low=low, high=high, band=band),
        "bars": [_domain_row(domain, scale) for domain in score.domains],
        "tasks": _by_domain(tasks, found.domain_names),
        "hardest": _hardest(tasks, score.domains),
        "next_step": _next_step(found, score),
        "cut": charts.cut_unless_usual(mark, low, high),
        "cut_percent": round(charts.place(mark, low, high) * 100),
        "used": formatting.duration(head.seconds_used),
        "allowed": formatting.duration(head.minutes_allowed * 60),
        "chance": formatting.chance(score.pass_chance),
        "share_percent": number_format(share * 100, 1),
        "share": number_format(share, 4),
        "points": high - low,
        "receipt": "-".join(head.receipt[start : start + 4] for start in (0, 4, 8)),
    }


def _of(correct: int, scored: int) -> str:
    return _("%(correct)s of %(scored)s") % {"correct": correct, "scored": scored}


def _domain_name(number: int, name: str) -> str:
    return _("Domain %(number)s: %(name)s") % {"number": number, "name": name}


def _domain_row(domain: selectors.DomainResult, scale: selectors.Scale) -> dict[str, Any]:
    return {
        "name": _domain_name(domain.number, domain.name),
        "weight": domain.weight_percent,
        "correct": _of(domain.correct, domain.scored),
        "bar": charts.bar(domain.correct, domain.scored, scale.pass_mark, scale.low, scale.high),
    }


type TaskRow = tuple[str, str, str]


def _by_domain(
    tasks: Sequence[selectors.TaskResult], names: Mapping[int, str]
) -> list[tuple[str, list[TaskRow]]]:
    """Return the name of each domain with the code, title and correct answers of its tasks."""
    rows: dict[int, list[TaskRow]] = {}
    for task in tasks:
        rows.setdefault(task.domain_number, []).append(
            (task.code, task.title, _of(task.correct, task.scored))
        )
    return [(_domain_name(number, names.get(number, "")), found) for number, found in rows.items()]


def _hardest(
    tasks: Sequence[selectors.TaskResult], domains: Sequence[selectors.DomainResult]
) -> TaskRow | None:
    """Return the task that cost most points of the score, or None when none did."""
    a_question = {domain.number: domain.weight_percent / domain.scored for domain in domains}
    costs = [((task.scored - task.correct) * a_question[task.domain_number], task) for task in tasks]
    cost, task = max(costs, key=lambda one: one[0], default=(0, None))
    return (task.code, task.title, _of(task.correct, task.scored)) if task and cost else None


def _next_step(found: selectors.Result, score: selectors.ScoreFacts) -> str:
    """Return what is most worth reading: the incorrect answers, else the unanswered questions, else all."""
    if found.answered > score.right.count("1"):
        return "incorrect"
    return "unanswered" if found.answered < found.scale.total_items else "all"
