"""The guide of a vendor: bytes to a record."""

import re
from typing import Final

from exams.content.formats.tree import Branch, Fields, finish, open_document
from exams.content.records import Guide, OldName

KEYS: Final = (
    "item_ids",
    "reference_hosts",
    "abbreviations",
    "sounds_managed",
    "sounds_self_run",
    "old_names",
    "openings",
    "revised",
)
NOTHING: Final = re.compile(r"(?!)")


def read_guide(data: bytes, file: str) -> Guide:
    """Read a guide; what it leaves out is the default. Raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    top = root.fields((), KEYS)
    managed = _marks(top, "sounds_managed") | {
        word: -mark for word, mark in _marks(top, "sounds_self_run").items()
    }
    guide = Guide(
        item_ids=_pattern(top["item_ids"]) if top.has("item_ids") else Guide().item_ids,
        reference_hosts=frozenset(top["reference_hosts"].texts() if top.has("reference_hosts") else ()),
        abbreviations=frozenset(top.text("abbreviations").split() if top.has("abbreviations") else ()),
        managed_words=managed,
        old_names=tuple(_old_name(row) for row in (top.rows("old_names") if top.has("old_names") else ())),
        openings=_openings(top),
        revised=frozenset(top["revised"].texts() if top.has("revised") else ()),
        place=root.place,
    )
    finish(problems)
    return guide


def _openings(fields: Fields) -> dict[str, tuple[re.Pattern[str], ...]]:
    entries = fields["openings"].entries() if fields.has("openings") else {}
    return {language: tuple(map(_pattern, branch.rows())) for language, branch in entries.items()}


def _marks(fields: Fields, key: str) -> dict[str, int]:
    entries = fields[key].entries() if fields.has(key) else {}
    return {word: branch.number() for word, branch in entries.items()}


def _pattern(branch: Branch) -> re.Pattern[str]:
    """Return a regular expression; one that is none, and one that fits an empty text, is a fault."""
    written = branch.text()
    try:
        pattern = re.compile(written)
    except re.error as error:
        branch.complain(f"{written!r} is no regular expression: {error}")
        return NOTHING
    # It would be found everywhere, so the rule would accept or refuse all texts.
    if written and pattern.fullmatch(""):
        branch.complain(f"{written!r} fits an empty text")
    return pattern


def _old_name(branch: Branch) -> OldName:
    fields = branch.fields(("name", "pattern", "advice"), ("cure",))
    cure = _pattern(fields["cure"]) if fields.has("cure") else None
    return OldName(fields.text("name"), _pattern(fields["pattern"]), cure, fields.text("advice"))
