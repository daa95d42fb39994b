"""Exams know nothing of what stands beside them: no file of theirs names a card, a deck or a sheet."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# Migrations keep the names of old columns; the cheat sheet is the one package that speaks of itself.
LEFT_OUT = {"migrations", "cheatsheet"}
FILES = sorted(
    path for path in (ROOT / "exams").rglob("*.py") if not LEFT_OUT.intersection(path.relative_to(ROOT).parts)
)
# A word is a part of an identifier (CertificationCard, planned_cards) or of a text; "stylesheet" is one word.
PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
WORDS = frozenset(
    f"{name}{ending}" for name in ("card", "deck", "sheet", "flashcard", "cheatsheet") for ending in ("", "s")
)


def named(source: str) -> list[str]:
    """Return the forbidden words of a source, with their lines."""
    return [
        f"{number}: {part}"
        for number, line in enumerate(source.splitlines(), start=1)
        for part in PART.findall(line)
        if part.lower() in WORDS
    ]


def test_no_file_of_exams_names_a_card_a_deck_or_a_sheet() -> None:
    assert len(FILES) > 80
    found = {str(path.relative_to(ROOT)): named(path.read_text(encoding="utf-8")) for path in FILES}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "source",
    ["class CertificationCard:", "planned_cards = 1", '"a reading sheet"', "# of the deck", "ReadingSheets"],
)
def test_a_planted_word_is_found(source: str) -> None:
    assert len(named(source)) == 1


@pytest.mark.parametrize("source", ["the stylesheets of the look", "discard(row)", "cardinality", "wildcard"])
def test_a_word_inside_another_is_none(source: str) -> None:
    assert named(source) == []
