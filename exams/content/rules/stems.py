"""Length, form and wording of the stems."""

import re
from collections.abc import Iterator
from typing import Final

from exams.content.records import ItemRecord
from exams.content.rules.measured import MeasuredItem
from exams.content.rules.measures import without_code
from exams.content.rules.rule import Texts, Violation, item_rule, word_range

CAPITALS: Final = re.compile(r"\b[A-Z]{4,}\b")


@word_range("V05", "words per stem", 40, 180)
def stem_length(item: ItemRecord) -> Texts:
    """A stem has 40 to 180 words."""
    yield "stem", "the stem", item.wording


def _asking(one: MeasuredItem) -> str:
    """Return the path of the field that holds the question."""
    return "ask" if one.item.ask else "stem"


@item_rule("V06", "stems that end otherwise", lambda exam: ", ".join(exam.wording.endings.values()))
def stem_ending(one: MeasuredItem) -> Iterator[str]:
    """A stem ends as the number of its keys demands."""
    if one.slot is None or not one.wording.endings:
        return
    ending = one.wording.endings.get(one.slot.choose, "?")
    stem = one.item.wording if one.slot.choose == 1 else " ".join(one.item.wording.split())
    if not stem.endswith(ending):
        yield Violation.at(_asking(one), f"ends with {stem[-24:]!r}", ending=ending)


@item_rule("V07", "negative questions", "no NOT, EXCEPT, incorrect, false")
def negative_question(one: MeasuredItem) -> Iterator[str]:
    """The question sentence is not negative."""
    match = one.wording.negative.search(one.item.parts.ask) if one.wording.negative else None
    if match:
        yield Violation.at(_asking(one), f"{match.group()!r} in the question sentence", word=match.group())


def _capitals(item: ItemRecord) -> list[str]:
    return CAPITALS.findall(without_code(item.parts))


def constraint_words(one: MeasuredItem) -> list[str]:
    """Return the words of a stem in capitals that say what counts most."""
    return [word for word in _capitals(one.item) if word in one.wording.constraints]


@item_rule("V08", "stems with several constraint words", "one constraint word per stem")
def one_constraint(one: MeasuredItem) -> Iterator[str]:
    """A stem has at most one constraint word in capitals."""
    words = constraint_words(one)
    if len(words) > 1:
        listed = ", ".join(words)
        yield Violation.at("stem", f"{len(words)} constraint words: {listed}", listed=listed)


@item_rule("V09", "other words in capitals", "constraint words and abbreviations of the guide")
def other_capitals(one: MeasuredItem) -> Iterator[str]:
    """No other word is in capitals."""
    allowed = one.wording.constraints | one.guide.abbreviations
    for word in _capitals(one.item):
        if word not in allowed:
            said = f"{word} in capitals; not a constraint word and not a known abbreviation"
            yield Violation.at("stem", said, word=word)
