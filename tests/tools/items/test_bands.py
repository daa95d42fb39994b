"""Figures of many items and the bands of a guide: what is judged, what is advice, what is not measured."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import pytest
import yaml

from exams.content.formats.guide_yaml import read_guide, read_samples
from exams.content.records import Band, FormatError, Guide
from exams.content.rules.measured import MeasuredExam, MeasuredItem
from exams.content.rules.rule import Finding
from tests.exams.content import builders
from tests.tools.items.commands import run
from tools.items.bands import Measure
from tools.items.measure import measure_content

EXAM = builders.exam()
ITEMS = MeasuredExam(EXAM, builders.plan()).items


def of_first(count: int) -> Measure[MeasuredItem]:
    """Return a measure that finds something in the first items and nothing in the others."""
    found = {item.id for item in EXAM.items[:count]}
    return Measure("X1", "things", "items with a thing", lambda one: [float(one.item.id in found)])


def judged(
    measure: Measure[MeasuredItem],
    band: Band | None = None,
    samples: Mapping[str, float] | None = None,
    items: tuple[MeasuredItem, ...] = ITEMS,
) -> Finding:
    guide = Guide(
        bands={} if band is None else {measure.name: band},
        samples={} if samples is None else {measure.name: samples},
    )
    return measure(items, guide, EXAM.place)


@pytest.mark.parametrize("count", [3, 7])
def test_a_figure_on_the_border_of_its_band_is_good(count: int) -> None:
    finding = judged(of_first(count), (15, 35))
    assert finding.breaches == ()
    assert (finding.figures[0].value, finding.figures[0].limit) == (
        f"{5 * count}.0 % ({count} of 20)",
        "15-35 %",
    )


def test_a_figure_above_its_band_names_the_items_that_have_it() -> None:
    (breach,) = judged(of_first(3), (0, 10)).breaches
    assert breach.found == "items with a thing: 15.0 % (3 of 20): E1-Q01, E1-Q02, E1-Q03"
    assert (breach.rule, breach.name, breach.limit) == ("X1", "things", "at most 10 %")


def test_a_figure_below_its_band_names_the_items_that_lack_it() -> None:
    (breach,) = judged(of_first(18), (95, 100)).breaches
    assert breach.found.endswith(": E1-Q19, E1-Q20")
    assert breach.limit == "at least 95 %"


def test_a_mean_out_of_its_band_names_no_items() -> None:
    lengths = Measure[MeasuredItem]("X2", "mean", "letters", lambda one: [float(len(one.item.id))], fmean)
    (breach,) = judged(lengths, (7, 9)).breaches
    assert (breach.found, breach.limit) == ("letters: 6.0", "7-9")


def test_where_each_number_has_to_be_in_the_band_each_item_outside_is_named() -> None:
    places = Measure[MeasuredItem](
        "X3", "places", "place", lambda one: [float(one.item.id[-2:])], least=0, each=True
    )
    finding = judged(places, (2, 18))
    assert [(breach.item, breach.found) for breach in finding.breaches] == [
        ("E1-Q01", "place: 1"),
        ("E1-Q19", "place: 19"),
        ("E1-Q20", "place: 20"),
    ]
    assert (finding.figures[0].value, finding.figures[0].limit) == ("1-20", "2-18")


def test_of_a_few_items_a_figure_is_told_and_not_judged() -> None:
    finding = judged(of_first(15), (0, 10), items=ITEMS[:15])
    assert finding.breaches == ()
    assert finding.figures[0].limit == "at most 10 %, from 16 on"


def test_a_band_without_the_figure_of_the_samples_is_advice() -> None:
    finding = judged(of_first(10), (15, 35), {"all": 13.3, "SAA": 30.0})
    assert finding.breaches == ()
    assert (finding.figures[0].limit, finding.figures[0].samples) == ("15-35 %, advice", "13.3 (SAA 30)")
    assert judged(of_first(10), (15, 35), {"all": 15.0}).breaches != ()


def test_without_a_band_the_usual_one_holds_and_without_that_nothing_is_judged() -> None:
    usual = replace(of_first(10), usual=(0, 35))
    assert len(judged(usual).breaches) == 1
    assert judged(usual, (0, 60)).breaches == ()
    assert judged(of_first(10)).figures == ()
    told = judged(of_first(10), samples={"all": 3.0})
    assert (told.breaches, told.figures[0].limit, told.figures[0].samples) == ((), "", "3")


# --- What a guide says ------------------------------------------------------------------------------


def rules_of(guide: Guide) -> tuple[set[str], list[str]]:
    """Return the names of rules that break or are told, and what the guide itself has wrong."""
    report = measure_content(builders.content(builders.blueprint(), (EXAM,), guide=guide))
    own = [breach.found for breach in report.breaches if breach.rule == "guide"]
    return {breach.rule for breach in report.breaches}, own


def test_a_band_of_the_guide_is_that_of_the_rule() -> None:
    guide = replace(builders.GUIDE, bands={"rationale-length": (21, 40)})
    assert rules_of(guide)[0] == {"V20"}
    guide = replace(builders.GUIDE, bands={"references": (2, 3)})
    assert rules_of(guide)[0] == {"V24"}
    guide = replace(builders.GUIDE, bands={"shortest-key": (15, 35)})
    assert rules_of(guide)[0] == {"V12"}


def test_a_name_that_nothing_has_is_a_fault_of_the_guide() -> None:
    guide = replace(builders.GUIDE, bands={"longest_key": (0, 35)})
    assert rules_of(guide) == ({"guide"}, ["nothing is called 'longest_key'"])


def test_bands_and_asks_are_read_from_the_guide() -> None:
    text = "bands:\n  longest-key: 15-35\n  free-options: 0-1.2\nstock_asks: ['How should\\b']\n"
    guide = read_guide(text.encode(), "guide.yaml")
    assert guide.bands == {"longest-key": (15, 35), "free-options": (0, 1.2)}
    assert guide.stock_asks[0].match("How should the company do it?")


@pytest.mark.parametrize("band", ["35-15", "15", "a-b", "15-"])
def test_a_band_that_is_none_is_named_with_its_line(band: str) -> None:
    with pytest.raises(FormatError, match=r"guide\.yaml:2: expected a band such as 15-35"):
        read_guide(f"bands:\n  longest-key: '{band}'\n".encode(), "guide.yaml")


def test_figures_of_the_samples_are_read_from_their_table() -> None:
    text = "items: {all: 30, SAA: 10}\nfigures:\n  longest-key: {all: 26.9, SAA: 14}\n"
    assert read_samples(text.encode(), "s.yaml") == {"longest-key": {"all": 26.9, "SAA": 14.0}}
    with pytest.raises(FormatError, match=r"s\.yaml:3: expected a number"):
        read_samples(text.replace("26.9", "many").encode(), "s.yaml")


# --- The command ------------------------------------------------------------------------------------

QUESTION = {
    "id": "SAA-01",
    "source": "a page",
    "stem": "A company is moving its records. The move fails because a quota was reached.",
    "ask": "Which solution will meet these requirements?",
    "options": [
        {"key": "A", "text": "Use it."},
        {"key": "B", "text": "Use a second one. Then delete the first."},
    ],
    "answer": ["A"],
}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return builders.write_directory(tmp_path, EXAM)


def test_samples_become_figures_by_exam_and_no_text_of_them_is_written(
    directory: Path, tmp_path: Path
) -> None:
    other = {**QUESTION, "id": "MLS-01", "answer": ["B"]}
    questions = tmp_path / "questions.txt"
    questions.write_text(yaml.safe_dump({"items": [QUESTION, other]}))
    code, said = run("--dir", directory, "samples", questions)
    assert code == 0, said
    table = yaml.safe_load(said)
    assert table["items"] == {"all": 2, "SAA": 1, "MLS": 1}
    assert table["figures"]["shortest-key"] == {"all": 50.0, "SAA": 100.0, "MLS": 0.0}
    assert table["figures"]["progressive"]["all"] == 50.0
    assert "company" not in said
    assert "requirements" not in said
    _, said = run("--dir", directory, "samples", questions, "--exams", "MLS")
    assert yaml.safe_load(said)["items"] == {"all": 1, "MLS": 1}
    (directory / "vendor-samples.yaml").write_text(said)
    _, said = run("--dir", directory, "check")
    assert "0 (MLS 0)" in said


def test_what_is_left_of_an_unfinished_certification_is_told_and_breaks_nothing(tmp_path: Path) -> None:
    builders.write_directory(tmp_path, builders.with_option(EXAM, 1, "B", text="x1atake always x1b"))
    code, said = run("--dir", tmp_path, "check")
    assert (code, "BREACH exams/exam-1.yaml" in said) == (1, True)
    (tmp_path / "unfinished.md").write_text("Exam 2 is to come.")
    code, said = run("--dir", tmp_path, "check")
    assert (code, "BREACH" in said, "OPEN exams/exam-1.yaml" in said) == (0, False, True)
    assert said.endswith("Breaches: 0. Open: 1 (unfinished.md).\n")
    (tmp_path / "guide.yaml").write_text("bands: 3\n")
    code, said = run("--dir", tmp_path, "check")
    assert (code, "BREACH guide.yaml:1" in said) == (1, True)
