"""The flashcards by the API: the same answers and refusals as on the pages."""

from datetime import timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.access import entitlements
from accounts.users.models import User
from exams.catalog.models import Certification
from flashcards.models import Review, StudySettings
from tests.exams.api.conftest import Caller
from tests.flashcards import decks
from tests.flashcards.decks import Deck, rate

pytestmark = pytest.mark.django_db

DECK = "certifications/mls-c01/flashcards/"


@pytest.fixture
def anna_calls(anna: User) -> Caller:
    return Caller(anna)


def test_the_deck_names_every_card_and_tells_only_what_is_open(
    certification: Certification, anna: User, stranger: User
) -> None:
    decks.make_deck(certification, mark="zanzibar")
    for caller in (Caller(), Caller(stranger)):
        status, body = caller.get(DECK)
        assert status == 200
        assert [one["locked"] for one in body] == [False] * 2 + [True] * 10
        assert body[0]["text"] == {
            "language": "en",
            "front": "What is fact 1?",
            "back": "<p>It is 1.</p>",
            "trap": "Not 0.",
        }
        assert body[11]["text"] is None
        assert body[11]["topics"] == ["topic 12"]
        assert "zanzibar" not in str(body)
    assert "zanzibar" in str(Caller(anna).get(DECK)[1])
    assert Caller().get(f"{DECK}?language=hu")[1][0]["text"]["front"] == "Mi a 1. tény?"
    assert Caller().get("certifications/none/flashcards/")[0] == 404


def test_due_cards_come_with_their_number_and_what_each_rating_does(
    anna: User, anna_calls: Caller, deck: Deck
) -> None:
    rate(anna, deck.first)
    status, body = anna_calls.get(f"{DECK}due/")
    assert status == 200
    assert {key: body[key] for key in ("due", "new", "waiting", "done", "retention")} == {
        "due": 0,
        "new": 9,
        "waiting": 1,
        "done": 0,
        "retention": 0.9,
    }
    assert len(body["cards"]) == 10
    card = body["cards"][-1]
    assert (card["id"], card["number"], card["new"], card["own"]) == (deck.first.pk, 2, False, False)
    assert card["intervals"]["again"] == 60
    assert Caller().get(f"{DECK}due/")[0] == 401
    assert anna_calls.get("certifications/none/flashcards/due/")[0] == 404


def test_a_review_and_its_undo(anna_calls: Caller, deck: Deck) -> None:
    path = f"flashcards/{deck.first.pk}/reviews/"
    status, body = anna_calls.post(path, {"rating": 3, "number": 1, "taken_ms": 900})
    assert status == 201
    assert (body["card"], body["reviews"], body["lapses"]) == (deck.first.pk, 1, 0)
    assert body["due"]
    status, again = anna_calls.post(path, {"rating": 3, "number": 1})
    assert (status, again["code"]) == (409, "already_reviewed")
    undo = f"flashcards/reviews/{body['review']}/undo/"
    status, back = anna_calls.post(undo)
    assert (status, back["due"], back["reviews"]) == (201, None, 0)
    status, twice = anna_calls.post(undo)
    assert (status, twice["code"]) == (409, "not_last")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"rating": 0}, "invalid"),
        ({"rating": 5}, "invalid"),
        ({}, "invalid"),
        ({"rating": 3, "number": 0}, "invalid"),
        ({"rating": 3, "taken_ms": -1}, "invalid"),
        ({"rating": 3, "mood": 1}, "unknown_field"),
    ],
)
def test_a_wrong_review_is_refused_and_nothing_is_stored(
    anna_calls: Caller, deck: Deck, body: dict[str, Any], code: str
) -> None:
    status, problem = anna_calls.post(f"flashcards/{deck.first.pk}/reviews/", body)
    assert (status, problem["code"]) == (422, code)
    assert not Review.objects.exists()


def test_locked_and_foreign_cards_and_reviews_are_refused(
    bela: User, anna_calls: Caller, stranger: User, deck: Deck
) -> None:
    status, problem = Caller(stranger).post(f"flashcards/{deck.locked.pk}/reviews/", {"rating": 3})
    assert (status, problem["code"]) == (403, "no_access")
    made = rate(bela, deck.first)
    assert anna_calls.post(f"flashcards/reviews/{made.review_id}/undo/")[0] == 404
    assert anna_calls.post("flashcards/999999999999999999999/reviews/", {"rating": 3})[0] == 404
    assert Review.objects.count() == 1


def test_settings_are_read_and_changed(anna: User, deck: Deck) -> None:
    client = APIClient()
    client.force_authenticate(anna)
    path = f"/api/v1/{DECK}settings/"
    assert client.get(path).json() == {"new_per_day": 10, "retention": 0.9, "exam_on": None, "domain": None}
    exam = (entitlements.now().date() + timedelta(days=9)).isoformat()
    assert client.patch(path, {"exam_on": exam}, format="json").json()["code"] == "exam_retired"
    Certification.objects.update(retired_on=None)
    body = client.patch(path, {"exam_on": exam, "domain": 2}, format="json").json()
    assert body == {"new_per_day": 10, "retention": 0.9, "exam_on": exam, "domain": 2}
    assert client.patch(path, {"domain": None}, format="json").json()["exam_on"] == exam
    for wrong, code in (
        ({"exam_on": "2020-01-01"}, "exam_date_past"),
        ({"exam_on": "9999-12-31"}, "exam_date_far"),
        ({"exam_on": "abc"}, "invalid"),
        ({"domain": 9}, "domain"),
        ({"new_per_day": 201}, "invalid"),
        ({"retention": 0.99}, "invalid"),
        ({"speed": 1}, "unknown_field"),
    ):
        reply = client.patch(path, wrong, format="json")
        assert (reply.status_code, reply.json()["code"]) == (422, code)
    assert StudySettings.objects.get().new_per_day == 10
