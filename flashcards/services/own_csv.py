"""Own cards from a file and into one. A file is taken whole or not at all."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.attempts import drills
from exams.catalog.models import Certification
from flashcards.models import KEY_LENGTH
from flashcards.services import anki_text, csv_file, own
from flashcards.services.csv_file import CsvFault, CsvRow
from flashcards.services.own import OwnCard, OwnDraft

# A file that names its cards itself cannot take the names that are made here.
NAMED: Final = "id:"
IN_LINE: Final = _("Line %(line)s: %(detail)s")
REASONS: Final[Mapping[str, Promise]] = {
    "too_large": _("The file is larger than %(most)s KB."),
    "encoding": _("The file isn't in UTF-8. In Excel, choose File, Save As, and the file type “CSV UTF-8”."),
    "anki_package": _(
        "Anki packages (.apkg) can't be read. In Anki, choose File, Export, then Notes in Plain Text (.txt)."
    ),
    "separator": _("The first line names a separator that can't be used. Export with tabs."),
    "empty": _("There are no cards in the file."),
    "gap": _("A gap isn't closed, or has too many other gaps in it. Write it like this: {{c1::answer}}"),
    "formatting": _("This card is too long, or has too much formatting."),
    "control": _("There is a character that can't be shown."),
    "columns": _("There are %(found)s cells, but the first line has %(expected)s columns."),
    "too_many_rows": _("A file can have at most %(most)s cards."),
    "quotes": _("A quotation mark is missing or out of place."),
    "unknown_column": _("The column “%(name)s” isn't known. Possible columns: %(known)s."),
    "column_twice": _("The column “%(name)s” appears twice."),
    "column_missing": _("The column “%(name)s” is missing."),
    "id": _("The id is longer than %(most)s characters."),
    "id_twice": _("This card is already in line %(first)s."),
    "domain": _("This domain doesn't exist."),
    "held": _("This card is closed until the exam you're taking has ended."),
}


@dataclass(frozen=True, slots=True)
class Imported:
    """How many cards of a file were new, changed, and as they were."""

    added: int
    changed: int
    same: int


def export(user: User, code: str) -> bytes:
    """Return the own cards of a certification as a file. Two statements. Raises Refused, 404."""
    drills.certification(code, user)
    return csv_file.write(_row(card) for card in own.listed(user, code))


def _row(card: OwnCard) -> CsvRow:
    draft = card.draft
    name = card.key.removeprefix(NAMED)
    return CsvRow(name, draft.front, draft.back, draft.tags, str(draft.domain or ""))


def take(user: User, code: str, data: bytes, *, language: str) -> Imported:
    """Make the cards of a file, and change those that are there already, by their ids.

    A card without an id is known by its front. Raises Refused, 422 `file` with the `line` or 409; then
    nothing is stored.
    """
    certification = drills.certification(code, user)
    rows = _read(data)
    drafts = _checked(rows, own.domains_of(certification))
    with transaction.atomic():
        own.lock(user)
        # Sorted behind the lock: a card that another request makes meanwhile would be made twice.
        new, changed = _sort(user, certification, rows, drafts)
        own.write(user, certification, language, new, changed)
    return Imported(len(new), len(changed), len(rows) - len(new) - len(changed))


def _read(data: bytes) -> tuple[CsvRow, ...]:
    try:
        text = csv_file.text_of(data)
        rows = anki_text.read(text) if anki_text.is_notes(text) else csv_file.rows(text)
        cards = csv_file.bounded(card for row in rows for card in csv_file.cards(row))
        if not cards:
            raise CsvFault("empty")
        return cards
    except CsvFault as fault:
        raise _fault(fault.reason, fault.line, values=fault.values) from fault


def _checked(rows: Sequence[CsvRow], domains: frozenset[int]) -> list[OwnDraft]:
    drafts = []
    for row in rows:
        with _at(row):
            drafts.append(own.checked(_draft(row), domains))
    return drafts


def _draft(row: CsvRow) -> OwnDraft:
    domain = row.domain.strip()
    # ASCII alone: the digits of other scripts are digits, too.
    if domain and not (domain.isascii() and domain.isdigit() and len(domain) <= 4):
        raise Refused("domain", 422, REASONS["domain"])
    if len(row.id) > KEY_LENGTH - len(NAMED):
        raise Refused("id", 422, REASONS["id"], values={"most": KEY_LENGTH - len(NAMED)})
    return OwnDraft(row.front, row.back, row.tags, int(domain) if domain else None)


def _sort(
    user: User, certification: Certification, rows: Sequence[CsvRow], drafts: Sequence[OwnDraft]
) -> tuple[list[tuple[str, OwnDraft]], list[tuple[OwnCard, OwnDraft]]]:
    """Return the drafts of a file that are new with their keys, and those that change a card."""
    known = {card.key: card for card in own.stored(user, certification.code)}
    room = own.room_of(user, certification)
    lines: dict[str, int] = {}
    new, changed = list[tuple[str, OwnDraft]](), list[tuple[OwnCard, OwnDraft]]()
    for row, draft in zip(rows, drafts, strict=True):
        key = _key(row, draft, room.keys)
        if key in lines:
            raise _fault("id_twice", row.line, values={"first": lines[key]})
        lines[key] = row.line
        if key not in room.keys:
            with _at(row):
                room.take()
            new.append((key, draft))
        elif key not in known:
            raise _fault("held", row.line, status=409)
        elif known[key].differs(draft):
            room.active += known[key].is_archived
            changed.append((known[key], draft))
    return new, changed


@contextmanager
def _at(row: CsvRow) -> Iterator[None]:
    """Name the line in a refusal."""
    try:
        yield
    except Refused as refused:
        raise _in_line(refused, row.line) from refused


def _key(row: CsvRow, draft: OwnDraft, taken: frozenset[str]) -> str:
    """Return what a card of a file is known by. An export names each card as it is known here."""
    # Lists of other programs name no cards; the front is what makes one the same.
    if not row.id:
        return own.key_of(draft.front)
    return row.id if row.id in taken else f"{NAMED}{row.id}"


def _fault(
    reason: str, line: int, *, status: int = 422, values: Mapping[str, object] | None = None
) -> Refused:
    return _in_line(Refused("file", status, REASONS[reason], values=values), line)


def _in_line(refused: Refused, line: int) -> Refused:
    """Return a refusal that names the line. What it says is put together only when it is shown."""
    if not line:
        return refused
    return Refused("file", refused.status, IN_LINE, values={"line": line, "detail": refused}, line=line)
