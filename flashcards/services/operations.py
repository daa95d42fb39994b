"""What loading a deck would change: its steps as plain values, each with the sentence that a load says of it.

The files are compared with what is stored. Queries and writes nothing.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from exams.content.digest import digest_of
from exams.content_sync.operations import Operation, RevisionOperation, SkippedOperation
from flashcards.content.records import DeckRecord


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card of a deck is, whatever the language. Positions count from 1."""

    domain: int
    task: str
    tags: tuple[str, ...]
    coverage: tuple[str, ...]
    is_preview: bool
    position: int


@dataclass(frozen=True, slots=True)
class CardDraft:
    """What a card says in one language, as written."""

    language: str
    front: str
    back: str
    trap: str = ""

    def digest(self) -> str:
        """Return the SHA-256 of the texts."""
        return digest_of([self.front, self.back, self.trap])


@dataclass(frozen=True, slots=True)
class CardStep(Operation):
    """A card that is new, has other facts, or comes back."""

    code: str
    facts: CardFacts = field(repr=False)
    is_new: bool
    noun: ClassVar[str] = "cards"

    def __str__(self) -> str:
        return f"{self.code}: {'new card' if self.is_new else 'facts of the card'}"


@dataclass(frozen=True, slots=True)
class CardTextStep(RevisionOperation[CardDraft]):
    """A new revision of what a card says in a language."""

    noun: ClassVar[str] = "texts of cards"


@dataclass(frozen=True, slots=True)
class RetireStep(Operation):
    """A card that the files no longer have. It stays for those who have reviewed it."""

    code: str
    noun: ClassVar[str] = "retired cards"

    def __str__(self) -> str:
        return f"{self.code}: card retired"


type _CardStep = CardStep | CardTextStep | RetireStep


@dataclass(frozen=True, slots=True)
class StoredCard:
    """A card of the stored deck, and its current text by language.

    `is_edited_in_admin` tells that a text of it did not come from files.
    """

    facts: CardFacts
    is_retired: bool
    texts: Mapping[str, CardDraft]
    is_edited_in_admin: bool = False


def plan_deck(
    decks: Sequence[DeckRecord],
    original: str,
    stored: Mapping[str, StoredCard],
    overwrite: Container[str] = frozenset(),
) -> list[Operation]:
    """Return new and changed cards, then texts, then what retires, then what is left alone.

    `overwrite` names the cards that come from the files although they were published here.

    The facts of a card are those of the deck in the original language, where that has it.
    """
    # The original first: its order and facts hold, and it is what translations are added to.
    ordered = sorted(decks, key=lambda deck: deck.language != original)
    facts: dict[str, CardFacts] = {}
    for deck in ordered:
        for position, card in enumerate(deck.cards, start=1):
            stands = CardFacts(card.domain, card.task, card.tags, card.covers, card.free_preview, position)
            facts.setdefault(card.id, stands)
    steps: list[_CardStep] = list(_cards(facts, stored))
    for deck in ordered:
        steps += _texts(deck, stored)
    steps += [RetireStep(code) for code, card in stored.items() if code not in facts and not card.is_retired]
    kept = {code for code, card in stored.items() if card.is_edited_in_admin and code not in overwrite}
    left = dict.fromkeys(step.code for step in steps if step.code in kept)
    return [*(step for step in steps if step.code not in kept), *(SkippedOperation(code) for code in left)]


def _cards(facts: Mapping[str, CardFacts], stored: Mapping[str, StoredCard]) -> Iterator[CardStep]:
    for code, card in facts.items():
        known = stored.get(code)
        if known is None or known.is_retired or known.facts != card:
            yield CardStep(code, card, is_new=known is None)


def _texts(deck: DeckRecord, stored: Mapping[str, StoredCard]) -> Iterator[CardTextStep]:
    for card in deck.cards:
        draft = CardDraft(deck.language, card.front, card.back, card.trap)
        known = stored[card.id].texts.get(deck.language) if card.id in stored else None
        if known != draft:
            yield CardTextStep(card.id, draft, is_new=known is None, place=card.place)
