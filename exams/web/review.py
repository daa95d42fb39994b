"""The review of an ended exam: a list of its questions, beside it one with key, reasons and own answer.

The result of a drill shows its questions by the same functions and templates.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy, override, pgettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import policy
from accounts.base.errors import Refused
from accounts.profile import selectors as profiles
from accounts.users.requests import SignedInRequest, is_part, signed_in
from exams.assembly import solutions
from exams.assembly.solutions import SolvedText
from exams.attempts import results, selectors
from exams.attempts.results import ReviewItem
from exams.attempts.selectors import Drill, Taking
from exams.bank import rulings
from exams.feedback import selectors as feedback
from exams.feedback.models import NOTE_MAX, REPORT_MAX, Reason
from exams.feedback.selectors import NOTHING, Own
from exams.presentation import charts, corrections, formatting, item_review, sections
from exams.presentation.item_fields import DIFFICULTIES
from exams.web import question_notes, rendering
from exams.web.question_notes import NO_NOTES, QuestionNotes

# The least level at which the longest review of the real exams stays within its budgets, warm and cold.
COMPRESSION_LEVEL: Final = 5

GUESS, UNSURE, SURE = (1, 2, 3)


def _has_confidence(item: ReviewItem, level: int) -> bool:
    return item.answered and item.confidence == level


SHOW: Final[Mapping[str, tuple[Promise, Callable[[ReviewItem], bool]]]] = {
    "all": (gettext_lazy("All"), lambda item: True),
    "incorrect": (gettext_lazy("Incorrect"), lambda item: item.answered and not item.correct),
    "unanswered": (gettext_lazy("Unanswered"), lambda item: not item.answered),
    "incomplete": (gettext_lazy("Incomplete"), lambda item: item.incomplete),
    "correct": (gettext_lazy("Correct"), lambda item: item.correct),
    "flagged": (gettext_lazy("Flagged"), lambda item: item.flagged),
    "sure": (
        gettext_lazy("Sure but incorrect"),
        lambda item: _has_confidence(item, SURE) and not item.correct,
    ),
    "guess": (gettext_lazy("Correct by guess"), lambda item: _has_confidence(item, GUESS) and item.correct),
    "unsure": (pgettext_lazy("confidence", "Unsure"), lambda item: _has_confidence(item, UNSURE)),
    "changed": (pgettext_lazy("answers", "Changed"), lambda item: item.changed is not None),
    "slow": (pgettext_lazy("questions", "Slow"), lambda item: item.slow),
}
"""What may be shown. Slow is more than twice the person's median time, or more than 3 minutes."""
ALWAYS: Final = ("all", "incorrect")
"""Filters that are offered also when they find nothing; the others depend on what was said and timed."""
SELDOM: Final = ("correct", "incomplete", "guess", "changed", "slow")
"""Filters that a list shows below the others: few readers look for them."""
SHOW_OWN: Final[Mapping[str, tuple[Promise, Callable[[Own], bool]]]] = {
    "bookmarked": (gettext_lazy("Bookmarked"), lambda own: own.bookmarked),
    "noted": (gettext_lazy("With a note"), lambda own: bool(own.note)),
}


DONE: Final[Mapping[str, Promise]] = {
    "bookmark": gettext_lazy("Bookmark added."),
    "unbookmark": gettext_lazy("Bookmark removed."),
    "note": gettext_lazy("Note saved."),
    "unnote": gettext_lazy("Note deleted."),
    "report": gettext_lazy("Report sent. We'll answer here and by email."),
}
"""What a reader just did in a row, by the name that the address has."""
_OPENING_LENGTH: Final = 70
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
class Reviewed:
    """What is reviewed: the questions of an ended exam or drill, and what is said of each, by position.

    `address` is that of the page, which takes the filter and the question; `titles` are those of tasks.
    """

    attempt_id: UUID
    address: str
    items: Sequence[ReviewItem]
    titles: Mapping[str, str]
    own: Mapping[int, Own]
    notes: Mapping[int, QuestionNotes]
    corrections: Mapping[int, SafeString]


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """What the reader wants to see of a review; empty: everything.

    `topic` is a domain or a task, `opened` asks for all questions on one page, `position` for one of them
    whatever the filter says, `done` names what was just done with it.
    """

    show: str
    topic: str
    difficulty: str
    opened: bool
    position: int
    done: str

    @classmethod
    def from_query(cls, query: QueryDict) -> "ReviewFilter":
        """Read the parameters of an address. What is unknown finds nothing, an unknown `show` means all."""
        show, row = query.get("show", ""), query.get("q", "")
        return cls(
            show=show if show in SHOW or show in SHOW_OWN else "all",
            topic=query.get("topic") or query.get("task") or query.get("domain") or "",
            difficulty=query.get("difficulty", ""),
            opened=query.get("open") == "all",
            # An address is whatever somebody typed: at most four digits of it are a position.
            position=int(row[:4]) if row.isascii() and row.isdigit() else 0,
            done=query.get("done", ""),
        )

    def matches(self, item: ReviewItem, own: Own) -> bool:
        """Say whether an item, with what the reader said about it, is to be shown."""
        is_shown = SHOW_OWN[self.show][1](own) if self.show in SHOW_OWN else SHOW[self.show][1](item)
        return item.solution.position == self.position or (
            is_shown
            and self.topic in ("", str(item.solution.domain_number), item.task_code)
            and self.difficulty in ("", item.solution.text.difficulty)
        )

    def query(self, **more: str) -> str:
        """Return the query of the same questions, with `more` parameters; "" for everything."""
        parameters = {
            "show": "" if self.show == "all" else self.show,
            "topic": self.topic,
            "difficulty": self.difficulty,
            **more,
        }
        query = urlencode({name: value for name, value in parameters.items() if value})
        return f"?{query}" if query else ""


@require_safe
@signed_in
def review(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """Show the questions with keys, reasons and own answers, filtered."""
    return page(request, attempt_id)


def page(
    request: SignedInRequest,
    attempt_id: UUID,
    error: FormError | None = None,
    *,
    at: int = 0,
    status: int = 200,
) -> HttpResponse:
    """Return the review, the result where it isn't there yet, or why it is closed for now.

    `error` says what was wrong with a form of the question `at` a position.
    """
    profile = profiles.of(request.user)
    ui_language = get_language() or ""
    language = profile.content_language or ui_language
    try:
        found = results.review(request.user, attempt_id, language, ui_language)
    except Refused as refused:
        # A part cannot say that its whole page is closed: htmx loads the page anew.
        if refused.code == "exam_running" and is_part(request):
            return HttpResponse(headers={"HX-Refresh": "true"})
        if refused.code == "exam_running":
            return closed(request, attempt_id, refused)
        if refused.code != "not_finished":
            raise
        return redirect("exams:result", attempt_id)
    head = found.result.head
    reviewed = Reviewed(
        attempt_id,
        address=reverse("exams:review", args=[attempt_id]),
        items=found.items,
        titles=found.topics.titles,
        own=feedback.of_places(request.user, solutions.places_in(head.edition_id)),
        notes=notes_for(request, found.paper_id, head.certification_code, ui_language),
        corrections=question_notes.corrections_of(found.paper_id, ui_language, found.result.last_ruling),
    )
    chosen = ReviewFilter.from_query(request.GET)
    context = {
        **context_of(reviewed, replace(chosen, position=at) if at else chosen, error),
        **corrections.notes(found.result),
        "head": head,
        "code": head.certification_code,
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "figure": score.scaled if (score := found.result.estimates) else gettext_lazy("Stopped early"),
        "back": reverse("exams:result", args=[attempt_id]),
        "cut": charts.cut_unless_usual(found.result.scale),
        "language_note": formatting.questions_note(
            [item.solution.text.language for item in found.items], language
        ),
    }
    reply = rendering.render_for(request, profile, template_of(request, "exams/review.html"), context, status)
    return rendering.compressed(request, reply, COMPRESSION_LEVEL)


def template_of(request: SignedInRequest, whole: str) -> str:
    """Return the template of what is asked for: the question, the filtered list, or the whole page."""
    parts = {"pane": "exams/review_parts.html#pane", "found": "exams/review_parts.html#filtered"}
    return parts.get(request.headers.get("HX-Target", ""), whole)


def closed(request: SignedInRequest, attempt_id: UUID, refused: Refused) -> HttpResponse:
    """Say why a review is closed: it hasn't begun, or its questions are in an exam being taken."""
    running = [
        {"id": head.attempt_id, "title": formatting.exam_title(head.certification_code, head.form_number)}
        for head in selectors.running(request.user)
    ]
    context = {"problem": str(refused), "attempt_id": attempt_id, "running": running}
    return rendering.render_to(request, "exams/review_closed.html", context, refused.status)


def _done_words(done: str) -> str:
    acts = {act.form: act.done for act in sections.acts()}
    return str(DONE[done] if done in DONE else acts.get(done, ""))


def forms_context(attempt_id: UUID, chosen: ReviewFilter, error: FormError | None) -> dict[str, Any]:
    """Return what the tools of a question need beside what its reader has said: exams/review_own.html.

    They lead back to the questions that are shown. The reason that was chosen in a refused report stays so.
    """
    return {
        "base": reverse("exams:review", args=[attempt_id]),
        "attempt_id": attempt_id,
        "query": chosen.query(),
        "reasons": Reason.choices,
        "note_max": NOTE_MAX,
        "report_max": REPORT_MAX,
        "acts": sections.acts(),
        "done": "" if error else _done_words(chosen.done),
        "error": error,
    }


def of_drill(request: SignedInRequest, drill: Drill, items: Sequence[ReviewItem]) -> Reviewed:
    """Return what is reviewed of an ended drill. A statement, another for a drill new to the process."""
    ruled = rulings.corrections(drill.head.last_ruling).of_version
    texts = [(item.solution.position, item.solution.text) for item in items]
    return Reviewed(
        drill.head.attempt_id,
        address=reverse("exams:drill_result", args=[drill.head.attempt_id]),
        items=items,
        titles={item.task_code: item.task_title for item in items},
        own=feedback.of_places(request.user, solutions.places_drawn(drill.head.paper_id)),
        notes={n: QuestionNotes(question_notes.moved_names(text.version_id)) for n, text in texts},
        corrections={
            n: question_notes.correction(ruled.get(text.version_id), text, in_drill=True) for n, text in texts
        },
    )


def tools(request: SignedInRequest, attempt: Taking, position: int) -> dict[str, Any]:
    """Return what exams/review_own.html needs of a question of a running drill. One statement."""
    places = solutions.places_drawn(attempt.paper.id)
    return {
        **forms_context(attempt.head.attempt_id, ReviewFilter.from_query(request.GET), None),
        "own": feedback.of_places(request.user, [places[position - 1]]).get(position, NOTHING),
    }


def notes_for(
    request: SignedInRequest, paper_id: int, code: str, ui_language: str
) -> Mapping[int, question_notes.QuestionNotes]:
    """Return what a review says beside each question to this reader, by position."""
    # What was begun with access may be read without it, but not what only access opens.
    granted = policy.has_access(request.user, f"cert:{code}")
    return question_notes.of_paper(paper_id, code, ui_language, granted=granted)


def context_of(reviewed: Reviewed, chosen: ReviewFilter, error: FormError | None = None) -> dict[str, Any]:
    """Return what exams/review_parts.html needs of an ended exam or drill."""
    ui_language = get_language() or ""
    own = [reviewed.own.get(item.solution.position, NOTHING) for item in reviewed.items]
    fitting = [item for item, marks in zip(reviewed.items, own, strict=True) if chosen.matches(item, marks)]
    positions = [item.solution.position for item in fitting]
    at = chosen.position if chosen.position in positions else next(iter(positions), 0)
    shows = [
        (name, label, count, name == chosen.show)
        for name, (label, fits) in SHOW.items()
        if (count := sum(map(fits, reviewed.items))) or name in (*ALWAYS, chosen.show)
    ] + [(name, label, count, name == chosen.show) for name, label, count in own_counts(own)]
    return {
        **forms_context(reviewed.attempt_id, chosen, error),
        "address": reviewed.address,
        "filter": chosen,
        "shows": [show for show in shows if show[0] not in SELDOM],
        "more_shows": [show for show in shows if show[0] in SELDOM],
        "is_narrowed": chosen.show in SELDOM or bool(chosen.topic or chosen.difficulty),
        "topics": _topics(reviewed, chosen),
        "difficulties": _difficulties(reviewed.items, chosen),
        "matching": len(fitting),
        "total": len(reviewed.items),
        "positions": ",".join(map(str, positions)) if len(fitting) < len(reviewed.items) else "",
        # Called where a page shows the list: a question alone comes without it.
        "rows": partial(_rows, reviewed, fitting, chosen, ui_language, at),
        "pane": _pane(reviewed, chosen, positions, ui_language, at),
        "panes": [
            _pane(reviewed, chosen, positions, ui_language, position)
            for position in positions
            if chosen.opened
        ],
    }


def own_counts(own: Iterable[Own]) -> list[tuple[str, Promise, int]]:
    """Return the filters of what a reader has said, each with how many questions it finds."""
    said = list(own)
    return [(name, label, sum(map(fits, said))) for name, (label, fits) in SHOW_OWN.items()]


def _topics(reviewed: Reviewed, chosen: ReviewFilter) -> list[tuple[str, str, int, bool]]:
    """Return value, name, number of questions and whether it is chosen, for each domain and its tasks."""
    names: dict[tuple[int, str], str] = {}
    for item in reviewed.items:
        number, code = item.solution.domain_number, item.task_code
        names[number, ""] = f"{number}: {item.domain_name}"
        names[number, code] = f"{code} {reviewed.titles.get(code, '')}".strip()
    counts = Counter(item.task_code for item in reviewed.items)
    counts |= Counter(str(item.solution.domain_number) for item in reviewed.items)
    return [
        (value, name, counts[value], value == chosen.topic)
        for (number, code), name in sorted(names.items())
        for value in (code or str(number),)
    ]


def _difficulties(items: Sequence[ReviewItem], chosen: ReviewFilter) -> list[tuple[str, Promise, int, bool]]:
    counts = Counter(item.solution.text.difficulty for item in items)
    return [
        (name, label, counts[name], name == chosen.difficulty)
        for name, label in DIFFICULTIES.items()
        if name in counts
    ]


# --- The list, and the question beside it


def _rows(
    reviewed: Reviewed, items: Sequence[ReviewItem], chosen: ReviewFilter, ui_language: str, at: int
) -> SafeString:
    """Return the rows of the list.

    Pieces that many readers have alike are kept by what they say and joined here: Django takes several
    microseconds for each variable of a template, which 65 rows would multiply.
    """
    parts: list[str] = []
    for item in items:
        position, marks = item.solution.position, reviewed.own.get(item.solution.position, NOTHING)
        address = conditional_escape(reviewed.address + chosen.query(q=str(position)))
        current = ' aria-current="true"' if position == at else ""
        parts += (
            f'<li id="q{position}"><a class="q" href="{address}#q{position}"{current}>',
            _row(
                ui_language,
                position,
                item.solution.text,
                outcome(item),
                is_flagged=item.flagged,
                is_bookmarked=marks.bookmarked,
                has_note=bool(marks.note),
            ),
        )
    return mark_safe("".join(parts))  # noqa: S308  (templates escaped them)


@lru_cache(maxsize=_KEPT)
def _row(
    ui_language: str,
    position: int,
    text: SolvedText,
    outcome: str,
    *,
    is_flagged: bool,
    is_bookmarked: bool,
    has_note: bool,
) -> SafeString:
    context = {
        "position": position,
        "outcome": outcome,
        "is_flagged": is_flagged,
        "own": {"bookmarked": is_bookmarked, "note": has_note},
        "lang": "" if text.language == ui_language else text.language,
        "opening": formatting.opening(text.stem_html or text.ask_html, _OPENING_LENGTH),
    }
    with override(ui_language):
        return render_to_string("exams/review_row.html", context)


def _pane(
    reviewed: Reviewed, chosen: ReviewFilter, positions: Sequence[int], ui_language: str, position: int
) -> dict[str, Any]:
    """Return what the template needs of one question, which leads to its neighbors; {} without one."""
    if not position:
        return {}
    item = next(item for item in reviewed.items if item.solution.position == position)
    text, at = item.solution.text, positions.index(position)
    notes, marks = reviewed.notes.get(position, NO_NOTES), item_review.marks(ui_language)

    def to(other: int) -> str:
        return reviewed.address + chosen.query(q=str(other))

    return {
        "position": position,
        "item": item,
        "difficulty": text.difficulty,
        "task": f"{item.task_code} {reviewed.titles.get(item.task_code, '')}".strip(),
        "outcome": marks[outcome(item)],
        "flag": marks["flagged"] if item.flagged else "",
        "spent": list(_spent(item)),
        "question": SafeString(
            reviewed.corrections.get(position, SafeString())
            + notes.changed
            + item_review.answers(text, ui_language, item.chosen_letters)
            + notes.others
            + item_review.explanation(text, ui_language)
        ),
        "learn": notes.learn,
        "own": reviewed.own.get(position, NOTHING),
        **{
            name: to(positions[there]) if there in range(len(positions)) else ""
            for name, there in (("previous", at - 1), ("next", at + 1))
        },
    }


def outcome(item: ReviewItem) -> str:
    """Return the name of the mark that says how an item was answered."""
    if item.correct:
        return "correct"
    if not item.answered:
        return "unanswered"
    return "incomplete" if item.incomplete else "incorrect"


def _spent(item: ReviewItem) -> Iterator[str]:
    """Yield how long the reader looked at an item and how sure they were, as far as that is known."""
    if item.seen_ms:
        yield formatting.pace(round(item.seen_ms / 1000))
    if item.confidence and item.answered:
        yield formatting.confidence(item.confidence)
