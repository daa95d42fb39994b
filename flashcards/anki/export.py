"""The deck of a certification, and a person's own cards, as an Anki package. The one way to make one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.access import policy
from accounts.base.errors import Refused
from accounts.users.models import User
from flashcards.anki import package
from flashcards.anki.package import Deck, Note
from flashcards.services.sql import CARD_IS_HELD, text_of
from i18n import languages

# A text of a deck changes with its language: what came as the original comes anew once it is translated.
CARDS: Final = f"""
SELECT card.id, card.code, card.key, card.tags, greatest(card.changed_at, text.published_at),
       text.language, text.front_html, text.back_html, text.trap_html
FROM flashcards_card card
JOIN exams_certification certification ON certification.id = card.certification_id
JOIN LATERAL ({text_of("card", "certification")}) text ON true
WHERE certification.code = %(code)s AND card.retired_at IS NULL
  AND (card.owner_id = %(user)s OR card.owner_id IS NULL AND (card.is_preview OR %(granted)s))
  AND NOT {CARD_IS_HELD}
ORDER BY card.owner_id IS NOT NULL, card.position, card.id
"""  # noqa: S608  (made of constants)


@dataclass(frozen=True, slots=True)
class Export:
    """A package with the name of its file. `is_whole` says that it is more than the preview."""

    name: str
    content: bytes
    notes: int
    is_whole: bool


def export(user: User | None, code: str, language: str) -> Export:
    """Return what a person, or anybody by None, may have of a deck: whole with access, else the preview.

    Own cards come along; no history of reviews does. Three statements. Raises Refused, 404, without cards.
    """
    granted = user is not None and policy.has_access(user, f"cert:{code}")
    notes = _notes(user, code, language, granted=granted)
    if not notes:
        raise Refused("not_found", 404, _("There are no flashcards here yet."))
    content = package.package(Deck(_name(code, language), notes))
    kind = "flashcards" if granted else "flashcards-preview"
    return Export(f"passline-{code}-{kind}-{language}.apkg", content, len(notes), granted)


def _name(code: str, language: str) -> str:
    return f"Passline::{code.upper()} ({languages.name_of(language)})"


def _notes(user: User | None, code: str, language: str, *, granted: bool) -> tuple[Note, ...]:
    values = {"code": code, "language": language, "user": user.pk if user else None, "granted": granted}
    with connection.cursor() as cursor:
        cursor.execute(CARDS, values)
        return tuple(_note(code, language, *row) for row in cursor.fetchall())


def _note(
    code: str,
    language: str,
    pk: int,
    card_code: str,
    key: str,
    tags: list[str],
    changed_at: datetime,
    text_language: str,
    front: str,
    back: str,
    trap: str,
) -> Note:
    # An own card is the same one in the deck of each language.
    name = f"{code}:{card_code}:{language}" if card_code else f"{code}:own:{key or pk}"
    return Note(
        name=name,
        number=pk,
        code=card_code,
        front=front,
        back=back + _trap(trap, text_language),
        tags=tuple(f"{code}::{tag}" for tag in (tags if card_code else [*tags, "own"])),
        changed_at=changed_at,
    )


def _trap(trap: str, language: str) -> str:
    if not trap:
        return ""
    with override(language):
        return f"<p><b>{escape(_('Trap:'))}</b> {trap}</p>"
