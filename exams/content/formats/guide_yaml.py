"""The guide of a vendor: bytes to a record."""

import re
from typing import Final

from exams.content.formats.tree import Branch, Fields, finish, open_document
from exams.content.records import Band, Guide, OldName

KEYS: Final = (
    "item_ids",
    "reference_hosts",
    "abbreviations",
    "sounds_managed",
    "sounds_self_run",
    "old_names",
    "openings",
    "revised",
    "bands",
    "stock_asks",
)
BAND: Final = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,2})?)-([0-9]{1,4}(?:\.[0-9]{1,2})?)")
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
        bands={name: _band(row) for name, row in _entries(top, "bands").items()},
        stock_asks=tuple(map(_pattern, top.rows("stock_asks") if top.has("stock_asks") else ())),
        place=root.place,
    )
    finish(problems)
    return guide


def _openings(fields: Fields) -> dict[str, tuple[re.Pattern[str], ...]]:
    entries = _entries(fields, "openings")
    return {language: tuple(map(_pattern, branch.rows())) for language, branch in entries.items()}


def read_samples(data: bytes, file: str) -> dict[str, dict[str, float]]:
    """Read figures of the vendor's sample questions, by measure and set. Raises FormatError."""
    root, problems = open_document(data, file)
    top = root.fields(("items", "figures"))
    figures = {
        name: {group: _figure(row) for group, row in rows.entries().items()}
        for name, rows in top["figures"].entries().items()
    }
    finish(problems)
    return figures


def _figure(branch: Branch) -> float:
    return float(branch.scalar("a number", "int", "float") or 0)


def _entries(fields: Fields, key: str) -> dict[str, Branch]:
    return fields[key].entries() if fields.has(key) else {}


def _band(branch: Branch) -> Band:
    written = branch.text()
    found = BAND.fullmatch(written)
    low, high = (float(found[1]), float(found[2])) if found else (0.0, 0.0)
    if found is None or low > high:
        branch.complain(f"expected a band such as 15-35, found {written!r}")
    return low, high


def _marks(fields: Fields, key: str) -> dict[str, int]:
    return {word: branch.number() for word, branch in _entries(fields, key).items()}


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
