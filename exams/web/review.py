"""The review of an ended exam: every question with key, reasons and own answer, on one page."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest, signed_in
from exams.attempts import results
from exams.attempts.results import ReviewItem
from exams.presentation import charts, formatting
from exams.web import compression, frame, result_page, review_rows

# The least level at which the longest review of the real exams stays within its budget of bytes.
COMPRESSION_LEVEL: Final = 4

GUESS, UNSURE, SURE = (1, 2, 3)


def _said(item: ReviewItem, level: int) -> bool:
    return item.answered and item.confidence == level


SHOW: Final[Mapping[str, tuple[Promise, Callable[[ReviewItem], bool]]]] = {
    "all": (gettext_lazy("All"), lambda item: True),
    "incorrect": (gettext_lazy("Incorrect"), lambda item: item.answered and not item.correct),
    "unanswered": (gettext_lazy("Unanswered"), lambda item: not item.answered),
    "correct": (gettext_lazy("Correct"), lambda item: item.correct),
    "flagged": (gettext_lazy("Flagged"), lambda item: item.flagged),
    "sure": (gettext_lazy("Sure but incorrect"), lambda item: _said(item, SURE) and not item.correct),
    "guess": (gettext_lazy("Correct by guess"), lambda item: _said(item, GUESS) and item.correct),
    "unsure": (pgettext_lazy("confidence", "Unsure"), lambda item: _said(item, UNSURE)),
    "changed": (pgettext_lazy("answers", "Changed"), lambda item: item.changed is not None),
    "slow": (pgettext_lazy("questions", "Slow"), lambda item: item.slow),
}
"""What may be shown. Slow is more than twice the person's median time, or more than 3 minutes."""
ALWAYS: Final = ("all", "incorrect", "unanswered", "correct", "flagged")
"""Filters that are offered also when they find nothing; the others depend on what was said and timed."""
DIFFICULTIES: Final[Mapping[str, Promise]] = {
    "easy": pgettext_lazy("difficulty", "easy"),
    "medium": pgettext_lazy("difficulty", "medium"),
    "hard": pgettext_lazy("difficulty", "hard"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader wants to see of a review. Empty: everything; `opened`: with all rows open."""

    show: str
    domain: str
    task: str
    difficulty: str
    opened: bool

    @classmethod
    def of(cls, asked: QueryDict) -> "Choice":
        """Read the parameters of an address. What is unknown finds nothing, an unknown `show` means all."""
        show = asked.get("show", "")
        return cls(
            show=show if show in SHOW else "all",
            domain=asked.get("domain", ""),
            task=asked.get("task", ""),
            difficulty=asked.get("difficulty", ""),
            opened=asked.get("open") == "all",
        )

    def fits(self, item: ReviewItem) -> bool:
        """Say whether an item is to be shown."""
        return (
            SHOW[self.show][1](item)
            and self.domain in ("", str(item.domain_number))
            and self.task in ("", item.task_code)
            and self.difficulty in ("", item.difficulty)
        )

    @property
    def toggled(self) -> str:
        """The address of the same questions, all opened or all closed."""
        asked = {
            "show": self.show,
            "domain": self.domain,
            "task": self.task,
            "difficulty": self.difficulty,
            "open": "" if self.opened else "all",
        }
        return "?" + urlencode({name: value for name, value in asked.items() if value})


@require_safe
@signed_in
def review(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """Show the questions with keys, reasons and own answers, filtered."""
    profile = frame.profile_of(request)
    ui_language = get_language() or ""
    wanted = profile.content_language or ui_language
    try:
        found = results.review(request.user, attempt_id, wanted, ui_language)
    except Refused as refused:
        if refused.code == "exam_running":
            return frame.render_for(request, profile, "exams/closed.html", {"refused": refused}, 409)
        if refused.code != "not_finished":
            raise
        return redirect("exams:result", attempt_id)
    template = "exams/review.html#found" if request.headers.get("HX-Request") else "exams/review.html"
    context = {
        **_page(found, Choice.of(request.GET), ui_language),
        "language_note": formatting.questions_note([item.language for item in found.items], wanted),
    }
    return compression.compressed(
        request, frame.render_for(request, profile, template, context), COMPRESSION_LEVEL
    )


def _page(found: results.Review, choice: Choice, ui_language: str) -> dict[str, Any]:
    head, scale = found.result.head, found.result.scale
    fitting = [item for item in found.items if choice.fits(item)]
    opened = choice.opened or len(fitting) == 1
    return {
        "head": head,
        "score": found.result.score,
        **_notes(found.result),
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "choice": choice,
        "shows": [
            (name, label, count, name == choice.show)
            for name, (label, fits) in SHOW.items()
            if (count := sum(map(fits, found.items))) or name in (*ALWAYS, choice.show)
        ],
        "domains": _domains(found, choice),
        "tasks": _tasks(found, choice),
        "difficulties": _difficulties(found.items, choice),
        "matching": len(fitting),
        "total": len(found.items),
        "positions": ",".join(str(item.position) for item in fitting),
        "rows": review_rows.html(found, fitting, ui_language, opened=opened),
        "cut": charts.cut_unless_usual(scale.pass_mark, scale.low, scale.high),
    }


def _notes(result: results.Result) -> dict[str, object]:
    score = result.score
    return {
        "revised": bool(score and score.revision > 1),
        "explained": bool(score and score.reason),
        "reason": score.reason if score else "",
        "late": result.too_late > 0,
        "too_late": result_page.too_late(result.too_late),
    }


def _count(values: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts


def _domains(found: results.Review, choice: Choice) -> list[tuple[str, str, int, bool]]:
    """Return value, name, number of questions and whether it is chosen, for each domain in order."""
    counts = _count(str(item.domain_number) for item in found.items)
    names = {str(item.domain_number): item.domain_name for item in found.items}
    return [
        (number, f"{number}: {names[number]}", counts[number], number == choice.domain)
        for number in sorted(counts, key=int)
    ]


def _tasks(found: results.Review, choice: Choice) -> list[tuple[str, str, int, bool]]:
    titles, counts = found.topics.titles, _count(item.task_code for item in found.items)
    return [
        (code, f"{code} {titles.get(code, '')}".strip(), counts[code], code == choice.task)
        for code in sorted(counts)
    ]


def _difficulties(items: Sequence[ReviewItem], choice: Choice) -> list[tuple[str, Promise, int, bool]]:
    counts = _count(item.difficulty for item in items)
    return [
        (name, label, counts[name], name == choice.difficulty)
        for name, label in DIFFICULTIES.items()
        if name in counts
    ]
