"""One file under measure: its items, each beside its slot in the blueprint."""

from dataclasses import dataclass, field, replace

from exams.content.records import (
    ExamPlanRecord,
    ExamRecord,
    Guide,
    ItemRecord,
    ItemTextRecord,
    OptionRecord,
    Place,
    SlotRecord,
    TranslationRecord,
)
from exams.content.rules.wording import Wording, wording_of
from exams.kinds.kinds import has_one_answer
from exams.kinds.profile import Profile


@dataclass(frozen=True, slots=True)
class MeasuredItem:
    """An item, the slot that it fills (None where the blueprint does not know it), and what to look for."""

    item: ItemRecord
    slot: SlotRecord | None
    wording: Wording
    guide: Guide
    profile: Profile = field(default_factory=Profile)

    @property
    def is_single(self) -> bool:
        """Tell whether this is a single-answer item that can be measured as one."""
        is_planned = self.slot is not None and has_one_answer(self.slot.kind)
        return is_planned and len(self.item.keys) == 1 and len(self.item.options) > 1

    @property
    def is_multiple(self) -> bool:
        """Tell whether this is a multiple-response item that can be measured as one."""
        is_planned = self.slot is not None and not has_one_answer(self.slot.kind)
        return is_planned and 1 <= len(self.item.keys) < len(self.item.options)


@dataclass(frozen=True, slots=True)
class MeasuredExam:
    """The items of one file in one language, with the plan of their exam and the guide of the vendor."""

    exam: ExamRecord
    plan: ExamPlanRecord
    language: str = "en"
    guide: Guide = field(default_factory=Guide)
    profile: Profile = field(default_factory=Profile)

    @property
    def place(self) -> Place:
        """Return the file as a whole."""
        return Place(self.exam.place.file, 0)

    @property
    def wording(self) -> Wording:
        """Return the words that rules look for in the language of the file."""
        return wording_of(self.language, self.profile)

    @property
    def is_revised(self) -> bool:
        """Tell whether the guide says that its questions were revised, so that every rule judges them."""
        return self.exam.name in self.guide.revised

    @property
    def items(self) -> tuple[MeasuredItem, ...]:
        """Return the items in their order."""
        slots, wording = {slot.id: slot for slot in self.plan.slots}, self.wording
        return tuple(
            MeasuredItem(item, slots.get(item.id), wording, self.guide, self.profile)
            for item in self.exam.items
        )

    @property
    def singles(self) -> tuple[MeasuredItem, ...]:
        """Return the single-answer items."""
        return tuple(one for one in self.items if one.is_single)

    @property
    def multiples(self) -> tuple[MeasuredItem, ...]:
        """Return the multiple-response items."""
        return tuple(one for one in self.items if one.is_multiple)


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
    return replace(
        item, stem=text.stem, ask=text.ask, options=options, explanation=text.explanation, place=text.place
    )


def single_key(one: MeasuredItem) -> str:
    """Return the letter of the key of a single-answer item."""
    return one.item.keys[0]
