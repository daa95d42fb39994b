"""What flashcards store about a person: the declaration of each table."""

from typing import Final

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.base.personal_data import Table
from accounts.users.models import User
from exams.attempts import running_items
from exams.bank.models import Item
from flashcards.models import Card, CardState, CardText, Review, StudySettings, SuspendedCard

SITE: Final = "used for cards of the site alone"
MODEL: Final = "a figure of the model between two reviews; the reviews give it again"


def _own_cards(user: User) -> QuerySet[Card]:
    """Own cards as they are now; those made from a question of an exam being taken come after that."""
    texts = CardText.objects.filter(card=OuterRef("pk")).order_by("-published_at", "-revision")
    sides = {side: Subquery(texts.values(side)[:1]) for side in ("front", "back")}
    asked = Item.objects.filter(
        certification=OuterRef("certification"), code=OuterRef("item_code"), pk__in=running_items.of(user)
    )
    return Card.objects.filter(~Exists(asked), owner=user).annotate(**sides)


TABLES: Final = (
    Table(
        Card,
        "own_cards",
        _("Flashcards you wrote, archived ones too."),
        "pk as number, certification__code as certification, key, front, back, domain, tags, "
        "item_code as made_from_question, retired_at as archived_at, changed_at",
        {SITE: "code, task, coverage, is_preview, position, standing_log"},
        person="owner",
        rows=_own_cards,
    ),
    Table(
        Review,
        "card_reviews",
        _("Each rating of a flashcard, and undone ones."),
        (
            "pk as number, card__code as card, card_id as own_card, rating, cancels_id as undoes, "
            "reviewed_at, retention, rules, taken_ms as looked_at_ms"
        ),
        {"follows from when the card was reviewed": "elapsed"},
        kept=True,
        kept_because=_("Your ratings of cards, without your name: they show how hard cards are."),
    ),
    Table(
        CardState,
        "card_states",
        _("When each flashcard is due."),
        (
            "card__code as card, card_id as own_card, due as due_at, stability as stability_days, "
            "difficulty, reps as reviews, lapses as forgotten, introduced_at as first_review_at, "
            "last_review as last_review_at"
        ),
        {MODEL: "phase, step"},
    ),
    Table(
        SuspendedCard,
        "suspended_cards",
        _("Flashcards you suspended."),
        "card__code as card, card_id as own_card, since",
    ),
    Table(
        StudySettings,
        "deck_settings",
        _("How you study each deck."),
        "certification__code as certification, new_per_day, retention, domain",
    ),
)
