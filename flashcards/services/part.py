"""The part with the flashcards and its tables."""

from collections.abc import Container, Mapping, Sequence

from exams.catalog.models import Certification
from exams.content.catalog import CatalogPart
from exams.content.folder import Folder
from exams.content.parts import Content
from exams.content_sync.operations import Operation
from exams.content_sync.parts import StoredPart, apply
from exams.publication.models import PublishLog
from flashcards.content.part import FlashcardsPart, FlashcardsRecord
from flashcards.content.records import write_deck
from flashcards.models import Card
from flashcards.services import cards
from flashcards.services.operations import CardStep, CardTextStep, RetireStep, plan_deck


class StoredFlashcardsPart(FlashcardsPart, StoredPart[FlashcardsRecord]):
    """Cards and their texts. Unchanged ones are left alone, those that left the files are retired."""

    def read(self, folder: Folder, content: Content) -> FlashcardsRecord:
        """Return plan and decks; without files there is no card, so that stored ones retire."""
        return super().read(folder, content) or FlashcardsRecord(None, ())

    def plan(
        self, record: FlashcardsRecord, content: Content, overwrite: Container[str]
    ) -> Sequence[Operation]:
        """Return what has changed since the last load."""
        catalog = content[CatalogPart]
        code = catalog.certification.code
        return plan_deck(record.decks, catalog.original_language, cards.stored_cards(code), overwrite)

    def write(self, code: str) -> Mapping[str, bytes]:
        """Return the deck in each language, the original first; its plan is among the kept files."""
        original = Certification.objects.get(code=code).original_language
        return {
            f"flashcards{'' if deck.language == original else '.' + deck.language}.yaml": write_deck(deck)
            for deck in cards.written_decks(code)
        }


@apply.register
def _save(step: CardStep, code: str, log: PublishLog) -> None:
    cards.save_card(Certification.objects.get(code=code), step.code, step.facts)


@apply.register
def _add_text(step: CardTextStep, code: str, log: PublishLog) -> None:
    card = Card.objects.get(certification__code=code, owner=None, code=step.code)
    cards.add_text(card, step.draft, log)


@apply.register
def _retire(step: RetireStep, code: str, log: PublishLog) -> None:
    cards.retire(Certification.objects.get(code=code), step.code)
