"""The free sample shows what the exams are like."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from exams.content.records import BlueprintRecord, DomainRecord, ExamRecord, Place, SampleRecord, SlotRecord
from exams.content.rules.rule import Fault, Outcome, Row, set_rule

SIZE: Final = 10
WHOLE: Final = 100
DIFFICULTIES: Final = {"easy": 3, "medium": 4, "hard": 3}
KINDS: Final = ("single", "multiple")


@dataclass(frozen=True, slots=True)
class Sample:
    """The sample under measure: its ids, and the slots of those that exist."""

    record: SampleRecord
    blueprint: BlueprintRecord
    exams: tuple[ExamRecord, ...]

    @property
    def slots(self) -> tuple[SlotRecord, ...]:
        """Return the slots of the items that an exam file holds, in the order of the sample."""
        written = {item.id for exam in self.exams for item in exam.items}
        planned = {slot.id: slot for exam in self.blueprint.exams for slot in exam.slots}
        return tuple(planned[name] for name, _ in self.record.items if name in written and name in planned)

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


def by_weight(domains: tuple[DomainRecord, ...], size: int) -> dict[int, int]:
    """Share a number of items between domains by weight; the largest remainders get what is left."""
    exact = {domain.number: domain.weight_percent * size for domain in domains}
    shares = {number: product // WHOLE for number, product in exact.items()}
    by_remainder = sorted(exact, key=lambda number: -(exact[number] % WHOLE))
    for number in by_remainder[: size - sum(shares.values())]:
        shares[number] += 1
    return shares


@set_rule("P01", least=0)
def known_items(sample: Sample) -> Outcome:
    """The sample names ten different items, each in an exam file and in the blueprint."""
    known = {slot.id for slot in sample.slots}
    faults, seen = [], set()
    for name, place in sample.record.items:
        if name not in known:
            faults.append(Fault(place, name, "is in no exam file", "published items"))
        if name in seen:
            faults.append(Fault(place, name, "appears twice", "each item once"))
        seen.add(name)
    if len(sample.record.items) != SIZE:
        faults.append(Fault(sample.place, "", f"{len(sample.record.items)} items", str(SIZE)))
    return Outcome.of("items", str(len(sample.record.items)), str(SIZE), faults)


@set_rule("P02", least=0)
def domain_shares(sample: Sample) -> Outcome:
    """The domains have their share of the items by weight."""
    counted = Counter(slot.domain for slot in sample.slots)
    wanted = by_weight(sample.blueprint.domains, SIZE)
    return sample.counted([(f"items of domain {n}", counted[n], share) for n, share in wanted.items()])


@set_rule("P03", least=0)
def easy_to_hard(sample: Sample) -> Outcome:
    """Three items are easy, four medium, three hard, and they come in this order."""
    counted = Counter(slot.difficulty for slot in sample.slots)
    outcome = sample.counted([(f"{name} items", counted[name], n) for name, n in DIFFICULTIES.items()])
    levels = list(DIFFICULTIES)
    places = dict(sample.record.items)
    faults = [
        Fault(places[later.id], later.id, f"is easier than {earlier.id}", "easy to hard")
        for earlier, later in pairwise(sample.slots)
        if levels.index(later.difficulty) < levels.index(earlier.difficulty)
    ]
    return Outcome(outcome.rows, (*outcome.faults, *faults))


@set_rule("P04", least=0)
def both_kinds(sample: Sample) -> Outcome:
    """There is at least one item of each kind."""
    counted = Counter(slot.kind for slot in sample.slots)
    rows = tuple(Row(f"{kind} items", str(counted[kind]), "at least 1") for kind in KINDS)
    missing = [kind for kind in KINDS if not counted[kind]]
    faults = tuple(Fault(sample.place, "", f"no item of kind {kind!r}", "at least 1") for kind in missing)
    return Outcome(rows, faults)


SAMPLE_RULES: Final = (known_items, domain_shares, easy_to_hard, both_kinds)
