"""The deck of a certification as everybody may see it: the preview whole, the other cards by their topics."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Subquery, Window

from flashcards.models import Card
from flashcards.services import cards, selectors
from flashcards.study.session import CardFace, topics_of


@dataclass(frozen=True, slots=True)
class DeckCard:
    """A card of the deck; `face` is None where it is locked for who asks."""

    id: int
    code: str
    domain: int
    topics: tuple[str, ...]
    is_preview: bool
    face: CardFace | None


@dataclass(frozen=True, slots=True)
class Teaching:
    """A card by code and front, as a link names it; what it covers; its topics where it can be locked."""

    code: str
    language: str
    front: str
    coverage: Sequence[str]
    locked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """How large a deck is, how much of it is open to everybody, and the first card of that."""

    total: int
    previews: int
    first: CardFace | None


def _in_use(code: str) -> QuerySet[Card]:
    return cards.of_deck(code).filter(retired_at=None)


def _open_face(language: str, *, granted: bool) -> Subquery:
    # A locked card's text is not even read.
    return selectors.face(language, Q() if granted else Q(card__is_preview=True))


def deck(code: str, language: str, *, granted: bool) -> tuple[DeckCard, ...]:
    """Return the deck of a certification in order; empty where there is none. One statement.

    Without access (`granted`) only cards of the preview have a face.
    """
    rows = _in_use(code).filter(certification__is_listed=True).order_by("position", "pk")
    columns = ("pk", "code", "domain", "tags", "is_preview", _open_face(language, granted=granted))
    return tuple(
        DeckCard(pk, name, domain, topics_of(tags), is_preview, CardFace.of(face, tags))
        for pk, name, domain, tags, is_preview, face in rows.values_list(*columns)
    )


def exists(code: str) -> bool:
    """Say whether a certification has a deck. One statement."""
    return _in_use(code).exists()


def codes() -> frozenset[str]:
    """Return the codes of the certifications that have a deck. One statement."""
    rows = Card.objects.filter(owner=None, retired_at=None).order_by()
    return frozenset(rows.values_list("certification__code", flat=True).distinct())


def sizes(codes: Sequence[str]) -> dict[str, int]:
    """Return how many cards the decks of these certifications have. One statement."""
    rows = Card.objects.filter(certification__code__in=codes, owner=None, retired_at=None)
    return dict(rows.order_by().values_list("certification__code").annotate(Count("pk")))


def teaching(code: str, coverage: Sequence[str], language: str) -> tuple[Teaching, ...]:
    """Return the cards of a deck that teach a point of this coverage, in order. One statement."""
    rows = _in_use(code).filter(coverage__overlap=list(coverage)).order_by("position", "pk")
    return tuple(
        Teaching(name, face["language"], face["front"], covers, () if is_preview else topics_of(tags))
        for name, covers, tags, is_preview, face in rows.values_list(
            "code", "coverage", "tags", "is_preview", selectors.face(language)
        )
    )


def summary(code: str, language: str) -> Summary | None:
    """Return the size of a deck and its first open card; None where there is no deck. One statement."""
    rows = _in_use(code).filter(certification__is_listed=True).order_by("-is_preview", "position", "pk")
    previews = Count("pk", filter=Q(is_preview=True))
    # Windows count the whole deck beside the first of its rows.
    row = rows.values_list(
        Window(Count("pk")), Window(previews), _open_face(language, granted=False), "tags"
    ).first()
    return Summary(row[0], row[1], CardFace.of(row[2], row[3])) if row else None
