"""What is beside a question for every reader: corrections, changes, how others answered, where to learn."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import override

from exams.assembly import solutions
from exams.bank import rulings
from exams.feedback import selectors as feedback
from exams.feedback.selectors import Annotation, Change, Distribution
from exams.freshness import selectors as freshness
from exams.presentation import corrections, formatting, item_review, sections

_TEMPLATE: Final = "exams/question_notes.html"
_NOTHING: Final = SafeString()


@dataclass(frozen=True, slots=True)
class QuestionNotes:
    """HTML for one question, each "" where there is nothing to say."""

    changed: SafeString = _NOTHING
    others: SafeString = _NOTHING
    learn: SafeString = _NOTHING


NO_NOTES: Final = QuestionNotes()


def of_paper(paper_id: int, code: str, ui_language: str, *, granted: bool) -> Mapping[int, QuestionNotes]:
    """Return the notes of a paper by position. A handful of queries, once a minute in a process.

    `granted` says whether the reader may open the certification. Never for a reader who is taking an exam
    with these items: it tells keys.
    """
    return _read(paper_id, code, ui_language, granted, int(time.monotonic() // feedback.KEPT_SECONDS))


@lru_cache(maxsize=64)
def _read(
    paper_id: int, code: str, ui_language: str, granted: bool, _minute: int
) -> Mapping[int, QuestionNotes]:
    annotated = feedback.annotations(paper_id, code, ui_language, granted=granted)
    with override(ui_language):
        return {
            solution.position: _notes(annotation, solution.text, ui_language)
            for annotation, solution in zip(annotated, solutions.of_paper(paper_id), strict=True)
        }


def _notes(annotation: Annotation, text: solutions.SolvedText, ui_language: str) -> QuestionNotes:
    return QuestionNotes(
        changed=moved_names(text.version_id) + _changed(annotation.changed, ui_language),
        others=_others(annotation.others, text),
        learn=_learn(annotation.learn),
    )


def corrections_of(paper_id: int, ui_language: str, last_ruling: int | None) -> Mapping[int, SafeString]:
    """Return the notes on questions of a paper that were ruled on up to a ruling, by position.

    A query for a ruling that this process does not know. Never for a reader who is taking an exam with
    these items: it tells keys.
    """
    return _corrections_of(paper_id, ui_language, last_ruling) if last_ruling else {}


@lru_cache(maxsize=64)
def _corrections_of(paper_id: int, ui_language: str, last_ruling: int) -> Mapping[int, SafeString]:
    ruled = rulings.corrections(last_ruling).of_version
    with override(ui_language):
        return {
            solution.position: correction(ruled[solution.text.version_id], solution.text)
            for solution in solutions.of_paper(paper_id)
            if solution.text.version_id in ruled
        }


def correction(
    ruling: rulings.Correction | None, text: solutions.SolvedText, *, in_drill: bool = False
) -> SafeString:
    """Return the note on a question that was ruled on, "" where nothing was. It names answers."""
    if ruling is None:
        return _NOTHING
    letters = {option.id: option.letter for option in text.options}
    context = {
        "when": corrections.when(ruling),
        "decided": corrections.decided(ruling, letters),
        "cause": corrections.cause(ruling),
        "in_drill": in_drill,
    }
    return render_to_string(f"{_TEMPLATE}#ruled", context)


def moved_names(version_id: int) -> SafeString:
    """Return the notice on names in a question that moved on since, "" where none did."""
    names = freshness.moved_names(version_id)
    if not names:
        return _NOTHING
    return render_to_string(f"{_TEMPLATE}#moved", {"names": names, "today": timezone.localdate()})


def _changed(change: Change | None, ui_language: str) -> SafeString:
    if change is None:
        return _NOTHING
    parts = formatting.listed([str(part.label) for part in change.parts])
    context = {"parts": parts, "question": item_review.html(change.text, ui_language)}
    return render_to_string(f"{_TEMPLATE}#changed", context)


def _others(others: Distribution | None, text: solutions.SolvedText) -> SafeString:
    if others is None:
        return _NOTHING
    rows = [(option.letter, others.percent(option.id), option.is_key) for option in text.options]
    return render_to_string(f"{_TEMPLATE}#others", {"answers": others.answers, "rows": rows})


def _learn(links: Sequence[sections.Link]) -> SafeString:
    return render_to_string(f"{_TEMPLATE}#learn", {"links": links}) if links else _NOTHING
