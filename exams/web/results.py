"""What comes after an exam: the result, and the review of every question."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.html import strip_tags
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from exams.attempts import selectors
from exams.attempts.errors import Refused
from exams.web import charts, frame, phrases, verdict
from exams.web.catalogue import cut_of
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
@frame.signed_in
def result(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Show the score; while it is not there yet, a page that asks again by itself or by a link."""
    try:
        found = selectors.result(user=frame.user_of(request), attempt_id=attempt_id)
    except Refused as refused:
        return _not_yet(refused, attempt_id)
    if found.pending:
        return _waiting(request, found)
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return frame.render_for(request, frame.profile_of(request), "exams/result.html", _result(found))


def _not_yet(refused: Refused, attempt_id: UUID) -> HttpResponse:
    """Lead back to an exam that runs. Everything else is refused further up."""
    if refused.code == "not_finished":
        return redirect("exams:taking", attempt_id)
    if refused.code == "voided":
        return redirect("exams:attempts")
    raise refused


def _waiting(request: HttpRequest, found: selectors.Result) -> HttpResponse:
    seconds = 0
    if found.closes_at is not None:
        seconds = max(0, round((found.closes_at - datetime.now(UTC)).total_seconds()))
    template = "exams/waiting.html#waiting" if request.headers.get("HX-Request") else "exams/waiting.html"
    context = {
        "result": found,
        "title": phrases.exam_title(found.certification_code, found.form_number),
        "seconds": seconds,
        "closing": found.closes_at is not None,
    }
    return frame.render_for(request, frame.profile_of(request), template, context)


def _result(found: selectors.Result) -> dict[str, Any]:
    band = _band(found)
    mark, low, high = found.pass_mark, found.scale_min, found.scale_max
    share = _weighted_share(found.domains)
    return {
        "result": found,
        "title": phrases.exam_title(found.certification_code, found.form_number),
        "verdict": verdict.of(scaled=found.scaled_score, mark=mark, band=band, share=found.pass_chance),
        "chart": charts.scale(score=found.scaled_score, mark=mark, low=low, high=high, band=band),
        "bars": [
            {"domain": domain, "bar": charts.bar(domain.correct, domain.scored, mark, low, high)}
            for domain in found.domains
        ],
        "cut": cut_of(mark, low, high),
        "cut_percent": round(charts.place(mark, low, high) * 100),
        "used": phrases.duration(found.seconds_used),
        "allowed": phrases.duration(found.minutes_allowed * 60),
        "minutes_used": -(-found.seconds_used // 60),
        "chance_percent": None if found.pass_chance is None else f"{found.pass_chance * 100:.0f}",
        "share_percent": f"{float(share) * 100:.1f}",
        "share": f"{float(share):.4f}",
        "points": high - low,
        "receipt": "-".join(found.receipt[start : start + 4] for start in (0, 4, 8)),
    }


def _band(found: selectors.Result) -> tuple[int, int] | None:
    if found.band_low is None or found.band_high is None:
        return None
    return found.band_low, found.band_high


def _weighted_share(domains: Sequence[selectors.DomainResult]) -> Fraction:
    """Return the share of which the score is made, for showing the arithmetic; scoring made the score."""
    present = [domain for domain in domains if domain.scored]
    total = sum(domain.weight_percent for domain in present)
    if not total:
        return Fraction(0)
    shares = (domain.weight_percent * Fraction(domain.correct, domain.scored) for domain in present)
    return sum(shares, Fraction(0)) / total


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
@frame.signed_in
def review(request: HttpRequest, attempt_id: UUID) -> HttpResponse:
    """Show the questions with keys, reasons and own answers, filtered and in pages."""
    try:
        found = selectors.review(user=frame.user_of(request), attempt_id=attempt_id)
    except Refused as refused:
        return _not_yet(refused, attempt_id)
    if found.pending:
        return redirect("exams:result", attempt_id)
    template = "exams/review.html#found" if request.headers.get("HX-Request") else "exams/review.html"
    context = _review(found, _choice(request, found.items))
    return frame.render_for(request, frame.profile_of(request), template, context)


def _choice(request: HttpRequest, items: Sequence[selectors.ReviewItem]) -> Choice:
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
    return {
        "review": found,
        "title": phrases.exam_title(found.certification_code, found.form_number),
        "choice": choice,
        "counts": {name: sum(map(test, found.items)) for name, test in FILTERS.items()},
        "domains": sorted({(item.domain_number, item.domain_name) for item in found.items}),
        "matching": len(fitting),
        "rows": [_row(item) for item in shown],
        "page": page,
        "pages": range(1, pages + 1) if pages > 1 else (),
        "foreign": ", ".join(languages.name_of(code) for code in foreign),
        "cut": cut_of(found.pass_mark, found.scale_min, found.scale_max),
    }


def _row(item: selectors.ReviewItem) -> dict[str, Any]:
    keys = [option.letter for option in item.options if option.is_key]
    return {
        "item": item,
        "opening": strip_tags(item.stem_html or item.ask_html),
        "keys": _(" and ").join(keys),
        "many": len(keys) > 1,
    }
