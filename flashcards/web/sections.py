"""What flashcards add to pages of exams: a section with the first card, links from what an item covers."""

from collections.abc import Sequence
from typing import Final

from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy, ngettext

from exams.presentation.sections import ItemAct, Link, Section
from flashcards.study import deck as decks

OWN_CARD: Final = ItemAct("own-card", gettext_lazy("Make a flashcard"), "flashcards/own_form.html")


def section(code: str, language: str) -> Section | None:
    """Return the section of a certification's page, None where it has no deck. One statement."""
    found = decks.summary(code, language)
    if found is None:
        return None
    context = {
        "code": code,
        "total": found.total,
        "open": found.previews,
        "more": found.total - found.previews,
        "first": found.first,
    }
    return Section("flashcards", "flashcards/section.html", context)


def contents(codes: Sequence[str]) -> dict[str, str]:
    """Return how many cards each of these certifications has, in words. One statement."""
    return {
        code: ngettext("%(count)d flashcard", "%(count)d flashcards", count) % {"count": count}
        for code, count in decks.sizes(codes).items()
    }


def links(code: str, coverage: Sequence[str], language: str) -> list[Link]:
    """Return a link to each card that teaches a point of this coverage, a locked one by its topics.

    One statement.
    """
    deck = reverse("flashcards:deck", args=[code])
    return [
        Link(
            "card",
            strip_tags(card.front),
            f"{deck}#{card.code.lower()}",
            tuple(card.coverage),
            locked=", ".join(card.locked),
            language="" if card.language == language else card.language,
        )
        for card in decks.teaching(code, coverage, language)
    ]
