"""The result of an exam: score, band, domains and task statements, and what to do next."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from accounts.users.models import User
from accounts.users.requests import SignedInRequest, signed_in
from exams.attempts import analysis, lifecycle, results, selectors
from exams.attempts.analysis import Analysis
from exams.attempts.models import EndReason, State
from exams.cheatsheet import selectors as cheatsheets
from exams.insights.dashboard import Dashboard, Here
from exams.presentation import formatting
from exams.web import compression, frame, next_step, offline, result_page
from exams.web.next_step import Panel

# A page of a few KB: the cheapest level is as good as any.
COMPRESSION_LEVEL: Final = 1


@require_safe
@offline.takes_back
@signed_in
def result(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """Show the score; while it is not there yet, a page that asks again by itself or by a link."""
    result = _settled(request.user, attempt_id)
    elsewhere = _elsewhere(result.head)
    if request.headers.get("HX-Request") and (elsewhere or result.score):
        return HttpResponse(headers={"HX-Refresh": "true"})
    if elsewhere:
        if result.head.effective_state == State.VOIDED:
            messages.info(request, _without_result(result.head))
        return redirect(*elsewhere)
    if result.score is None:
        return _waiting(request, result)
    profile = frame.profile_of(request)
    told = analysis.of(request.user, result)
    here = frame.here_of(profile)
    step = next_step.panel(Dashboard.after(request.user, result, here))
    context = _result(result, result.score, told, step, here)
    response = frame.render_for(request, profile, "exams/result.html", context)
    return compression.compressed(request, response, COMPRESSION_LEVEL)


def _settled(user: User, attempt_id: UUID) -> results.Result:
    """Return the result; a missing score is made here and now, with every worker dead (G3)."""
    language = get_language() or ""
    result = results.result(user, attempt_id, language)
    if result.score is None and not result.head.running:
        lifecycle.settle(user=user, attempt_id=attempt_id)
        result = results.result(user, attempt_id, language)
    return result


def _elsewhere(head: selectors.Head) -> tuple[Any, ...]:
    """Return where an attempt belongs that has no result: one that runs, or one that was cancelled."""
    if head.effective_state == State.VOIDED:
        return ("exams:attempts",)
    if head.running and head.seconds_left:
        return ("exams:taking", head.attempt_id)
    return ()


def _without_result(head: selectors.Head) -> str:
    """Say why an exam has no result: its owner took the start back, or staff voided it."""
    if head.end_reason == EndReason.VOIDED:
        return gettext("We voided this exam, so it has no result. Contact us if you have questions.")
    return gettext("This exam was canceled. It has no result.")


def _waiting(request: SignedInRequest, result: results.Result) -> HttpResponse:
    head = result.head
    template = "exams/waiting.html#waiting" if request.headers.get("HX-Request") else "exams/waiting.html"
    context = {
        "head": head,
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "seconds": max(1, round((head.closes_at - head.server_now).total_seconds())),
    }
    return frame.render_for(request, frame.profile_of(request), template, context)


def _result(
    result: results.Result, score: results.ScoreFacts, analysis: Analysis | None, step: Panel, here: Here
) -> dict[str, Any]:
    ui_language = here.language
    tasks = results.task_results(result.head, score, ui_language)
    has_sheet = result.head.certification_code in cheatsheets.known_codes()
    shape = result_page.shape_of(result, score, tasks, analysis, ui_language, has_sheet=has_sheet)
    panel = render_to_string("exams/next_step.html", {"step": step})
    values = result_page.values_of(result, score, tasks, analysis, panel, here.zone)
    return {
        "head": result.head,
        "score": score,
        "counts": result.counts,
        "cut": shape.cut,
        "title": formatting.exam_title(result.head.certification_code, result.head.form_number),
        "article": result_page.html(shape, values),
    }
