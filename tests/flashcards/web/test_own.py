"""The pages of own cards."""

import pytest
from django.test import Client

from accounts.users.models import User
from flashcards.models import Card
from flashcards.services import own
from tests import factories
from tests.factories import Form
from tests.flashcards import decks
from tests.flashcards.decks import Deck
from tests.flashcards.services.test_own import DRAFT, finished
from tests.flashcards.web.test_study import text

pytestmark = pytest.mark.django_db

PATH = "/mls-c01/flashcards/own/"


def test_a_card_is_written_changed_and_deleted(client: Client, anna: User, deck: Deck) -> None:
    client.force_login(anna)
    assert "No cards of your own yet" in text(client.get(PATH))
    assert client.post(PATH, {"front": "Why `x`?", "back": "So."}).headers["Location"] == PATH
    shown = client.get(PATH)
    assert "<code>x</code>" in shown.content.decode()
    page = f"{PATH}{Card.objects.get(owner=anna).pk}/"
    assert "Why `x`?" in text(client.get(page))
    client.post(page, {"front": "Why y?", "back": "So."})
    assert "Why y?" in text(client.get(PATH))
    assert "Why y?" in text(client.get("/mls-c01/flashcards/study/"))
    client.post(page, {"delete": "1"})
    assert not Card.objects.filter(owner=anna).exists()


@pytest.mark.parametrize(
    ("front", "back"), [("", "x"), ("x", ""), ("x" * 5000, "x"), ("x", "![c](figure:a)")]
)
def test_what_is_no_card_is_said_at_the_form(
    client: Client, anna: User, deck: Deck, front: str, back: str
) -> None:
    client.force_login(anna)
    reply = client.post(PATH, {"front": front, "back": back})
    assert reply.status_code == 422
    assert 'class="error"' in reply.content.decode() or 'role="alert"' in reply.content.decode()
    assert not Card.objects.filter(owner=anna).exists()


def test_nobody_reaches_anothers_card(client: Client, anna: User, bela: User, deck: Deck) -> None:
    card = own.make(anna, "mls-c01", DRAFT)
    client.force_login(bela)
    page = f"{PATH}{card.pk}/"
    assert [client.get(page).status_code, client.post(page, {"delete": "1"}).status_code] == [404, 404]
    assert "mine" not in text(client.get(PATH))
    assert Card.objects.filter(pk=card.pk).exists()


def test_one_click_makes_a_card_of_a_question_and_returns_to_it(
    client: Client, anna: User, form: Form
) -> None:
    decks.make_deck(form.form.certification)
    attempt_id = finished(anna, form)
    client.force_login(anna)
    review = client.get(f"/attempts/{attempt_id}/review/").content.decode()
    assert review.count('form="own-card"') == 8
    assert f'id="own-card" method="post" action="{PATH}from-question/"' in review
    sent = {"attempt": str(attempt_id), "position": "2"}
    for said in ("Card saved.", "You have this card already."):
        reply = client.post(f"{PATH}from-question/", sent)
        assert reply.headers["Location"] == f"/attempts/{attempt_id}/review/#q2t"
        assert said in text(client.get(f"/attempts/{attempt_id}/review/"))
    assert Card.objects.filter(owner=anna).count() == 1
    factories.start(anna, form)
    client.post(f"{PATH}from-question/", {**sent, "position": "3"})
    assert "This question is in the exam you're taking." in text(client.get("/attempts/"))


@pytest.mark.parametrize(
    "change", [{"attempt": "x"}, {"position": "99"}, {"position": ""}, {"position": "9" * 9}]
)
def test_no_question_is_a_404(client: Client, anna: User, form: Form, change: dict[str, str]) -> None:
    client.force_login(anna)
    sent = {"attempt": str(finished(anna, form)), "position": "1"} | change
    assert client.post(f"{PATH}from-question/", sent).status_code == 404
