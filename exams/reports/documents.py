"""A score report as a document for paper, in the language that is active."""

import datetime as dt
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from exams.attempts.results import Analysis, Result, ScoreFacts, TaskResult
from exams.pdf.tree import (
    Block,
    Code,
    Document,
    Headline,
    Inlines,
    Paragraph,
    Part,
    Section,
    Subheading,
    Table,
    Text,
)
from exams.presentation import formatting, readiness, verdicts
from exams.scoring.analysis import Changed

SITE: Final = "Passline"


def title_of(result: Result) -> str:
    """Return the title of a report in the active language."""
    return _("Score report: %(exam)s") % {
        "exam": formatting.exam_title(result.head.certification_code, result.head.form_number)
    }


def report(
    email: str,
    result: Result,
    score: ScoreFacts,
    tasks: Sequence[TaskResult],
    analysis: Analysis | None,
    zone: dt.tzinfo,
) -> Document:
    """Return the report on a score; `analysis` is None while which answers were correct stays closed."""
    head = result.head
    ended = date_format(localtime(head.ended_at or head.server_now, zone), "DATE_FORMAT")
    parts = [
        Part("", _("Score"), _score(result, score)),
        Part("", _("By domain"), (_domains(score),)),
        # A task has so few questions that its count tells of each.
        *([Part("", _("By task"), (_tasks(tasks),)), *_analysis_parts(analysis)] if analysis else ()),
        Part("", _("How your score is calculated"), _how(result, score)),
    ]
    return Document(
        language=get_language() or "",
        title=title_of(result),
        lead=f"{email} · {ended}",
        source=f"{SITE} · {title_of(result)}",
        author=SITE,
        url=settings.SITE_URL + reverse("exams:result", args=[head.attempt_id]),
        pages=_("Page {n} of {total}"),
        sections=(Section("", tuple(parts)),),
        after=(
            _(
                "About 8 in 10 results on similar exams would fall within the error band. "
                "That's our estimate: the vendor adjusts scores for the difficulty of each exam "
                "and doesn't publish how."
            ),
        )
        if result.counts
        else (),
    )


def _text(value: object) -> Inlines:
    return (Text(str(value)),)


def _paragraph(text: str) -> Paragraph:
    return Paragraph(_text(text))


def _table(heads: Iterable[object], rows: Iterable[Iterable[object]]) -> Table:
    return Table(tuple(map(_text, heads)), tuple(tuple(map(_text, row)) for row in rows))


def _score(result: Result, score: ScoreFacts) -> tuple[Block, ...]:
    head, scale, row = result.head, result.scale, result.row
    prediction = result.prediction
    verdict = verdicts.of_attempt(row, readiness.by_one_exam(prediction) if prediction else "")
    band = {"from": row.band[0], "to": row.band[1]} if row.band else None
    facts = (
        (_("Pass line"), _("%(mark)s of %(high)s") % {"mark": scale.pass_mark, "high": scale.high}),
        *([(_("Error band, 80%%") % {}, _("%(from)s to %(to)s") % band)] if band else []),
        (_("Scored questions correct"), verdicts.part_of(score.raw, score.scored_items)),
        (_("Answered"), verdicts.answered(result)),
        (_("Time used"), formatting.duration(head.seconds_used)),
        (_("Time allowed"), formatting.duration(head.minutes_allowed * 60)),
    )
    heading: Block = Subheading(_text(verdict.heading))
    if result.counts:
        heading = Headline(str(score.scaled), verdict.heading)
    return (heading, _paragraph(verdict.lead), _table((_("Detail"), _("Value")), facts))


def _domains(score: ScoreFacts) -> Table:
    rows = (
        (
            f"{domain.number}: {domain.name}",
            f"{domain.weight_percent}%",
            verdicts.part_of(domain.correct, domain.scored),
        )
        for domain in score.domains
    )
    return _table((_("Domain"), _("Weight"), _("Correct")), rows)


def _tasks(tasks: Sequence[TaskResult]) -> Table:
    rows = (
        (f"{task.code} {task.title}".strip(), verdicts.part_of(task.correct, task.scored)) for task in tasks
    )
    return _table((_("Task"), _("Correct")), rows)


def _analysis_parts(analysis: Analysis) -> list[Part]:
    new = verdicts.novelty(analysis.novelty)
    return [
        *([Part("", _("What was new to you"), (_paragraph(new),))] if new else []),
        *([Part("", _("Pace"), pace)] if (pace := tuple(_pace(analysis))) else []),
        *([Part("", _("How sure you were"), _sure(analysis))] if analysis.confidence else []),
        Part("", _("Changed answers"), tuple(_changes(analysis))),
    ]


def _pace(analysis: Analysis) -> list[Block]:
    parts: list[Block] = []
    if analysis.timed:
        parts.append(_paragraph(verdicts.typical(analysis)))
    if analysis.milestones:
        heads = (_("Answered"), _("Time used"), _("Even pace"))
        rows = (
            (milestone.answered, formatting.minutes(milestone.seconds), _even(analysis, milestone.answered))
            for milestone in analysis.milestones
        )
        parts.append(_table(heads, rows))
    if analysis.longest:
        heads = (_("Question"), _("Time"), _("Answer"))
        longest = (
            (
                question.position,
                formatting.pace(verdicts.seconds(question.seen_ms or 0)),
                verdicts.outcome(question),
            )
            for question in analysis.longest
        )
        parts += [_paragraph(_("The questions that took you longest")), _table(heads, longest)]
    return parts


def _even(analysis: Analysis, answered: int) -> str:
    return formatting.minutes(answered * analysis.even_seconds)


def _sure(analysis: Analysis) -> tuple[Block, ...]:
    rows = (
        (formatting.confidence(row.level), verdicts.part_of(row.correct, row.answered))
        for row in analysis.confidence
    )
    return (_paragraph(verdicts.sure(analysis)), _table((_("You said"), _("Correct")), rows))


def _changes(analysis: Analysis) -> list[Block]:
    parts: list[Block] = [_paragraph(verdicts.changes(analysis))]
    labels = {
        Changed.TO_CORRECT: _("Incorrect to correct"),
        Changed.TO_INCORRECT: _("Correct to incorrect"),
        Changed.STILL_INCORRECT: _("Incorrect to incorrect"),
    }
    if any(question.changed for question in analysis.questions):
        rows = ((name, analysis.changed(how)) for how, name in labels.items())
        parts.append(_table((_("Change"), _("Answers")), rows))
    return parts


def _how(result: Result, score: ScoreFacts) -> tuple[Block, ...]:
    scale, share = result.scale, float(Fraction(score.share))
    code = Paragraph((Text(_("Check code") + " "), Code(result.head.receipt)))
    if not result.counts:
        return (
            _paragraph(_("Fewer than half of the questions were answered, so we don't show a score.")),
            code,
        )
    counted = _(
        "%(scored)s of the %(total)s questions count. The share of correct answers in each domain is "
        "weighted as in the official guide. The weighted share of %(share_percent)s%% gives "
        "%(low)s\u00a0+\u00a0%(points)s\u00a0×\u00a0%(share)s\u00a0=\u00a0%(score)s, rounded."  # noqa: RUF001
    ) % {
        "scored": score.scored_items,
        "total": scale.total_items,
        "share_percent": number_format(share * 100, 1),
        "low": scale.low,
        "points": scale.high - scale.low,
        "share": number_format(share, 4),
        "score": score.scaled,
    }
    return (_paragraph(counted), code)
