"""One file under measure: its items, each beside its slot in the blueprint."""

from dataclasses import dataclass, field

from exams.content.records import (
    ExamPlanRecord,
    ExamRecord,
    Guide,
    ItemRecord,
    Place,
    SlotRecord,
)
from exams.content.rules.wording import Wording, wording_of
from exams.kinds.profile import Profile


@dataclass(frozen=True, slots=True)
class MeasuredItem:
    """An item, the slot that it fills (None where the blueprint does not know it), and what to look for."""

    item: ItemRecord
    slot: SlotRecord | None
    wording: Wording
    guide: Guide
    profile: Profile = field(default_factory=Profile)


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
    def items(self) -> tuple[MeasuredItem, ...]:
        """Return the items in their order."""
        slots, wording = {slot.id: slot for slot in self.plan.slots}, self.wording
        return tuple(
            MeasuredItem(item, slots.get(item.id), wording, self.guide, self.profile)
            for item in self.exam.items
        )
