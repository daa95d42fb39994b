"""The deck of a certification, and a person's own cards, as an Anki package. The one way to make one."""

from dataclasses import dataclass

from django.db.models import F, Q, Subquery
from django.db.models.functions import Greatest
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.access import policy
from accounts.base.errors import Refused
from accounts.users.models import User
from flashcards.anki import package
from flashcards.anki.package import Deck, Note
from flashcards.models import Card
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

    Own cards come along; no history of reviews does. Three statements. Raises Refused, 404, without cards.
    """
    granted = user is not None and policy.has_access(user, f"cert:{code}")
    notes = _notes(user, code, language, granted=granted)
    if not notes:
        raise Refused("not_found", 404, gettext_lazy("There are no flashcards here yet."))
    content = package.package(Deck(_name(code, language), notes))
    kind = "flashcards" if granted else "flashcards-preview"
    return Export(f"passline-{code}-{kind}-{language}.apkg", content, len(notes))


def _name(code: str, language: str) -> str:
    return f"Passline::{code.upper()} ({languages.name_of(language)})"


def _notes(user: User | None, code: str, language: str, *, granted: bool) -> tuple[Note, ...]:
    chosen = Q(owner=None) if granted else Q(owner=None, is_preview=True)
    # A visitor has no own cards; those of erased people have no owner either.
    if user is not None:
        chosen |= Q(owner=user) & selectors.not_held(user)
    texts = selectors.texts_for(language)
    rows = Card.objects.filter(chosen, certification__code=code, retired_at=None).annotate(
        face=selectors.face(language),
        # A text of a deck changes with its language: what came as the original comes anew once translated.
        noted_at=Greatest("changed_at", Subquery(texts.values("published_at")[:1])),
    )
    in_order = rows.order_by(F("owner").asc(nulls_first=True), "position", "pk")
    columns = ("pk", "code", "key", "tags", "noted_at", "face")
    return tuple(
        Note(
            # An own card is the same one in the deck of each language.
            name=f"{code}:{name}:{language}" if name else f"{code}:own:{key or pk}",
            number=pk,
            code=name,
            front=face["front"],
            back=face["back"] + _trap(face["trap"], face["language"]),
            tags=tuple(f"{code}::{tag}" for tag in (tags if name else [*tags, "own"])),
            changed_at=noted_at,
        )
        for pk, name, key, tags, noted_at, face in in_order.values_list(*columns)
    )


def _trap(trap: str, language: str) -> str:
    if not trap:
        return ""
    with override(language):
        return f"<p><b>{escape(_('Trap:'))}</b> {trap}</p>"
