"""Loading a deck: cards and texts into tables, nothing twice, nothing deleted."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from exams.catalog.models import Certification
from exams.content.formats.tree import dump
from exams.content.parts import read_content
from exams.content.records import FormatError
from exams.content_sync.load import load
from exams.content_sync.operations import Plan
from exams.content_sync.parts import content_parts
from flashcards.models import Card, CardText
from flashcards.services import cards
from flashcards.services.operations import CardDraft, CardStep, CardTextStep, RetireStep
from tests import roles
from tests.exams.content import builders
from tests.exams.content_sync import ground
from tests.factories import publish_log
from tests.flashcards.content import builders as decks

pytestmark = pytest.mark.django_db


def put(directory: Path, documents: dict[str, dict[str, Any]]) -> Plan:
    """Load the small certification with these files of cards and no others."""
    write(directory, documents)
    return load(read_content(directory, content_parts()))


def put_before(directory: Path, documents: dict[str, dict[str, Any]]) -> None:
    """Write files that were loaded before what a test is about."""
    write(directory, documents)
    ground.loaded(directory)


def write(directory: Path, documents: dict[str, dict[str, Any]]) -> None:
    builders.write_directory(directory, builders.exam(1))
    for file in directory.glob("flashcards*"):
        file.unlink()
    for name, document in documents.items():
        (directory / name).write_bytes(dump(document))


def cards_of(documents: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = documents["flashcards.yaml"]["cards"]
    return found


def rows() -> list[object]:
    return [*Card.objects.order_by("pk").values(), *CardText.objects.order_by("pk").values()]


def test_a_deck_becomes_cards_with_texts_rendered_once(tmp_path: Path) -> None:
    documents = decks.documents()
    cards_of(documents)[0]["back"] = "Use `s3`. <script>never</script>"
    plan = put(tmp_path, documents)
    assert len(plan.of(CardStep)) == len(plan.of(CardTextStep)) == 3
    first = Card.objects.get(code="FC-001")
    assert (first.domain, first.task, first.is_preview, first.position) == (1, "1.1", True, 1)
    assert (first.tags, first.coverage, first.owner) == (["domain-1", "storage"], ["s3"], None)
    text = first.texts.get()
    assert (text.language, text.revision, text.trap_html) == ("en", 1, "Not rows.")
    assert text.back_html == "<p>Use <code>s3</code>. &lt;script&gt;never&lt;/script&gt;</p>"


def test_loading_unchanged_files_changes_nothing(tmp_path: Path) -> None:
    put_before(tmp_path, decks.documents())
    before = rows()
    assert put(tmp_path, decks.documents()).is_empty
    assert rows() == before


def test_a_changed_text_is_a_new_revision_and_what_was_published_last_is_current(tmp_path: Path) -> None:
    put_before(tmp_path, decks.documents())
    changed = decks.documents()
    cards_of(changed)[0]["back"] = "Objects of every kind."
    plan = put(tmp_path, changed)
    assert [str(step) for step in plan.operations] == ["FC-001: new revision in en"]
    # Back to the first wording: published last, though it was written before.
    assert not put(tmp_path, decks.documents()).is_empty
    assert put(tmp_path, decks.documents()).is_empty
    texts = CardText.objects.filter(card__code="FC-001").order_by("revision")
    assert [text.revision for text in texts] == [1, 2, 3]
    assert texts[0].digest == texts[2].digest != texts[1].digest


def test_changed_facts_change_the_card_and_no_text(tmp_path: Path) -> None:
    put_before(tmp_path, decks.documents())
    changed = decks.documents()
    cards_of(changed)[1]["tags"] = ["domain-2", "other"]
    plan = put(tmp_path, changed)
    assert [str(step) for step in plan.operations] == ["FC-002: facts of the card"]
    assert Card.objects.get(code="FC-002").tags == ["domain-2", "other"]


def test_a_card_that_leaves_the_files_is_retired_and_may_come_back(tmp_path: Path) -> None:
    put_before(tmp_path, decks.documents())
    fewer = decks.documents()
    cards_of(fewer).pop()
    plan = put(tmp_path, fewer)
    assert [str(step) for step in plan.operations] == ["FC-003: card retired"]
    gone = Card.objects.get(code="FC-003")
    assert gone.retired_at is not None
    assert gone.texts.exists()
    assert put(tmp_path, fewer).is_empty
    put(tmp_path, decks.documents())
    gone.refresh_from_db()
    assert gone.retired_at is None


def test_a_folder_without_a_deck_retires_the_stored_one(tmp_path: Path) -> None:
    put_before(tmp_path, decks.documents())
    assert len(put(tmp_path, {}).of(RetireStep)) == 3
    assert not Card.objects.filter(retired_at__isnull=True).exists()


def test_a_translation_adds_texts_and_leaves_the_facts_alone(tmp_path: Path) -> None:
    documents = decks.documents()
    hungarian = decks.documents()["flashcards.yaml"] | {"language": "hu"}
    hungarian["cards"] = [card | {"front": f"Mit tart: {card['id']}?"} for card in hungarian["cards"]]
    plan = put(tmp_path, {**documents, "flashcards.hu.yaml": hungarian})
    assert len(plan.of(CardStep)) == 3
    assert set(CardText.objects.values_list("language", flat=True)) == {"en", "hu"}
    assert put(tmp_path, {**documents, "flashcards.hu.yaml": hungarian}).is_empty


def test_a_card_that_shows_a_figure_is_refused_and_nothing_is_stored(tmp_path: Path) -> None:
    documents = decks.documents()
    cards_of(documents)[2]["back"] = "![A curve](figure:absent)"
    with pytest.raises(FormatError, match="FC-003"):
        put(tmp_path, documents)
    assert rows() == []


def test_the_text_of_a_deck_neither_changes_nor_goes(tmp_path: Path) -> None:
    put_before(tmp_path, decks.documents())
    for sql in ("UPDATE flashcards_cardtext SET back = 'x'", "DELETE FROM flashcards_cardtext"):
        with pytest.raises(IntegrityError, match="it is kept as it was"), roles.as_owner():
            connection.cursor().execute(sql)


@pytest.mark.parametrize("trigger", ["insert_only", "keep_deck_text"])
def test_without_its_trigger_a_text_of_a_deck_could_be_lost(tmp_path: Path, trigger: str) -> None:
    put_before(tmp_path, decks.documents())
    act = {
        "insert_only": "UPDATE flashcards_cardtext SET back = 'x'",
        "keep_deck_text": "DELETE FROM flashcards_cardtext",
    }
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE flashcards_cardtext DISABLE TRIGGER {trigger}")
        cursor.execute(act[trigger])
        assert cursor.rowcount == 3


@pytest.mark.parametrize(
    "change",
    [
        {"code": ""},
        {"domain": None},
        {"item_code": "E1-Q01"},
        {"code": "FC-001"},
    ],
)
def test_a_card_of_the_deck_has_a_code_of_its_own_and_a_domain(
    change: dict[str, Any], tmp_path: Path
) -> None:
    put_before(tmp_path, decks.documents())
    facts = {"code": "FC-009", "domain": 1, "item_code": "", "position": 9} | change
    with pytest.raises(IntegrityError), transaction.atomic():
        Card.objects.create(certification=Certification.objects.get(), **facts)


def test_an_own_card_ends_with_its_text(tmp_path: Path, anna: Any) -> None:
    put_before(tmp_path, decks.documents())
    card = Card.objects.create(certification=Certification.objects.get(), owner=anna, position=1)
    draft = CardDraft("en", "What?", "That.")
    cards.add_text(card, draft, publish_log())
    assert cards.add_text(card, replace(draft, back="This."), publish_log()).revision == 2
    card.delete()
    assert not CardText.objects.filter(back="That.").exists()
