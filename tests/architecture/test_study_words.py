"""Exams know nothing of what is beside or above them: no file names a card or a deck, none below the cheat
sheet a sheet."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
# Migrations keep the names of old columns.
FILES = sorted(
    path for path in (ROOT / "exams").rglob("*.py") if "migrations" not in path.relative_to(ROOT).parts
)
# The cheat sheet, what is above it, and the gatherers may speak of it; these packages are below.
BELOW = {"presentation", "attempts", "assembly", "bank", "catalog", "content", "scoring", "pdf"}
# A word is a part of an identifier (CertificationCard, planned_cards) or of a text; "stylesheet" is one word.
PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def both(*names: str) -> frozenset[str]:
    """Return names with their plurals."""
    return frozenset(f"{name}{ending}" for name in names for ending in ("", "s"))


CARDS = both("card", "deck", "flashcard")
SHEETS = both("sheet", "cheatsheet")


def forbidden(path: Path) -> frozenset[str]:
    """Return the words that a file may not name."""
    return CARDS | SHEETS if path.relative_to(ROOT / "exams").parts[0] in BELOW else CARDS


def named(source: str, words: frozenset[str] = CARDS | SHEETS) -> list[str]:
    """Return the forbidden words of a source, with their lines."""
    return [
        f"{number}: {part}"
        for number, line in enumerate(source.splitlines(), start=1)
        for part in PART.findall(line)
        if part.lower() in words
    ]


def test_no_file_of_exams_names_a_card_a_deck_or_from_below_a_sheet() -> None:
    assert len(FILES) > 80
    assert {path.relative_to(ROOT / "exams").parts[0] for path in FILES} > BELOW
    found = {
        str(path.relative_to(ROOT)): named(path.read_text(encoding="utf-8"), forbidden(path))
        for path in FILES
    }
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
