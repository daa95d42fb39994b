"""Cards in the queue of translators: missing, older than their original, or up to date."""

from dataclasses import replace

import pytest

from exams.authoring import missing_translations
from exams.authoring.missing_translations import Asked, Reason
from exams.catalog.models import Certification
from flashcards.models import Card
from flashcards.services import cards
from flashcards.services.drafts import of_cards
from tests import factories
from tests.exams.authoring import acts
from tests.flashcards.services.test_drafts import DRAFT, FACTS, texts

pytestmark = pytest.mark.django_db

HUNGARIAN = replace(DRAFT, language="hu", front="Mi az egy?", back="Az 1.", trap="Nem 0.")


@pytest.fixture
def certification() -> Certification:
    made = factories.make_certification()
    cards.add_text(cards.save_card(made, "FC-001", FACTS), DRAFT, factories.publish_log())
    return made


def missing(certification: Certification) -> list[tuple[str, Reason]]:
    return [(gap.name, gap.lack) for gap in of_cards(certification, ["hu"])]


def test_a_card_without_a_translation_is_missing_with_its_words(certification: Certification) -> None:
    (gap,) = of_cards(certification, ["hu"])
    assert (gap.kind, gap.name, gap.lack, gap.words) == ("card", "FC-001", Reason.MISSING, "What is one?")
    rows = missing_translations.queue(Asked(kind="card"), 0).rows
    assert [row.gap for row in rows] == [gap]


def test_a_translation_is_older_once_the_original_says_something_else(certification: Certification) -> None:
    log, card = factories.publish_log(), Card.objects.get()
    cards.add_text(card, HUNGARIAN, log)
    cards.add_text(card, replace(DRAFT, back="It is one."), log)
    assert missing(certification) == []
    cards.add_text(card, replace(DRAFT, back="One."), factories.publish_log())
    assert missing(certification) == [("FC-001", Reason.OLDER)]
    cards.add_text(card, replace(HUNGARIAN, back="Egy."), factories.publish_log())
    assert missing(certification) == []


def test_a_card_that_only_moved_keeps_its_translation_up_to_date(certification: Certification) -> None:
    cards.add_text(Card.objects.get(), HUNGARIAN, factories.publish_log())
    draft = acts.begin(certification, "card", "FC-001")
    acts.publish(draft, {"position": 7})
    assert Card.objects.get().texts.filter(language="en").count() == 2
    assert missing(certification) == []


def test_a_card_that_left_the_deck_needs_no_translation(certification: Certification) -> None:
    cards.retire(certification, "FC-001")
    assert missing(certification) == []


def test_words_of_a_draft_are_no_translation_until_they_are_published(certification: Certification) -> None:
    draft = acts.begin(certification, "card", "FC-001")
    words = {"front": HUNGARIAN.front, "back": HUNGARIAN.back, "trap": HUNGARIAN.trap}
    content = {**texts()["texts"], "hu": words}
    assert missing(certification) == [("FC-001", Reason.MISSING)]
    acts.publish(draft, {"texts": content})
    assert missing(certification) == []
