"""Blind sheets: they hide ids and order, and come back by their map."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from exams.content.records import FigureRecord, FormatError
from tests.exams.content import builders
from tools.items.blind import blind_handout, collected, question_of
from tools.items.blind_yaml import read_filled, read_map, read_mix, write_blind, write_map
from tools.items.readings_yaml import read_readings, write_readings
from tools.items.records import (
    BlindMap,
    BlindQuestion,
    ExamReadings,
    FilledRow,
    LayReading,
    MappedItem,
    MappedSample,
    Reading,
    SampleLikeness,
)

EXAM = builders.exam(1)
READ = builders.readings(EXAM)
EMPTY = ExamReadings(EXAM.name, ())
MIXED = tuple(
    BlindQuestion(f"Somebody else has {n} files.", "What is it?", (("A", "One"), ("B", "Two")))
    for n in range(3)
)
MIX = """\
- id: V1
  stem: A company has a model.
  ask: What is it?
  options: {A: One, B: Two}
  key: [A]
- id: V2
  ask: Which one?
  options: {A: One, B: Two, C: Three}
"""

# --- What a sheet shows -----------------------------------------------------------------------------


def rows_of(*, seed: int = 7, lay: bool = False) -> tuple[list[dict[str, Any]], str, BlindMap]:
    """Return the sheet of all items with samples as rows, as text, and its map."""
    shown, numbers = blind_handout(EXAM.name, EXAM.items, MIXED, seed=seed, lay=lay)
    text = write_blind(shown, lay=lay).decode()
    return yaml.safe_load(text), text, numbers


def test_a_sheet_hides_ids_order_and_what_was_mixed_in() -> None:
    rows, text, numbers = rows_of()
    assert [row["number"] for row in rows] == list(range(1, 24))
    assert not re.search(r"E1-Q\d|mls-c01|correct|why|reference", text)
    assert len(numbers.items) == 20
    assert len(numbers.samples) == 3
    assert [one.item for one in numbers.items] != [item.id for item in EXAM.items]
    shapes = {tuple(row) for row in rows}
    fields = ("answer", "second_option", "free", "certainty", "difficulty", "likeness", "note")
    assert shapes == {("number", "stem", "ask", "options", *fields)}
    assert "&" not in text  # no anchor of a shared list


def test_the_map_says_which_item_has_which_number() -> None:
    rows, _, numbers = rows_of()
    items = {item.id: item for item in EXAM.items}
    shown = {row["number"]: row for row in rows}
    for one in numbers.items:
        item = items[one.item]
        assert one.fingerprint == item.fingerprint
        assert shown[one.number]["options"] == {option.letter: option.text for option in item.options}
        assert f"{shown[one.number]['stem']} {shown[one.number]['ask']}" == item.stem
    assert all(shown[one.number]["ask"] == "What is it?" for one in numbers.samples)


def test_a_seed_gives_an_order_and_another_seed_another() -> None:
    assert rows_of()[1] == rows_of()[1]
    assert rows_of()[1] != rows_of(seed=8)[1]


def test_a_sheet_for_a_lay_reader_asks_for_an_answer_alone() -> None:
    rows, text, numbers = rows_of(lay=True)
    assert {tuple(row) for row in rows} == {("number", "stem", "ask", "options", "answer")}
    assert numbers.lay
    assert "without knowledge of the subject" in text


def test_figures_are_shown_by_their_descriptions_and_without_their_names() -> None:
    stem = "The results:\n\n![Loss](figure:e1-q01-loss)\n\n![](figure:other)"
    figures = (FigureRecord("e1-q01-loss", "<svg/>", "Loss", "It falls from 3 to 1."),)
    told = replace(EXAM.items[0].explanation, principle="![](figure:answer)")
    item = replace(EXAM.items[0], stem=stem, ask="Which one?", figures=figures, explanation=told)
    shown = question_of(item)
    assert shown.stem == "The results:\n\n[Figure 1: Loss]\n\n[Figure 2]"
    assert shown.figures == (("Figure 1", "It falls from 3 to 1."),)
    assert "e1-q01" not in write_blind([(1, shown)], lay=False).decode()


@pytest.mark.parametrize(
    "written",
    ["![Loss [log]](figure:e1-q01-loss)", "![Loss](<figure:e1-q01-loss>)", "![a\\]](figure:e1-q01-loss 'b')"],
)
def test_a_figure_that_is_written_in_another_way_does_not_show_its_name_either(written: str) -> None:
    figures = (FigureRecord("e1-q01-loss", "<svg/>", "Loss", "It falls from 3 to 1."),)
    shown = question_of(replace(EXAM.items[0], stem=f"Look:\n\n{written}", ask="Which?", figures=figures))
    assert shown.figures == (("Figure 1", "It falls from 3 to 1."),)
    assert "e1-q01" not in shown.stem
    assert "Figure 1" in shown.stem


# --- Files ------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), min_size=1, max_size=40)
WORDS = TEXT.map(str.strip).filter(bool)
LETTERS = st.lists(st.sampled_from("ABCDEF"), unique=True, max_size=4).map(tuple)
ROUNDS = st.integers(1, 9)
READINGS = st.builds(
    Reading,
    WORDS,
    ROUNDS,
    WORDS,
    st.none() | WORDS,
    LETTERS,
    st.none() | st.sampled_from("ABCD"),
    st.just("") | WORDS,
    st.none() | LETTERS | st.integers(0, 5),
    *(3 * [st.none() | st.integers(1, 5)]),
)
MEANS = st.integers(100, 500).map(lambda number: number / 100)
SAMPLES = st.builds(
    SampleLikeness, WORDS, ROUNDS, st.integers(1, 30), MEANS, *(5 * [st.none() | st.just(0.25)])
)
LAY = st.builds(LayReading, WORDS, WORDS, WORDS, LETTERS)


@settings(max_examples=80)
@given(
    st.lists(READINGS, max_size=4, unique_by=lambda one: (one.item, one.round, one.reader)),
    st.lists(SAMPLES, max_size=3, unique_by=lambda one: (one.reader, one.round)),
    st.lists(LAY, max_size=3, unique_by=lambda one: (one.item, one.reader, one.fingerprint)),
)
def test_readings_read_back_as_they_were_written(
    readings: list[Reading], samples: list[SampleLikeness], lay: list[LayReading]
) -> None:
    record = ExamReadings("exam", tuple(readings), tuple(samples), tuple(lay))
    assert read_readings(write_readings(record), "s.yaml") == record


def test_readings_without_the_new_fields_are_written_as_before() -> None:
    text = write_readings(READ).decode()
    assert not any(word in text for word in ("free", "likeness", "samples", "lay:"))
    assert read_readings(text.encode(), "s.yaml").readings[0].free is None


@settings(max_examples=40)
@given(
    st.lists(st.tuples(WORDS, WORDS), max_size=4, unique_by=lambda one: one[0]),
    st.lists(LETTERS, max_size=3),
    st.booleans(),
)
def test_a_map_reads_back_as_it_was_written(
    items: list[tuple[str, str]], samples: list[tuple[str, ...]], lay: bool
) -> None:
    own = tuple(MappedItem(number, *one) for number, one in enumerate(items))
    other = tuple(MappedSample(number, one) for number, one in enumerate(samples, start=10))
    record = BlindMap("exam", lay, own, other)
    assert read_map(write_map(record), "m.yaml") == record


ROW = (
    "exam: e\nreadings:\n"
    "- {item: E1-Q01, round: 1, reader: R1, fingerprint: a1, answer: [A], second_option: null,"
    " free: [C], likeness: 4}\n"
    "samples:\n- {reader: R1, round: 1, count: 10, likeness: 3.8}\n"
    "lay:\n- {item: E1-Q01, reader: L1, fingerprint: a1, answer: [B]}\n"
)
FILLED = "- {number: 1, answer: [A], second_option: null, free: [], likeness: 4}\n"
MAP = "exam: e\nlay: false\nitems:\n- {number: 1, item: E1-Q01, fingerprint: a1}\nsamples: []\n"


def filled_sheet(data: bytes, file: str) -> object:
    return read_filled(data, file, lay=False)


def lay_sheet(data: bytes, file: str) -> object:
    return read_filled(data, file, lay=True)


@pytest.mark.parametrize(
    ("read", "text", "old", "new", "said"),
    [
        (read_readings, ROW, "likeness: 4", "likeness: 6", "f.yaml:3: expected a number from 1 to 5"),
        (read_readings, ROW, "likeness: 4", "likeness: 0", "f.yaml:3: expected a number from 1 to 5"),
        (read_readings, ROW, "free: [C]", "free: [C, C]", "f.yaml:3: C is named twice"),
        (read_readings, ROW, "free: [C]", "free: C", "f.yaml:3: expected a list, found text"),
        (read_readings, ROW, "likeness: 3.8", "likeness: 5.1", "f.yaml:5: expected a mean from 1 to 5"),
        (read_readings, ROW, "count: 10", "count: 0", "f.yaml:5: is counted from 1"),
        (read_readings, ROW, "count: 10, ", "", "f.yaml:5: the key 'count' is missing"),
        (read_readings, ROW, "count: 10", "stem: 10", "f.yaml:5: unknown key 'stem'"),
        (read_readings, ROW, "answer: [B]", "answer: [B, B]", "f.yaml:7: B is named twice"),
        (
            read_readings,
            ROW,
            "lay:\n",
            "lay:\n- {item: E1-Q01, reader: L1, fingerprint: a1, answer: [A]}\n",
            "f.yaml:8: reader 'L1' has read this wording of E1-Q01 twice",
        ),
        (
            read_readings,
            ROW,
            "lay:",
            "- {reader: R1, round: 1, count: 2, likeness: 3}\nlay:",
            "f.yaml:6: reader 'R1' has judged the samples twice in round 1",
        ),
        (filled_sheet, FILLED, "likeness: 4", "likeness: 9", "f.yaml:1: expected a number from 1 to 5"),
        (filled_sheet, FILLED, "likeness: 4", "likeness: null", "f.yaml:1: expected a whole number"),
        (filled_sheet, FILLED, ", likeness: 4", "", "f.yaml:1: the key 'likeness' is missing"),
        (filled_sheet, FILLED, "free: [],", "", "f.yaml:1: the key 'free' is missing"),
        (filled_sheet, FILLED, "answer: [A]", "answer: A", "f.yaml:1: expected a list, found text"),
        (filled_sheet, FILLED, "answer: [A]", "answer: [A, A]", "f.yaml:1: A is named twice"),
        (lay_sheet, FILLED, "number: 1", "number: 2", "f.yaml:1: unknown key 'free'"),
        (read_map, MAP, "lay: false", "lay: never", "f.yaml:2: expected true or false"),
        (
            read_map,
            MAP,
            "samples: []",
            "samples:\n- {number: 1, options: [A]}",
            "f.yaml:6: number 1 stands for two questions",
        ),
        (
            read_map,
            MAP,
            "samples:",
            "- {number: 2, item: E1-Q01, fingerprint: a1}\nsamples:",
            "f.yaml:5: E1-Q01: the item 'E1-Q01' appears twice",
        ),
        (read_mix, MIX, "id: V2", "id: V1", "f.yaml:6: V1: the item 'V1' appears twice"),
        (read_mix, MIX, "C: Three", "D: Three", "f.yaml:8: V2: the options are ABD, not letters from A on"),
        (read_mix, MIX, "  ask: Which one?\n", "", "f.yaml:6: V2: the key 'ask' is missing"),
    ],
)
def test_a_fault_of_a_file_is_named_with_its_line(
    read: Callable[[bytes, str], object], text: str, old: str, new: str, said: str
) -> None:
    assert old in text
    read(text.encode(), "f.yaml") if read is not lay_sheet else None
    with pytest.raises(FormatError) as caught:
        read(text.replace(old, new, 1).encode(), "f.yaml")
    assert any(str(problem).startswith(said) for problem in caught.value.problems), str(caught.value)


def test_what_is_mixed_in_is_read_without_its_keys() -> None:
    one, two = read_mix(MIX.encode(), "f.yaml")
    assert one == BlindQuestion("A company has a model.", "What is it?", (("A", "One"), ("B", "Two")))
    assert (two.stem, two.letters) == ("", ("A", "B", "C"))


# --- Taking it back ---------------------------------------------------------------------------------

NUMBERS = BlindMap(
    EXAM.name,
    lay=False,
    items=(
        MappedItem(1, "E1-Q02", EXAM.items[1].fingerprint),
        MappedItem(3, "E1-Q01", EXAM.items[0].fingerprint),
    ),
    samples=(MappedSample(2, ("A", "B")), MappedSample(4, ("A", "B"))),
)
ROWS = (
    FilledRow(1, ("B",), None, ("A",), 4, "fine"),
    FilledRow(2, ("A",), None, (), 5),
    FilledRow(3, ("C",), "D", (), 2),
    FilledRow(4, ("A",), None, (), 4),
)


def test_a_filled_sheet_becomes_readings_by_its_map() -> None:
    after = collected(EXAM, EMPTY, NUMBERS, ROWS, "R5")
    prints = [item.fingerprint for item in EXAM.items]
    assert after.readings == (
        Reading("E1-Q01", 1, "R5", prints[0], ("C",), "D", "", (), 2),
        Reading("E1-Q02", 1, "R5", prints[1], ("B",), None, "fine", ("A",), 4),
    )
    assert after.samples == (SampleLikeness("R5", 1, 2, 4.5, free=0),)
    assert after.lay == ()


def test_the_round_is_one_more_where_the_wording_changed_and_the_same_where_it_did_not() -> None:
    old = replace(READ.readings[0], fingerprint="0123456789ab", round=3)
    after = collected(EXAM, replace(READ, readings=(old, READ.readings[1])), NUMBERS, ROWS, "R5")
    new = {one.item: one.round for one in after.readings if one.reader == "R5"}
    assert new == {"E1-Q01": 4, "E1-Q02": 1}
    assert after.samples == (SampleLikeness("R5", 4, 2, 4.5, free=0),)


def test_a_second_sheet_of_a_reader_in_a_round_is_counted_with_the_first() -> None:
    first = collected(EXAM, EMPTY, replace(NUMBERS, items=NUMBERS.items[:1]), (ROWS[0], *ROWS[1::2]), "R5")
    after = collected(EXAM, first, replace(NUMBERS, items=NUMBERS.items[1:]), ROWS[1:], "R5")
    assert after.samples == (SampleLikeness("R5", 1, 4, 4.5, free=0),)


def test_of_the_samples_only_means_and_shares_are_kept() -> None:
    keyed = tuple(replace(one, keys=("A",)) for one in NUMBERS.samples)
    rows = (
        ROWS[0],
        replace(ROWS[1], free=2, certainty=3, difficulty=1),
        ROWS[2],
        replace(ROWS[3], answer=("B",), free=1, certainty=5, difficulty=2),
    )
    after = collected(EXAM, EMPTY, replace(NUMBERS, samples=keyed), rows, "R5")
    assert after.samples == (
        SampleLikeness("R5", 1, 2, 4.5, difficulty=1.5, too_easy=0.5, free=1.5, keys=0.5, hesitated=0.5),
    )


def test_a_reading_of_an_older_wording_keeps_its_fingerprint_and_its_round() -> None:
    old = replace(NUMBERS, items=tuple(replace(one, fingerprint="0123456789ab") for one in NUMBERS.items))
    first = collected(EXAM, EMPTY, old, ROWS, "R5", reworded=True)
    both = collected(EXAM, first, old, ROWS, "R6", reworded=True)
    assert {(one.round, one.fingerprint) for one in both.readings} == {(1, "0123456789ab")}
    now = collected(EXAM, both, NUMBERS, ROWS, "R7", reworded=True)
    assert {one.round for one in now.readings if one.reader == "R7"} == {2}
    later = replace(old, items=tuple(replace(one, fingerprint="ba9876543210") for one in old.items))
    with pytest.raises(FormatError, match="E1-Q02: a later wording was read already"):
        collected(EXAM, now, later, ROWS, "R8", reworded=True)


def test_answers_of_a_lay_reader_are_kept_apart() -> None:
    after = collected(EXAM, READ, replace(NUMBERS, lay=True), ROWS, "L1")
    assert after.readings == READ.readings
    assert after.samples == ()
    assert [(one.item, one.reader, one.answer) for one in after.lay] == [
        ("E1-Q01", "L1", ("C",)),
        ("E1-Q02", "L1", ("B",)),
    ]


def with_row(number: int, **changes: Any) -> tuple[FilledRow, ...]:
    return tuple(replace(row, **changes) if row.number == number else row for row in ROWS)


@pytest.mark.parametrize(
    ("numbers", "rows", "reader", "said"),
    [
        (NUMBERS, (*ROWS, FilledRow(9, ("A",))), "R5", "number 9 is not in the map"),
        (NUMBERS, (*ROWS, ROWS[0]), "R5", "number 1 is answered twice"),
        (NUMBERS, ROWS[:3], "R5", "number 4 is missing from the filled handout"),
        (NUMBERS, with_row(1, answer=()), "R5", "number 1 has no answer"),
        (NUMBERS, with_row(2, answer=("C",)), "R5", "number 2 names no option of the item: C"),
        (NUMBERS, with_row(1, free=("F",)), "R5", "number 1 names no option of the item: F"),
        (NUMBERS, with_row(3, second_option="E"), "R5", "number 3 names no option of the item: E"),
        (NUMBERS, with_row(3, second_option="C"), "R5", "number 3 defends its answer C as a second option"),
        (replace(NUMBERS, items=()), ROWS[1::2], "R5", "names no item"),
        (
            NUMBERS,
            with_row(3, options=(("A", EXAM.items[0].options[0].text), ("B", "of another item"))),
            "R5",
            "number 3 shows other options than its item",
        ),
        (replace(NUMBERS, exam="other"), ROWS, "R5", "is a map of 'other', not of 'mls-c01-exam-1'"),
        (
            replace(NUMBERS, items=(replace(NUMBERS.items[0], item="E1-Q99"),)),
            ROWS,
            "R5",
            "E1-Q99: is not in the exam",
        ),
        (
            replace(NUMBERS, items=(replace(NUMBERS.items[0], fingerprint="0123456789ab"),)),
            ROWS,
            "R5",
            "E1-Q02: the wording has changed since the handout was written",
        ),
        (NUMBERS, ROWS, "reader 1", "E1-Q02: was read by reader 1 already"),
    ],
)
def test_a_sheet_that_does_not_fit_is_refused(
    numbers: BlindMap, rows: tuple[FilledRow, ...], reader: str, said: str
) -> None:
    with pytest.raises(FormatError) as caught:
        collected(EXAM, READ, numbers, rows, reader)
    assert said in str(caught.value)


def test_a_lay_reader_answers_a_wording_once() -> None:
    numbers = replace(NUMBERS, lay=True)
    once = collected(EXAM, READ, numbers, ROWS, "L1")
    with pytest.raises(FormatError, match="E1-Q02: was read by L1 already"):
        collected(EXAM, once, numbers, ROWS, "L1")
