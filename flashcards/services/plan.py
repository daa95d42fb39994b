"""What loading a deck would change: the files compared with what is stored. Queries and writes nothing."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from exams.content_sync.operations import Operation, SkippedOperation
from flashcards.content.records import CardRecord, DeckRecord
from flashcards.services.steps import CardDraft, CardFacts, CardStep, CardTextStep, RetireStep

type _CardStep = CardStep | CardTextStep | RetireStep


@dataclass(frozen=True, slots=True)
class StoredCard:
    """A card of the stored deck, and the digest of its current text by language.

    `is_edited_in_admin` tells that a text of it did not come from files.
    """

    facts: CardFacts
    is_retired: bool
    texts: Mapping[str, str]
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
    ordered = sorted(decks, key=lambda deck: deck.language != original)
    facts: dict[str, CardFacts] = {}
    for deck in ordered:
        for position, card in enumerate(deck.cards, start=1):
            facts.setdefault(card.id, _facts(card, position))
    steps: list[_CardStep] = list(_cards(facts, stored))
    for deck in ordered:
        steps += _texts(deck, stored)
    steps += [RetireStep(code) for code, card in stored.items() if code not in facts and not card.is_retired]
    kept = {code for code, card in stored.items() if card.is_edited_in_admin and code not in overwrite}
    left = dict.fromkeys(step.code for step in steps if step.code in kept)
    return [*(step for step in steps if step.code not in kept), *(SkippedOperation(code) for code in left)]


def _facts(card: CardRecord, position: int) -> CardFacts:
    return CardFacts(card.domain, card.task, card.tags, card.covers, card.free_preview, position)


def _cards(facts: Mapping[str, CardFacts], stored: Mapping[str, StoredCard]) -> Iterator[CardStep]:
    for code, one in facts.items():
        known = stored.get(code)
        if known is None or known.is_retired or known.facts != one:
            yield CardStep(code, one, is_new=known is None)


def _texts(deck: DeckRecord, stored: Mapping[str, StoredCard]) -> Iterator[CardTextStep]:
    for card in deck.cards:
        draft = CardDraft(deck.language, card.front, card.back, card.trap)
        known = stored[card.id].texts.get(deck.language) if card.id in stored else None
        if known != draft.digest():
            yield CardTextStep(card.id, draft, is_new=known is None, place=card.place)
