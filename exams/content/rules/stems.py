"""Length, form and wording of the stems."""

import re
from collections.abc import Iterator
from typing import Final

from exams.content.records import ItemRecord
from exams.content.rules.findings import percent, share
from exams.content.rules.measured import MeasuredExam, MeasuredItem
from exams.content.rules.measures import count_words, without_code
from exams.content.rules.rule import Fault, Outcome, Said, Texts, item_rule, set_rule, word_range
from exams.content.rules.structure import ENOUGH

MEAN_MIN: Final = 70
MEAN_MAX: Final = 115
CONSTRAINED_MIN: Final = 20
CONSTRAINED_MAX: Final = 40
CAPITALS: Final = re.compile(r"\b[A-Z]{4,}\b")


@word_range("V05", "words per stem", 40, 180)
def stem_length(item: ItemRecord) -> Texts:
    """A stem has 40 to 180 words."""
    yield "stem", "the stem", item.wording


@set_rule("V05", least=ENOUGH)
def mean_stem_length(exam: MeasuredExam) -> Outcome:
    """The stems of a file have 70 to 115 words on average."""
    counts = [count_words(one.item.wording) for one in exam.items]
    mean, limit = sum(counts) / len(counts) if counts else 0.0, f"{MEAN_MIN}-{MEAN_MAX}"
    faults = []
    if not MEAN_MIN <= mean <= MEAN_MAX:
        faults.append(Fault(exam.place, "", f"mean stem of {mean:.1f} words", limit))
    return Outcome.of("mean words per stem", f"{mean:.1f}", limit, faults, count=len(counts))


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
        yield Said.at(_asking(one), f"ends with {stem[-24:]!r}", ending=ending)


@item_rule("V07", "negative questions", "no NOT, EXCEPT, incorrect, false")
def negative_question(one: MeasuredItem) -> Iterator[str]:
    """The question sentence is not negative."""
    match = one.wording.negative.search(one.item.parts.ask) if one.wording.negative else None
    if match:
        yield Said.at(_asking(one), f"{match.group()!r} in the question sentence", word=match.group())


def _capitals(item: ItemRecord) -> list[str]:
    return CAPITALS.findall(without_code(item.parts))


def _constraints(one: MeasuredItem) -> list[str]:
    return [word for word in _capitals(one.item) if word in one.wording.constraints]


@item_rule("V08", "stems with several constraint words", "one constraint word per stem")
def one_constraint(one: MeasuredItem) -> Iterator[str]:
    """A stem has at most one constraint word in capitals."""
    words = _constraints(one)
    if len(words) > 1:
        listed = ", ".join(words)
        yield Said.at("stem", f"{len(words)} constraint words: {listed}", listed=listed)


@set_rule("V08", least=ENOUGH)
def constraint_share(exam: MeasuredExam) -> Outcome:
    """A fifth to two fifths of the stems have a constraint word in capitals."""
    found = sum(bool(_constraints(one)) for one in exam.items)
    total = len(exam.items)
    value, limit = percent(found, total), f"{CONSTRAINED_MIN}-{CONSTRAINED_MAX} %"
    faults = []
    if not CONSTRAINED_MIN <= share(found, total) <= CONSTRAINED_MAX:
        faults.append(Fault(exam.place, "", f"stems with a constraint word: {value}", limit))
    return Outcome.of("stems with a constraint word", value, limit, faults, count=total)


@item_rule("V09", "other words in capitals", "constraint words and abbreviations of the guide")
def other_capitals(one: MeasuredItem) -> Iterator[str]:
    """No other word is in capitals."""
    allowed = one.wording.constraints | one.guide.abbreviations
    for word in _capitals(one.item):
        if word not in allowed:
            said = f"{word} in capitals; not a constraint word and not a known abbreviation"
            yield Said.at("stem", said, word=word)
