"""The bytes of an Anki package: a ZIP file with a SQLite collection of schema 11. Pure.

Written with `sqlite3` instead of by a library: the schema has been fixed for years and is small, and Anki
updates a note only when its `mod` is newer, so each note needs the time of its own last change. genanki,
which is no longer maintained, stamps all notes with the time of the export.

Schema: "Database Structure" in the wiki of AnkiDroid. Whoever changes the names of fields or of the
template makes another note type, and with it duplicates at everybody who imported before.
"""

import hashlib
import html
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final

MEDIA_TYPE: Final = "application/octet-stream"
SCHEMA_VERSION: Final = 11
# Written once: Anki knows the note type by its number, fields and template.
NOTE_TYPE: Final = 1_790_000_000_117
NOTE_TYPE_NAME: Final = "Passline flashcard"
NOTE_TYPE_CHANGED: Final = 1_790_000_000
FIELDS: Final = ("Front", "Back", "Code")
TEMPLATE: Final = "Card 1"
SEPARATOR: Final = "\x1f"
# Notes are numbered by milliseconds, from here on by the number of their card.
NOTES_FROM: Final = 1_767_225_600_000
# Ids of decks are numbers of milliseconds too; these lie within a year of the constant.
DECKS_FROM: Final = 1_735_689_600_000
DECK_RANGE: Final = 365 * 24 * 3600 * 1000
# The date that every file of the ZIP has: equal decks are equal bytes.
ZIP_DATE: Final = (2026, 1, 1, 0, 0, 0)

SCHEMA: Final = """
CREATE TABLE col (id integer primary key, crt integer not null, mod integer not null, scm integer not null,
  ver integer not null, dty integer not null, usn integer not null, ls integer not null, conf text not null,
  models text not null, decks text not null, dconf text not null, tags text not null);
CREATE TABLE notes (id integer primary key, guid text not null, mid integer not null, mod integer not null,
  usn integer not null, tags text not null, flds text not null, sfld integer not null, csum integer not null,
  flags integer not null, data text not null);
CREATE TABLE cards (id integer primary key, nid integer not null, did integer not null, ord integer not null,
  mod integer not null, usn integer not null, type integer not null, queue integer not null,
  due integer not null, ivl integer not null, factor integer not null, reps integer not null,
  lapses integer not null, left integer not null, odue integer not null, odid integer not null,
  flags integer not null, data text not null);
CREATE TABLE revlog (id integer primary key, cid integer not null, usn integer not null,
  ease integer not null, ivl integer not null, lastIvl integer not null, factor integer not null,
  time integer not null, type integer not null);
CREATE TABLE graves (usn integer not null, oid integer not null, type integer not null);
CREATE INDEX ix_notes_usn ON notes (usn);
CREATE INDEX ix_cards_usn ON cards (usn);
CREATE INDEX ix_revlog_usn ON revlog (usn);
CREATE INDEX ix_cards_nid ON cards (nid);
CREATE INDEX ix_cards_sched ON cards (did, queue, due);
CREATE INDEX ix_revlog_cid ON revlog (cid);
CREATE INDEX ix_notes_csum ON notes (csum);
"""
STYLE: Final = """.card { font-family: system-ui, sans-serif; font-size: 19px; line-height: 1.5;
  text-align: left; max-width: 40rem; margin: 0 auto; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
table { border-collapse: collapse; } th, td { border: 1px solid; padding: .25rem .5rem; text-align: left; }
"""
MARKUP: Final = re.compile(r"<[^>]*>")
SPACE: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Note:
    """A card as Anki keeps it: `front` and `back` are HTML, `code` is shown on neither side.

    `name` is what the note is known by for ever, `number` tells the notes of a package apart.
    """

    name: str
    number: int
    code: str
    front: str
    back: str
    tags: tuple[str, ...]
    changed_at: datetime
    is_suspended: bool = False


@dataclass(frozen=True, slots=True)
class Deck:
    """Notes under a name that Anki shows; parts of it are separated by two colons."""

    name: str
    notes: tuple[Note, ...]


def package(deck: Deck) -> bytes:
    """Return the package of a deck. Equal decks are equal bytes."""
    changed = max((note.changed_at for note in deck.notes), default=datetime.fromtimestamp(0, UTC))
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("collection.anki2", _collection(deck, changed)), ("media", b"{}")):
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return packed.getvalue()


def _collection(deck: Deck, changed: datetime) -> bytes:
    database = sqlite3.connect(":memory:")
    try:
        database.executescript(SCHEMA)
        deck_id = _deck_id(deck.name)
        _insert(database, "col", [_settings(deck, deck_id, changed)])
        _insert(database, "notes", map(_note, deck.notes))
        _insert(database, "cards", _cards(deck.notes, deck_id))
        database.commit()
        return database.serialize()
    finally:
        database.close()


def _insert(database: sqlite3.Connection, table: str, rows: Iterable[Sequence[int | str]]) -> None:
    # The file is a database of SQLite, which Django is not connected to.
    for row in rows:
        marks = ", ".join("?" * len(row))
        database.execute(f"INSERT INTO {table} VALUES ({marks})", row)  # noqa: S608  (made of constants)


def _note(note: Note) -> tuple[int | str, ...]:
    plain = html.unescape(MARKUP.sub("", note.front)).strip()
    checksum = int(hashlib.sha1(plain.encode(), usedforsecurity=False).hexdigest()[:8], 16)
    fields = SEPARATOR.join(part.replace(SEPARATOR, " ") for part in (note.front, note.back, note.code))
    return (
        NOTES_FROM + note.number,
        guid(note.name),
        NOTE_TYPE,
        int(note.changed_at.timestamp()),
        # What was not synchronized yet.
        -1,
        f" {' '.join(map(_tag, note.tags))} " if note.tags else "",
        fields,
        plain,
        checksum,
        0,
        "",
    )


def _cards(notes: Iterable[Note], deck_id: int) -> Iterator[tuple[int | str, ...]]:
    # As new ones, so that nobody's history is in the file; `position` is the place among them.
    for position, note in enumerate(notes, start=1):
        number = NOTES_FROM + note.number
        changed = int(note.changed_at.timestamp())
        # The queue of a suspended card is -1, that of new ones 0.
        yield number, number, deck_id, 0, changed, -1, 0, -note.is_suspended, position, *[0] * 8, ""


def guid(name: str) -> str:
    """Return what Anki knows a note by: equal names are equal notes, whenever they are exported."""
    return hashlib.sha256(f"passline:{name}".encode()).hexdigest()[:20]


def _deck_id(name: str) -> int:
    return DECKS_FROM + int.from_bytes(hashlib.sha256(name.encode()).digest()[:6]) % DECK_RANGE


def _tag(tag: str) -> str:
    """Return a tag as Anki takes it: a space would make two."""
    return SPACE.sub("-", tag.strip())


def _settings(deck: Deck, deck_id: int, changed: datetime) -> tuple[int | str, ...]:
    seconds = int(changed.timestamp())
    decks = {"1": _deck(1, "Default", 0), str(deck_id): _deck(deck_id, deck.name, seconds)}
    settings = {"nextPos": len(deck.notes) + 1, "curDeck": deck_id, "activeDecks": [deck_id]}
    # No options of decks: those of whoever imports apply.
    texts: tuple[object, ...] = (settings, {str(NOTE_TYPE): _note_type(deck_id)}, decks, {}, {})
    return (1, seconds, seconds * 1000, seconds * 1000, SCHEMA_VERSION, 0, 0, 0, *map(_json, texts))


def _deck(deck_id: int, name: str, changed: int) -> dict[str, Any]:
    # Anki takes no deck without its counters of the day.
    unused = {day: [0, 0] for day in ("newToday", "revToday", "lrnToday", "timeToday")}
    facts = {"id": deck_id, "name": name, "mod": changed, "usn": -1, "conf": 1, "dyn": 0, "desc": ""}
    return {**facts, **unused, "collapsed": False, "browserCollapsed": False, "extendNew": 0, "extendRev": 0}


def _note_type(deck_id: int) -> dict[str, Any]:
    fields = [
        {"name": name, "ord": order, "sticky": False, "rtl": False, "font": "Arial", "size": 20, "media": []}
        for order, name in enumerate(FIELDS)
    ]
    template = {
        "name": TEMPLATE,
        "ord": 0,
        "qfmt": "{{Front}}",
        "afmt": "{{FrontSide}}<hr id=answer>{{Back}}",
        "did": None,
        "bqfmt": "",
        "bafmt": "",
    }
    return {
        "id": NOTE_TYPE,
        "name": NOTE_TYPE_NAME,
        "type": 0,
        "mod": NOTE_TYPE_CHANGED,
        "usn": -1,
        "sortf": 0,
        "did": deck_id,
        "tmpls": [template],
        "flds": fields,
        "css": STYLE,
        "latexPre": "",
        "latexPost": "",
        "tags": [],
        "vers": [],
        "req": [[0, "any", [0]]],
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
