"""What comes after an exam: the result, and the review of every question."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, signed_in
from exams.attempts import lifecycle, selectors
from exams.attempts.models import State
from exams.presentation import charts, formatting, verdicts
from exams.web import frame
from i18n import languages

# So many questions with all their reasons keep a page below 60 KB on the wire.
PER_PAGE: Final = 22

FILTERS: Final[dict[str, Callable[[selectors.ReviewItem], bool]]] = {
    "all": lambda item: True,
    "wrong": lambda item: not item.correct,
    "flagged": lambda item: item.flagged,
    "open": lambda item: not item.answered,
}


@require_safe
@gzip_page
@signed_in
def result(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """Show the score; while it is not there yet, a page that asks again by itself or by a link."""
    found = _settled(request.user, attempt_id)
    elsewhere = _elsewhere(found.head)
    if elsewhere:
        return redirect(*elsewhere)
    if found.score is None:
        return _waiting(request, found)
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = _result(found, found.score)
    return frame.render_for(request, frame.profile_of(request), "exams/result.html", context)


def _settled(user: User, attempt_id: UUID) -> selectors.Result:
    """Return the result; a missing score is made here and now, with every worker dead (G3)."""
    language = get_language() or ""
    found = selectors.result(user, attempt_id, language)
    if found.score is None and not found.head.running:
        lifecycle.settle(user=user, attempt_id=attempt_id)
        found = selectors.result(user, attempt_id, language)
    return found


def _elsewhere(head: selectors.Head) -> tuple[Any, ...]:
    """Return where an attempt belongs that has no result: one that runs, or one that was cancelled."""
    if head.effective_state == State.VOIDED:
        return ("exams:attempts",)
    if head.running and head.seconds_left:
        return ("exams:taking", head.attempt_id)
    return ()


def _waiting(request: SignedInRequest, found: selectors.Result) -> HttpResponse:
    head = found.head
    template = "exams/waiting.html#waiting" if request.headers.get("HX-Request") else "exams/waiting.html"
    context = {
        "head": head,
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "seconds": max(1, round((head.closes_at - head.server_now).total_seconds())),
    }
    return frame.render_for(request, frame.profile_of(request), template, context)


def _result(found: selectors.Result, score: selectors.ScoreFacts) -> dict[str, Any]:
    head, scale = found.head, found.scale
    mark, low, high = scale.pass_mark, scale.low, scale.high
    band = (score.band_low, score.band_high)
    share = float(Fraction(score.share))
    return {
        "head": head,
        "score": score,
        "scale": scale,
        "answered": found.answered,
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "verdict": verdicts.of(scaled=score.scaled, mark=mark, band=band, share=score.pass_chance),
        "chart": charts.scale(score=score.scaled, mark=mark, low=low, high=high, band=band),
        "bars": [
            {"domain": domain, "bar": charts.bar(domain.correct, domain.scored, mark, low, high)}
            for domain in score.domains
        ],
        "cut": charts.cut_unless_usual(mark, low, high),
        "cut_percent": round(charts.place(mark, low, high) * 100),
        "used": formatting.duration(head.seconds_used),
        "allowed": formatting.duration(head.minutes_allowed * 60),
        "minutes_used": -(-head.seconds_used // 60),
        "chance": formatting.chance(score.pass_chance),
        "share_percent": number_format(share * 100, 1),
        "share": number_format(share, 4),
        "points": high - low,
        "receipt": "-".join(head.receipt[start : start + 4] for start in (0, 4, 8)),
    }


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader wants to see of a review. `domain` 0 means all; pages count from 1."""

    show: str
    domain: int
    page: int

    def fits(self, item: selectors.ReviewItem) -> bool:
        """Say whether an item is to be shown."""
        return FILTERS[self.show](item) and self.domain in (0, item.domain_number)


@require_safe
@gzip_page
@signed_in
def review(request: SignedInRequest, attempt_id: UUID) -> HttpResponse:
    """Show the questions with keys, reasons and own answers, filtered and in pages."""
    try:
        found = selectors.review(request.user, attempt_id, get_language() or "")
    except Refused as refused:
        if refused.code != "not_finished":
            raise
        return redirect("exams:result", attempt_id)
    template = "exams/review.html#found" if request.headers.get("HX-Request") else "exams/review.html"
    context = _review(found, _choice(request, found.items))
    return frame.render_for(request, frame.profile_of(request), template, context)


def _choice(request: SignedInRequest, items: Sequence[selectors.ReviewItem]) -> Choice:
    show = request.GET.get("show", "")
    if show not in FILTERS:
        show = "wrong" if any(not item.correct for item in items) else "all"
    return Choice(show, _number(request.GET.get("domain"), 0), max(1, _number(request.GET.get("page"), 1)))


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 5 else default


def _review(found: selectors.Review, choice: Choice) -> dict[str, Any]:
    fitting = [item for item in found.items if choice.fits(item)]
    pages = max(1, -(-len(fitting) // PER_PAGE))
    page = min(choice.page, pages)
    shown = fitting[(page - 1) * PER_PAGE : page * PER_PAGE]
    foreign = sorted({item.language for item in shown} - {get_language()})
    head, scale = found.result.head, found.result.scale
    return {
        "head": head,
        "score": found.result.score,
        "title": formatting.exam_title(head.certification_code, head.form_number),
        "choice": choice,
        "counts": {name: sum(map(test, found.items)) for name, test in FILTERS.items()},
        "domains": sorted({(item.domain_number, item.domain_name) for item in found.items}),
        "matching": len(fitting),
        "rows": [_row(item) for item in shown],
        "page": page,
        "pages": range(1, pages + 1) if pages > 1 else (),
        "foreign": ", ".join(languages.name_of(code) for code in foreign),
        "cut": charts.cut_unless_usual(scale.pass_mark, scale.low, scale.high),
    }


def _row(item: selectors.ReviewItem) -> dict[str, Any]:
    keys = [option.letter for option in item.options if option.is_key]
    return {
        "item": item,
        "lang": "" if item.language == get_language() else item.language,
        "opening": formatting.opening(item.stem_html or item.ask_html, 160),
        "keys": formatting.listed(keys),
        "many": len(keys) > 1,
    }
