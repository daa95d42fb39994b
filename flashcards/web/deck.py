"""The public page of a deck: the cards of the preview, and which others there are."""

from collections.abc import Sequence
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.web.rendering import kept_for_visitors
from exams.catalog import selectors as catalog
from exams.presentation import formatting
from exams.web import offers, rendering
from flashcards.study import deck as decks
from flashcards.study.deck import DeckCard

VISITOR_SECONDS: Final = 600


@require_safe
@gzip_page
def deck(request: HttpRequest, code: str) -> HttpResponse:
    """Show the cards of the preview, each with its answer to open, and the others by topic."""
    language = get_language() or ""
    page = catalog.certification(code, language)
    if page is None:
        raise Http404
    offer = offers.standing(request, page.facts.access_code)
    granted = offer.access.granted
    cards = decks.deck(code, language, granted=granted)
    if not cards:
        raise Http404
    context = {
        "code": code,
        "label": page.facts.label,
        "facts": page.facts,
        "total": len(cards),
        "previews": [one for one in cards if one.is_preview],
        "more": sum(not one.is_preview for one in cards),
        "granted": granted,
        "access": offer.access,
        "closed": offer.locked,
        "domains": _by_domain(page, [one for one in cards if not one.is_preview]),
        "names": {domain.number: domain.name for domain in page.domains},
        "foreign": cards_elsewhere({card.face.language for card in cards if card.face}, language),
    }
    response = rendering.render_to(request, "flashcards/deck.html", context)
    patch_vary_headers(response, ["Accept-Encoding"])
    # Whoever is signed in may own the deck, and sees more of it.
    return kept_for_visitors(request, response, VISITOR_SECONDS)


def _by_domain(page: catalog.CertificationPage, cards: Sequence[DeckCard]) -> list[dict[str, Any]]:
    rows = [
        {"domain": domain, "cards": [one for one in cards if one.domain == domain.number]}
        for domain in page.domains
    ]
    return [row for row in rows if row["cards"]]


def cards_elsewhere(text_languages: set[str], language: str) -> str:
    """Return the sentence on cards that are only in these languages, or nothing when one is in `language`."""
    if not text_languages or language in text_languages:
        return ""
    return formatting.fallback_note(min(text_languages), language)
