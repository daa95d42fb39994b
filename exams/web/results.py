"""The result of an exam: score, band, domains and task statements, pace, confidence, and what to do next."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.profile import selectors as profiles
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, is_part, signed_in
from exams.attempts import lifecycle, results, selectors
from exams.attempts.models import EndReason, State
from exams.attempts.results import Analysis, DomainResult, Result, ScoreFacts, TaskResult
from exams.cheatsheet import selectors as cheatsheets
from exams.insights.dashboard import Dashboard
from exams.insights.next_step import Act
from exams.presentation import charts, corrections, domain_bars, formatting, readiness, verdicts
from exams.reports import files
from exams.scoring.analysis import Changed
from exams.web import next_step, offline, rendering

# A page of a few KB: the cheapest level is as good as any.
COMPRESSION_LEVEL: Final = 1
# The table of the pace sums up so many parts of the exam.
BLOCKS: Final = 4


@require_safe
@offline.takes_back
@signed_in
def result(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """Show the score; while it is not there yet, a page that asks again by itself or by a link."""
    result = _settled(request.user, attempt_id)
    elsewhere = _redirect_target(result.head)
    # The page that waits asks for a part of itself; what comes now is another page.
    if is_part(request) and (elsewhere or result.score):
        return HttpResponse(headers={"HX-Refresh": "true"})
    if elsewhere:
        if result.head.effective_state == State.VOIDED:
            messages.info(request, _without_result(result.head))
        return redirect(*elsewhere)
    if result.score is None:
        return _waiting(request, result)
    profile = profiles.of(request.user)
    here = rendering.here_of(profile)
    dashboard = Dashboard.after(request.user, result, here)
    context = {
        **_score_context(result, result.score),
        **_domains_context(result, result.score, here.language),
        **_analysis_context(results.analysis_of(request.user, result)),
        **_praise(result, result.score, dashboard),
        **_step(result, dashboard),
    }
    response = rendering.render_for(request, profile, "exams/result.html", context)
    return rendering.compressed(request, response, COMPRESSION_LEVEL)


def _settled(user: User, attempt_id: UUID) -> Result:
    """Return the result; a missing score is made here and now, with every worker dead (G3)."""
    language = get_language() or ""
    result = results.result(user, attempt_id, language)
    if result.score is None and not result.head.running:
        lifecycle.settle(user=user, attempt_id=attempt_id)
        result = results.result(user, attempt_id, language)
    return result


def _redirect_target(head: selectors.Head) -> tuple[Any, ...]:
    """Return where an attempt belongs that has no result: one that runs, or one that was cancelled."""
    if head.effective_state == State.VOIDED:
        return ("exams:attempts",)
    if head.running and head.seconds_left:
        return ("exams:taking", head.attempt_id)
    return ()


def _without_result(head: selectors.Head) -> str:
    """Say why an exam has no result: its owner took the start back, or staff voided it."""
    if head.end_reason == EndReason.VOIDED:
        return _("We voided this exam, so it has no result. Contact us if you have questions.")
    return _("This exam was canceled. It has no result.")


def _waiting(request: SignedInRequest, result: Result) -> HttpResponse:
    head = result.head
    template = "exams/waiting.html#waiting" if is_part(request) else "exams/waiting.html"
    context = {
        "head": head,
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "seconds": max(1, round((head.closes_at - head.server_now).total_seconds())),
    }
    return rendering.render_to(request, template, context)


def _step(result: Result, dashboard: Dashboard) -> dict[str, Any]:
    """Return the next step as home says it; where it is a review, that of this exam.

    Once another step is due, the review of what was incorrect stays as another way.
    """
    step = next_step.panel(dashboard)
    if not result.counts or result.row.missed != "incorrect" or dashboard.step.act is Act.RESUME:
        return {"step": step}
    own = next_step.review_of(result.row)
    # One review is enough to ask for: that of another exam is said where that one is.
    if dashboard.step.act is Act.REVIEW:
        return {"step": own}
    return {"step": replace(step, second=(own.button, own.address))}


def _praise(result: Result, score: ScoreFacts, dashboard: Dashboard) -> dict[str, Any]:
    """Return whether this is a safe pass, and the first score of the course where that was lower."""
    if not (result.counts and score.band_low >= result.scale.pass_mark):
        return {"is_safe": False}
    first = dashboard.results[-1].scaled_score if dashboard.results else None
    return {"is_safe": True, "first_score": first if first is not None and first < score.scaled else None}


# --- The score


def _score_context(result: Result, score: ScoreFacts) -> dict[str, Any]:
    head, scale = result.head, result.scale
    share, prediction = float(Fraction(score.share)), result.prediction
    return {
        "head": head,
        "score": score,
        "counts": result.counts,
        "scale": scale,
        "points": scale.high - scale.low,
        "cut": charts.cut_unless_usual(scale),
        "cut_percent": round(charts.pass_line(scale) * 100),
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "review": reverse("exams:review", args=[head.attempt_id]),
        "ended": head.ended_at or head.server_now,
        "used": formatting.duration(head.seconds_used),
        "allowed": formatting.duration(head.minutes_allowed * 60),
        "verdict": verdicts.of_attempt(result.row, readiness.by_one_exam(prediction) if prediction else ""),
        **corrections.notes(result),
        "chart": charts.scale(scale, score.scaled, (score.band_low, score.band_high)),
        "raw": verdicts.part_of(score.raw, score.scored_items),
        "answered": verdicts.answered(result),
        "share_percent": number_format(share * 100, 1),
        "share": number_format(share, 4),
        "receipt": "-".join(head.receipt[start : start + 4] for start in (0, 4, 8)),
        "missed": result.row.missed,
        "has_sheet": head.certification_code in cheatsheets.known_codes(),
    }


def _domains_context(result: Result, score: ScoreFacts, language: str) -> dict[str, Any]:
    tasks = results.task_results(result.head, score, language)
    costliest = _costliest_task(tasks, score.domains) if result.counts else None
    return {
        "domains": _domain_rows(result, score),
        "tasks": [{"name": domain.name, "tasks": _tasks(tasks, domain.number)} for domain in score.domains],
        "hardest": {"task": costliest, "correct": verdicts.part_of(costliest.correct, costliest.scored)}
        if costliest
        else None,
    }


def _domain_rows(result: Result, score: ScoreFacts) -> list[domain_bars.Row]:
    """Return the domains in the order of what there is to gain."""
    estimates = {one.number: one for one in result.prediction.domains} if result.prediction else {}
    rows = [
        domain_bars.row(
            number=domain.number,
            name=domain.name,
            weight=domain.weight_percent,
            share=domain.share,
            counted=domain.scored,
            figure=_figure(domain) if result.counts else verdicts.part_of(domain.correct, domain.scored),
            estimate=estimates.get(domain.number),
            scale=result.scale,
        )
        for domain in score.domains
    ]
    return sorted(rows, key=lambda row: row.gain, reverse=True)


def _figure(domain: DomainResult) -> str:
    """Return how much of a domain was correct, in percent and as a count: 64% (9 of 14)."""
    percent = _("%(percent)d%%") % {"percent": round(domain.share * 100)}
    return f"{percent} ({verdicts.part_of(domain.correct, domain.scored)})"


def _tasks(tasks: list[TaskResult], number: int) -> list[dict[str, str]]:
    return [
        {"code": task.code, "title": task.title, "correct": verdicts.part_of(task.correct, task.scored)}
        for task in tasks
        if task.domain_number == number
    ]


def _costliest_task(tasks: list[TaskResult], domains: tuple[DomainResult, ...]) -> TaskResult | None:
    """Return the task that cost most points of the score, or None when none did."""
    a_question = {domain.number: domain.weight_percent / domain.scored for domain in domains}
    costs = [((task.scored - task.correct) * a_question[task.domain_number], task) for task in tasks]
    cost, task = max(costs, key=lambda pair: pair[0], default=(0, None))
    return task if cost else None


# --- Pace, confidence and changes


def _analysis_context(analysis: Analysis | None) -> dict[str, Any]:
    """Return what the answers tell; nothing while which of them were correct stays closed."""
    if analysis is None:
        return {"analysis": None}
    return {
        "analysis": analysis,
        "novelty": verdicts.novelty(analysis.novelty),
        "pace": _pace_context(analysis) if analysis.timed else None,
        "milestones": [
            {
                "answered": milestone.answered,
                "used": formatting.minutes(milestone.seconds),
                "even": formatting.minutes(milestone.answered * analysis.even_seconds),
            }
            for milestone in analysis.milestones
        ],
        "longest": [
            {
                "question": question,
                "time": formatting.pace(verdicts.seconds(question.seen_ms or 0)),
                "outcome": verdicts.outcome(question),
            }
            for question in analysis.longest
        ],
        "levels": [
            {"name": formatting.confidence(row.level), "correct": verdicts.part_of(row.correct, row.answered)}
            for row in analysis.confidence
        ],
        "sure": verdicts.sure(analysis),
        "changes": verdicts.changes(analysis),
        "changed": {how.value: analysis.changed(how) for how in Changed}
        if any(question.changed for question in analysis.questions)
        else None,
    }


def _pace_context(analysis: Analysis) -> dict[str, Any]:
    questions = analysis.questions
    ends = [round(len(questions) * part / BLOCKS) for part in range(BLOCKS + 1)]
    blocks = [(start, end, questions[start:end]) for start, end in pairwise(ends)]
    return {
        "chart": charts.pace(
            [one.seen_ms for one in questions], [one.correct for one in questions], analysis.even_seconds
        ),
        "even": formatting.pace(analysis.even_seconds),
        "typical": verdicts.typical(analysis),
        "blocks": [
            {
                "name": _("%(first)s to %(last)s") % {"first": start + 1, "last": end},
                "time": formatting.pace(verdicts.seconds(sum(one.seen_ms or 0 for one in block))),
                "correct": verdicts.part_of(sum(one.correct for one in block), len(block)),
            }
            for start, end, block in blocks
        ],
    }


# --- The score report as PDF: a job makes it, this page shows how far that is


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def score_report(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """POST has the PDF made; GET shows how far it is, and leads to the file.

    Without a score it leads to the result. 404 for another's attempt.
    """
    report = files.of(request.user, attempt_id, get_language() or "")
    if report is None:
        return redirect("exams:result", attempt_id)
    is_press = request.method == "POST"
    job = files.ensure(request.user, report) if is_press else files.job(request.user, report)
    title, code = report.document.title, report.certification_code
    back = reverse("exams:result", args=[attempt_id])
    return rendering.own_pdf(request, job, title=title, code=code, here="exams", back=back)
