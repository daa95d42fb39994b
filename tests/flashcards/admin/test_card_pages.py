"""Cards in the admin: found by their words, written by language side by side, published, withdrawn."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.base.errors import Refused
from accounts.profile import services as profiles
from accounts.users.models import User
from exams.authoring.models import Draft, State
from flashcards.models import Card, CardText
from flashcards.scheduling.memory import Rating
from flashcards.services import cards, own
from flashcards.services.operations import CardDraft, plan_deck
from flashcards.services.own import OwnDraft
from tests import factories
from tests.exams.admin.editing import ask, at, stored
from tests.exams.authoring import acts
from tests.flashcards import decks
from tests.flashcards.decks import Deck

pytestmark = pytest.mark.django_db
LIST = "admin:flashcards_card_changelist"


@pytest.fixture
def author() -> User:
    return acts.staff("authors")


@pytest.fixture
def desk(client: Client, author: User) -> Client:
    """The admin as an author sees it."""
    client.force_login(author)
    return client


@pytest.fixture
def draft(deck: Deck) -> Draft:
    return acts.begin(deck.certification, "card", "FC-001")


def fields(draft: Draft, **changed: str) -> dict[str, str]:
    """Return what the form of a draft sends, with other values for some fields (`__` for a point)."""
    content = draft.content
    found = {"revision": str(draft.revision), "facts": "open"}
    found |= {name: str(content[name]) for name in ("domain", "task", "position")}
    found |= {name: " ".join(content[name]) for name in ("tags", "covers")}
    if content["free_preview"]:
        found["free_preview"] = "on"
    for language, text in content["texts"].items():
        found |= {f"texts.{language}.{word}": value for word, value in text.items()}
    return found | {name.replace("__", "."): value for name, value in changed.items()}


def codes(client: Client, query: str) -> list[str]:
    return [card.code for card in client.get(f"{reverse(LIST)}?{query}").context["cl"].result_list]


# --- The list ----------------------------------------------------------------------------------------
def test_the_list_shows_words_and_finds_by_what_cards_say_now(deck: Deck, desk: Client) -> None:
    page = desk.get(reverse(LIST)).content.decode()
    assert "What is fact 7?" in page
    assert f'formaction="{reverse("admin:flashcards_card_edit", args=[deck.first.pk])}"' in page
    assert codes(desk, "q=fact+7") == ["FC-007"]
    assert codes(desk, "q=tény+3.") == ["FC-003"]
    cards.add_text(deck.cards[6], CardDraft("en", "What is new?", "That."), factories.publish_log())
    assert codes(desk, "q=fact+7") == []
    assert codes(desk, "q=FC-007") == ["FC-007"]


def test_the_list_filters_by_domain_state_and_translation(deck: Deck, desk: Client) -> None:
    assert codes(desk, "domain=2") == ["FC-002", "FC-006", "FC-010"]
    assert codes(desk, "translation=hu.missing") == [f"FC-{n:03d}" for n in range(2, 13, 2)]
    assert codes(desk, "translation=hu.older") == []
    cards.add_text(deck.first, CardDraft("en", "What is new?", "That."), factories.publish_log())
    assert codes(desk, "translation=hu.older") == ["FC-001"]
    cards.withdraw(card_id=deck.first.pk, actor=acts.staff("reviewers"), reason="wrong today")
    assert codes(desk, "state=withdrawn") == ["FC-001"]
    assert "FC-001" not in codes(desk, "state=used")


def test_cards_of_a_person_are_nowhere_in_the_admin(deck: Deck, desk: Client) -> None:
    person = factories.make_user("anna@example.org")
    card_id = own.create(person, deck.code, OwnDraft("What is mine?", "This."), language="en")
    assert "What is mine?" not in desk.get(reverse(LIST)).content.decode()
    assert desk.get(reverse("admin:flashcards_card_change", args=[card_id])).status_code == 302
    assert desk.post(reverse("admin:flashcards_card_edit", args=[card_id])).status_code == 404
    with pytest.raises(Refused) as caught:
        cards.withdraw(card_id=card_id, actor=acts.staff("reviewers"), reason="not ours")
    assert caught.value.code == "not_found"


# --- Entry -------------------------------------------------------------------------------------------
def test_edit_opens_the_draft_of_a_card_begun_once(deck: Deck, desk: Client) -> None:
    address = reverse("admin:flashcards_card_edit", args=[deck.first.pk])
    replies = [desk.post(address) for _ in range(2)]
    draft = Draft.objects.get()
    assert [(reply.status_code, reply.headers["Location"]) for reply in replies] == [(302, at(draft))] * 2
    assert (draft.kind, draft.name) == ("card", "FC-001")


def test_a_new_card_gets_the_next_code_that_no_card_and_no_draft_has(deck: Deck, desk: Client) -> None:
    address = reverse("admin:flashcards_card_new_card")
    asked = {"certification": deck.certification.pk}
    for code in ("FC-013", "FC-014"):
        assert desk.post(address, asked).status_code == 302
        assert Draft.objects.filter(name=code).exists()
    for code, said in (("FC-013", "a card or a draft with this code"), ("card 9", "A code is FC-")):
        reply = desk.post(address, {**asked, "code": code})
        assert reply.status_code == 422
        assert said in reply.content.decode()
    assert Draft.objects.count() == 2


# --- The page ----------------------------------------------------------------------------------------
def test_the_page_shows_both_languages_and_what_the_rules_say_at_their_place(
    draft: Draft, desk: Client
) -> None:
    page = desk.get(at(draft)).content.decode()
    for language in ("en", "hu"):
        for word in ("front", "back", "trap"):
            assert f'name="texts.{language}.{word}"' in page
    long = "It is one. It is two. It is three."
    sent = {"fields": fields(draft, texts__en__front="Is it 1", texts__en__back=long)}
    found = ask(desk, draft, "remarks", sent).json()["remarks"]
    assert {(one["field"], one["rule"], one["blocks"]) for one in found} == {
        ("texts.en.front", "front-length", False),
        ("texts.en.front", "front-form", False),
        ("texts.en.front", "question-word", False),
        ("texts.en.back", "back-sentences", False),
        ("texts.hu.front", "front-length", False),
    }
    same = {"fields": fields(draft, texts__en__front="What is fact 2?")}
    said = [one["sentence"] for one in ask(desk, draft, "remarks", same).json()["remarks"]]
    assert "The card FC-002 has the same front." in said


def test_the_form_saves_texts_and_facts_and_nothing_else_changes(draft: Draft, desk: Client) -> None:
    assert desk.post(at(draft), fields(draft)).status_code == 302
    assert stored(draft).revision == 1
    sent = fields(draft, texts__en__back="Said anew.", tags="network, limits")
    del sent["free_preview"]
    assert desk.post(at(draft), sent).status_code == 302
    after = stored(draft).content
    assert (after["texts"]["en"]["back"], after["tags"]) == ("Said anew.", ["network", "limits"])
    assert (after["free_preview"], draft.content["free_preview"]) == (False, True)
    assert after["texts"]["hu"] == draft.content["texts"]["hu"]


@pytest.mark.parametrize(
    ("language", "said"), [("en", "Enter a whole number from"), ("hu", "Adj meg egy egész számot")]
)
@pytest.mark.parametrize(("field", "given"), [("position", "first"), ("domain", "0")])
def test_what_is_no_number_is_said_at_its_field_and_nothing_is_stored(
    draft: Draft, desk: Client, author: User, field: str, given: str, language: str, said: str
) -> None:
    profiles.update(author, ui_language=language)
    reply = desk.post(at(draft), fields(draft, texts__en__back="Mine.") | {field: given})
    page = reply.content.decode()
    assert reply.status_code == 422
    assert said in page[page.index(f'id="{field}.said"') :][:300]
    sent = {"revision": 1, "fields": fields(draft) | {field: given}}
    reply = ask(desk, draft, "save", sent)
    assert reply.status_code == 422
    assert said in reply.json()["detail"]
    assert ">\nMine.</textarea>" in page
    assert stored(draft).revision == 1


def test_a_stale_form_is_refused_and_shows_both_texts(draft: Draft, desk: Client) -> None:
    desk.force_login(acts.staff("reviewers"))
    desk.post(at(draft), fields(draft, texts__en__back="Theirs."))
    desk.force_login(acts.staff("authors"))
    reply = desk.post(at(draft), fields(draft, texts__en__back="Mine."))
    page = reply.content.decode()
    assert reply.status_code == 409
    assert "<pre>Theirs.</pre>" in page
    assert ">\nMine.</textarea>" in page
    assert stored(draft).content["texts"]["en"]["back"] == "Theirs."


def test_a_translator_changes_translations_alone(deck: Deck, client: Client) -> None:
    client.force_login(acts.staff("translators"))
    client.post(reverse("admin:flashcards_card_edit", args=[deck.cards[1].pk]))
    draft = Draft.objects.get()
    assert "Magyar is missing" in client.get(at(draft)).content.decode()
    kept = {name: value for name, value in fields(draft).items() if name.startswith(("texts", "revision"))}
    hungarian = {"texts.hu.front": "Mi a 2. tény?", "texts.hu.back": "Ez 2.", "texts.hu.trap": ""}
    assert client.post(at(draft), kept | hungarian).status_code == 302
    after = stored(draft)
    assert after.content["texts"]["hu"]["front"] == "Mi a 2. tény?"
    assert {**after.content, "texts": ""} == {**draft.content, "texts": ""}
    mine = fields(after, texts__en__front="What is mine?")
    assert client.post(at(draft), mine).status_code == 403


def test_an_untouched_translation_is_not_stored_as_an_empty_one(deck: Deck, desk: Client) -> None:
    draft = acts.begin(deck.certification, "card", "FC-002")
    desk.post(at(draft), fields(draft, texts__hu__front="", texts__hu__back=" ", texts__hu__trap=""))
    assert list(stored(draft).content["texts"]) == ["en"]


def test_the_preview_shows_a_card_as_a_learner_sees_it(draft: Draft, desk: Client) -> None:
    sent = json.dumps({"fields": fields(draft, texts__en__back="It is **typed** now.")})
    for view, is_open in (("front", False), ("back", True)):
        address = f"{at(draft, 'preview')}?view={view}&theme=dark&language=en"
        reply = desk.post(address, sent, content_type="application/json")
        page = reply.content.decode()
        assert reply.status_code == 200
        assert "It is <strong>typed</strong> now." in page
        assert ('<details class="turn" open>' in page) == is_open
    assert "Mi a 1. tény?" in desk.get(f"{at(draft, 'preview')}?language=hu").content.decode()


# --- Publication and standing ------------------------------------------------------------------------
def test_a_card_is_reviewed_by_another_and_published_and_schedules_stay(
    deck: Deck, draft: Draft, desk: Client
) -> None:
    learner = factories.make_user("anna@example.org")
    decks.history(learner, deck.first, [Rating.GOOD, Rating.GOOD], days_ago=9, apart=timedelta(days=2))
    before = decks.states()
    desk.post(at(draft), fields(draft, texts__en__back="It is exactly 1."))
    desk.post(at(draft, "send"), {"revision": stored(draft).revision, "assignee": ""})
    digest = stored(draft).digest
    assert desk.post(at(draft, "approve"), {"digest": digest}).status_code == 403
    desk.force_login(acts.staff("reviewers"))
    desk.post(at(draft, "approve"), {"digest": digest})
    reply = desk.post(at(draft, "publish"), {"digest": digest, "reason": "clearer"}, follow=True)
    assert "Learners see the new text, on the same days as before." in reply.content.decode()
    assert stored(draft).state == State.PUBLISHED
    text = CardText.objects.filter(card=deck.first, language="en").latest("pk")
    assert (text.revision, text.back) == (2, "It is exactly 1.")
    assert decks.states() == before
    page = desk.get(reverse("admin:flashcards_card_change", args=[deck.first.pk])).content.decode()
    assert "It is exactly 1." in page
    assert "clearer" in page


def test_a_withdrawn_card_is_not_studied_and_no_load_brings_it_back(deck: Deck, desk: Client) -> None:
    files = cards.written_decks(deck.code)
    address = reverse("admin:flashcards_card_withdraw", args=[deck.first.pk])
    assert desk.get(address).status_code == 403
    desk.force_login(acts.staff("reviewers"))
    assert desk.post(address, {"reason": "the service is gone"}).status_code == 302
    card = Card.objects.get(pk=deck.first.pk)
    assert card.retired_at is not None
    assert "FC-001" not in {card.id for card in cards.written_decks(deck.code)[0].cards}
    assert not [step for step in plan_deck(files, "en", cards.stored_cards(deck.code)) if step.changes]
    page = desk.get(reverse("admin:flashcards_card_change", args=[card.pk])).content.decode()
    assert "This card is not in use." in page
    assert "the service is gone" in page


def test_a_card_that_is_brought_back_is_studied_and_no_load_takes_it_out(deck: Deck, desk: Client) -> None:
    reviewer = acts.staff("reviewers")
    cards.withdraw(card_id=deck.first.pk, actor=reviewer, reason="wrong today")
    desk.force_login(reviewer)
    address = reverse("admin:flashcards_card_restore", args=[deck.first.pk])
    assert desk.post(address, {"reason": "right again"}).status_code == 302
    assert Card.objects.get(pk=deck.first.pk).retired_at is None
    assert cards.stored_cards(deck.code)["FC-001"].is_edited_in_admin
    left = [str(step) for step in plan_deck([], "en", cards.stored_cards(deck.code)) if not step.changes]
    assert len(left) == 1
    assert "FC-001" in left[0]


@pytest.mark.parametrize("act", [cards.withdraw, cards.restore])
def test_a_card_is_withdrawn_and_brought_back_once_and_by_reviewers_alone(deck: Deck, act: object) -> None:
    assert callable(act)
    with pytest.raises(Refused) as caught:
        act(card_id=deck.first.pk, actor=acts.staff("authors"), reason="no reviewer")
    assert caught.value.code == "not_allowed"
    reviewer = acts.staff("reviewers")
    if act is cards.restore:
        cards.withdraw(card_id=deck.first.pk, actor=reviewer, reason="for now")
    act(card_id=deck.first.pk, actor=reviewer, reason="once")
    with pytest.raises(Refused) as caught:
        act(card_id=deck.first.pk, actor=reviewer, reason="twice")
    assert caught.value.status == 409
