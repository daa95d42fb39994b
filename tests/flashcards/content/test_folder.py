"""Flashcards, cheat sheet and sample in a directory, and the command that measures them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from exams.cheatsheet.part import CheatSheetPart, CheatSheetRecord
from exams.content.parts import Content, read_content
from exams.content.records import FormatError
from flashcards.content.part import FlashcardsPart, FlashcardsRecord
from tests.exams.cheatsheet import builders as cheatsheet
from tests.exams.content import builders as exams
from tests.flashcards.content import builders as flashcards
from tests.tools.items.commands import run
from tools.items.deck_plan import DeckPlanPart
from tools.items.measure import measure_content
from tools.items.parts import parts


def read(directory: Path) -> Content:
    return read_content(directory, parts())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with an exam, a cheat sheet, flashcards and nothing else."""
    exams.write_directory(tmp_path, exams.exam(1))
    return cheatsheet.write(flashcards.write(tmp_path))


def test_files_become_records(folder: Path) -> None:
    content = read(folder)
    assert content[FlashcardsPart] == FlashcardsRecord(3, (flashcards.deck(),))
    assert content[DeckPlanPart] == flashcards.plan()
    sheet = content[CheatSheetPart]
    assert sheet.outline == cheatsheet.outline()
    assert [section.title for section in sheet.sections["en"]] == ["Exam overview"]
    assert content.planned() == {"cheatsheet": 1, "flashcards": 3}


def test_a_certification_may_do_without_them(tmp_path: Path) -> None:
    content = read(exams.write_directory(tmp_path, exams.exam(1)))
    assert content.planned() == {}
    # Nothing, said so, since a stored one is taken down.
    assert content[CheatSheetPart] == CheatSheetRecord(None, {})
    assert content[FlashcardsPart] == FlashcardsRecord(None, ())


def test_deck_and_cheat_sheet_may_be_in_any_language_of_the_product(folder: Path) -> None:
    deck = (folder / "flashcards.yaml").read_text().replace("language: en", "language: hu")
    (folder / "flashcards.hu.yaml").write_text(
        deck.replace("What does the service", "Mit tart a szolgáltatás")
    )
    (folder / "cheatsheet" / "hu").mkdir()
    section = cheatsheet.text_of_section().replace("# Exam overview", "# A vizsga")
    (folder / "cheatsheet" / "hu" / "1-a-vizsga.md").write_text(section)
    content = read(folder)
    assert [deck.language for deck in content[FlashcardsPart].decks] == ["hu", "en"]
    report = measure_content(content)
    assert report.breaches == ()
    titles = {table.title for table in report.tables}
    assert {"flashcards.hu.yaml", "cheatsheet/hu/1-a-vizsga.md", "cheatsheet/en/1-overview.md"} <= titles


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("flashcards.hu.yaml", "named for 'hu' and says that it is in 'en'"),
        ("cheatsheet/xx/1.md", "not a known language"),
        ("flashcard.yaml", "no part of a certification has a file of this name"),
    ],
)
def test_a_file_of_a_wrong_name_is_a_fault(folder: Path, name: str, said: str) -> None:
    source = folder / ("flashcards.yaml" if name.endswith("yaml") else "cheatsheet/en/1-overview.md")
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(source.read_bytes())
    with pytest.raises(FormatError, match=said):
        read(folder)


FAULTS: list[tuple[str, Callable[[Any], object], str]] = [
    ("flashcards.yaml", lambda d: d["cards"][1].pop("front"), "FC-002: the key 'front' is missing"),
    ("flashcards.yaml", lambda d: d["cards"][0].update(hint="x"), "FC-001: unknown key 'hint'"),
    ("flashcards-plan.yaml", lambda d: d["cards"][1].update(position=3), "the card is at 2"),
    ("flashcards-plan.yaml", lambda d: d["deck"].update(by_domain={"one": 1}), "not by 'one'"),
    (
        "cheatsheet/outline.yaml",
        lambda d: d["sections"][0].update(number=2),
        "block 1.1 does not belong to section 2",
    ),
    (
        "cheatsheet/outline.yaml",
        lambda d: d["sections"][0]["blocks"][0].update(form="poem"),
        "expected one of text, table, bullets, steps, found 'poem'",
    ),
]


@pytest.mark.parametrize(("name", "change", "found"), FAULTS)
def test_a_fault_names_its_file(folder: Path, name: str, change: Callable[[Any], object], found: str) -> None:
    document = yaml.safe_load((folder / name).read_text())
    change(document)
    (folder / name).write_text(yaml.safe_dump(document, sort_keys=False))
    with pytest.raises(FormatError) as caught:
        read(folder)
    line = str(caught.value.problems[0])
    assert line.startswith(f"{name}:")
    assert found in line


def test_the_command_measures_cards_and_cheat_sheet_beside_the_exams(folder: Path) -> None:
    code, text = run("--dir", folder, "check")
    assert code == 0, text
    assert "\nflashcards.yaml\n" in text
    assert "\ncheatsheet/en/1-overview.md\n" in text
    assert text.endswith("Files measured: 4. Breaches: 0.\n")


def test_the_command_fails_on_a_breach_and_on_a_fault_of_a_card(folder: Path) -> None:
    path = folder / "flashcards.yaml"
    good = path.read_text()
    path.write_text(good.replace("FC-003 keep?", "FC-003 keep."))
    code, text = run("--dir", folder, "check")
    assert code == 1
    assert "BREACH flashcards.yaml:" in text
    assert "FC-003: F04: the front ends with" in text
    path.write_text(good.replace("deck:", "desk:"))
    code, text = run("--dir", folder, "check")
    assert code == 1
    assert "BREACH flashcards.yaml:1: the key 'deck' is missing" in text
