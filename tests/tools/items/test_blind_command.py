"""Blind sheets by command: written with a map, collected whole or not at all."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from exams.content.formats.exam_yaml import write_exam, write_sample
from tests.exams.content import builders
from tests.tools.items.commands import run
from tests.tools.items.test_blind import EXAM, MIX
from tools.items.__main__ import UsageError
from tools.items.blind_yaml import read_map
from tools.items.readings_yaml import read_readings
from tools.items.records import ExamReadings, SampleLikeness


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """An exam that was read once, and the samples to mix in beside the folder."""
    folder = tmp_path / "mls-c01"
    folder.mkdir()
    (tmp_path / "mix.yaml").write_text(MIX)
    builders.write_directory(folder, EXAM)
    (folder / "sample.yaml").write_bytes(write_sample(builders.sample()))
    return folder


def sheet_of(directory: Path, *more: str) -> tuple[Path, Path]:
    """Write a sheet with samples; return it and its map."""
    sheet, numbers = directory.parent / "sheet.yaml", directory.parent / "map.yaml"
    mix = directory.parent / "mix.yaml"
    said = run("--dir", directory, "sheet", "exam-1", "--mix", mix, "--out", sheet, "--map", numbers, *more)
    assert said[0] == 0, said
    return sheet, numbers


def fill(sheet: Path, numbers: Path, *, lay: bool = False) -> None:
    """Answer a sheet with the keys; the samples with A."""
    keys = {item.id: list(item.keys) for item in (*EXAM.items, *builders.sample().items)}
    known = {one.number: keys[one.item] for one in read_map(numbers.read_bytes(), "m").items}
    rows = yaml.safe_load(sheet.read_text())
    for row in rows:
        row["answer"] = known.get(row["number"], ["A"])
        if not lay:
            row.update(likeness=4, free=["B"] if row["number"] in known and "B" not in row["answer"] else [])
    sheet.write_text(yaml.safe_dump(rows))


def stored(directory: Path) -> ExamReadings:
    return read_readings((directory / "exams/exam-1.reading.yaml").read_bytes(), "s")


def test_a_sheet_goes_out_and_comes_back(directory: Path) -> None:
    sheet, numbers = sheet_of(directory, "--seed", "3")
    fill(sheet, numbers)
    before = stored(directory)
    take = ("--dir", directory, "collect", sheet, "--map", numbers, "--reader", "R5")
    code, text = run(*take, "--dry-run")
    assert (code, stored(directory)) == (0, before)
    assert text.splitlines()[-1] == "Dry run: nothing was stored."
    code, text = run(*take)
    assert code == 0
    assert text.splitlines()[:2] == [
        "mls-c01-exam-1: 20 readings of R5, 20 with the key.",
        "  likeness 4.00, 4.00 of 2 mixed in",
    ]
    assert "  E1-Q01: free: B" in text
    assert text.endswith("Written: exams/exam-1.reading.yaml, 40 readings, 0 of lay readers.\n")
    after = stored(directory)
    assert after.samples == (SampleLikeness("R5", 1, 2, 4.0, free=0),)
    assert {(one.round, one.likeness) for one in after.readings if one.reader == "R5"} == {(1, 4)}
    assert "A company has a model" not in (directory / "exams/exam-1.reading.yaml").read_text()
    assert run(*take)[0] == 1  # not a second time


ASKED = replace(
    EXAM,
    items=tuple(
        replace(item, stem=item.parts.setting, ask=f"{item.parts.ask} {item.parts.note}".strip())
        for item in EXAM.items
    ),
)


def short_sheet(directory: Path) -> tuple[Path, Path, Path]:
    """Have a sheet of two items, one reworded since, and a sample; return it, its map, answers in short."""
    (directory / "exams/exam-1.yaml").write_bytes(write_exam(ASKED))
    first, second = ASKED.items[:2]
    shown, numbers, answers = (directory.parent / name for name in ("shown.yaml", "numbers.yaml", "R1.yaml"))
    rows = [(second.stem, second), ("A company has a model.", first), (f"Before. {first.stem}", first)]
    written = [
        {"n": n, "stem": stem, "ask": item.ask, "options": {one.letter: one.text for one in item.options}}
        for n, (stem, item) in enumerate(rows, start=1)
    ]
    shown.write_text(yaml.safe_dump(written))
    numbers.write_text(
        "- {n: 1, kind: T, id: E1-Q02, key: B}\n"
        "- {n: 2, kind: V, id: SAA-01, key: A}\n"
        "- {n: 3, kind: T, id: E1-Q01, key: A}\n"
    )
    answers.write_text(
        '- {n: 1, answer: B, certainty: 4, second: "", free: 1, difficulty: 3, likeness: 4, fault: ""}\n'
        '- {n: 2, answer: B, certainty: 4, second: "", free: 1, difficulty: 3, likeness: 4, fault: ""}\n'
        "- {n: 3, answer: B, certainty: 4, second: C, free: 1, difficulty: 3, likeness: 4, fault: Stiff.}\n"
    )
    return shown, numbers, answers


def test_answers_in_short_become_readings_of_the_wording_that_was_shown(directory: Path) -> None:
    (directory / "exams/exam-1.reading.yaml").unlink()
    shown, numbers, answers = short_sheet(directory)
    take = ("--dir", directory, "collect", answers, "--map", numbers, "--reader", "R1", "--shown", shown)
    with pytest.raises(UsageError, match="--shown needs --exam"):
        run(*take)
    code, text = run(*take, "--exam", "exam-1")
    assert code == 0, text
    assert "2 readings of R1, 1 with the key." in text
    assert "; 1 of another wording" in text
    after = stored(directory)
    one, other = after.readings
    assert (one.item, one.answer, one.second_option, one.note) == ("E1-Q01", ("B",), "C", "Stiff.")
    assert (other.free, other.certainty, other.difficulty, other.likeness) == (1, 4, 3, 4)
    assert (one.hesitated, other.hesitated) == (True, False)
    assert after.samples == (
        SampleLikeness("R1", 1, 1, 4.0, difficulty=3, too_easy=0, free=1, keys=0, hesitated=0),
    )
    assert "A company has a model" not in (directory / "exams/exam-1.reading.yaml").read_text()
    (directory / "guide.yaml").write_text("bands: {hesitations: 0-35}\n")
    _, text = run("--dir", directory, "check")
    # Of the first item another wording was read, so the hesitation of its reader counts for nothing.
    assert re.search(r"readings with hesitation +0\.0 % \(0 of 1\)", text)


def test_a_number_that_was_not_shown_is_a_fault_of_the_map(directory: Path) -> None:
    shown, numbers, answers = short_sheet(directory)
    shown.write_text(yaml.safe_dump(yaml.safe_load(shown.read_text())[:2]))
    take = ("--dir", directory, "collect", answers, "--map", numbers, "--reader", "R1", "--shown", shown)
    code, text = run(*take, "--exam", "exam-1")
    assert (code, "numbers.yaml:3: number 3 is not in the sheet that was shown" in text) == (1, True)


def test_a_sheet_of_named_items_for_a_lay_reader(directory: Path) -> None:
    sheet, numbers = sheet_of(directory, "--items", "E1-Q03, E1-Q07,", "--lay")
    assert len(yaml.safe_load(sheet.read_text())) == 4
    fill(sheet, numbers, lay=True)
    code, text = run("--dir", directory, "collect", sheet, "--map", numbers, "--reader", "L1")
    assert code == 0, text
    assert [one.item for one in stored(directory).lay] == ["E1-Q03", "E1-Q07"]


def test_the_free_sample_is_read_in_the_same_way(directory: Path) -> None:
    sheet, numbers = directory.parent / "sheet.yaml", directory.parent / "map.yaml"
    assert run("--dir", directory, "sheet", "sample", "--out", sheet, "--map", numbers)[0] == 0
    fill(sheet, numbers)
    code, text = run("--dir", directory, "collect", sheet, "--map", numbers, "--reader", "R5")
    assert code == 0, text
    found = read_readings((directory / "sample.reading.yaml").read_bytes(), "s")
    assert (found.name, len(found.readings), found.samples) == ("sample", 10, ())


def test_a_sheet_with_one_fault_is_not_taken_at_all(directory: Path) -> None:
    sheet, numbers = sheet_of(directory)
    fill(sheet, numbers)
    rows = yaml.safe_load(sheet.read_text())
    rows[4]["answer"] = ["Z"]
    sheet.write_text(yaml.safe_dump(rows))
    before = stored(directory)
    code, text = run("--dir", directory, "collect", sheet, "--map", numbers, "--reader", "R5")
    assert code == 1
    assert "number 5 names no option of the item: Z" in text
    assert stored(directory) == before


def test_a_map_is_not_written_over_and_a_dry_run_writes_nothing(directory: Path) -> None:
    numbers = directory.parent / "map.yaml"
    code, text = run("--dir", directory, "sheet", "exam-1", "--map", numbers, "--dry-run")
    assert (code, text) == (0, "Dry run: 20 items of mls-c01-exam-1, 0 mixed in, nothing was written.\n")
    assert not numbers.exists()
    sheet_of(directory)
    with pytest.raises(UsageError, match=r"map\.yaml is there already"):
        run("--dir", directory, "sheet", "exam-1", "--map", numbers)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("exam-7",), "there is no exam-7 in"),
        (("exam-1", "--items", "E2-Q01"), "not in exam-1: E2-Q01"),
    ],
)
def test_an_unknown_exam_or_item_is_wrong_usage(
    directory: Path, arguments: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        run("--dir", directory, "sheet", *arguments, "--map", directory.parent / "map.yaml")


def test_items_are_unread_until_two_have_read_them(directory: Path) -> None:
    sheet, numbers = sheet_of(directory, "--unread")
    fill(sheet, numbers)
    run("--dir", directory, "collect", sheet, "--map", numbers, "--reader", "R5")
    with pytest.raises(UsageError, match="no item of exam-1 is to be read"):
        run("--dir", directory, "sheet", "exam-1", "--unread", "--map", directory.parent / "later.yaml")


def test_a_sheet_is_not_collected_by_the_map_of_another(directory: Path) -> None:
    sheet, numbers = sheet_of(directory, "--seed", "3")
    other = directory.parent / "other.yaml"
    mix = directory.parent / "mix.yaml"
    more = ("--mix", mix, "--seed", "4", "--out", directory.parent / "more.yaml", "--map", other)
    assert run("--dir", directory, "sheet", "exam-1", *more)[0] == 0
    fill(sheet, numbers)
    rows = yaml.safe_load(sheet.read_text())
    for row in rows:
        row["answer"] = ["A"]  # so that letters fit whatever map there is
        row["free"] = []
    sheet.write_text(yaml.safe_dump(rows))
    before = stored(directory)
    code, text = run("--dir", directory, "collect", sheet, "--map", other, "--reader", "R5")
    assert code == 1
    assert "shows other options than its item" in text
    assert stored(directory) == before
    assert run("--dir", directory, "collect", sheet, "--map", numbers, "--reader", "R5")[0] == 0


def test_a_sheet_whose_texts_were_wrapped_anew_or_left_out_is_collected(directory: Path) -> None:
    sheet, numbers = sheet_of(directory)
    fill(sheet, numbers)
    rows = yaml.safe_load(sheet.read_text())
    for row in rows[::2]:
        row["options"] = {letter: text.replace(" ", "\n") for letter, text in row["options"].items()}
    for row in rows[1::2]:
        del row["options"], row["ask"]
    sheet.write_text(yaml.safe_dump(rows))
    assert run("--dir", directory, "collect", sheet, "--map", numbers, "--reader", "R5")[0] == 0


@pytest.mark.parametrize("out", ["map.yaml", "none/sheet.yaml"])
def test_a_sheet_that_cannot_be_written_leaves_no_map(directory: Path, out: str) -> None:
    numbers = directory.parent / "map.yaml"
    with pytest.raises(UsageError, match=r"is there already|cannot be written"):
        run("--dir", directory, "sheet", "exam-1", "--out", directory.parent / out, "--map", numbers)
    assert not numbers.exists()


@pytest.mark.parametrize("reader", [" ", "R\x01", "R\u202e1"])
def test_a_reader_has_a_sign_that_can_be_read_again(directory: Path, reader: str) -> None:
    sheet, numbers = sheet_of(directory)
    fill(sheet, numbers)
    with pytest.raises(UsageError, match="--reader is empty or has characters that cannot be seen"):
        run("--dir", directory, "collect", sheet, "--map", numbers, "--reader", reader)


def test_readings_are_stored_whole_or_not_at_all(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet, numbers = sheet_of(directory)
    fill(sheet, numbers)
    before = stored(directory)

    def half(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(UsageError, match="No space left on device"):
        patched.setattr(Path, "write_bytes", half)
        run("--dir", directory, "collect", sheet, "--map", numbers, "--reader", "R5")
    assert stored(directory) == before
    assert not [path for path in directory.rglob("*") if path.suffix == ".making"]


def test_a_file_that_is_not_there_is_a_fault(directory: Path) -> None:
    code, text = run("--dir", directory, "collect", "none.yaml", "--map", "no-map.yaml", "--reader", "R5")
    assert code == 1
    assert "no-map.yaml: cannot be read: No such file" in text
