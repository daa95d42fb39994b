"""Steps of a load of cards: plain values, each with the sentence that a load says of it."""

from dataclasses import dataclass, field
from typing import ClassVar

from exams.content.digest import digest_of
from exams.content_sync.operations import Operation, RevisionOperation


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
