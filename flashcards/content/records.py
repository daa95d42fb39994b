"""Plain records of flashcards, and the YAML files of a deck."""

from dataclasses import dataclass, field
from typing import Any, Final

from exams.content.formats.tree import Branch, dump, finish, open_document
from exams.content.records import NOWHERE, Place

# What a card is called in files and tables may have so many characters.
CODE_LENGTH: Final = 20


@dataclass(frozen=True, slots=True)
class CardRecord:
    """One flashcard, texts in Markdown; `trap` is empty where the card has none."""

    id: str
    domain: int
    task: str
    free_preview: bool
    front: str
    back: str
    trap: str
    tags: tuple[str, ...]
    covers: tuple[str, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DeckRecord:
    """One file of flashcards: the code of its certification, its language, its cards in order."""

    name: str
    language: str
    cards: tuple[CardRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)


CARD_KEYS: Final = ("id", "domain", "task", "free_preview", "front", "back", "tags", "covers")


def read_deck(data: bytes, file: str) -> DeckRecord:
    """Read a file of flashcards; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    top = root.fields(("deck", "language", "cards"))
    cards = tuple(_card(row) for row in top.rows("cards"))
    record = DeckRecord(top.text("deck"), top.text("language"), cards, root.place)
    finish(problems)
    return record


def _card(branch: Branch) -> CardRecord:
    name = branch.silent().fields((), open_ended=True).text("id")
    fields = branch.within(name).fields(CARD_KEYS, ("trap",))
    return CardRecord(
        id=fields.text("id"),
        domain=fields.number("domain"),
        task=fields.text("task"),
        free_preview=fields.flag("free_preview"),
        front=fields.text("front"),
        back=fields.text("back"),
        trap=fields.text("trap") if "trap" in fields else "",
        tags=fields["tags"].texts(),
        covers=fields["covers"].texts(),
        place=branch.place,
    )


def write_deck(deck: DeckRecord) -> bytes:
    """Write a file of flashcards; reading it again gives an equal record."""
    cards = [_card_row(card) for card in deck.cards]
    return dump({"deck": deck.name, "language": deck.language, "cards": cards})


def _card_row(card: CardRecord) -> dict[str, Any]:
    return {
        "id": card.id,
        "domain": card.domain,
        "task": card.task,
        "free_preview": card.free_preview,
        "front": card.front,
        "back": card.back,
        **({"trap": card.trap} if card.trap else {}),
        "tags": list(card.tags),
        "covers": list(card.covers),
    }


def read_planned(data: bytes, file: str) -> int:
    """Return how many cards the plan of a deck has in all; the rest of it only tools read."""
    root, problems = open_document(data, file)
    total = (
        root.fields(("deck",), open_ended=True)["deck"].fields(("total",), open_ended=True).number("total")
    )
    finish(problems)
    return total
