"""The rows of a review: what is the same for everybody is made once a process, then marks are filled in.

Only reviews of ended attempts read this. The pages of a running exam have a cache of their own,
`page_cache`, which knows no key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from exams.assembly import solutions
from exams.attempts.results import Review, ReviewItem
from exams.presentation import formatting, item_review
from exams.presentation.slots import slot

_SLOTS = ("open", "outcome", "task", "flag", "own", "previous", "next")
_OPENING_LENGTH = 160


@dataclass(frozen=True, slots=True)
class _Row:
    compiled: item_review.Compiled
    letters: dict[int, str]


@lru_cache(maxsize=32)
def rows_of(paper_id: int, ui_language: str) -> tuple[_Row, ...]:
    """Return the rows of a paper in order of position, without anybody's marks; 0.1 s the first time."""
    return tuple(_row(solution, ui_language) for solution in solutions.get(paper_id))


def _row(solution: solutions.Solution, ui_language: str) -> _Row:
    more = {
        "row": {name: slot(name) for name in _SLOTS},
        "opening": formatting.opening(solution.stem_html or solution.ask_html, _OPENING_LENGTH),
    }
    compiled = item_review.compiled(solution, ui_language, "exams/review_row.html", more)
    return _Row(compiled, {option.id: option.letter for option in solution.options})


def outcome(item: ReviewItem) -> str:
    """Return the name of the mark that says how an item was answered."""
    if item.correct:
        return "correct"
    if not item.answered:
        return "unanswered"
    return "incomplete" if item.incomplete else "incorrect"


def html(review: Review, shown: Sequence[ReviewItem], ui_language: str, *, opened: bool) -> SafeString:
    """Return the rows of the items shown with the reader's marks, each leading to its neighbors."""
    rows, words = rows_of(review.paper_id, ui_language), item_review.marks(ui_language)
    places = [item.position for item in shown]
    filled = []
    for item, previous, following in zip(shown, [0, *places], [*places[1:], 0], strict=False):
        row = rows[item.position - 1]
        more = {
            "open": " open" if opened else "",
            "outcome": words[outcome(item)],
            "task": escape(item.task_code),
            "flag": words["flagged"] if item.flagged else "",
            "own": _own(item),
            "previous": _leading_to(previous),
            "next": _leading_to(following),
        }
        filled.append(row.compiled.fill(item.chosen_letters, more))
    return mark_safe("".join(filled))  # noqa: S308  (templates escaped it)


def _own(item: ReviewItem) -> str:
    """Return how long the reader looked at an item and how sure they were, as far as that is known."""
    time = formatting.pace(round(item.seen_ms / 1000)) if item.seen_ms else ""
    sure = formatting.confidence(item.confidence) if item.confidence and item.answered else ""
    said = " · ".join(filter(None, (time, sure)))
    return f'<span class="meta">{escape(said)}</span>' if said else ""


def _leading_to(position: int) -> str:
    return f' href="#q{position}t"' if position else " hidden"
