"""What flashcards store about a person: the declaration of each table."""

from typing import Final

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.base.personal_data import Table
from flashcards.models import Card, CardState, CardText, Review, StudySettings

_TEXTS: Final = CardText.objects.filter(card=OuterRef("pk")).order_by("-published_at", "-revision")
SITE: Final = "used for cards of the site alone"
MODEL: Final = "a figure of the model between two reviews; the reviews give it again"

TABLES: Final = (
    Table(
        Card,
        "own_cards",
        _("Flashcards you wrote, archived ones too."),
        {
            "number": "pk",
            "certification": "certification__code",
            "key": "key",
            "front": Subquery(_TEXTS.values("front")[:1]),
            "back": Subquery(_TEXTS.values("back")[:1]),
            "domain": "domain",
            "tags": "tags",
            "made_from_question": "item_code",
            "archived_at": "retired_at",
            "changed_at": "changed_at",
        },
        dict.fromkeys(("code", "task", "coverage", "is_preview", "position", "standing_log"), SITE),
        person="owner",
    ),
    Table(
        Review,
        "card_reviews",
        _("Each rating of a flashcard, and undone ones."),
        {
            "number": "pk",
            "card": "card__code",
            "own_card": "card_id",
            "rating": "rating",
            "undoes": "cancels_id",
            "reviewed_at": "reviewed_at",
            "retention": "retention",
            "rules": "rules",
            "looked_at_ms": "taken_ms",
        },
        {"elapsed": "follows from when the card was reviewed"},
        kept=True,
        kept_because=_("Your ratings of cards, without your name: they show how hard cards are."),
    ),
    Table(
        CardState,
        "card_states",
        _("When each flashcard is due."),
        {
            "card": "card__code",
            "own_card": "card_id",
            "due_at": "due",
            "stability_days": "stability",
            "difficulty": "difficulty",
            "reviews": "reps",
            "forgotten": "lapses",
            "first_review_at": "introduced_at",
            "last_review_at": "last_review",
        },
        dict.fromkeys(("phase", "step"), MODEL),
    ),
    Table(
        StudySettings,
        "deck_settings",
        _("How you study each deck."),
        {
            "certification": "certification__code",
            "new_per_day": "new_per_day",
            "retention": "retention",
            "domain": "domain",
        },
    ),
)
