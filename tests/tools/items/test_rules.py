"""One good file and one file per breach: each rule is seen to hold and seen to fail."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from exams.content.records import ExamRecord, Explanation, ItemRecord, Reference, TranslationRecord
from exams.content.rules.measured import MeasuredExam
from exams.content.rules.measures import length
from exams.content.rules.wording import NEGATIVE
from tests.exams.content import builders
from tests.exams.content.builders import with_item, with_option, words
from tools.items import exam_rules, guessing
from tools.items.measure import measure_content
from tools.items.measured import overlap, singles_of
from tools.items.report import Report, Table

type Change = Callable[[ExamRecord], ExamRecord]


def measure(exam: ExamRecord, *more: ExamRecord, translations: tuple[TranslationRecord, ...] = ()) -> Report:
    exams = (exam, *more)
    plans = tuple(builders.plan(int(one.name[-1])) for one in exams)
    return measure_content(builders.content(builders.blueprint(*plans), exams, translations))


def table(report: Report, title: str = "exams/exam-1.yaml") -> Table:
    return next(one for one in report.tables if one.title == title)


def stem(exam: ExamRecord, number: int, change: Callable[[str], str]) -> ExamRecord:
    return with_item(exam, number, stem=change(exam.items[number - 1].stem))


def explain(exam: ExamRecord, number: int, **changes: str) -> ExamRecord:
    texts: Explanation = replace(exam.items[number - 1].explanation, **changes)
    return with_item(exam, number, explanation=texts)


def every_stem(exam: ExamRecord, change: Callable[[str], str]) -> ExamRecord:
    return replace(exam, items=tuple(replace(item, stem=change(item.stem)) for item in exam.items))


def keys(exam: ExamRecord, change: Callable[[str], str], numbers: range = range(1, 17)) -> ExamRecord:
    for number in numbers:
        for letter in exam.items[number - 1].keys:
            option = next(o for o in exam.items[number - 1].options if o.letter == letter)
            exam = with_option(exam, number, letter, text=change(option.text))
    return exam


def swap(exam: ExamRecord, one: int, other: int) -> ExamRecord:
    items = list(exam.items)
    items[one - 1], items[other - 1] = items[other - 1], items[one - 1]
    return replace(exam, items=tuple(items))


def references(*urls: str) -> tuple[Reference, ...]:
    return tuple(Reference("Page", url) for url in urls)


def test_a_good_file_breaks_no_rule() -> None:
    report = measure(builders.exam(), builders.exam(2), translations=(builders.translation(),))
    assert [str(breach) for breach in report.breaches] == []
    rules = {figure.rule for figure in table(report).figures}
    told = {
        f"V{number:02d}"
        for number in (1, 2, 3, 4, 6, 7, 8, 9, 11, 12, 16, 17, *range(20, 29), *range(30, 35))
    }
    assert rules == told | {"R02", "R03"}


AWS = "https://docs.aws.amazon.com/s3/"
BREACHES: list[tuple[str, str, str, Change]] = [
    ("V01", "", "missing: E1-Q20", lambda e: replace(e, items=e.items[:-1])),
    ("V01", "E9-Q01", "is not in the plan", lambda e: replace(e, items=(*e.items, stranger()))),
    ("V01", "E1-Q02", "is where E1-Q01 belongs", lambda e: swap(e, 1, 2)),
    (
        "V02",
        "E1-Q01",
        "options ABC instead of ABCD",
        lambda e: with_item(e, 1, options=e.items[0].options[:3]),
    ),
    ("V02", "E1-Q17", "1 keys instead of 2", lambda e: with_option(e, 17, "D", correct=False, failure="W1")),
    ("V03", "E1-Q17", "key A+B, planned A+D", lambda e: move_key(e, 17, "D", "B")),
    ("V03", "", "single keys at A: 31.2 %", lambda e: move_key(e, 2, "B", "A")),
    ("V04", "E1-Q10", "key C 3 times in a row", lambda e: move_key(e, 10, "D", "C")),
    ("V06", "E1-Q01", "ends with", lambda e: stem(e, 1, lambda s: s.rstrip("?") + ".")),
    ("V06", "E1-Q17", "ends with", lambda e: stem(e, 17, lambda s: s.replace("TWO", "THREE"))),
    ("V07", "E1-Q01", "'NOT' in the question", lambda e: stem(e, 1, lambda s: s[:-1] + " and NOT other?")),
    ("V08", "", "stems with a constraint word", lambda e: every_stem(e, lambda s: s.replace("MOST", "most"))),
    ("V08", "E1-Q03", "LEAST, MOST", lambda e: stem(e, 3, lambda s: s.replace(". ", ". LEAST, ", 1))),
    ("V09", "E1-Q01", "VERY in capitals", lambda e: stem(e, 1, lambda s: s.replace(". ", ". VERY ", 1))),
    ("V11", "", "key strictly longest: 37.5 %", lambda e: keys(e, lambda t: t + "s", range(1, 7))),
    ("V12", "", "key strictly shortest: 37.5 %", lambda e: keys(e, lambda t: t[:-1], range(1, 7))),
    ("V16", "E1-Q01", "'always'", lambda e: with_option(e, 1, "B", text="x1atake always x1b")),
    ("V16", "E1-Q01", "'None of the above'", lambda e: with_option(e, 1, "B", text="None of the above")),
    ("V16", "E1-Q01", "'Both A and C'", lambda e: with_option(e, 1, "B", text="Both A and C together")),
    (
        "V17",
        "E1-Q01",
        "2 options read",
        lambda e: with_option(e, 1, "B", text=e.items[0].options[2].text + "."),
    ),
    ("V20", "E1-Q01", "why of B has 11 words", lambda e: with_option(e, 1, "B", why=words("r", 11))),
    ("V20", "E1-Q01", "why of A has 51 words", lambda e: with_option(e, 1, "A", why=words("r", 51))),
    ("V21", "E1-Q01", "why_correct has 39 words", lambda e: explain(e, 1, why_correct=words("y", 39))),
    ("V21", "E1-Q01", "why_correct has 101 words", lambda e: explain(e, 1, why_correct=words("y", 101))),
    ("V22", "E1-Q01", "principle has 9 words", lambda e: explain(e, 1, principle=words("p", 9))),
    ("V22", "E1-Q01", "principle has 51 words", lambda e: explain(e, 1, principle=words("p", 51))),
    ("V23", "E1-Q01", "exam_tip has 7 words", lambda e: explain(e, 1, exam_tip=words("t", 7))),
    ("V23", "E1-Q01", "exam_tip has 36 words", lambda e: explain(e, 1, exam_tip=words("t", 36))),
    ("V24", "E1-Q01", "0 references", lambda e: with_item(e, 1, references=())),
    ("V24", "E1-Q01", "3 references", lambda e: with_item(e, 1, references=references(AWS, AWS, AWS))),
    (
        "V24",
        "E1-Q01",
        "is not on https",
        lambda e: with_item(e, 1, references=references("https://docs.aws.amazon.com.example.org/")),
    ),
    ("V24", "E1-Q01", "has an anchor", lambda e: with_item(e, 1, references=references(AWS + "#top"))),
    ("V25", "E1-Q01", "'option B'", lambda e: explain(e, 1, principle=words("p", 12) + " option B")),
    ("V25", "E1-Q01", "'C is wrong'", lambda e: with_option(e, 1, "B", why=words("r", 12) + " C is wrong")),
    ("V26", "E1-Q01", "Firehose", lambda e: stem(e, 1, lambda s: "Kinesis Data Firehose " + s)),
    ("V26", "E1-Q01", "Elastic Inference", lambda e: with_option(e, 1, "B", why="Elastic Inference " * 8)),
    ("V27", "E1-Q01", "with E1-Q02", lambda e: with_item(e, 2, stem=e.items[0].stem.replace("X1a", "Other"))),
    (
        "V28",
        "E1-Q01",
        "the stem of E1-Q02",
        lambda e: stem(e, 2, lambda s: e.items[0].options[0].text + " " + s),
    ),
]


def stranger() -> ItemRecord:
    return replace(builders.item(9, 1), place=builders.exam().items[0].place)


def move_key(exam: ExamRecord, number: int, old: str, new: str) -> ExamRecord:
    exam = with_option(exam, number, old, correct=False, failure="W1")
    return with_option(exam, number, new, correct=True, failure=None)


@pytest.mark.parametrize(
    ("rule", "item", "found", "change"), BREACHES, ids=[f"{rule} {found}" for rule, _, found, _ in BREACHES]
)
def test_a_breach_names_file_item_rule_and_what_was_found(
    rule: str, item: str, found: str, change: Change
) -> None:
    breaches = [b for b in measure(change(builders.exam())).breaches if b.rule == rule]
    matching = [b for b in breaches if b.item == item and found in b.found]
    assert matching, [str(b) for b in breaches]
    assert matching[0].limit
    assert matching[0].place.file == "exams/exam-1.yaml"


def test_a_renamed_service_may_be_named_with_its_current_name() -> None:
    exam = stem(builders.exam(), 1, lambda s: "Amazon Data Firehose (formerly Kinesis Data Firehose) " + s)
    assert measure(exam).breaches == ()


def test_an_abbreviation_and_inline_code_may_stand_in_capitals() -> None:
    exam = stem(builders.exam(), 1, lambda s: s.replace(". ", ". JSON `SELECT` LSTM ", 1))
    assert measure(exam).breaches == ()


def test_stems_of_different_files_may_share_less_than_half_of_their_words() -> None:
    other = builders.exam(2)
    same = with_item(other, 1, stem="Other " + builders.exam().items[0].stem)
    (breach,) = measure(builders.exam(), same).breaches
    assert (breach.rule, breach.item, breach.limit) == ("V27", "E1-Q01", "below 0.50")


def test_a_key_may_not_stand_in_a_stem_of_another_file() -> None:
    key = builders.exam().items[0].options[0].text
    other = stem(builders.exam(2), 5, lambda s: f"{key.upper()}, {s}")
    (breach,) = measure(builders.exam(), other).breaches
    assert (breach.rule, breach.item) == ("V28", "E1-Q01")
    assert "E2-Q05" in breach.found


def test_a_key_that_says_nothing_of_its_own_may_stand_in_another_stem() -> None:
    exam = with_option(builders.exam(), 1, "A", text="Model 2")
    assert not any(one.rule == "V28" for one in measure(stem(exam, 5, lambda s: f"Model 2, {s}")).breaches)


def test_an_exam_that_the_blueprint_does_not_plan_is_a_breach() -> None:
    exam = replace(builders.exam(), name="mls-c01-exam-7")
    report = measure_content(builders.content(builders.blueprint(), (exam,), (), {}))
    assert [breach.rule for breach in report.breaches] == ["V01"]


# --- Translations -----------------------------------------------------------------------------------


def test_a_translation_may_leave_items_out_and_says_how_many_it_has() -> None:
    text = builders.translation()
    report = measure(builders.exam(), translations=(replace(text, items=text.items[:16]),))
    assert report.breaches == ()
    (figure,) = [f for f in table(report, "exams/exam-1.hu.yaml").figures if f.rule == "T01"]
    assert figure.value == "16 of 20"


def test_a_translated_item_must_be_in_the_original_with_the_same_options() -> None:
    text = builders.translation()
    first = replace(text.items[0], id="E1-Q99")
    second = replace(text.items[1], options=text.items[1].options[:3])
    report = measure(builders.exam(), translations=(replace(text, items=(first, second, *text.items[2:])),))
    found = {(breach.rule, breach.item, breach.place.file) for breach in report.breaches}
    assert ("T01", "E1-Q99", "exams/exam-1.hu.yaml") in found
    assert ("T02", "E1-Q02", "exams/exam-1.hu.yaml") in found


FIGURE = "![](figure:curve)"
TABLE = "| | B |\n| --- | --: |\n| a | 1 |"


@pytest.mark.parametrize(
    ("original", "text", "said"),
    [
        ({"ask": "Which one?"}, {}, "has no ask"),
        ({}, {"ask": "Melyik?"}, "has an ask"),
        ({"stem": FIGURE}, {}, "the stem shows nothing instead of figure"),
        ({}, {"stem": FIGURE}, "the stem shows figure instead of nothing"),
        (
            {"stem": "![Errors](figure:curve)"},
            {"stem": FIGURE},
            "the stem shows figure instead of captioned figure",
        ),
        (
            {"stem": FIGURE},
            {"stem": "![Hibák](figure:curve)"},
            "the stem shows captioned figure instead of figure",
        ),
        (
            {"stem": f"{TABLE}\n\n{FIGURE}"},
            {"stem": FIGURE},
            "the stem shows figure instead of table, figure",
        ),
        (
            {"explanation": Explanation("w", "p", "```sql\nSELECT 1\n```")},
            {"explanation": Explanation("w", "p", "t")},
            "the exam tip shows nothing instead of code",
        ),
    ],
)
def test_a_translated_item_has_the_parts_of_its_original_and_no_more(
    original: dict[str, Any], text: dict[str, Any], said: str
) -> None:
    exam = builders.with_item(builders.exam(), 1, **original)
    first, *others = builders.translation().items
    found = exam_rules.parts_of_original(
        replace(builders.translation(), items=(replace(first, **text), *others)), exam
    )
    (breach,) = found.breaches
    assert (breach.rule, breach.item, breach.found) == ("T03", "E1-Q01", said)
    assert (breach.place.file, breach.place.line) == ("exams/exam-1.hu.yaml", 10)


def test_the_parts_of_options_are_those_of_the_options_of_the_original() -> None:
    exam = with_option(builders.exam(), 1, "B", why=f"Because.\n\n{TABLE}")
    (breach,) = exam_rules.parts_of_original(builders.translation(), exam).breaches
    assert breach.found == "why of B shows nothing instead of table"


def test_a_translation_with_an_ask_in_the_original_is_measured_for_it_in_the_check() -> None:
    text = builders.translation()
    items = (replace(text.items[0], ask="Melyik felel meg?"), *text.items[1:])
    report = measure(builders.exam(), translations=(replace(text, items=items),))
    assert ("T03", "E1-Q01") in {(breach.rule, breach.item) for breach in report.breaches}


def test_a_translation_must_end_as_its_language_asks_and_name_no_letter() -> None:
    text = builders.translation()
    seventeenth = replace(text.items[16], stem=text.items[16].stem.replace("Válassz", "Select"))
    first = replace(text.items[0], explanation=Explanation("A „B” válasz jó.", "p", "t"))
    items = (first, *text.items[1:16], seventeenth, *text.items[17:])
    report = measure(builders.exam(), translations=(replace(text, items=items),))
    found = {(breach.rule, breach.item) for breach in report.breaches}
    assert {("V06", "E1-Q17"), ("V25", "E1-Q01")} == found


# --- Guessers ---------------------------------------------------------------------------------------


def singles(change: Change = lambda exam: exam) -> MeasuredExam:
    return MeasuredExam(change(builders.exam()), builders.plan(), guide=builders.GUIDE)


@pytest.mark.parametrize(
    ("strategy", "give_away"),
    [
        ("longest option", lambda text: text + " and more"),
        ("most specific wording", lambda text: text + " 5 `max_depth`"),
        ("most words of the stem", lambda text: text.replace("take", "ask")),
        ("odd one out", lambda text: text.replace("take", "other")),
        ("most managed-sounding", lambda text: text + " serverless"),
    ],
)
def test_a_strategy_that_finds_the_keys_is_a_breach(strategy: str, give_away: Callable[[str], str]) -> None:
    sheet = singles(lambda exam: keys(exam, give_away))
    assert guessing.score(guessing.strategies(sheet)[strategy], singles_of(sheet)) == 16
    finding = guessing.guessers([sheet])
    assert strategy in {breach.found.split(":")[0] for breach in finding.breaches}


def test_the_middle_length_finds_keys_between_shorter_and_longer_options() -> None:
    def change(exam: ExamRecord) -> ExamRecord:
        for number, item in enumerate(exam.items[:16], start=1):
            wrong = [option for option in item.options if not option.correct]
            for option, longer in zip(wrong, (-3, 0, 3), strict=True):
                text = option.text + "s" * (3 + longer)
                exam = with_option(exam, number, option.letter, text=text)
        return keys(exam, lambda text: text + "sss")

    score = guessing.score(guessing.middle_length, singles_of(singles(change)))
    assert score == 8  # two options share the middle of four


def test_options_that_look_alike_give_a_guesser_his_chance_and_no_more() -> None:
    finding = guessing.guessers([singles()])
    assert {figure.value for figure in finding.figures} == {"25.0 % of 16"}
    assert finding.breaches == ()


def test_the_margin_is_eight_points_on_the_whole_bank_and_wider_on_a_part() -> None:
    assert guessing.margin(312) == 8
    assert guessing.margin(400) == 8
    assert guessing.margin(78) == 16


def test_each_coverage_item_is_tested_by_a_scored_item() -> None:
    plan = builders.plan(1)
    unscored = replace(plan, slots=tuple(replace(slot, scored=False) for slot in plan.slots))
    blueprint, exam = builders.blueprint(unscored), builders.exam(1)
    report = measure_content(builders.content(blueprint, (exam,)))
    assert [(b.rule, b.found) for b in report.breaches] == [("B01", "no scored item tests 's3'")]
    assert [f.value for table in report.tables for f in table.figures if f.rule == "B01"] == [
        "0.0 % (0 of 1)"
    ]


def test_a_page_has_one_title_in_all_files() -> None:
    other = with_item(builders.exam(2), 1, references=(Reference("Other words", AWS),))
    found = [str(breach) for breach in measure(builders.exam(1), other).breaches]
    said = "E2-Q01: V24: 'Other words' is 'Amazon S3 Documentation' elsewhere (limit: one title a page)"
    assert found == [f"{other.items[0].place}: {said} [one-title-per-page]"]


# --- Measures ---------------------------------------------------------------------------------------


def test_lengths_leave_out_white_space_and_overlap_counts_shared_words() -> None:
    assert length(" a b\n c ") == 3
    assert overlap(frozenset("abc"), frozenset("bcd")) == 0.5
    assert overlap(frozenset(), frozenset()) == 0


def test_a_question_about_false_alarms_is_not_negative() -> None:
    assert not NEGATIVE.search("Which change will reduce the number of false alarms?")
    assert NEGATIVE.search("Which of these statements is false?")
