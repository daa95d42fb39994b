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

from exams.attempts.analysis import Analysis
from exams.attempts.results import Result, ScoreFacts, TaskResult
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
from exams.presentation import formatting, sentences, verdicts
from exams.scoring.analysis import Changed

SITE: Final = "Passline"


def title_of(found: Result) -> str:
    """Return the title of a report in the active language."""
    return _("Score report: %(exam)s") % {
        "exam": formatting.exam_title(found.head.certification_code, found.head.form_number)
    }


def report(
    email: str,
    found: Result,
    score: ScoreFacts,
    tasks: Sequence[TaskResult],
    told: Analysis | None,
    zone: dt.tzinfo,
) -> Document:
    """Return the report on a score; `told` is None while which answers were correct stays closed."""
    head = found.head
    ended = date_format(localtime(head.ended_at or head.server_now, zone), "DATE_FORMAT")
    parts = [
        Part("", _("Score"), _score(found, score)),
        Part("", _("By domain"), (_domains(score),)),
        Part("", _("By task statement"), (_tasks(tasks),)),
        *(_told(told) if told else ()),
        Part("", _("How your score is calculated"), _how(found, score)),
    ]
    return Document(
        language=get_language() or "",
        title=title_of(found),
        lead=f"{email} · {ended}",
        source=f"{SITE} · {title_of(found)}",
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
        if found.counts
        else (),
    )


def _text(value: object) -> Inlines:
    return (Text(str(value)),)


def _paragraph(text: str) -> Paragraph:
    return Paragraph(_text(text))


def _table(heads: Iterable[object], rows: Iterable[Iterable[object]]) -> Table:
    return Table(tuple(map(_text, heads)), tuple(tuple(map(_text, row)) for row in rows))


def _score(found: Result, score: ScoreFacts) -> tuple[Block, ...]:
    head, scale, row = found.head, found.scale, found.row
    verdict = verdicts.of_attempt(row, tells_chance=True)
    band = {"from": row.band[0], "to": row.band[1]} if row.band else None
    facts = (
        (_("Pass line"), _("%(mark)s of %(high)s") % {"mark": scale.pass_mark, "high": scale.high}),
        *([(_("Error band, 80%%") % {}, _("%(from)s to %(to)s") % band)] if band else []),
        (_("Scored questions correct"), sentences.of(score.raw, score.scored_items)),
        (_("Answered"), sentences.of(found.answered, scale.total_items)),
        (_("Time used"), formatting.duration(head.seconds_used)),
        (_("Time allowed"), formatting.duration(head.minutes_allowed * 60)),
    )
    heading: Block = Subheading(_text(verdict.heading))
    if found.counts:
        heading = Headline(str(score.scaled), verdict.heading)
    return (heading, _paragraph(verdict.lead), _table((_("Detail"), _("Value")), facts))


def _domains(score: ScoreFacts) -> Table:
    rows = (
        (f"{one.number}: {one.name}", f"{one.weight_percent}%", sentences.of(one.correct, one.scored))
        for one in score.domains
    )
    return _table((_("Domain"), _("Weight"), _("Correct")), rows)


def _tasks(tasks: Sequence[TaskResult]) -> Table:
    rows = ((f"{one.code} {one.title}".strip(), sentences.of(one.correct, one.scored)) for one in tasks)
    return _table((_("Task statement"), _("Correct")), rows)


def _told(told: Analysis) -> list[Part]:
    new = sentences.novelty(told.novelty)
    return [
        *([Part("", _("What was new to you"), (_paragraph(new),))] if new else []),
        *([Part("", _("Pace"), pace)] if (pace := tuple(_pace(told))) else []),
        *([Part("", _("How sure you were"), _sure(told))] if told.confidence else []),
        Part("", _("Changed answers"), tuple(_changes(told))),
    ]


def _pace(told: Analysis) -> list[Block]:
    found: list[Block] = []
    if told.timed:
        found.append(_paragraph(sentences.typical(told)))
    if told.milestones:
        heads = (_("Answered"), _("Time used"), _("Even pace"))
        rows = (
            (one.answered, formatting.minutes(one.seconds), _even(told, one.answered))
            for one in told.milestones
        )
        found.append(_table(heads, rows))
    if told.longest:
        heads = (_("Question"), _("Time"), _("Answer"))
        longest = (
            (one.position, formatting.pace(sentences.seconds(one.seen_ms or 0)), sentences.outcome(one))
            for one in told.longest
        )
        found += [_paragraph(_("The questions that took you longest")), _table(heads, longest)]
    return found


def _even(told: Analysis, answered: int) -> str:
    return formatting.minutes(answered * told.even_seconds)


def _sure(told: Analysis) -> tuple[Block, ...]:
    rows = (
        (formatting.confidence(one.level), sentences.of(one.correct, one.answered)) for one in told.confidence
    )
    return (_paragraph(sentences.sure(told)), _table((_("You said"), _("Correct")), rows))


def _changes(told: Analysis) -> list[Block]:
    found: list[Block] = [_paragraph(sentences.changes(told))]
    named = {
        Changed.TO_CORRECT: _("Incorrect to correct"),
        Changed.TO_INCORRECT: _("Correct to incorrect"),
        Changed.STILL_INCORRECT: _("Incorrect to incorrect"),
    }
    if any(one.changed for one in told.questions):
        rows = ((name, told.changed(how)) for how, name in named.items())
        found.append(_table((_("Change"), _("Answers")), rows))
    return found


def _how(found: Result, score: ScoreFacts) -> tuple[Block, ...]:
    scale, share = found.scale, float(Fraction(score.share))
    code = Paragraph((Text(_("Check code") + " "), Code(found.head.receipt)))
    if not found.counts:
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
