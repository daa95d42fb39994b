"""The package of a deck, opened by Anki's own library: what arrives, and what a second import changes."""

import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest
from django.db import connection

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.catalog.models import Certification
from exams.content_sync.parts import apply, content_parts
from flashcards.anki import export as exports
from flashcards.anki.export import Export
from flashcards.content.records import read_deck
from flashcards.models import Card
from flashcards.scheduling.memory import Rating
from flashcards.services import cards, own, reviews
from flashcards.services.operations import CardDraft, plan_deck
from flashcards.services.own import OwnDraft
from tests import roles, snapshot
from tests.factories import publish_log
from tests.flashcards import decks
from tests.flashcards.decks import Deck, rate

pytestmark = pytest.mark.django_db

FILE = Path(__file__).parents[3] / "fixtures" / "mls-c01" / "flashcards.yaml"


class Anki:
    """A collection of somebody who uses Anki."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.collection = Collection(str(folder / "collection.anki2"))

    def take(self, made: Export | bytes, *, with_scheduling: bool = False) -> dict[str, int]:
        """Import a package; return how many notes were new, updated, duplicate, conflicting."""
        path = self.folder / "deck.apkg"
        path.write_bytes(made if isinstance(made, bytes) else made.content)
        asked = ImportAnkiPackageRequest(
            package_path=str(path), options=ImportAnkiPackageOptions(with_scheduling=with_scheduling)
        )
        log = self.collection.import_anki_package(asked).log
        kinds = ("new", "updated", "duplicate", "conflicting")
        return {kind: len(found) for kind in kinds if (found := getattr(log, kind))}

    def notes(self, query: str = "") -> list[Any]:
        return [self.collection.get_note(pk) for pk in self.collection.find_notes(query)]

    def note(self, code: str) -> Any:
        (found,) = self.notes(f"Code:{code}")
        return found


@pytest.fixture
def anki(tmp_path: Path) -> Iterator[Anki]:
    """Anki with an empty collection."""
    found = Anki(tmp_path)
    yield found
    found.collection.close()


@pytest.fixture
def real(certification: Certification) -> Certification:
    """The certification with the deck of the content files: 120 cards, 10 of them a preview."""
    snapshot.more("deck of files", lambda: _load(certification))
    return certification


def _load(certification: Certification) -> None:
    content_parts()  # loaded, they say what becomes of each step
    for step in plan_deck([read_deck(FILE.read_bytes(), FILE.name)], "en", {}):
        apply(step, certification.code, publish_log())


def test_the_whole_deck_arrives_with_tags_and_html(real: Certification, anna: User, anki: Anki) -> None:
    made = exports.export(anna, "mls-c01", "en")
    assert (made.name, made.notes) == ("passline-mls-c01-flashcards-en.apkg", 120)
    assert anki.take(made) == {"new": 120}
    record = {card.id: card for card in read_deck(FILE.read_bytes(), FILE.name).cards}
    stored = {card.code: card.texts.get() for card in Card.objects.filter(certification=real)}
    assert len(anki.notes()) == len(record) == 120
    for note in anki.notes():
        front, back, code = note.fields
        text = stored[code]
        assert front == text.front_html
        assert back == text.back_html + (f"<p><b>Trap:</b> {text.trap_html}</p>" if text.trap else "")
        assert sorted(note.tags) == sorted(f"mls-c01::{tag}" for tag in record[code].tags)
    assert {tag for tag in anki.collection.tags.all() if "domain-" in tag} == {
        f"mls-c01::domain-{number}" for number in range(1, 5)
    }
    assert "Passline::MLS-C01 (English)" in {deck.name for deck in anki.collection.decks.all_names_and_ids()}
    assert anki.collection.fix_integrity()[1]


def test_each_note_is_one_new_card_in_the_order_of_the_deck(
    real: Certification, anna: User, anki: Anki
) -> None:
    rate(anna, Card.objects.filter(certification=real).order_by("position")[0], Rating.EASY)
    anki.take(exports.export(anna, "mls-c01", "en"))
    found = [anki.collection.get_card(pk) for pk in anki.collection.find_cards("", order=True)]
    assert len(found) == 120
    assert {(card.type, card.reps, card.ivl) for card in found} == {(0, 0, 0)}
    by_due = sorted(found, key=lambda card: card.due)
    assert [card.note()["Code"] for card in by_due[:3]] == ["FC-001", "FC-002", "FC-003"]
    db = anki.collection.db
    assert db is not None
    assert db.scalar("SELECT count(*) FROM revlog") == 0
    first = by_due[0]
    assert first.note()["Front"] in first.question()
    assert first.note()["Back"] in first.answer()


def test_a_second_import_changes_nothing(real: Certification, anna: User, anki: Anki) -> None:
    made = exports.export(anna, "mls-c01", "en")
    anki.take(made)
    again = exports.export(anna, "mls-c01", "en")
    assert again.content == made.content
    assert anki.take(again) == {"duplicate": 120}
    assert len(anki.notes()) == 120


def test_after_a_change_an_import_updates_what_changed_and_keeps_the_progress(
    real: Certification, anna: User, anki: Anki
) -> None:
    _tick()
    anki.take(exports.export(anna, "mls-c01", "en"))
    learned = anki.note("FC-007").cards()[0]
    learned.reps = 5
    anki.collection.update_card(learned)
    card = Card.objects.get(certification=real, code="FC-007")
    cards.add_text(card, CardDraft("en", "What is `new`?", "**This** is."), publish_log())
    assert anki.take(exports.export(anna, "mls-c01", "en")) == {"updated": 1, "duplicate": 119}
    note = anki.note("FC-007")
    assert note.fields[:2] == ["What is <code>new</code>?", "<p><strong>This</strong> is.</p>"]
    assert [one.reps for one in note.cards()] == [5]
    assert len(anki.notes()) == 120


def test_a_change_of_tags_alone_arrives_too(deck: Deck, anna: User, anki: Anki) -> None:
    _tick()
    anki.take(exports.export(anna, "mls-c01", "en"))
    facts = cards.stored_cards("mls-c01")["FC-001"].facts
    changed = type(facts)(2, "2.1", ("domain-2",), facts.coverage, facts.is_preview, facts.position)
    cards.save_card(deck.certification, "FC-001", changed)
    assert anki.take(exports.export(anna, "mls-c01", "en")) == {"updated": 1, "duplicate": 11}
    assert anki.note("FC-001").tags == ["mls-c01::domain-2"]


def test_whoever_takes_the_preview_first_loses_nothing_by_the_whole(
    real: Certification, anna: User, stranger: User, anki: Anki
) -> None:
    preview = exports.export(None, "mls-c01", "en")
    assert preview.notes == 10
    assert exports.export(stranger, "mls-c01", "en").content == preview.content
    assert anki.take(preview) == {"new": 10}
    assert anki.take(exports.export(anna, "mls-c01", "en")) == {"new": 110, "duplicate": 10}


def test_no_locked_text_is_in_the_preview(certification: Certification, anki: Anki) -> None:
    decks.make_deck(certification, mark="zanzibar")
    whole = zipfile.ZipFile(BytesIO(exports.export(None, "mls-c01", "en").content))
    assert b"fact 1" in whole.read("collection.anki2")
    assert b"zanzibar" not in whole.read("collection.anki2")
    assert b"fact 3" not in whole.read("collection.anki2")


def test_a_deck_in_another_language_stands_beside_the_first(deck: Deck, anna: User, anki: Anki) -> None:
    _tick()
    anki.take(exports.export(anna, "mls-c01", "en"))
    assert anki.take(exports.export(anna, "mls-c01", "hu")) == {"new": 12}
    fronts = {note["Front"] for note in anki.notes("deck:*Magyar*")}
    assert {"Mi a 1. tény?", "What is fact 2?"} <= fronts
    cards.add_text(deck.cards[1], CardDraft("hu", "Mi a 2. tény?", "Kettő."), publish_log())
    assert anki.take(exports.export(anna, "mls-c01", "hu")) == {"updated": 1, "duplicate": 11}


def test_own_cards_come_along_once_and_only_to_their_owner(
    deck: Deck, anna: User, bela: User, anki: Anki
) -> None:
    draft = OwnDraft("What is *mine*?", "A & B < C {{Front}}", ("my tag",))
    own.create(anna, "mls-c01", draft, language="en")
    assert exports.export(bela, "mls-c01", "en").notes == 12
    assert anki.take(exports.export(anna, "mls-c01", "en")) == {"new": 13}
    (note,) = anki.notes("tag:mls-c01::own")
    assert note.fields[:2] == ["What is <em>mine</em>?", "<p>A &amp; B &lt; C {{Front}}</p>"]
    assert sorted(note.tags) == ["mls-c01::my-tag", "mls-c01::own"]
    assert "{{Front}}" in note.cards()[0].answer()
    assert anki.take(exports.export(anna, "mls-c01", "hu")) == {"new": 12, "duplicate": 1}


def test_suspended_cards_stay_suspended_and_only_those_of_the_person(
    deck: Deck, anna: User, bela: User, anki: Anki
) -> None:
    reviews.suspend(anna, "mls-c01", deck.first.pk)
    reviews.suspend(bela, "mls-c01", deck.cards[1].pk)
    anki.take(exports.export(anna, "mls-c01", "en"), with_scheduling=True)
    for query in ("is:suspended", "tag:mls-c01::suspended"):
        assert [note["Code"] for note in anki.notes(query)] == ["FC-001"]


def test_a_certification_without_cards_has_no_package(certification: Certification, anna: User) -> None:
    for code in ("mls-c01", "none"):
        with pytest.raises(Refused) as caught:
            exports.export(anna, code, "en")
        assert caught.value.status == 404


def test_an_export_is_small(real: Certification, anna: User) -> None:
    made = exports.export(anna, "mls-c01", "en")
    assert len(made.content) < 60_000


def _tick() -> None:
    """Make every card a minute older: Anki tells changes apart by the second."""
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE flashcards_cardtext DISABLE TRIGGER USER")
        cursor.execute("UPDATE flashcards_cardtext SET published_at = published_at - interval '1 minute'")
        cursor.execute("ALTER TABLE flashcards_cardtext ENABLE TRIGGER USER")
        cursor.execute("UPDATE flashcards_card SET changed_at = changed_at - interval '1 minute'")
