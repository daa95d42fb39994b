"""The free sample shows what the exams are like, and is no part of them."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Final

from exams.content.records import (
    SAMPLE_IDS,
    SAMPLE_NAME,
    SAMPLE_NUMBER,
    BlueprintRecord,
    DomainRecord,
    ExamPlanRecord,
    ItemRecord,
    Place,
    SampleRecord,
    SlotRecord,
    Traits,
)
from exams.content.rules.rule import Fault, Outcome, set_rule

WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample under measure, and the ids of all items that exams have or will have."""

    record: SampleRecord
    blueprint: BlueprintRecord
    exam_items: Collection[str]

    @property
    def plan(self) -> ExamPlanRecord:
        """Return the plan that the items themselves say: nobody else has planned them."""
        tasks = {task.code: task.domain for task in self.blueprint.tasks}
        slots = (_slot(number, item, tasks) for number, item in enumerate(self.record.items, start=1))
        return ExamPlanRecord(SAMPLE_NAME, SAMPLE_NUMBER, "", 0, tuple(slots), self.place)

    @property
    def place(self) -> Place:
        """Return the file as a whole."""
        return Place(self.record.place.file, 0)


def _slot(number: int, item: ItemRecord, tasks: dict[str, int]) -> SlotRecord:
    traits = item.traits or Traits("", "", 0, "")
    return SlotRecord(
        id=item.id,
        number=number,
        domain=tasks.get(traits.task, 0),
        scored=False,
        options=len(item.options),
        key_positions=item.keys,
        place=item.place,
        **asdict(traits),
    )


def by_weight(domains: tuple[DomainRecord, ...], size: int) -> dict[int, int]:
    """Share a number of items between domains by weight; the largest remainders get what is left."""
    exact = {domain.number: domain.weight_percent * size for domain in domains}
    shares = {number: product // WHOLE for number, product in exact.items()}
    by_remainder = sorted(exact, key=lambda number: -(exact[number] % WHOLE))
    for number in by_remainder[: size - sum(shares.values())]:
        shares[number] += 1
    return shares


@set_rule("P01", least=0)
def own_items(sample: Sample) -> Outcome:
    """No item of the sample is in an exam, or could be."""
    faults = []
    for item in sample.record.items:
        if item.id in sample.exam_items:
            faults.append(Fault(item.place, item.id, "is in an exam too", "items of the sample alone"))
        if not SAMPLE_IDS.fullmatch(item.id):
            fault = f"does not look like {SAMPLE_IDS.pattern}"
            faults.append(Fault(item.place, item.id, fault, "ids of the sample"))
    return Outcome.of("items that are in an exam", str(len(faults)), "0", faults)
