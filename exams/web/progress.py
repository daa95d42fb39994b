"""Attempts and their results, as lists, panels and charts show them."""

from collections.abc import Sequence
from typing import Any, Final

from exams.attempts.selectors import AttemptRow
from exams.presentation import charts, formatting, verdicts

# More names than these do not stand side by side on a phone.
IN_HISTORY: Final = 6


def best(rows: Sequence[AttemptRow]) -> int | None:
    """Return the highest score that counts, None where there is none: a scale may begin at 0."""
    return max(
        (row.scaled_score for row in rows if row.counts and row.scaled_score is not None), default=None
    )


def attempt_context(row: AttemptRow) -> dict[str, Any]:
    """Return an attempt as lists and panels show it."""
    head = row.head
    return {
        "attempt": row,
        "head": head,
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "name": formatting.exam_name(head.form_number),
        "left": formatting.duration(head.seconds_left),
        "verdict": None if row.scaled_score is None else verdicts.of_attempt(row),
    }


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
