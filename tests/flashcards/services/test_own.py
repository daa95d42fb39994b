"""Own cards, and cards from questions: made once, only from what the person has finished."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.users.models import User
from exams.attempts import grading, lifecycle
from flashcards.models import Card, CardText
from flashcards.services import own
from flashcards.services.steps import CardDraft
from flashcards.study.own import own_cards
from tests import factories
from tests.factories import Form
from tests.flashcards.decks import Deck, rate
from tests.flashcards.services.test_reviews import code_of

pytestmark = pytest.mark.django_db

DRAFT = CardDraft("en", "What is **mine**?", "This.\n\n- one")


def finished(user: User, form: Form) -> Any:
    """An attempt of this person that has ended and was scored."""
    begun = factories.start(user, form)
    lifecycle.submit(user=user, attempt_id=begun.attempt_id, lease=begun.lease or "")
    grading.grade(begun.attempt_id)
    return begun.attempt_id


def test_an_own_card_is_new_for_its_owner_alone(anna: User, bela: User, deck: Deck) -> None:
    card = own.make(anna, "mls-c01", DRAFT)
    assert CardText.objects.get(card=card).front_html == "What is <strong>mine</strong>?"
    assert rate(anna, card).memory is not None
    assert code_of(lambda: rate(bela, card)) == ("not_found", 404)
    assert [one.id for one in own_cards(anna, "mls-c01")] == [card.pk]
    assert own_cards(bela, "mls-c01") == ()


def test_an_own_card_is_changed_and_deleted_by_its_owner_alone(anna: User, bela: User, deck: Deck) -> None:
    card = own.make(anna, "mls-c01", DRAFT)
    own.change(anna, card.pk, CardDraft("hu", "Mi?", "Ez."))
    assert [(one.front, one.language) for one in own_cards(anna, "mls-c01")] == [("Mi?", "hu")]
    for act in (lambda: own.change(bela, card.pk, DRAFT), lambda: own.remove(bela, card.pk)):
        assert code_of(act) == ("not_found", 404)
    assert code_of(lambda: own.remove(anna, deck.first.pk)) == ("not_found", 404)
    rate(anna, card)
    own.remove(anna, card.pk)
    assert own_cards(anna, "mls-c01") == ()


@pytest.mark.parametrize(
    ("front", "back", "code"),
    [
        ("", "x", "empty"),
        ("x", "  ", "empty"),
        ("x" * 4001, "x", "too_long"),
        ("x", "x" * 100_000, "too_long"),
        ("x", "![c](figure:abc)", "figure"),
        ("x\0", "x", "empty"),
    ],
)
def test_a_text_that_is_no_card_is_refused_and_nothing_is_stored(
    anna: User, deck: Deck, front: str, back: str, code: str
) -> None:
    assert code_of(lambda: own.make(anna, "mls-c01", CardDraft("en", front, back))) == (code, 422)
    assert not Card.objects.filter(owner=anna).exists()


def test_there_is_a_limit(anna: User, deck: Deck, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "OWN_MOST", 2)
    own.make(anna, "mls-c01", DRAFT)
    own.make(anna, "mls-c01", DRAFT)
    assert code_of(lambda: own.make(anna, "mls-c01", DRAFT)) == ("too_many", 409)


def test_a_question_of_a_finished_exam_becomes_one_card(anna: User, form: Form) -> None:
    attempt_id = finished(anna, form)
    made = own.from_question(anna, attempt_id, 3, "en")
    text = CardText.objects.get(card=made.card)
    assert text.front.startswith("A ferry operator of item E1-Q03")
    assert text.back == "Answer 0 to E1-Q03\n\nAnswer 2 to E1-Q03\n\nA principle of E1-Q03."
    assert (made.is_new, made.card.domain, made.card.coverage) == (True, 2, ["s3"])
    again = own.from_question(anna, attempt_id, 3, "en")
    assert (again.is_new, again.card.pk) == (False, made.card.pk)


def test_only_finished_exams_of_ones_own_give_cards(anna: User, bela: User, form: Form) -> None:
    attempt_id = finished(anna, form)
    running = factories.start(bela, form).attempt_id
    assert code_of(lambda: own.from_question(bela, attempt_id, 1, "en")) == ("not_found", 404)
    assert code_of(lambda: own.from_question(bela, running, 1, "en")) == ("not_finished", 409)
    assert code_of(lambda: own.from_question(anna, attempt_id, 99, "en")) == ("not_found", 404)
    assert not Card.objects.exists()


def test_a_question_that_is_being_asked_again_gives_no_card(anna: User, form: Form) -> None:
    attempt_id = finished(anna, form)
    factories.start(anna, form)
    assert code_of(lambda: own.from_question(anna, attempt_id, 1, "en")) == ("exam_running", 409)
    assert not Card.objects.exists()


def test_two_cards_of_one_question_cannot_be(anna: User, deck: Deck) -> None:
    facts: dict[str, Any] = {"certification": deck.certification, "owner": anna, "item_code": "E1-Q01"}
    Card.objects.create(**facts, position=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Card.objects.create(**facts, position=2)


def test_an_unknown_certification_is_refused(anna: User, deck: Deck) -> None:
    assert code_of(lambda: own.make(anna, "none", DRAFT)) == ("not_found", 404)
