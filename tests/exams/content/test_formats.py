"""Exam files: what is written reads back equal, and every fault comes with its place."""

from collections.abc import Callable
from functools import partial

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from exams.content.formats import exam_yaml
from exams.content.formats.blueprint_yaml import read_blueprint
from exams.content.formats.certification_yaml import read_certification
from exams.content.formats.exam_yaml import write_exam, write_translation
from exams.content.formats.text import bidi_fault
from exams.content.formats.tree import dump, open_document
from exams.content.records import (
    ExamRecord,
    Explanation,
    FormatError,
    ItemRecord,
    ItemTextRecord,
    OptionRecord,
    OptionTextRecord,
    Reference,
    TranslationRecord,
)
from exams.kinds.profile import PARTS, Profile
from tests.exams.content import builders
from tools.items.readings_yaml import read_readings

TEXT = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), min_size=1, max_size=300)
    .map(str.strip)
    .filter(lambda text: text and not bidi_fault(text))
)
LETTERS = st.lists(st.sampled_from("ABCDEF"), unique=True, max_size=6)
EXPLANATIONS = st.builds(Explanation, TEXT, TEXT, TEXT)
NAMES = st.lists(TEXT, unique=True, max_size=3)
read_exam = partial(exam_yaml.read_exam, profile=Profile())
read_translation = partial(exam_yaml.read_translation, profile=Profile())


@st.composite
def exams(draw: st.DrawFn) -> ExamRecord:
    items = tuple(
        ItemRecord(
            id=name,
            stem=draw(TEXT),
            options=tuple(
                OptionRecord(
                    letter,
                    draw(TEXT),
                    draw(st.booleans()),
                    draw(st.none() | st.sampled_from(["W1", "W6"])),
                    draw(TEXT),
                )
                for letter in draw(LETTERS)
            ),
            explanation=draw(EXPLANATIONS),
            references=tuple(draw(st.lists(st.builds(Reference, TEXT, TEXT), max_size=2))),
            ask=draw(st.just("") | TEXT),
        )
        for name in draw(NAMES)
    )
    return ExamRecord(draw(TEXT), items)


@st.composite
def translations(draw: st.DrawFn) -> TranslationRecord:
    items = tuple(
        ItemTextRecord(
            id=name,
            stem=draw(TEXT),
            options=tuple(OptionTextRecord(letter, draw(TEXT), draw(TEXT)) for letter in draw(LETTERS)),
            explanation=draw(EXPLANATIONS),
            ask=draw(st.just("") | TEXT),
        )
        for name in draw(NAMES)
    )
    return TranslationRecord(draw(TEXT), draw(TEXT), items)


@settings(max_examples=60)
@given(exams())
def test_an_exam_reads_back_as_it_was_written(exam: ExamRecord) -> None:
    assert read_exam(write_exam(exam), "exam-1.yaml") == exam


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u00a0", "\U0001f600"])
def test_a_mark_that_few_editors_show_reads_back_inside_short_long_and_parted_texts(mark: str) -> None:
    texts = [f"a{mark}b", f"{'word ' * 40}{mark} end", f"a\n\nb{mark}c"]
    (branch, _) = open_document(dump({"texts": texts}), "texts.yaml")
    assert [row.text() for row in branch.fields(["texts"]).rows("texts")] == texts


@settings(max_examples=40)
@given(translations())
def test_a_translation_reads_back_as_it_was_written(translation: TranslationRecord) -> None:
    assert read_translation(write_translation(translation), "exam-1.hu.yaml") == translation


@settings(max_examples=100)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused_with_a_place(data: bytes) -> None:
    try:
        read_exam(data, "exam-1.yaml")
    except FormatError as error:
        assert error.problems
        assert all(problem.place.file == "exam-1.yaml" for problem in error.problems)
        assert all(problem.place.line >= 1 for problem in error.problems)


def test_an_item_knows_its_file_and_line() -> None:
    data = write_exam(builders.exam())
    items = read_exam(data, "exams/exam-1.yaml").items
    lines = data.decode().splitlines()
    for item in items:
        assert item.place.file == "exams/exam-1.yaml"
        assert lines[item.place.line - 1] == f"- id: {item.id}"


GOOD = """\
exam: mls-c01-exam-1
items:
- id: E1-Q01
  stem: A stem. A question?
  options:
  - key: A
    text: One
    correct: false
    failure: W1
    why: Because
  - key: B
    text: Two
    correct: true
    why: Because
  explanation:
    why_correct: Why
    principle: Principle
    exam_tip: Tip
  references:
  - title: Page
    url: https://docs.aws.amazon.com/s3/
"""


def problems(read: Callable[[bytes, str], object], text: str | bytes) -> list[str]:
    with pytest.raises(FormatError) as caught:
        read(text if isinstance(text, bytes) else text.encode(), "f.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_the_example_is_good() -> None:
    (item,) = read_exam(GOOD.encode(), "f.yaml").items
    assert item.keys == ("B",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    failure: W1\n", "    reason: W1\n", "f.yaml:9: E1-Q01: unknown key 'reason'"),
        ("    principle: Principle\n", "", "f.yaml:16: E1-Q01: the key 'principle' is missing"),
        ("text: One", "text: 1", "f.yaml:7: E1-Q01: expected text, found a whole number; write it in quotes"),
        ("text: One", "text: 2026-03-31", "f.yaml:7: E1-Q01: expected text, found a date"),
        ("text: One", "text: [One]", "f.yaml:7: E1-Q01: expected text, found a list"),
        ("text: One", "text: ''", "f.yaml:7: E1-Q01: the text is empty"),
        ("text: One", 'text: "One\\0"', "f.yaml:7: E1-Q01: the text holds a control character"),
        (
            "text: One",
            "text: !!python/name:os.system x",
            "f.yaml:7: E1-Q01: expected text, found a value of type",
        ),
        ("correct: true", "correct: 'true'", "f.yaml:13: E1-Q01: expected true or false, found text"),
        ("correct: true", "correct:", "f.yaml:13: E1-Q01: expected true or false, found nothing"),
        ("key: B", "key: A", "f.yaml:11: E1-Q01: the option 'A' appears twice"),
        (
            "    why: Because\n  - key",
            "    why: B\n    why: C\n  - key",
            "f.yaml:11: E1-Q01: the key 'why' appears twice",
        ),
        ("items:\n", "items:\n- nonsense\n", "f.yaml:3: expected a mapping, found text"),
        ("exam: mls-c01-exam-1\n", "", "f.yaml:1: the key 'exam' is missing"),
        ("  stem: A", "\tstem: A", "f.yaml:4: not valid YAML"),
        ("  references:", "---\n  references:", "f.yaml:"),
    ],
)
def test_a_fault_is_named_with_file_line_and_item(old: str, new: str, said: str) -> None:
    assert old in GOOD
    found = problems(read_exam, GOOD.replace(old, new, 1))
    assert any(line.startswith(said) for line in found), found


LEFT_OUT = {
    "principle": "    principle: Principle\n",
    "tip": "    exam_tip: Tip\n",
    "rationale": "    why: Because\n",
    "references": "  references:\n  - title: Page\n    url: https://docs.aws.amazon.com/s3/\n",
}


@pytest.mark.parametrize("part", LEFT_OUT)
def test_a_part_may_be_left_out_where_the_profile_of_the_certification_does_without_it(part: str) -> None:
    text = GOOD.replace(LEFT_OUT[part], "")
    profile = Profile(required=tuple(name for name in PARTS if name != part))
    exam = exam_yaml.read_exam(text.encode(), "f.yaml", profile)
    assert exam_yaml.read_exam(write_exam(exam), "f.yaml", profile) == exam
    (found, *_) = problems(read_exam, text)
    assert found.endswith("is missing")


def test_why_the_key_is_right_is_never_left_out() -> None:
    text = GOOD.replace("    why_correct: Why\n", "")
    found = problems(partial(exam_yaml.read_exam, profile=Profile(required=())), text)
    assert found == ["f.yaml:16: E1-Q01: the key 'why_correct' is missing"]


def test_a_translation_leaves_out_what_its_certification_does_without() -> None:
    explanation = Explanation("Miért", "", "")
    options = (OptionTextRecord("A", "Egy", ""), OptionTextRecord("B", "Kettő", ""))
    record = TranslationRecord("exam-1", "hu", (ItemTextRecord("E1-Q01", "Melyik?", options, explanation),))
    written = write_translation(record)
    assert exam_yaml.read_translation(written, "f.yaml", Profile(required=())) == record
    assert len(problems(read_translation, written)) == 4


def test_all_faults_are_named_in_the_order_of_their_lines() -> None:
    text = GOOD.replace("text: One", "text: 1").replace("exam_tip: Tip", "tip: Tip").replace("url:", "link:")
    found = problems(read_exam, text)
    assert [line.split(":")[1] for line in found] == ["7", "16", "18", "20", "21"]


def test_an_item_that_stands_twice_is_a_fault() -> None:
    twice = GOOD + GOOD.split("items:\n")[1]
    assert problems(read_exam, twice) == ["f.yaml:22: E1-Q01: the item 'E1-Q01' appears twice"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the file is empty"),
        (b"exam: a\nitems: \xff\n", "f.yaml:2: the file is not UTF-8"),
        (b"a: \x00", "not valid YAML"),
        (b"[" * 100_000, "not valid YAML"),
        (b"- a\n- b\n", "f.yaml:1: expected a mapping, found a list"),
    ],
)
def test_what_is_no_exam_file_is_refused(data: bytes, said: str) -> None:
    assert said in problems(read_exam, data)[0]


def test_a_translation_may_not_say_what_is_right() -> None:
    text = GOOD.replace("exam: mls-c01-exam-1", "exam: mls-c01-exam-1\nlanguage: hu")
    found = problems(read_translation, text)
    assert [line.split("; ")[0] for line in found] == [
        "f.yaml:9: E1-Q01: unknown key 'correct'",
        "f.yaml:10: E1-Q01: unknown key 'failure'",
        "f.yaml:14: E1-Q01: unknown key 'correct'",
        "f.yaml:21: E1-Q01: unknown key 'references'",
    ]


def test_a_blueprint_reads_as_it_was_planned() -> None:
    record = builders.blueprint(builders.plan(1), builders.plan(2))
    data = yaml.safe_dump(builders.blueprint_document(record)).encode()
    assert read_blueprint(data, "blueprint.yaml") == record


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("type: single", "type: ordering", "expected one of single, multiple, found 'ordering'"),
        ("difficulty: medium", "difficulty: hardest", "expected one of easy, medium, hard"),
        ("pass_mark: 750", "pass_mark: -1", "expected a whole number from 0 to 32767, found -1"),
        ("pass_mark: 750", "pass_mark: 0x10", "expected a whole number from 0 to 32767"),
        ("'2026-03-31'", "'31.03.2026'", "expected a date such as 2026-03-31"),
        ("'2026-03-31'", "2026-03-31", "expected text, found a date"),
        ("retired_on: '2026-03-31'", "retired_on: soon", "expected a date such as 2026-03-31"),
        ("retired_on: '2026-03-31'", "planned: [price]", "expected one of beta_on, live_on, retired_on"),
        (
            "retired_on: '2026-03-31'",
            "status: retired",
            "the status follows from beta_on",
        ),
    ],
)
def test_a_fault_of_the_blueprint_is_named_with_its_line(old: str, new: str, said: str) -> None:
    text = yaml.safe_dump(builders.blueprint_document(builders.blueprint()))
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    (found,) = problems(read_blueprint, text.replace(old, new, 1))
    assert found.startswith(f"f.yaml:{line}: ")
    assert said in found


def test_a_certification_reads_texts_by_language() -> None:
    data = yaml.safe_dump(builders.certification_document(), allow_unicode=True, sort_keys=False).encode()
    record = read_certification(data, "certification.yaml")
    assert [text.language for text in record.texts] == ["en", "hu"]
    assert record.texts[1].domains == ((1, "Adatok"), (2, "Modellek"))
    assert record.texts[1].tasks[0].title == "Gyűjtés"


def test_a_certification_without_a_text_or_with_an_endless_name_is_refused() -> None:
    document = builders.certification_document()
    del document["texts"]["hu"]["summary"]
    document["texts"]["en"]["name"] = "n" * 201
    found = problems(read_certification, yaml.safe_dump(document))
    assert any("the key 'summary' is missing" in line for line in found)
    assert any("at most 200 characters" in line for line in found)


SHEET = (
    "exam: e\nreadings:\n"
    "- {item: E1-Q01, round: 1, reader: R1, fingerprint: a1, answer: [A], second_option: null, note: ''}\n"
)


def test_a_reading_sheet_reads_answers_and_second_options() -> None:
    more = "- {item: E1-Q02, round: 2, reader: R1, fingerprint: null, answer: [B], second_option: D}\n"
    one, two = read_readings((SHEET + more).encode(), "s.yaml").readings
    assert (one.answer, one.second_option, one.note) == (("A",), None, "")
    assert (two.round, two.answer, two.second_option, two.note) == (2, ("B",), "D", "")
    assert (one.fingerprint, two.fingerprint) == ("a1", None)
    assert two.place.line == 4


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("round: 1", "round: 0", "is counted from 1"),
        ("answer: [A]", "answer: A", "expected a list, found text"),
        (", second_option: null", "", "the key 'second_option' is missing"),
        (", fingerprint: a1", "", "the key 'fingerprint' is missing"),
    ],
)
def test_a_fault_of_a_reading_sheet_is_named_with_its_line(old: str, new: str, said: str) -> None:
    (found,) = problems(read_readings, SHEET.replace(old, new))
    assert found.startswith("f.yaml:3: ")
    assert said in found


def test_a_reader_reads_an_item_once_in_a_round() -> None:
    (found,) = problems(read_readings, SHEET + SHEET.split("readings:\n")[1])
    assert found == "f.yaml:4: reader 'R1' has read E1-Q01 twice in round 1"
