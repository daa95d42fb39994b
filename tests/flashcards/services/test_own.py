"""Own cards: made, changed, taken out and back; limits, owners, and what the log keeps."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.catalog.models import Certification
from flashcards.models import Card, CardText, Review
from flashcards.scheduling.memory import Rating
from flashcards.services import own
from flashcards.services.own import BACK_MOST, FRONT_MOST, OwnDraft
from flashcards.study.day import study_day
from tests.flashcards.decks import UTC, Deck, rate

pytestmark = pytest.mark.django_db


def make(user: User, front: str = "What is it?", back: str = "That.", **more: Any) -> int:
    return own.create(user, "mls-c01", OwnDraft(front, back, **more), language="en")


def refusal(act: Any) -> tuple[str, int]:
    with pytest.raises(Refused) as caught:
        act()
    assert str(caught.value)
    return caught.value.code, caught.value.status


def test_a_card_is_rendered_by_the_bank_and_comes_before_the_deck(anna: User, deck: Deck) -> None:
    pk = make(
        anna, "What is `x`\nhere?", "- **a**\n- <script>b</script>", tags=("my tag", "my tag"), domain=2
    )
    (card,) = own.listed(anna, "mls-c01")
    assert card.id == pk
    assert card.draft == OwnDraft("What is `x` here?", "- **a**\n- <script>b</script>", ("my-tag",), domain=2)
    assert card.front_html == "What is <code>x</code> here?"
    assert "<strong>a</strong>" in card.back_html
    assert "<script" not in card.back_html
    assert "&lt;script&gt;" in card.back_html
    today = study_day(anna, "mls-c01", UTC, granted=True)
    assert today
    assert today.entries[0].card_id == pk
    assert len(today.entries) == 13


def test_changing_a_card_without_end_keeps_its_newest_revisions(
    anna: User, deck: Deck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "REVISIONS_MOST", 3)
    pk, other = make(anna), make(anna, "Another?")
    for number in range(5):
        own.update(anna, "mls-c01", pk, OwnDraft("What is it?", f"Answer {number}."))
    assert [one.revision for one in CardText.objects.filter(card=pk).order_by("pk")] == [4, 5, 6]
    assert own.get(anna, "mls-c01", pk).draft.back == "Answer 4."
    assert CardText.objects.filter(card=other).exists()


def test_making_and_deleting_cards_without_end_is_refused(
    anna: User, deck: Deck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "STORED_MOST", 3)
    for number in range(3):
        own.archive(anna, "mls-c01", make(anna, f"Front {number}?"))
    assert refusal(lambda: make(anna, "Front 4?")) == ("too_many_cards", 409)
    assert make(anna, "Front 0?") == Card.objects.filter(owner=anna).earliest("pk").pk


def test_nobody_else_sees_changes_or_deletes_a_card(anna: User, bela: User, deck: Deck) -> None:
    pk = make(anna)
    assert own.listed(bela, "mls-c01") == ()
    for act in (
        lambda: own.get(bela, "mls-c01", pk),
        lambda: own.update(bela, "mls-c01", pk, OwnDraft("a", "b")),
        lambda: own.archive(bela, "mls-c01", pk),
        lambda: own.archive(anna, "other", pk),
        lambda: own.get(anna, "mls-c01", deck.first.pk),
    ):
        assert refusal(act) == ("not_found", 404)
    assert len(own.listed(anna, "mls-c01")) == 1


def test_a_change_is_a_new_revision_in_the_language_of_the_card(anna: User, deck: Deck) -> None:
    pk = own.create(anna, "mls-c01", OwnDraft("Mi ez?", "Az."), language="hu")
    own.update(anna, "mls-c01", pk, OwnDraft("Mi ez?", "Emez.", ("x",), 3))
    own.update(anna, "mls-c01", pk, OwnDraft("Mi ez?", "Emez.", ("y",), None))
    texts = CardText.objects.filter(card=pk).order_by("pk")
    assert [(one.language, one.revision, one.back) for one in texts] == [("hu", 1, "Az."), ("hu", 2, "Emez.")]
    card = Card.objects.get(pk=pk)
    assert (card.tags, card.domain) == (["y"], None)


def test_a_deleted_card_leaves_study_and_stays_in_the_log(anna: User, deck: Deck) -> None:
    pk = make(anna)
    rate(anna, Card.objects.get(pk=pk), Rating.GOOD)
    own.archive(anna, "mls-c01", pk)
    assert own.listed(anna, "mls-c01") == ()
    today = study_day(anna, "mls-c01", UTC, granted=True)
    assert today
    assert pk not in {one.card_id for one in today.entries}
    assert Review.objects.get().card_id == pk
    assert refusal(lambda: own.archive(anna, "mls-c01", pk)) == ("not_found", 404)


def test_a_card_made_again_comes_back_with_its_reviews(anna: User, deck: Deck) -> None:
    pk = make(anna)
    rate(anna, Card.objects.get(pk=pk), Rating.GOOD)
    own.archive(anna, "mls-c01", pk)
    assert make(anna, back="Something else.") == pk
    (card,) = own.listed(anna, "mls-c01")
    assert card.draft.back == "Something else."
    assert Review.objects.get().card_id == pk


def test_a_form_sent_twice_makes_one_card(anna: User, deck: Deck) -> None:
    make(anna)
    assert refusal(lambda: make(anna)) == ("exists", 409)
    assert Card.objects.filter(owner=anna).count() == 1


def test_a_front_that_was_given_up_is_free(anna: User, deck: Deck) -> None:
    first = make(anna)
    own.update(anna, "mls-c01", first, OwnDraft("Another?", "That."))
    second = make(anna)
    assert second != first
    assert {one.draft.front for one in own.listed(anna, "mls-c01")} == {"Another?", "What is it?"}


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (OwnDraft("", "b"), "front"),
        (OwnDraft("  \n ", "b"), "front"),
        (OwnDraft("a", ""), "back"),
        (OwnDraft("a" * (FRONT_MOST + 1), "b"), "front"),
        (OwnDraft("a", "b" * (BACK_MOST + 1)), "back"),
        (OwnDraft("a\0", "b"), "front"),
        (OwnDraft("a", "b\x1b"), "back"),
        (OwnDraft("a", "b", tuple(map(str, range(11)))), "tags"),
        (OwnDraft("a", "b", ("x" * 41,)), "tags"),
        (OwnDraft("a", "b", domain=9), "domain"),
        (OwnDraft("a", "![x](figure:x)"), "figure"),
    ],
)
def test_what_is_not_allowed_is_refused_and_nothing_is_stored(
    draft: OwnDraft, code: str, anna: User, deck: Deck
) -> None:
    pk = make(anna, "kept?", "kept")
    rows = Card.objects.count()
    assert refusal(lambda: own.create(anna, "mls-c01", draft, language="en")) == (code, 422)
    assert refusal(lambda: own.update(anna, "mls-c01", pk, draft)) == (code, 422)
    assert Card.objects.count() == rows
    assert own.get(anna, "mls-c01", pk).draft == OwnDraft("kept?", "kept")


def test_there_is_a_limit_of_cards_and_archived_ones_do_not_count(
    anna: User, deck: Deck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "CARDS_MOST", 2)
    first = make(anna, "One?")
    make(anna, "Two?")
    assert refusal(lambda: make(anna, "Three?")) == ("too_many_cards", 409)
    own.archive(anna, "mls-c01", first)
    make(anna, "Three?")


def test_the_key_of_a_card_is_there_once(anna: User, certification: Certification) -> None:
    pk = make(anna)
    row = Card.objects.get(pk=pk)
    with pytest.raises(IntegrityError, match="card_key_once"), transaction.atomic():
        Card.objects.create(certification=certification, owner=anna, key=row.key, position=2)


@pytest.mark.django_db(transaction=True)
def test_one_of_two_requests_at_once_makes_the_card(anna: User, certification: Certification) -> None:
    def one(number: int) -> str:
        try:
            make(anna, f"What {number % 2}?")
            return "made"
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        found = sorted(threads.map(one, range(6)))
    assert found == ["exists"] * 4 + ["made"] * 2
    assert sorted(Card.objects.values_list("position", flat=True)) == [1, 2]


def test_writing_locks_the_person(anna: User, certification: Certification) -> None:
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        pk = make(anna)
        own.update(anna, "mls-c01", pk, OwnDraft("a", "b"))
        own.archive(anna, "mls-c01", pk)
    assert sum("pg_advisory_xact_lock" in one["sql"] for one in queries) == 3
