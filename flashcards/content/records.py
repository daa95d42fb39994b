"""Plain records of flashcards and of their plan, independent of file formats."""

from dataclasses import dataclass, field
from typing import Final

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


@dataclass(frozen=True, slots=True)
class PlannedCardRecord:
    """What the plan fixes about a card before it is written."""

    id: str
    domain: int
    task: str
    free_preview: bool
    tags: tuple[str, ...]
    place: Place = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class DeckPlanRecord:
    """The plan of a deck: how many cards in all and by domain, how many of them free, and each card."""

    total: int
    by_domain: tuple[tuple[int, int], ...]
    previews: int
    cards: tuple[PlannedCardRecord, ...]
    place: Place = field(default=NOWHERE, compare=False)
