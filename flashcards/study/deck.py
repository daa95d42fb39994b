"""The deck of a certification as everybody may see it: the preview whole, the other cards by their topics."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q

from accounts.base import statements
from flashcards.models import Card
from flashcards.services import cards
from flashcards.services.selectors import text_of
from flashcards.study.session import CardFace, topics_of

# The statements are text: public pages wait for them, and the ORM takes 1 ms of the processor to build
# what each of them says. A locked card's text is not even read.
DECK: Final = f"""
SELECT card.id, card.code, card.domain, card.tags, card.is_preview,
       text.language, text.front_html, text.back_html, text.trap_html
FROM exams_certification certification
JOIN flashcards_card card ON card.certification_id = certification.id
LEFT JOIN LATERAL ({text_of("card", "certification", "(card.is_preview OR %(granted)s)")}) text ON true
WHERE certification.code = %(code)s AND certification.is_listed
  AND card.owner_id IS NULL AND card.retired_at IS NULL
ORDER BY card.position, card.id
"""  # noqa: S608  (made of constants)


@dataclass(frozen=True, slots=True)
class DeckCard:
    """A card of the deck; `face` is None where it is locked for who asks."""

    id: int
    code: str
    domain: int
    topics: tuple[str, ...]
    is_preview: bool
    face: CardFace | None


def deck(code: str, language: str, *, granted: bool) -> tuple[DeckCard, ...]:
    """Return the deck of a certification in order; empty where there is none. One statement.

    Without access (`granted`) only cards of the preview have a face.
    """
    rows = statements.rows(DECK, {"code": code, "language": language, "granted": granted})
    return tuple(
        DeckCard(pk, name, domain, topics_of(tags), is_preview, _face(tags, *texts))
        for pk, name, domain, tags, is_preview, *texts in rows
    )


def _face(tags: list[str], language: str | None, front: str, back: str, trap: str) -> CardFace | None:
    return CardFace(language, front, back, trap, topics_of(tags)) if language else None


def exists(code: str) -> bool:
    """Say whether a certification has a deck. One statement."""
    return cards.of_deck(code).filter(retired_at=None).exists()


def codes() -> frozenset[str]:
    """Return the codes of the certifications that have a deck. One statement."""
    rows = Card.objects.filter(owner=None, retired_at=None).order_by()
    return frozenset(rows.values_list("certification__code", flat=True).distinct())


def sizes(codes: Sequence[str]) -> dict[str, int]:
    """Return how many cards the decks of these certifications have. One statement."""
    rows = Card.objects.filter(certification__code__in=codes, owner=None, retired_at=None)
    return dict(rows.order_by().values_list("certification__code").annotate(Count("pk")))


@dataclass(frozen=True, slots=True)
class Teaching:
    """A card by code and front, as a link names it; what it covers; its topics where it can be locked."""

    code: str
    language: str
    front: str
    coverage: Sequence[str]
    locked: tuple[str, ...]


TEACHING: Final = f"""
SELECT card.code, text.language, text.front_html, card.coverage, card.tags, card.is_preview
FROM exams_certification certification
JOIN flashcards_card card ON card.certification_id = certification.id
JOIN LATERAL ({text_of("card", "certification")}) text ON true
WHERE certification.code = %(code)s AND card.owner_id IS NULL AND card.retired_at IS NULL
  AND card.coverage && %(coverage)s::varchar[]
ORDER BY card.position, card.id
"""  # noqa: S608  (made of constants)


def teaching(code: str, coverage: Sequence[str], language: str) -> tuple[Teaching, ...]:
    """Return the cards of a deck that teach a point of this coverage, in order. One statement."""
    rows = statements.rows(TEACHING, {"code": code, "coverage": list(coverage), "language": language})
    return tuple(
        Teaching(name, text_language, front, covers, () if is_preview else topics_of(tags))
        for name, text_language, front, covers, tags, is_preview in rows
    )


@dataclass(frozen=True, slots=True)
class Summary:
    """How large a deck is, and how much of it is open to everybody."""

    total: int
    previews: int


def summary(code: str) -> Summary | None:
    """Return the size of a deck; None where there is no deck. One statement."""
    cards = Card.objects.filter(certification__code=code, certification__is_listed=True)
    counts = cards.filter(owner=None, retired_at=None).aggregate(
        total=Count("id"), previews=Count("id", filter=Q(is_preview=True))
    )
    return Summary(**counts) if counts["total"] else None
