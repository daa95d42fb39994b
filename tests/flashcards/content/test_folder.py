"""Flashcards, cheat sheet and sample in a directory, and the command that measures them."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from exams.content.records import FormatError
from exams.exchange.study import StudyRecord
from exams.exchange.study_files import read_study
from tests.exams.content import builders
from tests.exams.content import study_builders as study


def test_files_become_records(tmp_path: Path) -> None:
    study.write(tmp_path)
    (tmp_path / "sample.yaml").write_text(yaml.safe_dump({"items": list(study.SAMPLE)}))
    record = read_study(tmp_path)
    assert (record.plan, record.decks) == (study.plan(), (study.deck(),))
    assert (record.outline, record.sample) == (study.outline(), study.sample())
    assert [section.title for section in record.sections] == ["Exam overview"]


def test_what_is_not_there_is_left_out(tmp_path: Path) -> None:
    assert read_study(tmp_path) == StudyRecord()


FAULTS: list[tuple[str, Callable[[Any], object], str]] = [
    ("flashcards.yaml", lambda d: d["cards"][1].pop("front"), "FC-002: the key 'front' is missing"),
    ("flashcards.yaml", lambda d: d["cards"][0].update(hint="x"), "FC-001: unknown key 'hint'"),
    ("flashcards-plan.yaml", lambda d: d["cards"][1].update(position=3), "the card stands at 2"),
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
def test_a_fault_names_its_file(
    tmp_path: Path, name: str, change: Callable[[Any], object], found: str
) -> None:
    study.write(tmp_path)
    document = yaml.safe_load((tmp_path / name).read_text())
    change(document)
    (tmp_path / name).write_text(yaml.safe_dump(document, sort_keys=False))
    with pytest.raises(FormatError) as caught:
        read_study(tmp_path)
    line = str(caught.value.problems[0])
    assert line.startswith(f"{name}:")
    assert found in line


def run(directory: Path) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("check_content", "--dir", str(directory), stdout=out)
    except SystemExit as error:
        return int(str(error.code)), out.getvalue()
    return 0, out.getvalue()


def test_the_command_measures_cards_and_cheat_sheet_beside_the_exams(tmp_path: Path) -> None:
    study.write(builders.write_directory(tmp_path, builders.exam(1)))
    code, text = run(tmp_path)
    assert code == 0, text
    assert "\nflashcards.yaml\n" in text
    assert "\ncheatsheet/en/1-overview.md\n" in text
    assert text.endswith("Files measured: 4. Breaches: 0.\n")


def test_the_command_fails_on_a_breach_and_on_a_fault_of_a_card(tmp_path: Path) -> None:
    study.write(builders.write_directory(tmp_path, builders.exam(1)))
    path = tmp_path / "flashcards.yaml"
    good = path.read_text()
    path.write_text(good.replace("FC-003 keep?", "FC-003 keep."))
    code, text = run(tmp_path)
    assert code == 1
    assert "BREACH flashcards.yaml:" in text
    assert "FC-003: F04: the front ends with" in text
    path.write_text(good.replace("deck:", "desk:"))
    code, text = run(tmp_path)
    assert code == 1
    assert "BREACH flashcards.yaml:1: the key 'deck' is missing" in text
