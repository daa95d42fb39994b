"""The deck of a certification, and a person's own cards, as an Anki package. The one way to make one."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.access import policy
from accounts.base.errors import Refused
from accounts.users.models import User
from flashcards.anki import package
from flashcards.anki.package import Deck, Note
from flashcards.models import CardText, SuspendedCard
from flashcards.services import selectors
from i18n import languages


@dataclass(frozen=True, slots=True)
class Export:
    """A package with the name of its file and the number of its notes."""

    name: str
    content: bytes
    notes: int


def export(user: User | None, code: str, language: str) -> Export:
    """Return what a person, or anybody by None, may have of a deck: whole with access, else the preview.

    Own cards come along, suspended ones as suspended; no history of reviews does. Three statements.
    Raises Refused, 404, without cards.
    """
    granted = user is not None and policy.has_access(user, f"cert:{code}")
    notes = _notes(user, code, language, granted=granted)
    if not notes:
        raise Refused("not_found", 404, gettext_lazy("There are no flashcards here yet."))
    name = f"Passline::{code.upper()} ({languages.name_of(language)})"
    content = package.package(Deck(name, notes))
    kind = "flashcards" if granted else "flashcards-preview"
    return Export(f"passline-{code}-{kind}-{language}.apkg", content, len(notes))


def _notes(user: User | None, code: str, language: str, *, granted: bool) -> tuple[Note, ...]:
    chosen = Q(card__owner=None) if granted else Q(card__owner=None, card__is_preview=True)
    # A visitor has no own cards; those of erased people have no owner either.
    if user is not None:
        chosen |= Q(card__owner=user) & ~Q(card__item_code__in=selectors.held_codes(user, code))
    rows = CardText.objects.filter(chosen, card__certification__code=code, card__retired_at=None)
    columns = (
        *("card__owner", "card_id", "card__code", "card__key", "card__tags", "card__changed_at"),
        *("published_at", "language", "front_html", "back_html", "trap_html"),
        Exists(SuspendedCard.objects.filter(user=user, card=OuterRef("card_id"))),
    )
    texts = selectors.read_texts(rows, language).values_list(*columns)
    # The deck comes first, and own cards after it.
    in_order = sorted(texts, key=lambda row: row[0] is not None)
    return tuple(
        Note(
            # An own card is the same one in the deck of each language.
            name=f"{code}:{card_code}:{language}" if card_code else f"{code}:own:{key or pk}",
            number=pk,
            code=card_code,
            front=front,
            back=back + _trap(trap, lang),
            # Without its learning progress, Anki imports every card as a new one: a tag says it all the same.
            tags=tuple(
                f"{code}::{tag}" for tag in (*tags, *["own"] * (not card_code), *["suspended"] * paused)
            ),
            # What came as the original comes anew once it is translated.
            changed_at=max(changed_at, published_at),
            is_suspended=paused,
        )
        for _, pk, card_code, key, tags, changed_at, published_at, lang, front, back, trap, paused in in_order
    )


def _trap(trap: str, language: str) -> str:
    if not trap:
        return ""
    with override(language):
        return f"<p><b>{escape(_('Trap:'))}</b> {trap}</p>"
