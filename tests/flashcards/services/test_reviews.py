"""Reviewing and undoing: one row each in the log, the state after it, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from accounts.access import entitlements
from accounts.base.errors import Refused
from accounts.users.models import User
from exams.catalog.models import Certification
from exams.insights import exam_dates
from flashcards.models import Card, CardState, Review, StudySettings
from flashcards.scheduling.memory import CURRENT, Phase, Rating
from flashcards.services import reviews
from tests import roles
from tests.flashcards.decks import UTC, Deck, history, rate, states

pytestmark = pytest.mark.django_db


def code_of(act: Any) -> tuple[str, int]:
    """Return code and status with which an act is refused."""
    with pytest.raises(Refused) as caught:
        act()
    assert str(caught.value)
    return caught.value.code, caught.value.status


def test_a_review_is_a_row_of_the_log_and_the_state_that_follows(anna: User, deck: Deck) -> None:
    made = rate(anna, deck.first, taken_ms=4200)
    row = Review.objects.get()
    assert (row.pk, row.rating, row.retention, row.rules) == (made.review_id, 3, 0.9, CURRENT)
    assert (row.elapsed, row.taken_ms) == (None, 4200)
    state = reviews.memory_of(CardState.objects.get(user=anna, card=deck.first))
    assert state == made.memory
    assert state is not None
    assert (state.phase, state.reps, state.last_review) == (Phase.LEARNING, 1, row.reviewed_at)
    assert state.due - row.reviewed_at == timedelta(minutes=10)


def test_the_time_of_a_review_is_that_of_the_database(anna: User, deck: Deck) -> None:
    rate(anna, deck.first)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT transaction_timestamp() <= reviewed_at, reviewed_at <= statement_timestamp()"
            " FROM flashcards_review"
        )
        assert cursor.fetchone() == (True, True)


def test_a_later_review_knows_how_long_ago_the_one_before_was(anna: User, deck: Deck) -> None:
    history(anna, deck.first, [Rating.EASY], days_ago=8, apart=timedelta(0))
    rate(anna, deck.first)
    elapsed = Review.objects.latest("pk").elapsed
    assert elapsed is not None
    assert timedelta(days=8) <= elapsed < timedelta(days=8, minutes=5)


def test_the_exam_date_raises_the_retention_that_is_used_and_kept(anna: User, deck: Deck) -> None:
    Certification.objects.update(retired_on=None)
    exam = entitlements.now().date() + timedelta(days=3)
    StudySettings.objects.create(user=anna, certification=deck.certification, retention=0.8)
    exam_dates.set_to(anna, "mls-c01", exam, entitlements.now().date())
    rate(anna, deck.first, Rating.EASY)
    assert Review.objects.get().retention == 0.953


@pytest.mark.parametrize("rating", [0, 5, -1])
def test_a_rating_that_does_not_exist_is_refused(anna: User, deck: Deck, rating: int) -> None:
    assert code_of(lambda: reviews.review(anna, deck.first.pk, rating, zone=UTC)) == (
        "rating",
        422,
    )
    assert not Review.objects.exists()


def test_a_card_of_a_locked_deck_is_refused_and_one_of_the_preview_is_not(stranger: User, deck: Deck) -> None:
    assert code_of(lambda: rate(stranger, deck.locked)) == ("no_access", 403)
    assert not Review.objects.exists()
    assert rate(stranger, deck.first).memory is not None


def test_somebody_elses_card_and_none_are_the_same(anna: User, bela: User, deck: Deck) -> None:
    own = Card.objects.create(certification=deck.certification, owner=bela, position=1)
    assert code_of(lambda: rate(anna, own)) == ("not_found", 404)
    assert code_of(lambda: reviews.review(anna, 10**12, 3, zone=UTC)) == (
        "not_found",
        404,
    )
    assert rate(bela, own).memory is not None


def test_a_retired_card_is_refused(anna: User, deck: Deck) -> None:
    Card.objects.filter(pk=deck.first.pk).update(retired_at=Now())
    assert code_of(lambda: rate(anna, deck.first)) == ("retired", 409)


def test_a_button_pressed_twice_counts_once(anna: User, deck: Deck) -> None:
    rate(anna, deck.first, expected=1)
    assert code_of(lambda: rate(anna, deck.first, expected=1)) == ("already_reviewed", 409)
    assert Review.objects.count() == 1
    rate(anna, deck.first, expected=2)
    assert CardState.objects.get().reps == 2


def test_the_log_of_a_card_has_an_end(anna: User, deck: Deck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reviews, "REPS_MOST", 2)
    rate(anna, deck.first)
    rate(anna, deck.first)
    assert code_of(lambda: rate(anna, deck.first)) == ("too_many", 409)
    assert Review.objects.count() == 2


def test_an_undo_restores_the_state_before(anna: User, deck: Deck) -> None:
    history(anna, deck.first, [Rating.EASY, Rating.AGAIN], days_ago=30, apart=timedelta(days=10))
    before = states()
    made = rate(anna, deck.first, Rating.HARD)
    assert states() != before
    back = reviews.undo(anna, made.review_id)
    assert states() == before
    assert back.memory == reviews.memory_of(CardState.objects.get())
    cancel = Review.objects.get(pk=back.review_id)
    assert (cancel.cancels_id, cancel.rating, cancel.card_id) == (made.review_id, None, deck.first.pk)


def test_undoing_the_first_review_makes_the_card_new_again(anna: User, deck: Deck) -> None:
    made = rate(anna, deck.first)
    assert reviews.undo(anna, made.review_id).memory is None
    assert not CardState.objects.exists()
    assert rate(anna, deck.first, expected=1).memory is not None


def test_undone_reviews_can_be_undone_further_back(anna: User, deck: Deck) -> None:
    first, second = rate(anna, deck.first), rate(anna, deck.first)
    assert code_of(lambda: reviews.undo(anna, first.review_id)) == ("not_last", 409)
    reviews.undo(anna, second.review_id)
    assert code_of(lambda: reviews.undo(anna, second.review_id)) == ("not_last", 409)
    reviews.undo(anna, first.review_id)
    assert not CardState.objects.exists()


def test_nobody_undoes_anothers_review_or_an_undo(anna: User, bela: User, deck: Deck) -> None:
    made = rate(anna, deck.first)
    assert code_of(lambda: reviews.undo(bela, made.review_id)) == ("not_found", 404)
    cancel = reviews.undo(anna, made.review_id)
    assert code_of(lambda: reviews.undo(anna, cancel.review_id)) == ("not_found", 404)


RATED = {"rating": 3, "retention": 0.9, "rules": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"rating": 0},
        {"rating": 5},
        {"rating": None},
        {"retention": None},
        {"rules": None},
        {"retention": 1.0},
        {"cancels": True},
        {"cancels": True, "rating": None, "retention": None},
    ],
)
def test_the_log_takes_no_row_that_is_neither_a_rating_nor_an_undo(
    anna: User, deck: Deck, change: dict[str, Any]
) -> None:
    made = rate(anna, deck.first)
    values: dict[str, Any] = RATED | change
    if values.pop("cancels", None):
        values["cancels_id"] = made.review_id
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(user=anna, card=deck.first, **values)


def test_a_review_is_canceled_once_and_only_by_its_person_and_card(
    anna: User, bela: User, deck: Deck
) -> None:
    made = rate(anna, deck.first)
    for user, card in ((bela, deck.first), (anna, deck.locked)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.create(user=user, card=card, cancels_id=made.review_id)
            connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    reviews.undo(anna, made.review_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Review.objects.create(user=anna, card=deck.first, cancels_id=made.review_id)


@pytest.mark.parametrize("sql", ["UPDATE flashcards_review SET rating = 4", "DELETE FROM flashcards_review"])
def test_the_log_neither_changes_nor_goes(anna: User, deck: Deck, sql: str) -> None:
    rate(anna, deck.first)
    with pytest.raises(IntegrityError, match="it is kept as it was"), roles.as_owner():
        connection.cursor().execute(sql)


def test_an_erased_person_leaves_reviews_without_a_name_and_no_card_or_state(anna: User, deck: Deck) -> None:
    own = Card.objects.create(certification=deck.certification, owner=anna, position=1)
    made = rate(anna, own)
    reviews.undo(anna, made.review_id)
    rate(anna, deck.first)
    anna.delete()
    connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    rows: list[object] = [*Review.objects.order_by("pk").values_list("user", "card")]
    assert rows == [
        (None, None),
        (None, None),
        (None, deck.first.pk),
    ]
    assert not CardState.objects.exists()
    assert not Card.objects.filter(pk=own.pk).exists()


def test_a_rating_cannot_be_given_and_undone_without_end(
    anna: User, deck: Deck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reviews, "ROWS_MOST", 4)
    for _ in range(2):
        reviews.undo(anna, rate(anna, deck.first).review_id)
    made = rate(anna, deck.first)
    assert code_of(lambda: reviews.undo(anna, made.review_id)) == ("too_many", 409)
    assert Review.objects.count() == 5
    assert states()
