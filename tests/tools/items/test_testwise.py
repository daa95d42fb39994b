"""The reader who has only the form of the text: what it finds, what it may learn from, how it counts."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

import pytest

from exams.content.records import ExamRecord, OptionRecord, Place
from exams.content.rules.measured import MeasuredExam
from exams.content.rules.rule import Finding
from tests.exams.content import builders
from tests.exams.content.builders import KEYS, OPTIONS
from tools.items.choice import Choice, fitted, scores
from tools.items.measure import measure_content
from tools.items.report import Report
from tools.items.surface import FAMILIES, Bank, SurfaceFeatures, cues_of, only, standardized
from tools.items.testwise import RIDGE, by_chance, read_by_form, right

type Write = Callable[[str, bool], str]

LIMIT = "at most 40 % (chance 22 %)"


def as_it_is(text: str, is_key: bool) -> str:
    return text


def longer_keys(text: str, is_key: bool) -> str:
    return f"{text} moreover" if is_key else text


def shorter_keys(text: str, is_key: bool) -> str:
    return text if is_key else f"{text} moreover"


def exam(number: int, write: Write = as_it_is, *, items: int = 20, is_revised: bool = True) -> MeasuredExam:
    """Return an exam of nonsense in which the words of options come by lot; `write` writes each option."""
    lot = Random(number)
    slots, records = [], []
    for place in range(items):
        slot = replace(builders.slot(number, 1 + place % len(KEYS)), id=f"E{number}-Q{place + 1:02d}")
        letters = "ABCDEF"[: OPTIONS[slot.choose]]
        keys = lot.sample(letters, slot.choose)
        options = tuple(
            OptionRecord(letter, write(_nonsense(lot, 6), letter in keys), letter in keys, None, "")
            for letter in letters
        )
        stem = f"{_nonsense(lot, 40).capitalize()}."
        slots.append(slot)
        records.append(
            replace(builders.item(number, 1), id=slot.id, stem=stem, ask="Which?", options=options)
        )
    plan = replace(builders.plan(number), slots=tuple(slots))
    record = ExamRecord(plan.name, tuple(records), Place(f"exams/exam-{number}.yaml", 1))
    revised = frozenset({plan.name} if is_revised else ())
    return MeasuredExam(record, plan, guide=replace(builders.GUIDE, revised=revised))


def _nonsense(lot: Random, count: int) -> str:
    return " ".join("".join(lot.choices("bcdfghklmnpr", k=5)) for _ in range(count))


def read(*exams: MeasuredExam) -> list[Finding]:
    return [finding for _, finding in read_by_form(exams)]


def values(*exams: MeasuredExam) -> list[str]:
    return [finding.figures[0].value for finding in read(*exams)]


def count(value: str) -> float:
    return float(value.split("(")[1].split()[0])


# --- What it finds ----------------------------------------------------------------------------------


def test_keys_that_are_always_the_longest_option_break_the_rule_with_their_figure_and_items() -> None:
    first, _ = read(exam(1, longer_keys), exam(2, longer_keys))
    (figure,), (breach,) = first.figures, first.breaches
    assert (figure.rule, figure.label, figure.value, figure.limit) == (
        "R03",
        "correct by cues of form alone",
        "100.0 % (20 of 20)",
        LIMIT,
    )
    assert (breach.place.file, breach.rule, breach.name, breach.limit) == (
        "exams/exam-1.yaml",
        "R03",
        "cues-of-form",
        LIMIT,
    )
    listed = ", ".join(f"E1-Q{number:02d}" for number in range(1, 21))
    assert breach.found == f"correct by cues of form alone: 100.0 % (20 of 20); by length: {listed}"


def test_a_bank_without_cues_stays_near_chance() -> None:
    """Six exams of 40 items have a standard error of 2.7 points."""
    bank = [exam(number, items=40) for number in range(1, 7)]
    found = read(*bank)
    reached = sum(count(one.figures[0].value) for one in found) / 240
    assert reached == pytest.approx(0.22, abs=0.06)
    assert [breach for one in found for breach in one.breaches] == []


def test_a_word_of_the_stem_in_distractors_alone_gives_keys_away_too() -> None:
    """Keys that never repeat the stem are found by leaving out the options that do."""

    def echoing(number: int) -> MeasuredExam:
        plain = exam(number, items=40)
        items = []
        for item in plain.exam.items:
            words = item.stem.strip(".").split()
            options = tuple(
                option if option.correct else replace(option, text=f"{option.text[:-5]}{words[place + 1]}")
                for place, option in enumerate(item.options)
            )
            items.append(replace(item, options=options))
        return replace(plain, exam=replace(plain.exam, items=tuple(items)))

    first, _ = read(echoing(1), echoing(2))
    assert count(first.figures[0].value) > 36
    assert "; by words of the stem" in first.breaches[0].found


# --- What it may learn from -------------------------------------------------------------------------


def test_nothing_is_learned_from_the_keys_of_the_exam_that_is_read() -> None:
    """The exam against the others has more items than they have together, so learning from it would show."""
    against = exam(3, shorter_keys, items=80)
    *_, last = values(exam(1, longer_keys), exam(2, longer_keys), against)
    assert count(last) == 0


def test_who_is_read_may_have_any_keys_without_a_change_in_what_is_answered() -> None:
    """Turned about, an exam that was all right is all wrong: its own keys decide the count alone."""
    others = [exam(1, longer_keys), exam(2, longer_keys)]
    assert values(*others, exam(3, longer_keys))[2] == "100.0 % (20 of 20)"
    assert values(*others, exam(3, shorter_keys))[2] == "0.0 % (0 of 20)"


def test_one_file_alone_has_nothing_to_learn_from_and_fails_nothing() -> None:
    (found,) = read(exam(1, longer_keys))
    assert found.breaches == ()
    assert [figure.value for figure in found.figures] == ["no other exam to learn from"]


def test_a_whole_exam_that_is_alone_is_answered_by_what_its_other_items_teach() -> None:
    (found,) = read(exam(1, longer_keys, items=60))
    assert found.figures[0].value == "100.0 % (60 of 60)"
    assert "; by length: E1-Q01, E1-Q02" in found.breaches[0].found
    (plain,) = read(exam(1, items=60))
    assert plain.breaches == ()


def test_a_guide_may_allow_less_than_others_do() -> None:
    one, other = exam(1, longer_keys), exam(2, longer_keys)
    strict = replace(one, guide=replace(one.guide, bands={"cues-of-form": (0, 35)}))
    (breach,) = read(strict, other)[0].breaches
    assert breach.limit == "at most 35 % (chance 22 %)"


def test_an_exam_without_items_is_read_and_taught_from_without_an_error() -> None:
    assert values(exam(1, longer_keys), exam(2, items=0)) == ["no other exam to learn from", "0.0 % (0 of 0)"]


def test_a_few_items_say_nothing() -> None:
    few, _ = read(exam(1, longer_keys, items=15), exam(2, longer_keys))
    assert few.breaches == ()
    assert few.figures[0].value == "100.0 % (15 of 15)"


def test_the_order_of_files_makes_no_difference() -> None:
    bank = [exam(number, longer_keys if number < 3 else as_it_is) for number in range(1, 6)]
    assert values(*bank) == values(*reversed(bank))[::-1]


# --- How it counts ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("marks", "chosen", "expected"),
    [
        ((3, 2, 1, 0), (1, 0, 0, 0), 1),
        ((3, 2, 1, 0), (0, 1, 0, 0), 0),
        ((3, 3, 1, 0), (0, 1, 0, 0), 1 / 2),
        ((0, 0, 0, 0), (0, 1, 0, 0), 1 / 4),
        ((3, 2, 1, 0, 0), (1, 1, 0, 0, 0), 1),
        ((3, 2, 1, 0, 0), (1, 0, 1, 0, 0), 0),
        ((3, 2, 1, 0, 0), (0, 1, 1, 0, 0), 0),
        ((3, 1, 1, 1, 0), (1, 0, 1, 0, 0), 1 / 3),
        ((3, 1, 1, 1, 0), (0, 1, 1, 0, 0), 0),
        ((1, 1, 1, 1, 1), (0, 1, 1, 0, 0), 1 / 10),
        ((1, 1 + 1e-12, 0, 0), (1, 0, 0, 0), 1 / 2),
    ],
)
def test_the_options_with_the_highest_marks_must_be_all_the_keys_and_ties_count_in_parts(
    marks: Sequence[float], chosen: Sequence[int], expected: float
) -> None:
    choice = Choice([(mark,) for mark in marks], [bool(one) for one in chosen])
    assert right([1.0], choice) == pytest.approx(expected)


def test_chance_is_one_set_of_options_of_all_that_are_as_large() -> None:
    assert by_chance(Choice([()] * 4, [True, False, False, False])) == 1 / 4
    assert by_chance(Choice([()] * 5, [True, True, False, False, False])) == 1 / 10
    assert by_chance(Choice([()] * 6, [True, True, True, False, False, False])) == 1 / 20


# --- Where it is told -------------------------------------------------------------------------------


def report(*, is_revised: bool) -> Report:
    exams = [exam(number, longer_keys, is_revised=is_revised) for number in (1, 2)]
    guide = replace(builders.GUIDE, revised=frozenset().union(*(one.guide.revised for one in exams)))
    plans = builders.blueprint(*(one.plan for one in exams))
    translations = (builders.translation(1), builders.translation(2))
    records = tuple(one.exam for one in exams)
    return measure_content(builders.content(plans, records, translations, guide=guide))


def told(report: Report, file: str) -> list[tuple[str, str]]:
    (table,) = (one for one in report.tables if one.title == file)
    rows = [one for one in table.figures if one.label == "correct by cues of form alone"]
    return [(one.value, one.limit) for one in rows]


def test_the_table_of_each_exam_has_the_row_and_a_revised_exam_is_judged() -> None:
    found = report(is_revised=True)
    assert told(found, "exams/exam-1.yaml") == [("100.0 % (20 of 20)", LIMIT)]
    assert [breach.place.file for breach in found.breaches if breach.name == "cues-of-form"] == [
        "exams/exam-1.yaml",
        "exams/exam-2.yaml",
    ]


def test_an_exam_that_is_not_revised_is_only_told_of() -> None:
    found = report(is_revised=False)
    assert told(found, "exams/exam-1.yaml") == [("100.0 % (20 of 20)", f"{LIMIT}, not judged yet")]
    assert "cues-of-form" not in {breach.name for breach in found.breaches}


def test_translations_are_read_among_themselves() -> None:
    (row,) = told(report(is_revised=False), "exams/exam-1.hu.yaml")
    assert row[0].endswith("of 20)")


# --- The cues ---------------------------------------------------------------------------------------


def form(*texts: str, stem: str = "", language: str = "en") -> SurfaceFeatures:
    options = tuple(
        OptionRecord(letter, text, False, None, "") for letter, text in zip("ABCDEF", texts, strict=False)
    )
    item = replace(builders.item(1, 1), stem=stem, ask="Which?", options=options)
    record = replace(builders.exam(), items=(item,))
    measured = MeasuredExam(record, builders.plan(), language, builders.GUIDE)
    return SurfaceFeatures(measured.items[0], Bank.of([measured]))


def cue(family: str, place: int, one: SurfaceFeatures) -> list[float]:
    return list(FAMILIES[family][place](one))


def test_only_what_differs_within_an_item_counts() -> None:
    assert standardized([5.0, 5.0, 5.0]) == [0, 0, 0]
    assert standardized([0.1 + 0.2, 0.3, 0.3]) == [0, 0, 0]
    assert standardized([1.0, 3.0]) == [-1, 1]


def test_each_option_has_each_cue() -> None:
    one = form("Use 5 `cron` jobs.", "Use Amazon EMR", "", "1.2.3", stem="Jobs run.")
    found = cues_of(one.one, one.bank)
    assert len(found) == 4
    assert {len(marks) for marks in found} == {sum(map(len, FAMILIES.values()))}
    assert all(math.isfinite(mark) for marks in found for mark in marks)


def test_what_one_option_alone_has_is_told_from_what_several_have() -> None:
    assert only([frozenset("ab"), frozenset("bc"), frozenset()]) == [{"a"}, {"c"}, set()]


@pytest.mark.parametrize(
    ("family", "place", "texts", "expected"),
    [
        ("length", 2, ("a", "bb", "cc", "dddd"), [0.5, 2, 2, 3.5]),
        ("likeness to the other options", 2, ("use one key", "use one lock", "take"), [2, 2, 0]),
        ("likeness to the other options", 3, ("use one key", "take a key", "take"), [1, 1, 0]),
        ("likeness to the other options", 8, ("alpha gamma", "alpha delta", "delta"), [1, 0, 1]),
        ("the form of the sentence", 0, ("Use one", "Use two", "Take two"), [2, 2, 1]),
        ("the form of the sentence", 1, ("Scaling it", "Scale it", "Scale up."), [1, 1, 1]),
        ("the size of its number", 0, ("1,000 rows", "20 rows", "3 rows"), [0, 0, 1]),
        ("the size of its number", 1, ("1,000 rows", "20 rows", "3 rows"), [1, 0, 0]),
        ("the size of its number", 2, ("1,000 rows", "20 rows", "3 rows"), [2, 0, 2]),
        ("the size of its number", 1, ("1.2.3", "20 rows", "3 rows"), [0, 0, 0]),
        ("its place", 1, ("a", "b", "c"), [0, 1, 0]),
        ("how managed it sounds", 0, ("a cron job", "a serverless job"), [-2, 2]),
        ("strong words, hedges and negations", 0, ("always", "it may not", "it"), [1, 0, 0]),
        ("strong words, hedges and negations", 1, ("always", "it may not", "it"), [0, 1, 0]),
        ("strong words, hedges and negations", 2, ("always", "it may not", "it"), [0, 1, 0]),
    ],
)
def test_a_cue_sees_what_it_looks_at(
    family: str, place: int, texts: Sequence[str], expected: Sequence[float]
) -> None:
    assert cue(family, place, form(*texts)) == expected


def test_words_of_the_stem_are_told_by_whether_one_option_alone_has_them() -> None:
    one = form("the records here", "the records there", "the invoices", stem="Invoices and records arrive.")
    assert cue("words of the stem", 0, one) == [1, 1, 1]
    assert cue("words of the stem in one option alone", 1, one) == [0, 0, 1]


def test_words_that_weigh_are_those_of_the_language() -> None:
    one = form("mindig", "talán nem", "az", language="hu")
    found = [cue("strong words, hedges and negations", place, one) for place in range(3)]
    assert found == [[1, 0, 0], [0, 1, 0], [0, 1, 0]]
    assert cue("how managed it sounds", 0, form("cron", "serverless", language="hu")) == [0, 0]


# --- The learner ------------------------------------------------------------------------------------


def test_the_weight_is_the_one_that_makes_the_choices_likeliest() -> None:
    """Of two options the marked one is chosen 30 times of 40: the odds are 3, over a difference of 2."""
    marks = ((1.0,), (-1.0,))
    choices = [Choice(marks, (True, False))] * 30 + [Choice(marks, (False, True))] * 10
    assert fitted(choices, 1e-9) == pytest.approx([math.log(3) / 2])


def test_a_penalty_draws_weights_to_nothing() -> None:
    marks = ((1.0, 0.5), (-1.0, -0.5))
    choices = [Choice(marks, (True, False))] * 30 + [Choice(marks, (False, True))] * 10
    sizes = [max(map(abs, fitted(choices, ridge))) for ridge in (0.1, RIDGE, 1000.0)]
    assert sizes[0] > sizes[1] > sizes[2] > 0


def test_of_several_keys_each_is_one_choice() -> None:
    """Two of three are chosen, each of them as often as both single choices together say."""
    rows = ((1.0, 0.0), (0.0, 1.0), (-1.0, -1.0))
    both = fitted([Choice(rows, (True, True, False))] * 5, 1.0)
    apart = fitted([Choice(rows, (True, False, False)), Choice(rows, (False, True, False))] * 5, 1.0)
    assert both == pytest.approx(apart)


def test_choices_that_a_mark_tells_without_exception_are_learned_too() -> None:
    lot = Random(5)
    choices = []
    for _ in range(60):
        place = lot.randrange(4)
        rows = [(10.0 * (number == place), lot.gauss(0, 1)) for number in range(4)]
        choices.append(Choice(rows, [number == place for number in range(4)]))
    weights = fitted(choices, 0.01)
    assert all(right(weights, one) == 1 for one in choices)
    assert max(scores(weights, choices[0])) < 100


def slope(choices: Sequence[Choice], weights: Sequence[float], ridge: float) -> list[float]:
    """Return the slope of what is made most likely: the marks that are chosen, less those expected."""
    found = [-ridge * weight for weight in weights]
    for one in choices:
        powers = [math.exp(score - max(scores(weights, one))) for score in scores(weights, one)]
        for marks, chosen, power in zip(one.marks, one.chosen, powers, strict=True):
            share = sum(one.chosen) * power / sum(powers)
            found = [total + (chosen - share) * mark for total, mark in zip(found, marks, strict=True)]
    return found


@pytest.mark.parametrize("seed", [1, 2, 125, 1056, 6233])
def test_the_summit_is_found_where_a_whole_step_leads_far_beyond_it(seed: int) -> None:
    """Marks of very different sizes, hardly any penalty: of the last three seeds whole steps go astray."""
    lot = Random(seed)
    items, options, marks = lot.randint(2, 8), lot.randint(2, 6), lot.randint(1, 3)
    choices = []
    for _ in range(items):
        key = lot.randrange(options)
        rows = [
            tuple(lot.gauss(0, 1) * 10 ** lot.uniform(-1, 1.5) for _ in range(marks)) for _ in range(options)
        ]
        choices.append(Choice(rows, [number == key for number in range(options)]))
    found = slope(choices, fitted(choices, 1e-3), 1e-3)
    assert found == pytest.approx([0] * marks, abs=1e-3)
