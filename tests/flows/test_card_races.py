"""Two devices with one deck: no review is lost, none counts twice, and no card is made twice."""

import time
from datetime import datetime
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.audit.models import AuditEntry
from accounts.base import locks
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.catalog.models import Certification
from exams.publication import services as publication
from flashcards.models import Card, CardState, Review
from flashcards.scheduling.memory import Rating
from flashcards.services import cards, own, reviews
from flashcards.services.own import from_item
from flashcards.services.reviews import rebuild
from tests import factories
from tests.exams.attempts.practice import finish_exam
from tests.exams.authoring import acts
from tests.flashcards import decks
from tests.flows.crew import Crew, parallel
from tests.flows.dropped import dropped

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


def test_of_undos_of_one_review_at_once_one_counts_and_the_others_are_told(
    anna: User, deck: decks.Deck
) -> None:
    kept, undone = (decks.rate(anna, deck.first) for _ in range(2))
    made = parallel(10, lambda: reviews.undo(anna, undone.review_id))
    refused = [one for one in made if isinstance(one, Refused)]
    assert [one.code for one in refused] == ["not_last"] * 9
    assert Review.objects.filter(cancels__isnull=False).count() == 1
    assert CardState.objects.get().last_review == Review.objects.get(pk=kept.review_id).reviewed_at
    assert rebuild(dry_run=True).different == ()


@pytest.fixture
def without_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the lock of person and card away, and let time pass between reading and writing."""
    monkeypatch.setattr(locks, "hold", lambda *names: None)
    live_reviews, now_within_limit = reviews.live_reviews, reviews.now_within_limit

    def slow_live_reviews(user_id: int, card_id: int) -> list[Review]:
        found = live_reviews(user_id, card_id)
        pause()
        return found

    def slow_now_within_limit(user_id: int) -> datetime:
        pause()
        return now_within_limit(user_id)

    monkeypatch.setattr(reviews, "live_reviews", slow_live_reviews)
    monkeypatch.setattr(reviews, "now_within_limit", slow_now_within_limit)


def pause() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.1)")


@pytest.mark.controls
@pytest.mark.usefixtures("without_the_lock")
def test_without_the_lock_reviews_at_once_leave_another_state(anna: User, deck: decks.Deck) -> None:
    parallel(4, lambda: decks.rate(anna, deck.first))
    assert rebuild(dry_run=True).different, "the reviews did not meet"


@pytest.mark.controls
@pytest.mark.usefixtures("without_the_lock")
def test_without_the_lock_an_undo_and_a_review_at_once_leave_another_state(
    anna: User, deck: decks.Deck
) -> None:
    def meet() -> bool:
        last = decks.rate(anna, deck.first)
        turns = iter([True, False])
        parallel(
            2,
            lambda: reviews.undo(anna, last.review_id) if next(turns) else decks.rate(anna, deck.first),
        )
        return bool(rebuild(dry_run=True).different)

    assert any(meet() for _ in range(10)), "they did not meet"


@pytest.mark.controls
@pytest.mark.usefixtures("without_the_lock")
def test_without_the_lock_the_unique_key_alone_refuses_the_second_of_two_undos(
    anna: User, deck: decks.Deck
) -> None:
    last = decks.rate(anna, deck.first)
    made = parallel(4, lambda: reviews.undo(anna, last.review_id))
    assert any(isinstance(one, IntegrityError) for one in made), "they did not meet"
    assert Review.objects.filter(cancels=last.review_id).count() == 1


# --- A card from a question
def made_at_once(user: User, attempt_id: UUID) -> list[Any]:
    """Press the button of one question on eight devices at once."""
    return parallel(8, lambda: from_item(user, attempt_id, 1))


def test_of_clicks_at_once_on_a_missed_question_one_makes_the_card_and_all_get_it(
    anna: User, form: factories.Form
) -> None:
    made = made_at_once(anna, finish_exam(anna, form))
    card = Card.objects.get()
    assert [one.card_id for one in made] == [card.pk] * 8
    assert sum(one.is_new for one in made) == 1
    assert card.texts.count() == 1


@pytest.fixture
def without_the_persons_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the lock of a person's own cards away, and let time pass before a card is stored."""
    monkeypatch.setattr(own, "lock", lambda user: None)
    write = own.write

    def slow_write(*arguments: Any, **more: Any) -> list[int]:
        pause()
        return write(*arguments, **more)

    monkeypatch.setattr(own, "write", slow_write)


@pytest.mark.controls
@pytest.mark.usefixtures("without_the_persons_lock")
def test_without_the_lock_of_the_person_a_click_gets_an_error_instead_of_the_card(
    anna: User, form: factories.Form
) -> None:
    made = made_at_once(anna, finish_exam(anna, form))
    assert any(isinstance(one, IntegrityError) for one in made), "the clicks did not meet"
    assert Card.objects.count() == 1


@pytest.mark.controls
@pytest.mark.usefixtures("without_the_persons_lock")
def test_without_lock_and_unique_keys_a_question_becomes_several_cards(
    anna: User, form: factories.Form
) -> None:
    attempt_id = finish_exam(anna, form)
    cards = ("flashcards_card",)
    with (
        dropped("flashcards_card", "card_of_item_once", emptied=cards),
        dropped("flashcards_card", "card_key_once", emptied=cards),
    ):
        made_at_once(anna, attempt_id)
        assert Card.objects.count() > 1


def withdrawn_by_six(deck: decks.Deck) -> int:
    """Withdraw a card six times at once; return how many acts came of it."""
    reviewer = acts.staff("reviewers")
    parallel(6, lambda: cards.withdraw(card_id=deck.first.pk, actor=reviewer, reason="wrong today"))
    return AuditEntry.objects.filter(action="withdraw", subject_id=str(deck.first.pk)).count()


def test_a_card_that_six_withdraw_at_once_is_withdrawn_by_one_act(deck: decks.Deck) -> None:
    assert withdrawn_by_six(deck) == 1
    assert Card.objects.get(pk=deck.first.pk).standing_log is not None


def test_a_card_is_withdrawn_only_when_what_is_being_published_is_there(deck: decks.Deck) -> None:
    reviewer, is_held = acts.staff("reviewers"), Event()
    order: list[str] = []

    def publishing() -> None:
        with transaction.atomic():
            publication.wait_for_others()
            is_held.set()
            time.sleep(0.5)
            order.append("published")

    def withdrawing() -> None:
        assert is_held.wait(10)
        cards.withdraw(card_id=deck.first.pk, actor=reviewer, reason="wrong today")
        order.append("withdrawn")

    with Crew(2) as crew:
        crew.together([publishing, withdrawing])
    assert order == ["published", "withdrawn"]


@pytest.mark.controls
def test_without_its_row_lock_a_card_is_withdrawn_by_several_acts(
    deck: decks.Deck, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(card_id: int) -> Card:
        card = Card.objects.get(pk=card_id)
        time.sleep(0.3)
        return card

    monkeypatch.setattr(cards, "_locked", unlocked)
    # Acts of publishing wait for each other, too.
    monkeypatch.setattr(publication, "wait_for_others", lambda: None)
    assert withdrawn_by_six(deck) > 1
