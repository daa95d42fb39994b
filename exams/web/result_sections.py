"""The sections of a result page on pace, confidence and changed answers, and the sentence on what was new.

As the page itself, each is rendered once for each shape and filled with the figures of each reader.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from exams.attempts.analysis import Analysis
from exams.presentation import charts, formatting, sentences
from exams.presentation.slots import Slots, Slotted, slot
from exams.scoring.analysis import Changed, Question

_BLOCKS: Final = 4


@dataclass(frozen=True, slots=True)
class PaceShape:
    """What the section on pace branches on."""

    ui_language: str
    total: int
    timed: bool
    milestones: tuple[int, ...]
    longest: int


@dataclass(frozen=True, slots=True)
class AnswersShape:
    """What the sections on confidence and on changed answers branch on."""

    ui_language: str
    levels: tuple[int, ...]
    sure_and_incorrect: bool
    changed: bool


def html(found: Analysis, review: str, ui_language: str) -> SafeString:
    """Return the sections for one reader; `review` is the address of their review."""
    pace, answers = _pace(found, ui_language), _answers(found, ui_language)
    return mark_safe(pace.fill(_pace_values(found, review)) + answers.fill(_answers_values(found, review)))  # noqa: S308  (templates and `_escaped` escape)


def _escaped(values: dict[str, object]) -> dict[str, str]:
    return {name: str(conditional_escape(str(value))) for name, value in values.items()}


# --- Pace


def _pace(found: Analysis, ui_language: str) -> Slotted:
    return _compiled_pace(
        PaceShape(
            ui_language=ui_language,
            total=len(found.questions),
            timed=found.timed,
            milestones=tuple(one.answered for one in found.milestones),
            longest=len(found.longest),
        )
    )


@lru_cache(maxsize=64)
def _compiled_pace(shape: PaceShape) -> Slotted:
    context = {
        "shape": shape,
        "slot": Slots(),
        "milestones": [
            {"answered": answered, "used": slot(f"used {answered}"), "even": slot(f"even {answered}")}
            for answered in shape.milestones
        ],
        "longest": [
            {name: slot(f"longest {row} {name}") for name in ("number", "name", "time", "outcome")}
            for row in range(shape.longest)
        ],
        "blocks": [
            {name: slot(f"block {row} {name}") for name in ("name", "time", "correct")}
            for row in range(_BLOCKS)
        ],
    }
    return Slotted.of(render_to_string("exams/result_pace.html", context))


def _pace_values(found: Analysis, review: str) -> dict[str, str]:
    times = [one.seen_ms for one in found.questions]
    values: dict[str, object] = {"review": review}
    for milestone in found.milestones:
        values[f"used {milestone.answered}"] = formatting.minutes(milestone.seconds)
        values[f"even {milestone.answered}"] = formatting.minutes(milestone.answered * found.even_seconds)
    if found.timed:
        chart = charts.pace(times, [one.correct for one in found.questions], found.even_seconds)
        even = formatting.pace(found.even_seconds)
        values |= {
            "ok": chart.ok,
            "miss": chart.miss,
            "even_y": chart.even_y,
            "even": even,
            "typical": sentences.typical(found),
            "chart_title": _(
                "Time spent on each question, in %(count)s columns. "
                "The dashed line is the even pace of %(even)s. "
                "The tables below have the figures."
            )
            % {"count": len(times), "even": even},
            **_longest_values(found.longest),
            **_block_values(found.questions),
        }
    return _escaped(values)


def _longest_values(longest: list[Question]) -> dict[str, object]:
    values: dict[str, object] = {}
    for row, one in enumerate(longest):
        values[f"longest {row} number"] = one.position
        values[f"longest {row} name"] = _("Question %(number)s") % {"number": one.position}
        values[f"longest {row} time"] = formatting.pace(sentences.seconds(one.seen_ms or 0))
        values[f"longest {row} outcome"] = sentences.outcome(one)
    return values


def _block_values(questions: tuple[Question, ...]) -> dict[str, object]:
    values: dict[str, object] = {}
    ends = [round(len(questions) * part / _BLOCKS) for part in range(_BLOCKS + 1)]
    for row, (start, end) in enumerate(pairwise(ends)):
        block = questions[start:end]
        values[f"block {row} name"] = _("%(first)s to %(last)s") % {"first": start + 1, "last": end}
        values[f"block {row} time"] = formatting.pace(
            sentences.seconds(sum(one.seen_ms or 0 for one in block))
        )
        values[f"block {row} correct"] = sentences.of(sum(one.correct for one in block), len(block))
    return values


# --- Confidence and changes


def _answers(found: Analysis, ui_language: str) -> Slotted:
    return _compiled_answers(
        AnswersShape(
            ui_language=ui_language,
            levels=tuple(one.level for one in found.confidence),
            sure_and_incorrect=bool(found.sure_and_incorrect),
            changed=any(one.changed for one in found.questions),
        )
    )


@lru_cache(maxsize=64)
def _compiled_answers(shape: AnswersShape) -> Slotted:
    levels = [
        {"name": formatting.confidence(level), "correct": slot(f"level {level}")} for level in shape.levels
    ]
    context = {"shape": shape, "slot": Slots(), "levels": levels}
    return Slotted.of(render_to_string("exams/result_answers.html", context))


def _answers_values(found: Analysis, review: str) -> dict[str, str]:
    return _escaped(
        {
            "review": review,
            "sure": sentences.sure(found),
            "changes": sentences.changes(found),
            **{f"level {one.level}": sentences.of(one.correct, one.answered) for one in found.confidence},
            **{str(how): found.changed(how) for how in Changed},
        }
    )
