"""The free sample shows what the exams are like, and is no part of them."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
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
from exams.content.rules.rule import Fault, Outcome, Row, set_rule

SIZE: Final = 10
WHOLE: Final = 100
DIFFICULTIES: Final = {"easy": 3, "medium": 4, "hard": 3}


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

    def counted(self, rows: list[tuple[str, int, int]]) -> Outcome:
        """Return rows of label, found and wanted, with a fault where they differ."""
        faults = [
            Fault(self.place, "", f"{label}: {found}", str(wanted))
            for label, found, wanted in rows
            if found != wanted
        ]
        figures = tuple(Row(label, str(found), str(wanted)) for label, found, wanted in rows)
        return Outcome(figures, tuple(faults))


def _slot(number: int, item: ItemRecord, tasks: dict[str, int]) -> SlotRecord:
    traits = item.traits or Traits("", "", 0, "")
    return SlotRecord(
        id=item.id,
        number=number,
        domain=tasks.get(traits.task, 0),
        task=traits.task,
        scored=False,
        kind=traits.kind,
        options=len(item.options),
        choose=traits.choose,
        difficulty=traits.difficulty,
        cognitive_level=traits.cognitive_level,
        covers=traits.covers,
        key_positions=item.keys,
        place=item.place,
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
            found = f"does not look like {SAMPLE_IDS.pattern}"
            faults.append(Fault(item.place, item.id, found, "ids of the sample"))
    return Outcome.of("items that are in an exam", str(len(faults)), "0", faults)


@set_rule("P01", least=0)
def ten_items(sample: Sample) -> Outcome:
    """The sample has ten items."""
    return sample.counted([("items", len(sample.record.items), SIZE)])


@set_rule("P02", least=0)
def domain_shares(sample: Sample) -> Outcome:
    """The domains have their share of the items by weight."""
    counted = Counter(slot.domain for slot in sample.plan.slots)
    wanted = by_weight(sample.blueprint.domains, SIZE)
    return sample.counted([(f"items of domain {n}", counted[n], share) for n, share in wanted.items()])


@set_rule("P03", least=0)
def easy_to_hard(sample: Sample) -> Outcome:
    """Three items are easy, four medium, three hard, and they come in this order."""
    slots = sample.plan.slots
    counted = Counter(slot.difficulty for slot in slots)
    outcome = sample.counted([(f"{name} items", counted[name], n) for name, n in DIFFICULTIES.items()])
    levels = list(DIFFICULTIES)
    faults = [
        Fault(later.place, later.id, f"is easier than {earlier.id}", "easy to hard")
        for earlier, later in pairwise(slots)
        if levels.index(later.difficulty) < levels.index(earlier.difficulty)
    ]
    return Outcome(outcome.rows, (*outcome.faults, *faults))


@set_rule("P04", least=0)
def both_kinds(sample: Sample) -> Outcome:
    """There is at least one item of each kind."""
    counted, kinds = Counter(slot.kind for slot in sample.plan.slots), sample.blueprint.profile.options
    rows = tuple(Row(f"{kind} items", str(counted[kind]), "at least 1") for kind in kinds)
    missing = [kind for kind in kinds if not counted[kind]]
    faults = tuple(Fault(sample.place, "", f"no item of kind {kind!r}", "at least 1") for kind in missing)
    return Outcome(rows, faults)


SAMPLE_RULES: Final = (own_items, ten_items, domain_shares, easy_to_hard, both_kinds)
