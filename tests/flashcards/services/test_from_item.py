"""A card from a question: only of one's own ended exam, once, and closed while an exam has the question."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import lifecycle
from exams.attempts.models import Attempt, State
from exams.bank.models import ItemText
from flashcards.anki import export as anki
from flashcards.models import Card
from flashcards.services import own, own_csv
from flashcards.services.own import from_item
from flashcards.study.day import study_day
from tests import factories
from tests.exams.attempts.helpers import past_deadline
from tests.exams.corrections.helpers import carry_out, rule
from tests.flashcards.decks import UTC, make_deck

pytestmark = pytest.mark.django_db

MARK = "canary-77aa"


def finish(user: User, form: factories.Form) -> Attempt:
    """Sit a form and submit it, with the first question missed."""
    started = factories.start(user, form)
    lifecycle.submit(user=user, attempt_id=started.attempt_id, lease=started.lease)
    lifecycle.settle(user=user, attempt_id=started.attempt_id)
    attempt = Attempt.objects.get(pk=started.attempt_id)
    assert attempt.state == State.SCORED
    return attempt


def refusal(user: User, attempt_id: object, position: int) -> tuple[str, int]:
    with pytest.raises(Refused) as caught:
        from_item(user, attempt_id, position)  # type: ignore[arg-type]
    assert str(caught.value)
    return caught.value.code, caught.value.status


def test_the_card_asks_the_question_and_answers_with_key_and_principle(
    anna: User, form: factories.Form
) -> None:
    made = from_item(anna, finish(anna, form).pk, 1)
    assert made.is_new
    card = own.get(anna, "mls-c01", made.card_id)
    assert card.draft.front == "A ferry operator of item E1-Q01 keeps its data. Which answer is right?"
    assert card.draft.back == "Answer 1 to E1-Q01\n\nA principle of E1-Q01."
    row = Card.objects.get(pk=made.card_id)
    assert (row.domain, row.task, row.coverage, row.tags) == (1, "1.1", ["s3"], ["domain-1"])


def test_several_keys_are_a_list(anna: User, form: factories.Form) -> None:
    made = from_item(anna, finish(anna, form).pk, 3)
    card = own.get(anna, "mls-c01", made.card_id)
    assert card.draft.back == "- Answer 0 to E1-Q03\n- Answer 2 to E1-Q03\n\nA principle of E1-Q03."
    assert card.back_html.count("<li>") == 2
    assert "(Select TWO.)" in card.draft.front


def test_the_wording_is_that_of_the_language_that_was_taken(anna: User, form: factories.Form) -> None:
    started = factories.start(anna, form, "hu")
    lifecycle.submit(user=anna, attempt_id=started.attempt_id, lease=started.lease)
    lifecycle.settle(user=anna, attempt_id=started.attempt_id)
    card = own.get(anna, "mls-c01", from_item(anna, started.attempt_id, 1).card_id)
    assert card.language == "hu"
    assert card.draft.front.endswith("Melyik válasz helyes?")


def test_a_second_click_finds_the_card_and_a_deleted_one_comes_back(anna: User, form: factories.Form) -> None:
    attempt = finish(anna, form)
    made = from_item(anna, attempt.pk, 1)
    again = from_item(anna, attempt.pk, 1)
    assert (again.card_id, again.is_new) == (made.card_id, False)
    own.archive(anna, "mls-c01", made.card_id)
    assert from_item(anna, attempt.pk, 1).card_id == made.card_id
    assert len(own.listed(anna, "mls-c01")) == 1


def test_table_and_code_of_a_question_are_kept_and_figures_are_named(
    anna: User, form: factories.Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = finish(anna, form)
    table, code = "| a | b |\n| --- | --- |\n| 1 | 2 |", "```\nx = 1\n\n  y\n```"
    stem = f"Rows:\n\n{table}\n\n{code}\n\n![A chart](figure:f1) Which one?"
    text = ItemText(stem=stem, ask="", principle="Rows first.", language="en")
    monkeypatch.setattr(ItemText.objects, "get", lambda **_place: text)
    monkeypatch.setattr(own, "_keys", lambda _text: "The first")
    source = own.item_card(anna, attempt.pk, 1)
    assert source.by_question.front == stem.replace("![A chart](figure:f1)", "A chart")
    assert source.by_question.back == "The first\n\nRows first."
    assert source.by_principle.front.startswith("Rows first.\n\nWhen does this matter?")
    assert source.by_principle.back.endswith("A chart Which one?\n\nThe first")
    card = own.get(anna, "mls-c01", from_item(anna, attempt.pk, 1).card_id)
    assert card.draft.front == source.by_question.front
    assert "<table" in card.front_html and "x = 1\n\n  y" in card.front_html


def test_what_was_changed_before_it_is_kept_is_stored_also_when_the_card_was_deleted_once(
    anna: User, form: factories.Form
) -> None:
    attempt = finish(anna, form)
    made = from_item(anna, attempt.pk, 1)
    own.archive(anna, "mls-c01", made.card_id)
    draft = own.OwnDraft("Mine?", "Yes.", domain=2)
    assert from_item(anna, attempt.pk, 1, draft) == own.Made(made.card_id, is_new=True)
    assert own.get(anna, "mls-c01", made.card_id).draft == draft
    assert from_item(anna, attempt.pk, 1, own.OwnDraft("Other?", "No.")).is_new is False
    assert own.get(anna, "mls-c01", made.card_id).draft == draft


def test_only_of_an_ended_exam_of_ones_own(anna: User, bela: User, form: factories.Form) -> None:
    running = factories.start(anna, form).attempt_id
    assert refusal(anna, running, 1) == ("not_finished", 409)
    past_deadline(running, 40)
    assert refusal(anna, running, 1) == ("not_finished", 409)
    lifecycle.settle(user=anna, attempt_id=running)
    assert refusal(bela, running, 1) == ("not_found", 404)
    assert refusal(anna, uuid4(), 1) == ("not_found", 404)
    for position in (0, -1, 9, 10**9):
        assert refusal(anna, running, position) == ("not_found", 404)
    assert not Card.objects.exists()


def test_while_an_exam_has_the_question_none_is_made(anna: User, bela: User, form: factories.Form) -> None:
    attempt = finish(anna, form)
    factories.start(bela, form)
    from_item(anna, attempt.pk, 2)
    factories.start(anna, form)
    assert refusal(anna, attempt.pk, 1) == ("held", 409)
    assert Card.objects.count() == 1


def test_a_card_is_closed_everywhere_while_an_exam_has_its_question(anna: User) -> None:
    form = factories.make_form(mark=MARK)
    make_deck(form.form.certification)
    pk = from_item(anna, finish(anna, form).pk, 1).card_id
    own.create(anna, "mls-c01", own.OwnDraft("Mine?", "Yes."), language="en")
    client = Client()
    client.force_login(anna)

    def told() -> dict[str, str]:
        """Return what every address of the flashcards says to Anna."""
        replies = {}
        for name in ("study", "own_cards", "statistics", "own_cards_csv", "deck", "anki"):
            replies[name] = client.get(reverse(f"flashcards:{name}", args=["mls-c01"])).content
        replies["card"] = client.get(reverse("flashcards:own_card_edit", args=["mls-c01", pk])).content
        replies["due"] = client.get("/api/v1/certifications/mls-c01/flashcards/due/").content
        replies["export"] = anki.export(anna, "mls-c01", "en").content
        return {name: body.decode(errors="replace") for name, body in replies.items()}

    def entries() -> int:
        today = study_day(anna, "mls-c01", UTC, granted=True)
        assert today
        return len(today.entries)

    assert {name for name, body in told().items() if MARK in body} >= {
        "study",
        "own_cards",
        "own_cards_csv",
        "card",
        "due",
    }
    assert (entries(), anki.export(anna, "mls-c01", "en").notes) == (14, 14)
    exported = own_csv.export(anna, "mls-c01")
    started = factories.start(anna, form)
    assert [name for name, body in told().items() if MARK in body] == []
    assert (entries(), anki.export(anna, "mls-c01", "en").notes) == (13, 13)
    for act in (
        lambda: own.get(anna, "mls-c01", pk),
        lambda: own.update(anna, "mls-c01", pk, own.OwnDraft("a", "b")),
        lambda: own_csv.take(anna, "mls-c01", exported, language="en"),
    ):
        with pytest.raises(Refused):
            act()
    lifecycle.submit(user=anna, attempt_id=started.attempt_id, lease=started.lease)
    lifecycle.settle(user=anna, attempt_id=started.attempt_id)
    assert entries() == 14


def test_a_card_names_every_answer_that_a_ruling_accepts_as_the_review_does(
    anna: User, form: factories.Form
) -> None:
    attempt = finish(anna, form)
    rule(form, 1, "also", form.others[1][0])
    carry_out()
    card = own.get(anna, "mls-c01", from_item(anna, attempt.pk, 1).card_id)
    assert "Answer 1 to E1-Q01" in card.draft.back
    assert "Answer 0 to E1-Q01" in card.draft.back


def test_a_card_does_not_teach_the_answer_that_a_ruling_replaced(anna: User, form: factories.Form) -> None:
    attempt = finish(anna, form)
    rule(form, 1, "replace", form.others[1][0])
    carry_out()
    card = own.get(anna, "mls-c01", from_item(anna, attempt.pk, 1).card_id)
    assert "Answer 0 to E1-Q01" in card.draft.back
    assert "Answer 1 to E1-Q01" not in card.draft.back
