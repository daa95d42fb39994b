"""The page of a deck: what is to be studied today, and all cards by domain, found by state and words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.translation import get_language, pgettext_lazy
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.profile import selectors as profiles
from accounts.users.models import User
from accounts.web.rendering import kept_for_visitors
from exams.catalog import selectors as catalog
from exams.presentation import formatting
from exams.web import offers, rendering
from flashcards.scheduling.queue import Stage
from flashcards.study import deck as decks
from flashcards.study.day import StudyDay, study_day
from flashcards.study.deck import DeckCard
from flashcards.web.formatting import next_work, page_context, page_of, work_title

VISITOR_SECONDS: Final = 600
ON_A_PAGE: Final = 25
FILTERS: Final = ("q", "domain", "stage")
QUERY_MOST: Final = 200
STAGES: Final[Mapping[Stage, Promise]] = {
    Stage.NEW: pgettext_lazy("stage of a card", "New"),
    Stage.LEARNING: pgettext_lazy("stage of a card", "Learning"),
    Stage.LEARNED: pgettext_lazy("stage of a card", "Learned"),
    Stage.STUBBORN: pgettext_lazy("stage of a card", "Stubborn"),
    Stage.SUSPENDED: pgettext_lazy("stage of a card", "Suspended"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A card of the list; `stage` is None where nobody is signed in, and of a locked one."""

    card: DeckCard
    stage: Stage | None

    @property
    def stage_name(self) -> Promise | str:
        """Return how far the reader is with it, in a word."""
        return STAGES[self.stage] if self.stage else ""

    @property
    def words(self) -> str:
        """Return what it is found by: both sides, of a locked one the topics alone."""
        face = self.card.face
        text = f"{face.front} {face.back} {face.trap}" if face else " ".join(self.card.topics)
        return strip_tags(text).casefold()


@require_safe
@gzip_page
def deck(request: HttpRequest, code: str) -> HttpResponse:
    """Show the deck by domain, or the cards that are looked for; of locked ones only the topics."""
    language, page = get_language() or "", page_of(code)
    offer = offers.standing(request, page.facts.access_code)
    granted = offer.access.granted
    cards = decks.deck(code, language, granted=granted)
    if not cards:
        raise Http404
    profile, today, filters = None, None, dict.fromkeys(FILTERS, "")
    # A page for visitors is kept, so it is the same whatever they ask for.
    if isinstance(request.user, User):
        profile = profiles.of(request.user)
        today = study_day(request.user, code, profile.zone, granted=granted)
        filters = {name: request.GET.get(name, "")[:QUERY_MOST] for name in FILTERS}
    stages = {entry.card_id: entry.stage for entry in today.entries} if today else {}
    rows = [Row(card, stages.get(card.id)) for card in cards]
    found = [row for row in rows if _is_wanted(row, filters)] if any(filters.values()) else None
    context = {
        **page_context(page),
        "total": len(cards),
        "granted": granted,
        "is_locked": offer.locked,
        "access": offer.access,
        "foreign": cards_elsewhere({card.face.language for card in cards if card.face}, language),
        "filters": filters,
        "stages": STAGES.items(),
        "domains": page.domains,
        **(work_of(today) if today else {}),
        "found": None if found is None else Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")),
        **_by_domain(page, rows, granted=granted),
    }
    response = rendering.render_for(request, profile, "flashcards/deck.html", context)
    # Whoever is signed in may own the deck, and sees more of it.
    return kept_for_visitors(request, response, VISITOR_SECONDS)


def work_of(today: StudyDay) -> dict[str, Any]:
    """Return what there is to study today, how long that takes, and what comes after today."""
    queue = today.queue
    due, new = len(queue.due) + len(queue.waiting), len(queue.new)
    return {
        "due": due,
        "new": new,
        "has_new": today.has_new,
        "done": queue.done,
        "minutes": today.minutes(due or new),
        "title": work_title(due, new),
        "next_work": next_work(today.next_work),
    }


def _is_wanted(row: Row, filters: Mapping[str, str]) -> bool:
    """Say whether a card is looked for: every word is in it. What is no number or no stage finds nothing."""
    return (
        filters["domain"] in ("", str(row.card.domain))
        and filters["stage"] in ("", row.stage)
        and all(word in row.words for word in filters["q"].casefold().split())
    )


def _by_domain(page: catalog.CertificationPage, rows: Sequence[Row], *, granted: bool) -> dict[str, Any]:
    """Return the cards by domain; without access first those that are open, then the locked ones."""
    listed = [row for row in rows if granted or not row.card.face]
    parts = [
        {
            "domain": domain,
            "rows": (own := [row for row in listed if row.card.domain == domain.number]),
            "learned": sum(row.stage is Stage.LEARNED for row in own),
        }
        for domain in page.domains
    ]
    return {
        "listed": listed,
        "parts": [part for part in parts if part["rows"]],
        "open": [] if granted else [row for row in rows if row.card.face],
    }


def cards_elsewhere(text_languages: set[str], language: str) -> str:
    """Return the sentence on cards that are only in these languages, or nothing when one is in `language`."""
    if not text_languages or language in text_languages:
        return ""
    return formatting.fallback_note(min(text_languages), language)
