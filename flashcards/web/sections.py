"""What flashcards add to pages of exams: a section with the first card, links from what an item covers,
and a button that makes a card of an item that was missed.
"""

from collections.abc import Sequence
from uuid import UUID

from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext as _

from exams.presentation.sections import Act, Link, Section
from flashcards.services import from_item
from flashcards.study import deck as decks


def section(code: str, language: str) -> Section | None:
    """Return the section of a certification's page, None where it has no deck. One statement."""
    cards = decks.deck(code, language, granted=False)
    if not cards:
        return None
    previews = [one for one in cards if one.is_preview]
    return Section(
        "flashcards",
        "flashcards/section.html",
        {
            "code": code,
            "total": len(cards),
            "open": len(previews),
            "more": len(cards) - len(previews),
            "first": previews[0] if previews else None,
        },
    )


def links(code: str, coverage: Sequence[str], language: str) -> list[Link]:
    """Return a link to each card that teaches a point of this coverage. One statement."""
    return [
        Link("card", strip_tags(card.front), f"{reverse('flashcards:deck', args=[code])}#{card.code.lower()}")
        for card in decks.teaching(code, coverage, language)
    ]


def act(user_id: int, code: str, attempt_id: UUID) -> Act:
    """Return the act that makes a card of an item of an ended exam. One statement."""
    return Act(
        kind="card",
        address=reverse("flashcards:from-question", args=[attempt_id]),
        text=_("Make a card"),
        done=from_item.made_from(user_id, attempt_id),
        done_text=_("In your cards"),
        done_address=reverse("flashcards:own", args=[code]),
    )
