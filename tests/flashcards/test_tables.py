"""What the tables themselves refuse: rows twice, and values that cannot be."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.users.models import User
from flashcards.models import CardState, CardText, StudySettings
from tests.flashcards.decks import Deck, rate

pytestmark = pytest.mark.django_db


def copied(row: CardState | CardText | StudySettings, **changes: object) -> None:
    """Store a copy of a row, with changes."""
    row.pk = None
    row._state.adding = True
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(force_insert=True)


def early(row: CardState) -> None:
    row.due = row.last_review - timedelta(seconds=1)
    row.save()


ACTS: dict[str, Callable[[], None]] = {
    "card_state_once": lambda: copied(CardState.objects.get()),
    "card_state_due_after_review": lambda: early(CardState.objects.get()),
    "card_text_once": lambda: copied(CardText.objects.earliest("pk")),
    "card_text_from_1": lambda: copied(CardText.objects.earliest("pk"), language="de", revision=0),
    "study_settings_once": lambda: copied(StudySettings.objects.get()),
}


@pytest.mark.parametrize("name", ACTS)
def test_the_table_refuses(anna: User, deck: Deck, name: str) -> None:
    rate(anna, deck.first)
    StudySettings.objects.create(user=anna, certification=deck.certification)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ACTS[name]()
