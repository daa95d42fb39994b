"""A file holds what is planned, what is planned is scored, and a translation fits its original."""

from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from exams.content.markdown import blocks_of
from exams.content.records import (
    CoverageRecord,
    ExamPlanRecord,
    ExamRecord,
    ItemRecord,
    ItemTextRecord,
    TranslationRecord,
)
from exams.content.rules.findings import PERCENT, percent, share
from exams.content.rules.measured import MeasuredExam, MeasuredItem, single_key
from exams.content.rules.order import in_order
from exams.content.rules.rule import Fault, Outcome, Row, Said, item_rule, set_rule

LETTERS: Final = "ABCDEF"
KEY_SPREAD: Final = 0.2  # of four options each letter has the key in 20 to 30 % of the items
RUN_MAX: Final = 2  # people who see the same letter three times begin to doubt their answers
# Below this one item moves a share by more than 6 points, and the bands are some 10 points wide.
ENOUGH: Final = 16


@set_rule("V01", least=0)
def items_as_planned(exam: MeasuredExam) -> Outcome:
    """Items, ids and order are those of the blueprint."""
    planned = [slot.id for slot in exam.plan.slots]
    found = [(one.item.id, one.item.place) for one in exam.items]
    limit = f"{len(planned)} items in the order of the blueprint"
    faults = [Fault(place or exam.place, name, said, limit) for place, name, said in in_order(planned, found)]
    known = sum(name in planned for name, _ in found)
    return Outcome.of("items as planned", str(known), str(len(planned)), faults)


@item_rule("V02", "options and keys by type", "letters from A on and the keys of the type")
def options_of_type(one: MeasuredItem) -> Iterator[str]:
    """An item has the options, their letters and the number of keys that its type demands."""
    if one.slot is None:
        return
    letters = "".join(option.letter for option in one.item.options)
    wanted = LETTERS[: one.slot.options]
    if letters != wanted:
        said = f"options {letters or 'none'} instead of {wanted}"
        yield Said.at("options", said, fault="options", count=len(letters), wanted=len(wanted))
    if len(one.item.keys) != one.slot.choose:
        said = f"{len(one.item.keys)} keys instead of {one.slot.choose}"
        yield Said.at("options", said, fault="keys")


@item_rule("V03", "keys off their position", "exactly as planned")
def planned_keys(one: MeasuredItem) -> Iterator[str]:
    """Keys are where the plan puts them."""
    if one.slot is not None and one.item.keys != one.slot.key_positions:
        yield f"key {'+'.join(one.item.keys) or 'none'}, planned {'+'.join(one.slot.key_positions)}"


@set_rule("V03", least=ENOUGH)
def key_spread(exam: MeasuredExam) -> Outcome:
    """Single keys are spread evenly over the letters."""
    singles = exam.singles
    letters = LETTERS[: max((len(one.item.options) for one in singles), default=0)]
    counts = Counter(single_key(one) for one in singles)
    rows, faults = [], []
    for letter in letters:
        even = PERCENT / len(letters)
        low, high = even * (1 - KEY_SPREAD), even * (1 + KEY_SPREAD)
        label, value = f"single keys at {letter}", percent(counts[letter], len(singles))
        rows.append(Row(label, value, f"{low:.0f}-{high:.0f} %"))
        if not low <= share(counts[letter], len(singles)) <= high:
            faults.append(Fault(exam.place, "", f"{label}: {value}", rows[-1].limit))
    return Outcome(tuple(rows), tuple(faults), len(singles))


@set_rule("V04", least=0)
def key_runs(exam: MeasuredExam) -> Outcome:
    """The same single key does not come too often in a row (over the single-answer items)."""
    runs = [list(group) for _, group in groupby(exam.singles, key=single_key)]
    faults = [
        Fault(
            run[-1].item.place,
            run[-1].item.id,
            f"key {single_key(run[0])} {len(run)} times in a row",
            str(RUN_MAX),
        )
        for run in runs
        if len(run) > RUN_MAX
    ]
    longest = max((len(run) for run in runs), default=0)
    return Outcome.of("same single key in a row", str(longest), f"at most {RUN_MAX}", faults)


@set_rule("B01", least=0)
def scored_coverage(coverage: CoverageRecord, exams: tuple[ExamPlanRecord, ...]) -> Outcome:
    """Each coverage item is tested by at least one scored item of the planned exams."""
    scored = {name for exam in exams for slot in exam.slots if slot.scored for name in slot.covers}
    names = [name for name, _ in coverage.items]
    faults = [
        Fault(coverage.place, "", f"no scored item tests {name!r}", "each coverage item")
        for name in names
        if name not in scored
    ]
    value = percent(len(names) - len(faults), len(names))
    return Outcome.of("coverage items with a scored item", value, "all", faults)


@set_rule("T01", least=0)
def items_of_original(translation: TranslationRecord, exam: ExamRecord) -> Outcome:
    """A translation speaks only of items of its original; those it leaves out are counted, not wrong."""
    known = {item.id for item in exam.items}
    faults = [
        Fault(text.place, text.id, "is not in the original", "items of the original")
        for text in translation.items
        if text.id not in known
    ]
    value = f"{len(translation.items) - len(faults)} of {len(exam.items)}"
    return Outcome.of("items translated", value, "none of its own", faults)


@set_rule("T02", least=0)
def options_of_original(translation: TranslationRecord, exam: ExamRecord) -> Outcome:
    """A translated item has exactly the options of its original, in their order."""
    originals = {item.id: "".join(option.letter for option in item.options) for item in exam.items}
    faults = []
    for text in translation.items:
        letters = "".join(option.letter for option in text.options)
        expected = originals.get(text.id, letters)
        if letters != expected:
            found = f"options {letters or 'none'} instead of {expected}"
            faults.append(Fault(text.place, text.id, found, "options of the original"))
    return Outcome.of("options unlike the original", str(len(faults)), "0", faults)


@set_rule("T03", least=0)
def parts_of_original(translation: TranslationRecord, exam: ExamRecord) -> Outcome:
    """A translated item has ask, tables, code, figures and captions where its original has them."""
    originals = {item.id: item for item in exam.items}
    faults = [
        Fault(text.place, text.id, found, "what the original has, and no more")
        for text in translation.items
        if text.id in originals
        for found in _unlike(text, originals[text.id])
    ]
    return Outcome.of("parts unlike the original", str(len(faults)), "0", faults)


def _unlike(text: ItemTextRecord, original: ItemRecord) -> Iterator[str]:
    if bool(text.ask) != bool(original.ask):
        yield "has no ask" if original.ask else "has an ask"
    shown = _named_texts(text)
    for name, written in _named_texts(original).items():
        wanted, found = blocks_of(written), blocks_of(shown.get(name, ""))
        if name in shown and found != wanted:
            yield f"{name} shows {', '.join(found) or 'nothing'} instead of {', '.join(wanted) or 'nothing'}"


def _named_texts(item: ItemRecord | ItemTextRecord) -> dict[str, str]:
    told = item.explanation
    texts = {"the stem": item.stem, "why_correct": told.why_correct}
    texts |= {"the principle": told.principle, "the exam tip": told.exam_tip}
    for option in item.options:
        texts |= {f"option {option.letter}": option.text, f"why of {option.letter}": option.why}
    return texts
