"""Flashcards in a person's archive: own cards, ratings, where each card is, and settings of decks."""

from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.privacy import registry
from accounts.privacy.holdings import Part, holds, lines
from accounts.users.models import User
from flashcards.models import Card, CardState, CardText, Review, StudySettings


def register() -> None:
    """Register the parts."""
    for part in (
        Part(
            "own_cards",
            _("Flashcards you wrote, archived ones too."),
            own_cards,
            ("flashcards_card.owner_id",),
        ),
        Part(
            "card_reviews",
            _("Each rating of a flashcard, and undone ones."),
            reviews,
            ("flashcards_review.user_id",),
        ),
        Part("card_states", _("When each flashcard is due."), states, ("flashcards_cardstate.user_id",)),
        Part(
            "deck_settings",
            _("How you study each deck."),
            settings,
            ("flashcards_studysettings.user_id",),
        ),
    ):
        holds(part)
    registry.stays(_("Your ratings of cards, without your name: they show how hard cards are."))


def own_cards(user: User, language: str) -> list[dict[str, Any]]:
    """Return own cards as they are now."""
    texts = CardText.objects.filter(card=OuterRef("pk")).order_by("-published_at", "-revision")
    return lines(
        Card.objects.filter(owner=user).order_by("pk"),
        number="pk",
        certification="certification__code",
        key="key",
        front=Subquery(texts.values("front")[:1]),
        back=Subquery(texts.values("back")[:1]),
        domain="domain",
        tags="tags",
        made_from_question="item_code",
        archived_at="retired_at",
        changed_at="changed_at",
    )


def reviews(user: User, language: str) -> list[dict[str, Any]]:
    """Return the log of ratings."""
    return lines(
        Review.objects.filter(user=user).order_by("pk"),
        number="pk",
        card="card__code",
        own_card="card_id",
        rating="rating",
        undoes="cancels_id",
        reviewed_at="reviewed_at",
        retention="retention",
        rules="rules",
        looked_at_ms="taken_ms",
    )


def states(user: User, language: str) -> list[dict[str, Any]]:
    """Return where each card is."""
    return lines(
        CardState.objects.filter(user=user).order_by("pk"),
        card="card__code",
        own_card="card_id",
        due_at="due",
        stability_days="stability",
        difficulty="difficulty",
        reviews="reps",
        forgotten="lapses",
        first_review_at="introduced_at",
        last_review_at="last_review",
    )


def settings(user: User, language: str) -> list[dict[str, Any]]:
    """Return how decks are studied."""
    return lines(
        StudySettings.objects.filter(user=user).order_by("pk"),
        certification="certification__code",
        new_per_day="new_per_day",
        retention="retention",
        domain="domain",
    )
