"""The rows of a review: what is the same for everybody is made once a process, then marks are filled in.

Only reviews of ended attempts read this. The pages of a running exam have a cache of their own,
`page_cache`, which knows no key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from exams.assembly import solutions
from exams.attempts.results import Review, ReviewItem
from exams.feedback.selectors import Own
from exams.presentation import formatting, item_review, sections
from exams.presentation.slots import slot
from exams.web import review_own
from exams.web.review_extras import Extras

_SLOTS = ("open", "outcome", "task", "flag", "spent", "marks", "changed", "learn", "own", "previous", "next")
_OPENING_LENGTH = 160
_NONE = Extras()


@dataclass(frozen=True, slots=True)
class _Row:
    compiled: item_review.Compiled
    letters: dict[int, str]


@lru_cache(maxsize=32)
def rows_of(paper_id: int, ui_language: str) -> tuple[_Row, ...]:
    """Return the rows of a paper in order of position, without anybody's marks; 0.1 s the first time."""
    return tuple(_row(solution, ui_language) for solution in solutions.get(paper_id))


def _row(solution: solutions.Solution, ui_language: str) -> _Row:
    text = solution.text
    more = {
        "place": solution,
        "row": {name: slot(name) for name in _SLOTS},
        "opening": formatting.opening(text.stem_html or text.ask_html, _OPENING_LENGTH),
        "acts": sections.acts(),
    }
    compiled = item_review.compiled(text, ui_language, "exams/review_row.html", more)
    return _Row(compiled, {option.id: option.letter for option in text.options})


def outcome(item: ReviewItem) -> str:
    """Return the name of the mark that says how an item was answered."""
    if item.correct:
        return "correct"
    if not item.answered:
        return "unanswered"
    return "incomplete" if item.incomplete else "incorrect"


@dataclass(frozen=True, slots=True)
class Beside:
    """What is shown beside the questions: of everybody, and of the reader, with the forms of each row.

        `ruled` are notes on rulings, by position. `opened` opens every row, `at` only the one at this
    position, where something was just done or refused.
    """

    extras: Mapping[int, Extras]
    ruled: Mapping[int, str]
    own: Mapping[int, Own]
    page: review_own.Page
    opened: bool = False
    at: int = 0
    done: str = ""
    fault: review_own.Fault | None = None


def html(review: Review, shown: Sequence[ReviewItem], ui_language: str, beside: Beside) -> SafeString:
    """Return the rows of the items shown with the reader's marks, each leading to its neighbors."""
    rows, words = rows_of(review.paper_id, ui_language), item_review.marks(ui_language)
    places = [item.solution.position for item in shown]
    filled = []
    for item, previous, following in zip(shown, [0, *places], [*places[1:], 0], strict=False):
        position = item.solution.position
        extras, own = beside.extras.get(position, _NONE), beside.own.get(position)
        more = {
            "open": " open" if beside.opened or position == beside.at else "",
            "outcome": words[outcome(item)],
            "task": escape(item.task_code),
            "flag": words["flagged"] if item.flagged else "",
            "spent": _spent(item),
            "marks": review_own.marks(own, ui_language),
            "changed": beside.ruled.get(position, "") + extras.changed,
            "others": extras.others,
            **_foot(position, own, extras, beside, ui_language),
            "previous": _leading_to(previous),
            "next": _leading_to(following),
        }
        filled.append(rows[position - 1].compiled.fill(item.chosen_letters, more))
    return mark_safe("".join(filled))  # noqa: S308  (templates escaped it)


def _foot(
    position: int, own: Own | None, extras: Extras, beside: Beside, ui_language: str
) -> dict[str, SafeString | str]:
    """Return where a question is taught, and the reader's own part; a link to both until they are wanted."""
    if own is None and position != beside.at:
        later = review_own.later(position, beside.page, ui_language, is_taught=bool(extras.learn))
        return {"learn": "", "own": later}
    done, fault = (beside.done, beside.fault) if position == beside.at else ("", None)
    part = review_own.html(position, own, beside.page, ui_language, done=done, fault=fault)
    return {"learn": extras.learn, "own": part}


def _spent(item: ReviewItem) -> str:
    """Return how long the reader looked at an item and how sure they were, as far as that is known."""
    time = formatting.pace(round(item.seen_ms / 1000)) if item.seen_ms else ""
    sure = formatting.confidence(item.confidence) if item.confidence and item.answered else ""
    said = " · ".join(filter(None, (time, sure)))
    return f'<span class="meta">{escape(said)}</span>' if said else ""


def _leading_to(position: int) -> str:
    return f' href="#q{position}t"' if position else " hidden"
