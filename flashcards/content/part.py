"""The part of a certification's folder with its flashcards: a plan, and a deck in each language."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from exams.content.folder import Folder
from exams.content.parts import Content, Part
from exams.content.records import Problem
from flashcards.content.records import DeckRecord, read_deck, read_planned
from i18n import languages

PLAN: Final = "flashcards-plan.yaml"


@dataclass(frozen=True, slots=True)
class FlashcardsRecord:
    """How many cards are planned, None without a plan, and the decks."""

    planned: int | None
    decks: tuple[DeckRecord, ...]


class FlashcardsPart(Part[FlashcardsRecord]):
    """The files flashcards.yaml, flashcards.<language>.yaml and the plan."""

    name = "flashcards"
    files = (r"flashcards(?:\.[a-z]{2,3}(?:-[a-z0-9]+)?)?\.yaml", r"flashcards-plan\.yaml")
    kept = (r"flashcards-plan\.yaml",)

    def read(self, folder: Folder, content: Content) -> FlashcardsRecord | None:
        """Return plan and decks, or None where there is neither."""
        planned = folder.one(PLAN, read_planned, optional=True)
        decks = folder.all(self.files[0], read_deck)
        return FlashcardsRecord(planned, decks) if planned or decks else None

    def problems(self, record: FlashcardsRecord, content: Content) -> Iterator[Problem]:
        """Return the decks in a language that the product does not know, or that their name does not say."""
        for deck in record.decks:
            if deck.language not in languages.CODES:
                known = ", ".join(languages.CODES)
                message = f"{deck.language!r} is not a known language; known are {known}"
                yield Problem(deck.place, "", message)
            # The deck of the original language has no language in its name.
            _, *named = deck.place.file.removesuffix(".yaml").split(".")
            if named not in ([], [deck.language]):
                message = f"the file is named for {named[0]!r} and says that it is in {deck.language!r}"
                yield Problem(deck.place, "", message)

    def planned(self, record: FlashcardsRecord) -> int | None:
        """Return the number of cards that the plan has."""
        return record.planned
