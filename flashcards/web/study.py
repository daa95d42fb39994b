"""The study page: one card, its answer, four ratings. With a script only the card changes.

And cards are suspended and resumed, here and in lists of cards.
"""

from functools import partial
from typing import Any, Final
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access.policy import Reason
from accounts.base.errors import Refused
from accounts.profile import selectors as profiles
from accounts.profile.models import Profile
from accounts.users.requests import SignedInRequest, is_part, signed_in, whole_number
from accounts.web import navigation
from exams.insights.dashboard import Dashboard
from exams.web import rendering, welcome
from flashcards.scheduling.memory import Rating
from flashcards.services import reviews
from flashcards.study.session import Session, StudyCard, session
from flashcards.study.statistics import lines
from flashcards.web.deck import cards_elsewhere, work_of
from flashcards.web.formatting import interval

RATINGS: Final[dict[Rating, Promise]] = {
    Rating.AGAIN: pgettext_lazy("rating of a card", "Again"),
    Rating.HARD: pgettext_lazy("rating of a card", "Hard"),
    Rating.GOOD: pgettext_lazy("rating of a card", "Good"),
    Rating.EASY: pgettext_lazy("rating of a card", "Easy"),
}
# 0 names nothing, and so does a longer number.
_number: Final = partial(whole_number, digits=18, default=0)
# Whoever leaves a page open has not looked at the card for so long.
TAKEN_MOST: Final = 10 * 60 * 1000


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def study(request: SignedInRequest, code: str) -> HttpResponse:
    """Show the next card; a POST rates the one that was shown, or undoes the last rating."""
    profile = profiles.of(request.user)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            _act(request, profile)
        except Refused as refusal:
            if refusal.status == 404:
                raise
            refused = refusal
        else:
            if not is_part(request):
                return redirect("flashcards:study", code)
    return _show(request, code, profile, refused)


@signed_in
@require_POST
def suspend(request: SignedInRequest, code: str, card_id: int) -> HttpResponse:
    """Let a card not come up any more; then the next one, or the list again."""
    try:
        reviews.suspend(request.user, code, card_id)
    except Refused as refused:
        if refused.status == 404:
            raise
        return _show(request, code, profiles.of(request.user), refused)
    return _next(request, code, _("Card suspended. You can resume it in the list of cards."), card_id)


@signed_in
@require_POST
def unsuspend(request: SignedInRequest, code: str, card_id: int) -> HttpResponse:
    """Let a suspended card come up again."""
    resumed = reviews.unsuspend(request.user, code, card_id)
    return _next(request, code, _("Card resumed. It comes up again.") if resumed else "")


def _next(request: SignedInRequest, code: str, said: str, suspended: int | None = None) -> HttpResponse:
    """Show the next card to the script; lead others back to the list they came from, as it was filtered."""
    if is_part(request):
        return _show(request, code, profiles.of(request.user), None, suspended)
    if said:
        messages.success(request, said)
    page = navigation.referring_path(request)
    lists = [reverse(f"flashcards:{name}", args=[code]) for name in ("deck", "own_cards")]
    if page.partition("?")[0] not in lists:
        return redirect("flashcards:study", code)
    place = quote(request.POST.get("place", "")[:80])
    return redirect(f"{page}#{place}" if place else page)


def _act(request: SignedInRequest, profile: Profile) -> None:
    """Rate or undo, as the form says. Raises Refused."""
    sent = request.POST
    if "undo" in sent:
        reviews.undo(request.user, _number(sent["undo"]))
        return
    taken = _number(sent.get("taken", ""))
    reviews.review(
        request.user,
        _number(sent.get("card", "")),
        _number(sent.get("rating", "")),
        zone=profile.zone,
        expected=_number(sent.get("number", "")),
        taken_ms=taken if 0 < taken <= TAKEN_MOST else None,
    )


def _show(
    request: SignedInRequest,
    code: str,
    profile: Profile,
    refused: Refused | None,
    suspended: int | None = None,
) -> HttpResponse:
    page = session(request.user, code, get_language() or "", profile.zone)
    template = "flashcards/study.html#session" if is_part(request) else "flashcards/study.html"
    context = {**_context(page, profile, refused), "suspended": suspended}
    if page.card is None and page.access.reason is Reason.NOT_ENTITLED:
        context["free_step"] = _free_step(Dashboard(request.user, code, rendering.here_of(profile)))
    return rendering.render_for(request, profile, template, context, refused.status if refused else 200)


def _free_step(dashboard: Dashboard) -> welcome.Step | None:
    """Return what is free and comes next, None where that is more cards. Three statements."""
    step = welcome.next_step(dashboard)
    return None if step and step.name == "repetition" else step


def _context(page: Session, profile: Profile, refused: Refused | None) -> dict[str, Any]:
    work = page.queue
    return {
        "code": page.code,
        "label": page.code.upper(),
        "vendor": page.vendor,
        "single_keys": profile.single_keys,
        "refused": refused,
        **work_of(page.day),
        "total": work.total,
        "again": work.again,
        "seen": work.done + work.again,
        # In halves: a card that comes back today is half done.
        "bar": (2 * work.done + work.again, 2 * work.total),
        "undo": page.undo_id,
        "locked": not page.access,
        "access": page.access,
        "open_size": page.open_size,
        "deck_size": page.deck_size,
        "domain_name": dict(page.domains).get(page.day.settings.domain or 0, ""),
        "exam_days": None if _retired_before(page) else page.day.day.days_left,
        "retired_on": _retired_before(page),
        **(_card(page, page.card) if page.card else _end(page)),
    }


def _retired_before(page: Session) -> Any:  # noqa: ANN401
    """Return the day on which the exam was retired when the person plans a later one, else None."""
    exam, retired = page.day.settings.exam_on, page.retired_on
    return retired if exam and retired and retired < exam else None


def _card(page: Session, card: StudyCard) -> dict[str, Any]:
    names = dict(page.domains)
    return {
        "card": card,
        "face": card.face,
        "name": names.get(card.domain or 0, ""),
        "lines": lines(page.code, card.card_id, get_language() or "") if card.is_leech else (),
        "foreign": cards_elsewhere({card.face.language}, get_language() or ""),
        "ratings": [(int(one), RATINGS[one], interval(wait)) for one, wait in card.intervals.items()],
    }


def _end(page: Session) -> dict[str, Any]:
    """Return what the page says when nothing is left for now, and how soon a card of today comes back."""
    dues = [entry.memory.due for entry in page.queue.waiting if entry.memory]
    back_in = interval(min(dues) - page.day.day.now) if dues else ""
    return {"card": None, "back_in": back_in}
