"""The rows of a review: questions with the reader's marks, what is said beside them, and the reader's forms.

Only reviews of ended attempts read this: it tells keys.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from exams.assembly.solutions import Solution
from exams.attempts.results import ReviewItem
from exams.feedback.models import Reason
from exams.feedback.selectors import Own
from exams.presentation import formatting, item_review, sections
from exams.web.question_notes import NO_NOTES, QuestionNotes

DONE: Final[Mapping[str, Promise]] = {
    "bookmark": _("Bookmark added."),
    "unbookmark": _("Bookmark removed."),
    "note": _("Note saved."),
    "unnote": _("Note deleted."),
    "report": _("Report sent. We'll answer here and by email."),
}
"""What a reader just did in a row, by the name that the address has."""
_OPENING_LENGTH: Final = 160
# Six papers of 65 questions in two languages, most of them as most readers have them.
_KEPT: Final = 2048


@dataclass(frozen=True, slots=True)
class FormError:
    """What was wrong with a form ("bookmark", "note" or "report") and what had been entered, to be mended."""

    form: str
    message: str
    text: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RowContext:
    """What rows show beside their questions, by position: notes, rulings, and what the reader has said.

    Forms are sent to addresses below `base`, with the `query` of the questions that are shown. `opened` opens
    every row, `at` only the one at this position, where something was just done or refused.
    """

    notes: Mapping[int, QuestionNotes]
    corrections: Mapping[int, SafeString]
    own: Mapping[int, Own]
    base: SafeString
    query: SafeString
    opened: bool = False
    at: int = 0
    done: str = ""
    error: FormError | None = None


def rows(items: Sequence[ReviewItem], ui_language: str, context: RowContext) -> list[dict[str, Any]]:
    """Return what the template needs of each row; each leads to its neighbors.

    Pieces that many readers have alike are kept by what they say and joined here: Django takes several
    microseconds for each variable of a template, which 65 rows would multiply.
    """
    positions = [item.solution.position for item in items]
    neighbors = zip([0, *positions], [*positions[1:], 0], strict=False)
    return [
        {
            **_row(item, ui_language, context),
            "foot": _foot(ui_language, previous, item.solution.position, following),
        }
        for item, (previous, following) in zip(items, neighbors, strict=False)
    ]


def _row(item: ReviewItem, ui_language: str, context: RowContext) -> dict[str, Any]:
    position, text = item.solution.position, item.solution.text
    notes, own = context.notes.get(position, NO_NOTES), context.own.get(position)
    is_at = position == context.at
    return {
        "position": SafeString(position),
        "head": _head(
            ui_language,
            item.solution,
            item.task_code,
            outcome(item),
            is_flagged=item.flagged,
            is_opened=context.opened or is_at,
        ),
        "spent": " · ".join(_spent(item)),
        "question": join(
            _opening(
                ui_language,
                item.solution,
                is_bookmarked=bool(own and own.bookmarked),
                has_note=bool(own and own.note),
            ),
            context.corrections.get(position, ""),
            notes.changed,
            item_review.answers(text, ui_language, item.chosen_letters),
            notes.others,
            item_review.explanation(text, ui_language),
        ),
        "learn": notes.learn,
        "own": own,
        # A reader who has said nothing of a question gets a link in place of the forms: for 65 rows they
        # weigh 10 KB. A script asks for them once the row is in view; without one the link opens the row.
        "has_forms": own is not None or is_at,
        "own_address": join(context.base, str(position), "/own/", context.query),
        "done": DONE.get(context.done, "") if is_at else "",
        "error": context.error if is_at else None,
    }


def outcome(item: ReviewItem) -> str:
    """Return the name of the mark that says how an item was answered."""
    if item.correct:
        return "correct"
    if not item.answered:
        return "unanswered"
    return "incomplete" if item.incomplete else "incorrect"


def join(*parts: str) -> SafeString:
    """Return pieces of safe HTML one after the other."""
    return mark_safe("".join(parts))  # noqa: S308  (templates escaped them)


@lru_cache(maxsize=64)
def reasons(ui_language: str, chosen: str = "") -> SafeString:
    """Return the options of what may be wrong with a question; one may have been chosen already."""
    with override(ui_language):
        context = {"reasons": Reason.choices, "chosen": chosen}
        return render_to_string("exams/review_own.html#reasons", context)


def _piece(ui_language: str, name: str, **context: object) -> SafeString:
    with override(ui_language):
        return render_to_string(f"exams/review_row.html#{name}", context)


@lru_cache(maxsize=_KEPT)
def _head(
    ui_language: str, place: Solution, task: str, outcome: str, *, is_flagged: bool, is_opened: bool
) -> SafeString:
    marks = item_review.marks(ui_language)
    return _piece(
        ui_language,
        "head",
        place=place,
        task=task,
        outcome=marks[outcome],
        flag=marks["flagged"] if is_flagged else "",
        is_opened=is_opened,
    )


@lru_cache(maxsize=_KEPT)
def _opening(ui_language: str, place: Solution, *, is_bookmarked: bool, has_note: bool) -> SafeString:
    text = place.text
    return _piece(
        ui_language,
        "opening",
        place=place,
        own={"bookmarked": is_bookmarked, "note": has_note},
        lang="" if text.language == ui_language else text.language,
        opening=formatting.opening(text.stem_html or text.ask_html, _OPENING_LENGTH),
    )


@lru_cache(maxsize=_KEPT)
def _foot(ui_language: str, previous: int, position: int, following: int) -> SafeString:
    return _piece(
        ui_language, "foot", previous=previous, position=position, next=following, acts=sections.acts()
    )


def _spent(item: ReviewItem) -> Iterator[str]:
    """Yield how long the reader looked at an item and how sure they were, as far as that is known."""
    if item.seen_ms:
        yield formatting.pace(round(item.seen_ms / 1000))
    if item.confidence and item.answered:
        yield formatting.confidence(item.confidence)
