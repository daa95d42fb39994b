"""The blind check: handouts that show no key, and what may be read from them afterwards."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from exams.content.records import ExamRecord, FormatError
from tests.exams.content import builders
from tests.tools.items.commands import run
from tools.items.__main__ import UsageError
from tools.items.handout import handout, round_of, taken
from tools.items.readings_yaml import read_readings, write_handout, write_readings
from tools.items.records import ExamReadings, Reading

EXAM = builders.exam(1)
SHEET = builders.readings(EXAM)
EMPTY = ExamReadings(EXAM.name, ())


def reworded(exam: ExamRecord = EXAM) -> ExamRecord:
    """Return the exam with another stem in its first item."""
    first, *rest = exam.items
    return replace(exam, items=(replace(first, stem=f"In short: {first.stem}"), *rest))


def second(**changes: Any) -> ExamReadings:
    """Return a filled sheet of one other reader and one item."""
    return replace(SHEET, readings=(replace(SHEET.readings[0], **{"reader": "R2", **changes}),))


# --- Which items, and in which round ----------------------------------------------------------------


def test_the_fingerprint_follows_what_a_candidate_sees_and_nothing_else() -> None:
    item = EXAM.items[0]
    first, *rest = item.options
    unseen = replace(first, why="Other words.", failure="W2", correct=not first.correct)
    assert replace(item, options=(unseen, *rest)).fingerprint == item.fingerprint
    assert replace(item, options=(replace(first, text="Other words"), *rest)).fingerprint != item.fingerprint
    assert replace(item, options=(*rest, first)).fingerprint != item.fingerprint
    assert reworded().items[0].fingerprint != item.fingerprint


def test_a_new_wording_begins_a_new_round_and_the_same_wording_does_not() -> None:
    assert round_of(EXAM.items[0], ()) == 1
    assert round_of(EXAM.items[0], SHEET.readings) == 1
    assert round_of(reworded().items[0], SHEET.readings) == 2


def test_unread_items_are_those_that_fewer_than_two_read_as_they_are() -> None:
    once = SHEET.readings
    assert len(handout(EXAM, once, unread=True)) == len(EXAM.items)
    twice = (*once, *(replace(one, reader="R2") for one in once))
    assert handout(EXAM, twice, unread=True) == []
    assert len(handout(EXAM, (*once, *once), unread=True)) == len(EXAM.items)
    changed = reworded()
    assert handout(changed, twice, unread=True) == [(changed.items[0], 2)]
    assert len(handout(EXAM, SHEET.readings)) == len(EXAM.items)
    assert [item.id for item, _ in handout(EXAM, (), only=["E1-Q03"])] == ["E1-Q03"]


def test_taking_the_question_out_of_the_stem_keeps_the_fingerprint() -> None:
    item = EXAM.items[0]
    parts = item.parts
    apart = replace(item, stem=parts.setting, ask=f"{parts.ask} {parts.note}".strip())
    assert apart.fingerprint == item.fingerprint
    assert apart.parts == parts
    assert replace(apart, ask="Which one is it?").fingerprint != item.fingerprint


# --- The sheet --------------------------------------------------------------------------------------


def test_a_handout_shows_stem_and_options_and_nothing_else_of_an_item() -> None:
    (row, *_) = yaml.safe_load(write_handout(EXAM.name, handout(EXAM, ())))["readings"]
    item = EXAM.items[0]
    assert row == {
        "item": item.id,
        "stem": item.stem,
        "options": {option.letter: option.text for option in item.options},
        "round": 1,
        "reader": "",
        "fingerprint": item.fingerprint,
        "answer": [],
        "second_option": None,
        "note": "",
    }


def test_a_handout_shows_a_question_of_its_own_below_the_stem() -> None:
    item = replace(EXAM.items[0], ask="Which one is it?")
    (row,) = yaml.safe_load(write_handout(EXAM.name, [(item, 1)]))["readings"]
    assert list(row)[1:4] == ["stem", "ask", "options"]
    assert row["ask"] == "Which one is it?"


def test_a_filled_handout_reads_as_a_sheet() -> None:
    document = yaml.safe_load(write_handout(EXAM.name, handout(EXAM, ())))
    for row, item in zip(document["readings"], EXAM.items, strict=True):
        row.update(reader="reader 1", answer=list(item.keys))
    assert read_readings(yaml.safe_dump(document).encode(), "s.yaml") == SHEET


def test_a_handout_is_written_and_read_without_loss() -> None:
    noted = replace(SHEET.readings[0], note="word " * 40 + "end: with, signs", second_option="D")
    sheet = replace(SHEET, readings=(noted, replace(SHEET.readings[1], fingerprint=None)))
    assert read_readings(write_readings(sheet), "s.yaml") == sheet


# --- Taking it back ---------------------------------------------------------------------------------


def test_taken_readings_stand_beside_the_others_of_their_item_by_round() -> None:
    changed = reworded()
    new = second(fingerprint=changed.items[0].fingerprint, round=2)
    merged = taken(changed, SHEET, new)
    assert [(one.item, one.round, one.reader) for one in merged.readings[:3]] == [
        ("E1-Q01", 1, "reader 1"),
        ("E1-Q01", 2, "R2"),
        ("E1-Q02", 1, "reader 1"),
    ]


@pytest.mark.parametrize(
    ("filled", "fault"),
    [
        (second(item="E1-Q99"), "E1-Q99: is not in the exam"),
        (second(answer=()), "E1-Q01: has no answer"),
        (second(answer=("Z",)), "E1-Q01: names no option of the item: Z"),
        (second(second_option="Y"), "E1-Q01: names no option of the item: Y"),
        (second(fingerprint="0123456789ab"), "E1-Q01: the wording has changed since it was handed out"),
        (second(round=2), "E1-Q01: is read in round 1 now"),
        (second(reader="reader 1"), "E1-Q01: was read by reader 1 already"),
        (replace(second(), name="other"), "is a handout of 'other', not of 'mls-c01-exam-1'"),
    ],
)
def test_a_reading_that_does_not_fit_is_refused(filled: ExamReadings, fault: str) -> None:
    with pytest.raises(FormatError) as caught:
        taken(EXAM, SHEET, filled)
    assert fault in str(caught.value)


# --- python -m tools.items --------------------------------------------------------------------------


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Two exams, each read once."""
    folder = tmp_path / "mls-c01"
    folder.mkdir()
    return builders.write_directory(folder, builders.exam(1), builders.exam(2))


def filled(directory: Path, answers: dict[str, list[str]]) -> Path:
    """Hand out items of exam 1 and answer them as R2; return the file."""
    items = [word for name in answers for word in ("--item", name)]
    code, text = run("--dir", str(directory), "hand-out", "exam-1", *items)
    assert code == 0
    document = yaml.safe_load(text)
    for row in document["readings"]:
        row.update(reader="R2", answer=answers[row["item"]])
    path = directory.parent / "handout.yaml"
    path.write_text(yaml.safe_dump(document))
    return path


def stored(directory: Path) -> tuple[Reading, ...]:
    """Return the readings of exam 1."""
    return read_readings((directory / "exams/exam-1.reading.yaml").read_bytes(), "s").readings


def test_a_handout_goes_out_and_comes_back(directory: Path) -> None:
    sheet = filled(directory, {"E1-Q01": ["A"], "E1-Q02": ["A"]})
    code, text = run("--dir", str(directory), "take", str(sheet))
    assert (code, text.splitlines()) == (
        0,
        [
            "handout.yaml: 2 readings of mls-c01-exam-1, 1 agree.",
            "  E1-Q02: R2 answered A; the key is B",
            "Written: exam-1.reading.yaml, 22 readings.",
        ],
    )
    assert [one.reader for one in stored(directory) if one.item == "E1-Q02"] == ["reader 1", "R2"]


def test_a_handout_with_one_fault_is_not_taken_at_all(directory: Path) -> None:
    before = stored(directory)
    sheet = filled(directory, {"E1-Q01": ["A"], "E1-Q02": ["Z"]})
    code, text = run("--dir", str(directory), "take", str(sheet))
    assert code == 1
    assert "E1-Q02: names no option of the item: Z" in text
    assert stored(directory) == before


def test_of_several_handouts_none_is_taken_where_one_has_a_fault(directory: Path) -> None:
    before = stored(directory)
    good = filled(directory, {"E1-Q01": ["A"]})
    bad = directory.parent / "bad.yaml"
    bad.write_bytes(write_readings(second(reader="R3", item="E1-Q99")))
    code, text = run("--dir", str(directory), "take", str(good), str(bad))
    assert code == 1
    assert "E1-Q99: is not in the exam" in text
    assert stored(directory) == before


def test_a_handout_of_an_unknown_exam_and_a_missing_file_are_faults(directory: Path) -> None:
    sheet = directory.parent / "unknown.yaml"
    sheet.write_bytes(write_readings(replace(EMPTY, name="exam-9")))
    assert run("--dir", str(directory), "take", str(sheet)) == (1, f"{sheet}:1: no exam is named 'exam-9'\n")
    code, text = run("--dir", str(directory), "take", str(directory / "none.yaml"))
    assert code == 1
    assert "cannot be read: No such file" in text


def test_an_unknown_exam_or_item_is_wrong_usage(directory: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no exams/exam-7\.yaml"):
        run("--dir", str(directory), "hand-out", "exam-7")
    with pytest.raises(UsageError, match="not in exam-1: E2-Q01"):
        run("--dir", str(directory), "hand-out", "exam-1", "--item", "E2-Q01")
