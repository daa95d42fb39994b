"""A small deck: twelve cards in four domains, two of them a preview, in English and partly in Hungarian."""

import pytest

from accounts.users.models import User
from exams.catalog.models import Certification
from tests import factories, snapshot
from tests.flashcards import decks


@pytest.fixture
def certification(db: None) -> Certification:
    """The certification of the deck."""
    return snapshot.first("certification", factories.make_certification)


@pytest.fixture
def deck(certification: Certification) -> decks.Deck:
    """The deck, loaded."""
    return snapshot.more("deck", lambda: decks.make_deck(certification))


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody whose address is not verified: only the preview is open to them."""
    return factories.make_user("stranger@example.org", verified=False)
