"""Where a person stands with a certification: what runs, what is next, what was the last result."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest

from accounts.users.models import User
from exams.assembly.selectors import FormFacts
from exams.attempts import selectors
from exams.attempts.selectors import AttemptRow
from exams.presentation import charts, formatting, verdicts

# More names than these do not stand side by side on a phone.
IN_HISTORY: Final = 6


@dataclass(frozen=True, slots=True)
class Progress:
    """A person's own attempts at the exams of one certification, newest first.

    `running` is the one that ends first, `last` the newest result that counts, `next` the first exam that
    was never started; None where there is none.
    """

    running: AttemptRow | None
    last: AttemptRow | None
    next: FormFacts | None
    started: int


def own_rows(request: HttpRequest) -> list[AttemptRow]:
    """Return the attempts of who asks; none for a visitor, without a statement."""
    return selectors.own_attempts(request.user) if isinstance(request.user, User) else []


def progress(rows: Sequence[AttemptRow], code: str, forms: Sequence[FormFacts]) -> Progress:
    """Return how far a person is, from all their attempts and the forms of the certification."""
    own = [row for row in rows if row.head.certification_code == code]
    running = [row for row in own if row.head.running]
    started = {row.head.form_number for row in own}
    return Progress(
        running=min(running, key=lambda row: row.head.deadline_at, default=None),
        last=next((row for row in own if row.counts), None),
        next=next((form for form in forms if form.number not in started), None),
        started=len(started),
    )


def best(rows: Sequence[AttemptRow]) -> int | None:
    """Return the highest score that counts, None where there is none: a scale may begin at 0."""
    return max(
        (row.scaled_score for row in rows if row.counts and row.scaled_score is not None), default=None
    )


def step_context(found: Progress, code: str, first: FormFacts | None) -> dict[str, Any]:
    """Return what the panel with the one next act needs; `first` is the exam that a newcomer begins with."""
    target = found.next if found.started else first
    return {
        "code": code,
        "running": attempt_context(found.running) if found.running else None,
        "label": code.upper(),
        "last": attempt_context(found.last) if found.last else None,
        "form": target,
        "name": formatting.exam_name(target.number) if target else "",
        "started": found.started,
    }


def attempt_context(row: AttemptRow) -> dict[str, Any]:
    """Return an attempt as lists and panels show it."""
    head = row.head
    return {
        "attempt": row,
        "head": head,
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "name": formatting.exam_name(head.form_number),
        "left": formatting.duration(head.seconds_left),
        "verdict": verdict_of(row),
    }


def verdict_of(row: AttemptRow) -> verdicts.Verdict | None:
    """Return what the score of an attempt means, or None before there is one."""
    if row.scaled_score is None:
        return None
    return verdicts.of(scaled=row.scaled_score, mark=row.scale.pass_mark, band=row.band, share=None)


def scale_of(row: AttemptRow) -> charts.Scale | None:
    """Return the score of an attempt on its scale, or None before there is one."""
    if row.scaled_score is None:
        return None
    scale = row.scale
    return charts.scale(
        score=row.scaled_score, mark=scale.pass_mark, low=scale.low, high=scale.high, band=row.band
    )


def history(newest_first: Sequence[AttemptRow]) -> charts.History:
    """Return the course of at least one result, all on one scale; only the newest fit on a phone."""
    scale = newest_first[0].scale
    results = [
        charts.Result(formatting.short_exam_name(row.head.form_number), row.scaled_score or 0, row.band)
        for row in reversed(newest_first[:IN_HISTORY])
    ]
    return charts.history(results, mark=scale.pass_mark, low=scale.low, high=scale.high)
