"""How questions sound: each pattern is seen to find what it is for, and to leave alone what it is not for."""

from dataclasses import replace
from re import compile as pattern

import pytest

from exams.content.records import Guide, ItemRecord
from exams.content.rules.measured import MeasuredItem
from exams.content.rules.wording import WORDINGS
from tests.exams.content import builders
from tools.items.voice import MEASURES, sentences_of

BY_NAME = {measure.name: measure for measure in MEASURES}
GUIDE = Guide(stock_asks=(pattern(r"Which solution will\b"),))
TABLE = "| a | b |\n| --- | --- |\n| one | two |"


def measured(item: ItemRecord, stem_class: str = "") -> MeasuredItem:
    return MeasuredItem(item, replace(builders.slot(1, 1), stem_class=stem_class), WORDINGS["en"], GUIDE)


def question(
    stem: str, *options: str, ask: str = "Which solution will do?", stem_class: str = ""
) -> MeasuredItem:
    """Return a question; without options it has those of another."""
    one = builders.item(1, 1)
    texts = options or tuple(option.text for option in one.options)
    written = tuple(replace(option, text=text) for option, text in zip(one.options, texts, strict=False))
    return measured(replace(one, stem=stem, ask=ask, options=written), stem_class)


def numbers(name: str, one: MeasuredItem) -> list[float]:
    return list(BY_NAME[name].of(one))


def test_a_stem_is_read_without_its_table_and_its_question() -> None:
    one = question(f"A company has a model. It fails, e.g. at night.\n\n{TABLE}")
    assert numbers("sentence-length", one) == [5, 5]
    assert numbers("short-sentences", one) == [1, 1]
    assert numbers("exhibits", one) == [1]
    assert numbers("exhibits", question("A company has a model.")) == [0]
    assert sentences_of("") == []


@pytest.mark.parametrize(
    ("name", "sentence", "found"),
    [
        ("progressive", "A company is currently moving its data.", 1),
        ("progressive", "The jobs were running.", 1),
        ("progressive", "The job is during the night.", 0),
        ("progressive", "A company uses training data.", 0),
        ("past-or-perfect", "The job has failed.", 1),
        ("past-or-perfect", "Users noticed it.", 1),
        ("past-or-perfect", "The job takes one hour.", 0),
        ("connective", "It fails because the disk is full.", 1),
        ("connective", "However, it works.", 1),
        ("connective", "The disk is full.", 0),
    ],
)
def test_a_sentence_is_known_by_its_verbs_and_joints(name: str, sentence: str, found: int) -> None:
    assert numbers(name, question(sentence)) == [found]


def test_the_words_of_a_stem_count_for_the_class_of_its_slot() -> None:
    one = question(f"A company has a model.\n\n{TABLE}", stem_class="long")
    assert [numbers(f"{name}-stems", one) for name in ("concept", "standard", "long")] == [[], [], [9]]


def test_options_are_long_ragged_or_of_two_sentences() -> None:
    long = "Create a bucket and copy " + "all of the many records " * 5 + "into it. Delete the first."
    one = question("A stem.", "Use it.", long, "Use that.", "Use these.")
    assert numbers("long-options", one) == [0, 1, 0, 0]
    assert numbers("ragged-options", one) == [1]
    assert numbers("two-sentence-options", one) == [1]
    even = question("A stem.", "Use it.", "Try it.", "Buy it.", "Ask it.")
    assert (numbers("ragged-options", even), numbers("two-sentence-options", even)) == ([0], [0])


def test_a_stock_question_begins_in_the_words_of_the_guide() -> None:
    assert numbers("stock-asks", question("A stem.")) == [1]
    assert numbers("stock-asks", question("A stem.", ask="What does it do?")) == [0]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The age of the last record of the table is known.", 1),
        ("The cost of the endpoints and of the jobs is known.", 0),
        ("The company wants a shorter training.", 1),
        ("The company starts a training job.", 0),
        ("The team needs an advice from a colleague.", 1),
        ("The team gives feedback on the traffic.", 0),
    ],
)
def test_chains_and_articles_before_mass_nouns_are_slips(text: str, found: int) -> None:
    assert sum(numbers("slips", question(text))) == found
    assert sum(numbers("slips", question("A stem.", text, "Two", "Three", "Four"))) == found
