"""Cards as drafts: a published one is a revision that a load leaves alone."""

from typing import Any

import pytest

from exams.catalog.models import Certification
from flashcards.models import Card, CardText
from flashcards.services import cards
from flashcards.services.drafts import CardKind
from flashcards.services.operations import CardDraft, CardFacts, plan_deck
from tests import factories
from tests.exams.authoring import acts

pytestmark = pytest.mark.django_db

FACTS = CardFacts(1, "1.1", ("storage",), ("s3",), is_preview=False, position=1)
DRAFT = CardDraft("en", "What is one?", "It is 1.", "Not 0.")


@pytest.fixture
def certification() -> Certification:
    made = factories.make_certification()
    cards.add_text(cards.save_card(made, "FC-001", FACTS), DRAFT, factories.publish_log())
    return made


def texts(**words: str) -> dict[str, Any]:
    return {"texts": {"en": {"front": DRAFT.front, "back": DRAFT.back, "trap": DRAFT.trap, **words}}}


def left_alone(certification: Certification) -> bool:
    """Say whether files without this card leave it alone instead of retiring it."""
    (step,) = plan_deck([], "en", cards.stored_cards(certification.code))
    return not step.changes


def test_a_card_begins_as_it_stands_and_unchanged_makes_no_revision(certification: Certification) -> None:
    draft = acts.begin(certification, "card", "FC-001")
    assert draft.content["texts"]["en"] == texts()["texts"]["en"]
    acts.publish(draft, {})
    assert CardText.objects.count() == 1
    assert not left_alone(certification)


def test_a_published_text_is_a_revision_that_files_do_not_undo(certification: Certification) -> None:
    log = acts.publish(acts.begin(certification, "card", "FC-001"), texts(back="It is exactly 1."))
    text = CardText.objects.get(log=log)
    assert (text.revision, text.back) == (2, "It is exactly 1.")
    assert left_alone(certification)


def test_facts_that_a_person_changed_are_not_undone_either(certification: Certification) -> None:
    acts.publish(acts.begin(certification, "card", "FC-001"), {"tags": ["network"]})
    assert Card.objects.get().tags == ["network"]
    assert left_alone(certification)


def test_a_new_card_comes_behind_the_others(certification: Certification) -> None:
    draft = acts.begin(certification, "card", "FC-900")
    assert draft.content["position"] == 2
    acts.publish(draft, {"task": "1.1", **texts(front="What is two?")})
    assert CardText.objects.get(card__code="FC-900").front == "What is two?"


@pytest.mark.parametrize(
    ("change", "field", "rule"),
    [
        ({"task": "9.9"}, "task", "known-task"),
        ({"domain": 2}, "task", "known-task"),
        (texts(back=""), "texts.en.back", "missing-text"),
        (texts(front="![x](figure:y)"), "texts.en.front", "no-figures"),
        ({"texts": {}}, "texts.en", "original-text"),
    ],
)
def test_what_keeps_a_card_from_its_deck_is_named(
    certification: Certification, change: dict[str, Any], field: str, rule: str
) -> None:
    kind = CardKind()
    content = kind.validate({**acts.begin(certification, "card", "FC-001").content, **change})
    found = kind.remarks(certification, "FC-001", content)
    assert (field, rule) in {(one.field, one.rule) for one in found if one.blocks}
