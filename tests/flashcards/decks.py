"""Small real decks for tests, made by the services that a load uses."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.access import entitlements
from accounts.users.models import User
from exams.catalog.models import Certification
from flashcards.models import Card, CardState, Review
from flashcards.scheduling import memory
from flashcards.scheduling.memory import CURRENT, Rating
from flashcards.services import cards, reviews
from flashcards.services.operations import CardDraft, CardFacts
from tests.factories import publish_log

UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Deck:
    """A deck with its cards in order."""

    certification: Certification
    cards: tuple[Card, ...]

    @property
    def code(self) -> str:
        return self.certification.code

    @property
    def first(self) -> Card:
        return self.cards[0]

    @property
    def locked(self) -> Card:
        """A card behind access."""
        return self.cards[-1]


def make_deck(certification: Certification, *, size: int = 12, previews: int = 2, mark: str = "") -> Deck:
    """Make a deck; `mark` is planted in the back of each card that is locked."""
    made = []
    for number in range(1, size + 1):
        domain = (number - 1) % 4 + 1
        facts = CardFacts(
            domain,
            f"{domain}.1",
            (f"domain-{domain}", f"topic-{number}"),
            ("s3",),
            number <= previews,
            number,
        )
        card = cards.save_card(certification, f"FC-{number:03d}", facts)
        secret = mark if number > previews else ""
        cards.add_text(
            card,
            CardDraft("en", f"What is fact {number}?", f"It is {number}. {secret}".strip(), "Not 0."),
            publish_log(),
        )
        if number % 2:
            cards.add_text(
                card,
                CardDraft("hu", f"Mi a {number}. tény?", f"Ez a(z) {number}. {secret}".strip()),
                publish_log(),
            )
        made.append(card)
    return Deck(certification, tuple(made))


def rate(user: User, card: Card, rating: Rating = Rating.GOOD, **options: Any) -> reviews.Reviewed:
    """Review a card as a page would."""
    return reviews.review(user, card.pk, rating, zone=UTC, **options)


def history(user: User, card: Card, ratings: list[Rating], *, days_ago: int, apart: timedelta) -> None:
    """Write reviews of the past into the log, and the state that follows."""
    at = entitlements.now() - timedelta(days=days_ago)
    state: memory.Memory | None = None
    for number, rating in enumerate(ratings):
        when = at + apart * number
        elapsed = when - state.last_review if state else None
        state = memory.review(state, rating, when, key=str(card.pk))
        Review.objects.create(
            user=user,
            card=card,
            rating=rating,
            reviewed_at=when,
            retention=0.9,
            rules=CURRENT,
            elapsed=elapsed,
        )
    reviews.save_state(user.pk, card.pk, state)


def states() -> list[dict[str, Any]]:
    """Every state but for its number."""
    return [
        {key: value for key, value in row.items() if key != "id"}
        for row in CardState.objects.order_by("user", "card").values()
    ]
