"""Pages of own cards, files in and out, the Anki package, and the button on rows of a review."""

import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.users.models import User
from exams.attempts import drills, grading, lifecycle
from flashcards.models import Card
from flashcards.services import own
from flashcards.services.own import OwnDraft
from tests import factories
from tests.exams.attempts.practice import answers_of, close, draw
from tests.flashcards.decks import Deck
from tests.flashcards.web.test_study import text

pytestmark = pytest.mark.django_db

PATH = "/mls-c01/flashcards/own/"
ZIP = b"PK\x03\x04"


@pytest.fixture
def page(client: Client, anna: User, deck: Deck) -> Client:
    """Anna's browser."""
    client.force_login(anna)
    return client


def make(user: User, front: str = "What is it?") -> int:
    return own.create(user, "mls-c01", OwnDraft(front, "**That**."), language="en")


def send(page: Client, data: bytes, path: str = f"{PATH}import/") -> Any:
    return page.post(path, {"file": SimpleUploadedFile("cards.csv", data)})


def test_a_card_is_written_shown_changed_and_deleted(page: Client) -> None:
    assert "No cards of your own yet" in text(page.get(PATH))
    reply = page.post(
        f"{PATH}new/", {"front": "What is `x`?", "back": "- a", "tags": "one, two words", "domain": "2"}
    )
    assert (reply.status_code, reply.headers["Location"]) == (302, f"{PATH}new/")
    shown = text(page.get(PATH))
    for words in (
        "1 card Your own cards come up before those of the deck.",
        "What is x?",
        "Domain 2 · one, two-words",
    ):
        assert words in shown
    card = Card.objects.get(owner__isnull=False)
    edit = f"{PATH}{card.pk}/"
    assert "What is `x`?</textarea>" in page.get(edit).content.decode()
    assert page.post(edit, {"front": "Why?", "back": "So.", "tags": "", "domain": ""}).status_code == 302
    assert "Why?" in text(page.get(PATH))
    assert page.post(f"{edit}delete/").headers["Location"] == PATH
    assert "Card deleted." in text(page.get(PATH))
    assert page.get(edit).status_code == 404


def test_an_own_card_is_studied_first(page: Client, anna: User) -> None:
    make(anna)
    shown = text(page.get("/mls-c01/flashcards/study/"))
    assert "Your own card" in shown
    assert "What is it?" in shown


def test_what_is_wrong_with_a_card_stands_at_its_field_and_nothing_is_lost(page: Client) -> None:
    sent = {"front": "What?", "back": "x" * 4001, "tags": "", "domain": ""}
    reply = page.post(f"{PATH}new/", sent)
    assert reply.status_code == 422
    assert "The back has 4001 characters. At most 4000 are allowed." in text(reply)
    assert "x" * 4001 in reply.content.decode()
    assert page.post(f"{PATH}new/", {**sent, "back": "b", "domain": "9"}).status_code == 422
    assert page.post(f"{PATH}new/", {}).status_code == 422
    assert not Card.objects.filter(owner__isnull=False).exists()


def test_a_card_of_somebody_else_is_a_404(page: Client, bela: User) -> None:
    path = f"{PATH}{make(bela)}/"
    for reply in (page.get(path), page.post(path, {"front": "a", "back": "b"}), page.post(f"{path}delete/")):
        assert reply.status_code == 404
    assert page.get(f"{PATH}{10**30}/").status_code == 404
    assert "What is it?" not in text(page.get(PATH))


def test_many_cards_are_on_several_pages(page: Client, anna: User) -> None:
    for number in range(27):
        make(anna, f"Number {number}?")
    first, last = text(page.get(PATH)), text(page.get(f"{PATH}?page=2"))
    assert "Number 24?" in first and "Number 25?" not in first
    assert "Number 26?" in last and "Number 0?" not in last
    for odd in ("0", "99", "x", "2&strange=1"):
        assert page.get(f"{PATH}?page={odd}").status_code == 200


def test_a_file_comes_in_and_goes_out(page: Client, anna: User) -> None:
    reply = send(page, b"front,back\nWhat?,That\n=Why?,So\n")
    assert (reply.status_code, reply.headers["Location"]) == (302, PATH)
    assert "2 cards added, 0 changed, 0 unchanged." in text(page.get(PATH))
    sent = page.get(f"{PATH}cards.csv")
    assert sent.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert sent.headers["Content-Disposition"] == 'attachment; filename="passline-mls-c01-cards.csv"'
    assert '"\'=Why?"' in sent.content.decode("utf-8-sig")
    send(page, sent.content)
    assert "0 cards added, 0 changed, 2 unchanged." in text(page.get(PATH))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"front,back\na?,b\nc?\n", "Line 3: There are 1 cells, but the first line has 2 columns."),
        (b"", "The file is empty."),
        (b"x" * 300_000, "The file is larger than 256 KB."),
        (b"x" * 10_000_000, "The file is larger than 256 KB."),
        (b"front,back\n" + b"a?,b\n" * 100_000, "The file is larger than 256 KB."),
        (b"front,back\n" + b"a,b\n" * 501, "at most 500 cards"),
        (ZIP, "Line 1: There is a character that can't be shown."),
    ],
)
def test_a_hostile_file_is_refused_at_its_field(page: Client, data: bytes, words: str) -> None:
    reply = send(page, data)
    assert reply.status_code == 422
    assert words in text(reply)
    assert not Card.objects.filter(owner__isnull=False).exists()


def test_no_file_at_all_is_said(page: Client) -> None:
    reply = page.post(f"{PATH}import/", {})
    assert reply.status_code == 422
    assert "Choose a file." in text(reply)


def test_everybody_may_have_the_preview_for_anki_and_keep_it(client: Client, anna: User, deck: Deck) -> None:
    reply = client.get("/mls-c01/flashcards/anki.apkg")
    assert reply.content.startswith(ZIP)
    assert "passline-mls-c01-flashcards-preview-en.apkg" in reply.headers["Content-Disposition"]
    assert "public" in reply.headers["Cache-Control"]
    client.force_login(anna)
    whole = client.get("/hu/mls-c01/flashcards/anki.apkg")
    assert "passline-mls-c01-flashcards-hu.apkg" in whole.headers["Content-Disposition"]
    assert "no-store" in whole.headers["Cache-Control"]
    assert len(whole.content) > len(reply.content)
    assert client.get("/none/flashcards/anki.apkg").status_code == 404


def reviewed(user: User, form: factories.Form) -> str:
    """Sit a form without an answer; return the address of its review."""
    started = factories.start(user, form)
    lifecycle.submit(user=user, attempt_id=started.attempt_id, lease=started.lease)
    lifecycle.settle(user=user, attempt_id=started.attempt_id)
    return f"/attempts/{started.attempt_id}/review/"


def question(path: str, position: int, **more: str) -> str:
    """The address of the page that makes a card of a question of a reviewed exam."""
    asked = {"attempt": path.split("/")[2], "position": str(position)} | more
    return f"{PATH}from-question/?{urlencode(asked)}"


def test_a_card_of_a_question_is_seen_and_changed_before_it_is_kept(
    client: Client, anna: User, form: factories.Form
) -> None:
    client.force_login(anna)
    path = reviewed(anna, form)
    review = client.get(path).content.decode()
    assert review.count('form="own-card"') == 1
    assert f'id="own-card" action="{PATH}from-question/"' in review
    address = question(path, 2)
    shown = client.get(address)
    assert "Which answer is right?" in text(shown)
    assert "A principle of E1-Q02.</p>" in shown.content.decode()
    assert not Card.objects.exists()
    sent = {"front": "What keeps it?", "back": "- S3", "tags": "", "domain": "2"}
    preview = client.post(address, {**sent, "preview": "1"})
    assert "<li>S3</li>" in preview.content.decode()
    assert not Card.objects.exists()
    assert client.post(address, {**sent, "back": ""}).status_code == 422
    assert client.post(address, sent).headers["Location"] == f"{path}?q=2&done=own-card#q2t"
    tools = client.get(f"{path}?q=2&done=own-card").content.decode().partition('class="own')[2]
    assert "Card saved. It&#x27;s among your new cards." in tools.partition('class="item"')[0]
    assert "Card saved." not in client.get(path).content.decode()
    card = Card.objects.get()
    assert own.get(anna, "mls-c01", card.pk).draft == OwnDraft("What keeps it?", "- S3", (), 2)
    assert client.get(address).headers["Location"] == f"{PATH}{card.pk}/"
    assert "You have this card already." in text(client.get(f"{PATH}{card.pk}/"))


def test_the_principle_can_be_what_the_front_asks(client: Client, anna: User, form: factories.Form) -> None:
    client.force_login(anna)
    shown = client.get(question(reviewed(anna, form), 1, front="principle")).content.decode()
    front = shown[shown.index('name="front"') :].partition("</textarea>")[0]
    assert "A principle of E1-Q01.\n\nWhen does this matter? Think of an example." in front
    assert "Which answer" not in front


def test_while_an_exam_has_the_question_its_card_is_neither_shown_nor_made(
    client: Client, anna: User, form: factories.Form
) -> None:
    client.force_login(anna)
    path = reviewed(anna, form)
    factories.start(anna, form)
    for reply in (client.get(question(path, 3)), client.post(question(path, 3), {"front": "a", "back": "b"})):
        assert reply.headers["Location"] == f"{path}?q=3#q3t"
    assert "An exam you're taking includes this question." in text(client.get("/attempts/"))
    assert not Card.objects.exists()


def test_a_card_of_a_question_returns_to_the_filters_of_the_review(
    client: Client, anna: User, form: factories.Form
) -> None:
    client.force_login(anna)
    path = reviewed(anna, form)
    for came, query in (
        (f"http://testserver{path}?show=unanswered&q=5&done=note", "show=unanswered&q=2"),
        ("/attempts/?a=1", "q=2"),
    ):
        shown = client.get(question(path, 2), headers={"Referer": came}).content.decode()
        assert f'href="{path}?{query.replace("&", "&amp;")}#q2t"' in shown
        # The form comes from the page of the card, so it says itself where it leads.
        form_of_card = shown[shown.index('id="card-form"') :]
        hidden = re.findall(r'<input type="hidden" name="(page|filters)" value="(.*?)"', form_of_card)
        sent = {"front": f"{query}?", "back": "b"} | {name: unescape(value) for name, value in hidden}
        reply = client.post(question(path, 2), sent, headers={"Referer": question(path, 2)})
        assert reply.headers["Location"] == f"{path}?{query}&done=own-card#q2t"
        own.archive(anna, "mls-c01", Card.objects.get().pk)


def test_a_question_of_practice_gives_a_card_once_its_answer_was_shown(
    client: Client, anna: User, form: factories.Form
) -> None:
    client.force_login(anna)
    reviewed(anna, form)
    drill_id = draw(anna, form).attempt_id
    path = f"/drills/{drill_id}/"
    address = question(path, 2)
    came = {"Referer": f"http://testserver{path}?q=2"}
    assert client.get(address, headers=came).headers["Location"] == f"{path}?q=2"
    assert "own-card" not in client.get(f"{path}?q=2").content.decode()
    close(anna, drill_id, 2, show=True)
    assert 'form="own-card" name="position" value="2"' in client.get(f"{path}?q=2").content.decode()
    shown = client.get(address, headers=came)
    assert f'href="{path}?q=2"' in shown.content.decode()
    sent = {"front": "Which?", "back": "That.", "page": "drill", "filters": "q=2"}
    assert client.post(address, sent).headers["Location"] == f"{path}?q=2&done=own-card"
    assert Card.objects.get().item_code
    assert client.get(question(path, 3), headers=came).headers["Location"] == f"{path}?q=3"
    drills.finish(user=anna, attempt_id=drill_id)
    grading.grade(drill_id)
    result = f"{path}result/"
    assert 'form="own-card" name="position" value="3"' in client.get(f"{result}?q=3").content.decode()
    reply = client.post(question(path, 3), {**sent, "front": "What?", "page": "drill_result"})
    assert reply.headers["Location"] == f"{result}?q=3&done=own-card#q3t"


def test_while_an_exam_has_the_question_practice_gives_no_card(
    client: Client, anna: User, form: factories.Form
) -> None:
    client.force_login(anna)
    reviewed(anna, form)
    drill_id = draw(anna, form).attempt_id
    close(anna, drill_id, 1, *answers_of(form, drill_id)[1][0])
    factories.start(anna, form)
    client.post(question(f"/drills/{drill_id}/", 1), {"front": "a", "back": "b", "page": "drill"})
    assert not Card.objects.exists()


@pytest.mark.parametrize(
    "change", [{"attempt": "x"}, {"position": "99"}, {"position": ""}, {"position": "9" * 9}]
)
def test_no_question_is_a_404(
    client: Client, anna: User, form: factories.Form, change: dict[str, str]
) -> None:
    client.force_login(anna)
    sent = {"attempt": reviewed(anna, form).split("/")[2], "position": "1"} | change
    assert client.get(f"{PATH}from-question/", sent).status_code == 404


def test_nobody_elses_exam_gives_a_card(client: Client, anna: User, bela: User, form: factories.Form) -> None:
    sent = {"attempt": reviewed(anna, form).split("/")[2], "position": "1"}
    client.force_login(bela)
    assert client.post(f"{PATH}from-question/", sent).status_code == 404
    assert not Card.objects.exists()
