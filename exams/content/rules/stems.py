"""Form and wording of the stems."""

import re
from collections.abc import Iterator
from typing import Final

from exams.content.records import ItemRecord
from exams.content.rules.measured import MeasuredItem
from exams.content.rules.measures import without_code
from exams.content.rules.rule import Violation, item_rule

CAPITALS: Final = re.compile(r"\b[A-Z]{4,}\b")


def _asking(measured: MeasuredItem) -> str:
    """Return the path of the field that holds the question."""
    return "ask" if measured.item.ask else "stem"


@item_rule("V06", "stems that end otherwise", lambda exam: ", ".join(exam.wording.endings.values()))
def stem_ending(measured: MeasuredItem) -> Iterator[str]:
    """A stem ends as the number of its keys demands."""
    if measured.slot is None or not measured.wording.endings:
        return
    ending = measured.wording.endings.get(measured.slot.choose, "?")
    stem = measured.item.wording if measured.slot.choose == 1 else " ".join(measured.item.wording.split())
    if not stem.endswith(ending):
        yield Violation.at(_asking(measured), f"ends with {stem[-24:]!r}", ending=ending)


@item_rule("V07", "negative questions", "no NOT, EXCEPT, incorrect, false")
def negative_question(measured: MeasuredItem) -> Iterator[str]:
    """The question sentence is not negative."""
    match = measured.wording.negative.search(measured.item.parts.ask) if measured.wording.negative else None
    if match:
        yield Violation.at(
            _asking(measured), f"{match.group()!r} in the question sentence", word=match.group()
        )


def _capitals(item: ItemRecord) -> list[str]:
    return CAPITALS.findall(without_code(item.parts))


def constraint_words(measured: MeasuredItem) -> list[str]:
    """Return the words of a stem in capitals that say what counts most."""
    return [word for word in _capitals(measured.item) if word in measured.wording.constraints]


@item_rule("V08", "stems with several constraint words", "one constraint word per stem")
def one_constraint(measured: MeasuredItem) -> Iterator[str]:
    """A stem has at most one constraint word in capitals."""
    words = constraint_words(measured)
    if len(words) > 1:
        listed = ", ".join(words)
        yield Violation.at("stem", f"{len(words)} constraint words: {listed}", listed=listed)


@item_rule("V09", "other words in capitals", "constraint words and abbreviations of the guide")
def other_capitals(measured: MeasuredItem) -> Iterator[str]:
    """No other word is in capitals."""
    allowed = measured.wording.constraints | measured.guide.abbreviations
    for word in _capitals(measured.item):
        if word not in allowed:
            said = f"{word} in capitals; not a constraint word and not a known abbreviation"
            yield Violation.at("stem", said, word=word)
