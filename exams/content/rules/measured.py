"""One file under measure: its items beside their slots in the blueprint."""

from collections.abc import Iterable
from dataclasses import dataclass

from exams.content.records import (
    ExamPlanRecord,
    ExamRecord,
    ItemRecord,
    ItemTextRecord,
    OptionRecord,
    SlotRecord,
    TranslationRecord,
)
from exams.content.rules.findings import Breach
from exams.content.rules.wording import WORDINGS, Wording


@dataclass(frozen=True, slots=True)
class Pair:
    """An item and the slot that it fills."""

    slot: SlotRecord
    item: ItemRecord

    @property
    def is_single(self) -> bool:
        """Tell whether this is a single-answer item that can be measured as one."""
        return self.slot.kind == "single" and len(self.item.keys) == 1 and len(self.item.options) > 1

    @property
    def is_multiple(self) -> bool:
        """Tell whether this is a multiple-response item that can be measured as one."""
        return self.slot.kind == "multiple" and 1 <= len(self.item.keys) < len(self.item.options)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The items of one file in one language, with the plan of their exam."""

    exam: ExamRecord
    plan: ExamPlanRecord
    language: str = "en"

    @property
    def file(self) -> str:
        """Return the name of the file."""
        return self.exam.place.file

    @property
    def wording(self) -> Wording:
        """Return the words that rules look for in the language of the file."""
        return WORDINGS[self.language]

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Return the items that the blueprint knows, each with its slot."""
        slots = {slot.id: slot for slot in self.plan.slots}
        return tuple(Pair(slots[item.id], item) for item in self.exam.items if item.id in slots)

    @property
    def singles(self) -> tuple[Pair, ...]:
        """Return the single-answer items."""
        return tuple(pair for pair in self.pairs if pair.is_single)

    @property
    def multiples(self) -> tuple[Pair, ...]:
        """Return the multiple-response items."""
        return tuple(pair for pair in self.pairs if pair.is_multiple)

    def breach(self, item: ItemRecord | None, rule: str, found: str, limit: str) -> Breach:
        """Return a breach of this file, or of one item of it."""
        if item is None:
            return Breach(self.file, 0, "", rule, found, limit)
        return Breach(self.file, item.place.line, item.id, rule, found, limit)

    def each(self, rule: str, limit: str, faults: Iterable[tuple[ItemRecord, str]]) -> list[Breach]:
        """Return a breach for each fault of an item."""
        return [self.breach(item, rule, found, limit) for item, found in faults]


def translated(exam: ExamRecord, translation: TranslationRecord) -> ExamRecord:
    """Lay the texts of a translation over the original; what is right comes from the original alone.

    Items that one of the two does not know are left out, as are options.
    """
    originals = {item.id: item for item in exam.items}
    items = tuple(
        _translated_item(originals[text.id], text) for text in translation.items if text.id in originals
    )
    return ExamRecord(exam.name, items, translation.place)


def _translated_item(item: ItemRecord, text: ItemTextRecord) -> ItemRecord:
    words = {option.letter: option for option in text.options}
    options = tuple(
        OptionRecord(
            option.letter,
            words[option.letter].text,
            option.correct,
            option.failure,
            words[option.letter].why,
        )
        for option in item.options
        if option.letter in words
    )
    return ItemRecord(item.id, text.stem, options, text.explanation, item.references, text.place)
