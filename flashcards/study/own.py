"""Own cards as their owner sees and changes them."""

from dataclasses import dataclass

from accounts.users.models import User
from flashcards.models import CardText


@dataclass(frozen=True, slots=True)
class OwnCard:
    """An own card with its texts as written (Markdown) and as shown (HTML)."""

    id: int
    language: str
    front: str
    back: str
    front_html: str


def own_cards(user: User, code: str) -> tuple[OwnCard, ...]:
    """Return the own cards of a person for a certification, the newest first. One statement."""
    rows = CardText.objects.filter(card__owner=user, card__certification__code=code)
    # Of each card the text that was published last.
    newest = rows.order_by("-card__position", "-card_id", "-published_at", "-pk").distinct(
        "card__position", "card_id"
    )
    return tuple(OwnCard(row.card_id, row.language, row.front, row.back, row.front_html) for row in newest)
