"""The review of an ended exam: every question with key, reasons and own answer, on one page."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
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
from accounts.users.requests import SignedInRequest, signed_in
from exams.assembly import solutions
from exams.assembly.solutions import Solution
from exams.attempts import results, selectors
from exams.attempts.results import ReviewItem
from exams.feedback import selectors as feedback
from exams.feedback.models import NOTE_MAX, REPORT_MAX, Reason
from exams.feedback.selectors import NOTHING, Own
from exams.presentation import charts, corrections, formatting, item_review, sections
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
ALWAYS: Final = ("all", "incorrect", "unanswered", "correct", "flagged")
"""Filters that are offered also when they find nothing; the others depend on what was said and timed."""
SHOW_OWN: Final[Mapping[str, tuple[Promise, Callable[[Own], bool]]]] = {
    "bookmarked": (gettext_lazy("Bookmarked"), lambda own: own.bookmarked),
    "noted": (gettext_lazy("With a note"), lambda own: bool(own.note)),
}
DIFFICULTIES: Final[Mapping[str, Promise]] = {
    "easy": pgettext_lazy("difficulty", "easy"),
    "medium": pgettext_lazy("difficulty", "medium"),
    "hard": pgettext_lazy("difficulty", "hard"),
}


DONE: Final[Mapping[str, Promise]] = {
    "bookmark": gettext_lazy("Bookmark added."),
    "unbookmark": gettext_lazy("Bookmark removed."),
    "note": gettext_lazy("Note saved."),
    "unnote": gettext_lazy("Note deleted."),
    "report": gettext_lazy("Report sent. We'll answer here and by email."),
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


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """What the reader wants to see of a review. Empty: everything; `opened`: with all rows open."""

    show: str
    domain: str
    task: str
    difficulty: str
    opened: bool

    @classmethod
    def from_query(cls, query: QueryDict) -> "ReviewFilter":
        """Read the parameters of an address. What is unknown finds nothing, an unknown `show` means all."""
        show = query.get("show", "")
        return cls(
            show=show if show in SHOW or show in SHOW_OWN else "all",
            domain=query.get("domain", ""),
            task=query.get("task", ""),
            difficulty=query.get("difficulty", ""),
            opened=query.get("open") == "all",
        )

    def matches(self, item: ReviewItem, own: Own) -> bool:
        """Say whether an item, with what the reader said about it, is to be shown."""
        is_shown = SHOW_OWN[self.show][1](own) if self.show in SHOW_OWN else SHOW[self.show][1](item)
        return (
            is_shown
            and self.domain in ("", str(item.solution.domain_number))
            and self.task in ("", item.task_code)
            and self.difficulty in ("", item.solution.text.difficulty)
        )

    @property
    def toggled(self) -> str:
        """The query of the same questions, all opened or all closed; never empty."""
        return self.query(open="" if self.opened else "all") or "?"

    def query(self, **more: str) -> str:
        """Return the query of the same questions, with `more` parameters or others; "" for everything."""
        parameters = {
            "show": "" if self.show == "all" else self.show,
            "domain": self.domain,
            "task": self.task,
            "difficulty": self.difficulty,
            "open": "all" if self.opened else "",
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
    *,
    at: int = 0,
    error: FormError | None = None,
    status: int = 200,
) -> HttpResponse:
    """Return the review, the result where it isn't there yet, or why it is closed for now.

    `at` opens the row of a position, `error` says what was wrong with its form.
    """
    profile = profiles.of(request.user)
    ui_language = get_language() or ""
    language = profile.content_language or ui_language
    try:
        found = results.review(request.user, attempt_id, language, ui_language)
    except Refused as refused:
        # A part cannot say that its whole page is closed: htmx loads the page anew.
        if refused.code == "exam_running" and request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Refresh": "true"})
        if refused.code == "exam_running":
            return closed(request, attempt_id, refused)
        if refused.code != "not_finished":
            raise
        return redirect("exams:result", attempt_id)
    chosen = ReviewFilter.from_query(request.GET)
    forms = forms_context(attempt_id, chosen, error)
    beside = RowContext(
        notes=notes_for(request, found.paper_id, found.result.head.certification_code, ui_language),
        corrections=question_notes.corrections_of(found.paper_id, ui_language, found.result.last_ruling),
        own=feedback.of_places(request.user, solutions.places_in(found.result.head.edition_id)),
        base=forms["base"],
        query=forms["query"],
        at=at or _row_of(request),
        done="" if error else request.GET.get("done", ""),
        error=error,
    )
    context = {
        **_page(found, chosen, ui_language, beside),
        **forms,
        "language_note": formatting.questions_note(
            [item.solution.text.language for item in found.items], language
        ),
    }
    template = "exams/review.html#found" if request.headers.get("HX-Request") else "exams/review.html"
    return rendering.compressed(
        request, rendering.render_for(request, profile, template, context, status), COMPRESSION_LEVEL
    )


def closed(request: SignedInRequest, attempt_id: UUID, refused: Refused) -> HttpResponse:
    """Say why a review is closed: it hasn't begun, or its questions are in an exam being taken."""
    running = [
        {"id": head.attempt_id, "title": formatting.exam_title(head.certification_code, head.form_number)}
        for head in selectors.running(request.user)
    ]
    context = {"problem": str(refused), "attempt_id": attempt_id, "running": running}
    return rendering.render_to(request, "exams/review_closed.html", context, refused.status)


def forms_context(attempt_id: UUID, chosen: ReviewFilter, error: FormError | None) -> dict[str, Any]:
    """Return what the forms of all rows share; they lead back to the questions that are shown.

    `error` is that of one row: the reason that was chosen there stays chosen.
    """
    ui_language = get_language() or ""
    return {
        "base": conditional_escape(reverse("exams:review", args=[attempt_id])),
        "query": conditional_escape(chosen.query()),
        "reasons": reasons(ui_language),
        "chosen_reasons": reasons(ui_language, error.reason) if error else "",
        "note_max": str(NOTE_MAX),
        "report_max": str(REPORT_MAX),
    }


def _row_of(request: SignedInRequest) -> int:
    """Return the position of the row that the address opens, 0 for none."""
    row = request.GET.get("row", "")
    # An address is whatever somebody typed: at most four digits of it are a position.
    return int(row[:4]) if row.isascii() and row.isdigit() else 0


def notes_for(
    request: SignedInRequest, paper_id: int, code: str, ui_language: str
) -> Mapping[int, question_notes.QuestionNotes]:
    """Return what a review says beside each question to this reader, by position."""
    # What was begun with access may be read without it, but not what only access opens.
    granted = policy.has_access(request.user, f"cert:{code}")
    return question_notes.of_paper(paper_id, code, ui_language, granted=granted)


def _page(
    found: results.Review, chosen: ReviewFilter, ui_language: str, beside: RowContext
) -> dict[str, Any]:
    head, scale = found.result.head, found.result.scale
    own = [beside.own.get(item.solution.position, NOTHING) for item in found.items]
    # A row that leads back to itself is shown whatever its filter says of it now.
    fitting = [
        item
        for item, marks in zip(found.items, own, strict=True)
        if chosen.matches(item, marks) or item.solution.position == beside.at
    ]
    beside = replace(beside, opened=chosen.opened or len(fitting) == 1)
    return {
        "head": head,
        "score": found.result.score,
        "counts": found.result.counts,
        **corrections.notes(found.result),
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "filter": chosen,
        "acts": sections.acts(),
        "shows": [
            (name, label, count, name == chosen.show)
            for name, (label, fits) in SHOW.items()
            if (count := sum(map(fits, found.items))) or name in (*ALWAYS, chosen.show)
        ]
        + [
            (name, label, sum(map(fits_own, own)), name == chosen.show)
            for name, (label, fits_own) in SHOW_OWN.items()
        ],
        "domains": _domains(found, chosen),
        "tasks": _tasks(found, chosen),
        "difficulties": _difficulties(found.items, chosen),
        "matching": len(fitting),
        "total": len(found.items),
        "positions": _positions(fitting) if len(fitting) < len(found.items) else "",
        "rows": rows(fitting, ui_language, beside),
        "cut": charts.cut_unless_usual(scale.pass_mark, scale.low, scale.high),
    }


def _positions(items: Sequence[ReviewItem]) -> str:
    return ",".join(str(item.solution.position) for item in items)


def _count(values: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts


def _domains(found: results.Review, chosen: ReviewFilter) -> list[tuple[str, str, int, bool]]:
    """Return value, name, number of questions and whether it is chosen, for each domain in order."""
    counts = _count(str(item.solution.domain_number) for item in found.items)
    names = {str(item.solution.domain_number): item.domain_name for item in found.items}
    return [
        (number, f"{number}: {names[number]}", counts[number], number == chosen.domain)
        for number in sorted(counts, key=int)
    ]


def _tasks(found: results.Review, chosen: ReviewFilter) -> list[tuple[str, str, int, bool]]:
    titles, counts = found.topics.titles, _count(item.task_code for item in found.items)
    return [
        (code, f"{code} {titles.get(code, '')}".strip(), counts[code], code == chosen.task)
        for code in sorted(counts)
    ]


def _difficulties(items: Sequence[ReviewItem], chosen: ReviewFilter) -> list[tuple[str, Promise, int, bool]]:
    counts = _count(item.solution.text.difficulty for item in items)
    return [
        (name, label, counts[name], name == chosen.difficulty)
        for name, label in DIFFICULTIES.items()
        if name in counts
    ]


# --- The rows: questions with the reader's marks, what is said beside them, and the reader's forms


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
