"""The result page as text: rendered once for each shape of a result, filled with the figures of each reader.

A shape is what the templates branch on, and the names that many results share. Rendering the page anew for
every reader took more processor time than all the rest of a request.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from exams.assembly import selectors as assembly
from exams.attempts.analysis import Analysis
from exams.attempts.results import DomainResult, Result, ScoreFacts, TaskResult
from exams.attempts.selectors import Head, Scale
from exams.bank import rulings
from exams.presentation import charts, corrections, formatting, sentences, verdicts
from exams.presentation.slots import Slots, Slotted, slot
from exams.web import result_sections


@dataclass(frozen=True, slots=True)
class TaskName:
    """A task statement with its domain, in the language of the page."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class DomainShape:
    """A domain with its weight in percent and those of its tasks that have scored questions."""

    number: int
    name: str
    weight: int
    tasks: tuple[TaskName, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything of a result page but a reader's own figures."""

    ui_language: str
    certification_code: str
    scale: Scale
    domains: tuple[DomainShape, ...]
    expired: bool
    revised: bool
    explained: bool
    corrected: bool
    too_late: bool
    seen_before: bool
    shows_low: bool
    shows_high: bool
    hardest: bool
    counts: bool
    missed: bool
    has_sheet: bool
    tells: bool
    novelty: bool

    @property
    def cut(self) -> str:
        """Where the pass line is drawn, when it is not where the stylesheets have it."""
        return charts.cut_unless_usual(self.scale.pass_mark, self.scale.low, self.scale.high)

    @property
    def cut_percent(self) -> int:
        """The share of correct answers that reaches the pass line, in percent."""
        return round(charts.place(self.scale.pass_mark, self.scale.low, self.scale.high) * 100)

    @property
    def points(self) -> int:
        """The length of the scale in points."""
        return self.scale.high - self.scale.low


SLOTS = Slots()


def shape_of(
    result: Result,
    score: ScoreFacts,
    tasks: list[TaskResult],
    analysis: Analysis | None,
    ui_language: str,
    *,
    has_sheet: bool,
) -> Shape:
    """Return the shape of a result; `has_sheet` says whether there is a cheat sheet to learn from.

    `told` is None while which answers were correct stays closed.
    """
    scale = result.scale
    chart = charts.scale(score=score.scaled, mark=scale.pass_mark, low=scale.low, high=scale.high)
    return Shape(
        ui_language=ui_language,
        certification_code=result.head.certification_code,
        scale=scale,
        domains=tuple(_domain_shape(domain, tasks) for domain in score.domains),
        expired=result.head.end_reason == "expired",
        revised=score.revision > 1,
        explained=bool(score.revision > 1 and score.reason),
        corrected=bool(correction(result.head, score)),
        too_late=result.too_late > 0,
        seen_before=result.head.seen_before,
        shows_low=chart.shows_low,
        shows_high=chart.shows_high,
        hardest=result.counts and hardest(tasks, score.domains) is not None,
        counts=result.counts,
        missed=bool(result.row.missed),
        has_sheet=has_sheet,
        tells=analysis is not None,
        novelty=bool(analysis and analysis.novelty),
    )


def _domain_shape(domain: DomainResult, tasks: list[TaskResult]) -> DomainShape:
    own = tuple(TaskName(task.code, task.title) for task in tasks if task.domain_number == domain.number)
    return DomainShape(domain.number, domain.name, domain.weight_percent, own)


def hardest(tasks: list[TaskResult], domains: tuple[DomainResult, ...]) -> TaskResult | None:
    """Return the task that cost most points of the score, or None when none did."""
    a_question = {domain.number: domain.weight_percent / domain.scored for domain in domains}
    costs = [((task.scored - task.correct) * a_question[task.domain_number], task) for task in tasks]
    cost, task = max(costs, key=lambda pair: pair[0], default=(0, None))
    return task if cost else None


@lru_cache(maxsize=256)
def compiled(shape: Shape) -> Slotted:
    """Render the page of a shape with its slots open, in the active language, which the shape names."""
    scale = shape.scale
    line = charts.scale(score=scale.pass_mark, mark=scale.pass_mark, low=scale.low, high=scale.high)
    chart = {
        **{name: SLOTS[name] for name in ("score", "band_low", "band_high", "band_x", "band_width")},
        "low": scale.low,
        "high": scale.high,
        "mark": scale.pass_mark,
        "ticks": line.ticks,
        "line": line.line,
        "you": {"x": SLOTS["you_x"], "anchor": SLOTS["you_anchor"]},
        "shows_low": shape.shows_low,
        "shows_high": shape.shows_high,
    }
    context = {"shape": shape, "slot": SLOTS, "chart": chart, "domains": _domain_rows(shape)}
    return Slotted.of(render_to_string("exams/result_article.html", context))


def _domain_rows(shape: Shape) -> list[dict[str, object]]:
    cut = charts.bar(0, 1, shape.scale.pass_mark, shape.scale.low, shape.scale.high).cut
    return [
        {
            "number": domain.number,
            "name": _("Domain %(number)s: %(name)s") % {"number": domain.number, "name": domain.name},
            "weight": domain.weight,
            "cut": cut,
            "fill": slot(f"{domain.number} fill"),
            "width": slot(f"{domain.number} width"),
            "correct": slot(f"{domain.number} correct"),
            "tasks": [
                {"code": task.code, "title": task.title, "correct": slot(f"task {domain.number} {task.code}")}
                for task in domain.tasks
            ],
        }
        for domain in shape.domains
    ]


def values_of(
    result: Result,
    score: ScoreFacts,
    tasks: list[TaskResult],
    analysis: Analysis | None,
    step: SafeString,
    zone: dt.tzinfo,
) -> dict[str, object]:
    """Return the figures of a reader, by the name of their slot; times are in their zone.

    `step` is the panel of their next step.
    """
    head, scale = result.head, result.scale
    review = reverse("exams:review", args=[head.attempt_id])
    mark, band = scale.pass_mark, (score.band_low, score.band_high)
    chart = charts.scale(score=score.scaled, mark=mark, low=scale.low, high=scale.high, band=band)
    verdict = verdicts.of_attempt(result.row, tells_chance=True)
    ended, share = localtime(head.ended_at or head.server_now, zone), float(Fraction(score.share))
    return {
        "review": review,
        "report": reverse("exams:score_report", args=[head.attempt_id]),
        "csv": reverse("exams:answers_csv", args=[head.attempt_id]),
        "json": reverse("exams:answers_json", args=[head.attempt_id]),
        "novelty": sentences.novelty(analysis.novelty) if analysis else "",
        "sections": result_sections.html(analysis, review, get_language() or "") if analysis else "",
        "step": step,
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "ended": ended.isoformat(),
        "ended_on": date_format(ended, "DATE_FORMAT"),
        "used": formatting.duration(head.seconds_used),
        "allowed": formatting.duration(head.minutes_allowed * 60),
        "score": score.scaled,
        "heading": verdict.heading,
        "lead": verdict.lead,
        "reason": score.reason,
        "correction": correction(head, score),
        "too_late": too_late(result.too_late),
        "band_low": band[0],
        "band_high": band[1],
        "band_x": chart.band_x,
        "band_width": chart.band_width,
        "you_x": chart.you.x,
        "you_anchor": chart.you.anchor,
        "raw": sentences.of(score.raw, score.scored_items),
        "chance": formatting.chance(score.pass_chance),
        "answered": sentences.of(result.answered, scale.total_items),
        "scored_items": score.scored_items,
        "share_percent": number_format(share * 100, 1),
        "share": number_format(share, 4),
        "scoring_revision": score.scoring_revision,
        "receipt": "-".join(head.receipt[start : start + 4] for start in (0, 4, 8)),
        "whole_receipt": head.receipt,
        **_hardest_values(hardest(tasks, score.domains)),
        **_domain_values(score, scale),
        **{
            f"task {task.domain_number} {task.code}": sentences.of(task.correct, task.scored)
            for task in tasks
        },
    }


def correction(head: Head, score: ScoreFacts) -> str:
    """Return which ruling gave a score that replaced another one, "" where none did. It names no answer."""
    if score.revision == 1 or score.ruling is None or score.reason:
        return ""
    ruling = rulings.corrections(score.ruling).by_id.get(score.ruling)
    if ruling is None:
        return ""
    placed = assembly.places_in(head.edition_id)
    position = next((item.position for item in placed if item.version_id == ruling.version_id), None)
    return corrections.of_score(ruling, position, score.scaled_before)


def _hardest_values(task: TaskResult | None) -> dict[str, object]:
    if task is None:
        return {}
    correct = sentences.of(task.correct, task.scored)
    return {"hardest_code": task.code, "hardest_title": task.title, "hardest_correct": correct}


def _domain_values(score: ScoreFacts, scale: Scale) -> dict[str, object]:
    values: dict[str, object] = {}
    for domain in score.domains:
        bar = charts.bar(domain.correct, domain.scored, scale.pass_mark, scale.low, scale.high)
        values[f"{domain.number} fill"] = "under" if bar.under else "fill"
        values[f"{domain.number} width"] = bar.width
        values[f"{domain.number} correct"] = sentences.of(domain.correct, domain.scored)
    return values


def too_late(count: int) -> str:
    """Return the sentence on answers that arrived after the end, or nothing when none did."""
    if not count:
        return ""
    return ngettext(
        "The answer to %(count)s question arrived after the exam had ended. "
        "We recorded it, but it doesn't count.",
        "The answers to %(count)s questions arrived after the exam had ended. "
        "We recorded them, but they don't count.",
        count,
    ) % {"count": count}


def html(shape: Shape, values: Mapping[str, object]) -> SafeString:
    """Return the page of a shape with these values."""
    escaped = {name: _escaped(value) for name, value in values.items()}
    return mark_safe(compiled(shape).fill(escaped))  # noqa: S308  (template and line above escape)


def _escaped(value: object) -> str:
    return str(value) if isinstance(value, SafeString) else str(conditional_escape(str(value)))
