"""Two devices with one deck: no review is lost, none counts twice, and the state is that of the log."""

import pytest
from django.db import connection, transaction

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.catalogue.models import Certification
from flashcards.models import CardState, Review
from flashcards.scheduling.memory import Rating
from flashcards.services import clock, reviews
from flashcards.services.rebuild import rebuild
from tests import factories
from tests.flashcards import decks
from tests.flows.crew import parallel

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def deck() -> decks.Deck:
    """A deck that other connections see."""
    certification: Certification = factories.make_certification()
    return decks.make_deck(certification, size=2, previews=2)


def test_20_reviews_of_one_card_at_once_are_all_kept_and_make_one_state(anna: User, deck: decks.Deck) -> None:
    made = parallel(20, lambda: decks.rate(anna, deck.first))
    assert all(isinstance(one, reviews.Reviewed) for one in made), made
    assert Review.objects.count() == 20
    assert CardState.objects.get().reps == 20
    assert rebuild(dry_run=True).different == ()


def test_one_button_pressed_on_20_devices_counts_once_and_the_others_are_told(
    anna: User, deck: decks.Deck
) -> None:
    made = parallel(20, lambda: decks.rate(anna, deck.first, expected=1))
    refused = [one for one in made if isinstance(one, Refused)]
    assert [one.code for one in refused] == ["already_reviewed"] * 19
    assert (Review.objects.count(), CardState.objects.get().reps) == (1, 1)


def test_undos_and_reviews_at_once_leave_the_state_of_the_log(anna: User, deck: decks.Deck) -> None:
    for _ in range(10):
        last = decks.rate(anna, deck.first, Rating.GOOD)
        turns = iter([True, False] * 3)
        parallel(
            6,
            lambda: (
                reviews.undo(anna, last.review_id) if next(turns) else decks.rate(anna, deck.first)  # noqa: B023
            ),
        )
        assert rebuild(dry_run=True).different == ()
    assert Review.objects.filter(cancels__isnull=False).count() <= 10


@pytest.mark.controls
def test_without_the_lock_reviews_at_once_leave_another_state(
    anna: User, deck: decks.Deck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews, "LOCK", "SELECT %s, %s")
    now = clock.now

    def slow_now() -> object:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.05)")
        return now()

    monkeypatch.setattr(clock, "now", slow_now)
    parallel(4, lambda: decks.rate(anna, deck.first))
    different = rebuild(dry_run=True).different
    assert different, "the reviews did not meet"
