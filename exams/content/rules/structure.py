"""A file holds what is planned, what is planned is scored, and a translation fits its original."""

from collections.abc import Iterator
from typing import Final

from exams.content.records import (
    ExamRecord,
    TranslationRecord,
)
from exams.content.rules.measured import MeasuredExam, MeasuredItem
from exams.content.rules.rule import Fault, Outcome, Violation, in_order, item_rule, set_rule

LETTERS: Final = "ABCDEF"


@set_rule("V01", least=0)
def items_as_planned(exam: MeasuredExam) -> Outcome:
    """Items, ids and order are those of the blueprint."""
    planned = [slot.id for slot in exam.plan.slots]
    ids = [(one.item.id, one.item.place) for one in exam.items]
    limit = f"{len(planned)} items in the order of the blueprint"
    faults = [Fault(place or exam.place, name, said, limit) for place, name, said in in_order(planned, ids)]
    known = sum(name in planned for name, _ in ids)
    return Outcome.of("items as planned", str(known), str(len(planned)), faults)


@item_rule("V02", "options and keys by type", "letters from A on and the keys of the type")
def options_of_type(measured: MeasuredItem) -> Iterator[str]:
    """An item has the options, their letters and the number of keys that its type demands."""
    if measured.slot is None:
        return
    letters = "".join(option.letter for option in measured.item.options)
    wanted = LETTERS[: measured.slot.options]
    if letters != wanted:
        said = f"options {letters or 'none'} instead of {wanted}"
        yield Violation.at("options", said, fault="options", count=len(letters), wanted=len(wanted))
    if len(measured.item.keys) != measured.slot.choose:
        said = f"{len(measured.item.keys)} keys instead of {measured.slot.choose}"
        yield Violation.at("options", said, fault="keys")


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
            fault = f"options {letters or 'none'} instead of {expected}"
            faults.append(Fault(text.place, text.id, fault, "options of the original"))
    return Outcome.of("options unlike the original", str(len(faults)), "0", faults)
