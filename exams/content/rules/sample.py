"""P01 to P04: the free sample shows what the exams are like."""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from exams.content.records import BlueprintRecord, DomainRecord, ExamRecord, SlotRecord
from exams.content.rules.findings import Breach, Figure, Finding
from exams.exchange.study import SampleRecord

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

    def breach(self, line: int, item: str, rule: str, found: str, limit: str) -> Breach:
        """Return a breach of this file."""
        return Breach(self.record.place.file, line, item, rule, found, limit)

    def counted(self, rule: str, rows: list[tuple[str, int, int]]) -> Finding:
        """Return figures of label, found and wanted, with a breach where they differ."""
        breaches = [
            self.breach(0, "", rule, f"{label}: {found}", str(wanted))
            for label, found, wanted in rows
            if found != wanted
        ]
        figures = tuple(Figure(rule, label, str(found), str(wanted)) for label, found, wanted in rows)
        return Finding(figures, tuple(breaches))


def by_weight(domains: tuple[DomainRecord, ...], size: int) -> dict[int, int]:
    """Share a number of items between domains by weight; the largest remainders get what is left."""
    exact = {domain.number: domain.weight_percent * size for domain in domains}
    shares = {number: product // WHOLE for number, product in exact.items()}
    by_remainder = sorted(exact, key=lambda number: -(exact[number] % WHOLE))
    for number in by_remainder[: size - sum(shares.values())]:
        shares[number] += 1
    return shares


def p01(sample: Sample) -> Finding:
    """The sample names ten different items, each in an exam file and in the blueprint."""
    known = {slot.id for slot in sample.slots}
    breaches, seen = [], set()
    for name, place in sample.record.items:
        if name not in known:
            breaches.append(sample.breach(place.line, name, "P01", "is in no exam file", "published items"))
        if name in seen:
            breaches.append(sample.breach(place.line, name, "P01", "stands twice", "each item once"))
        seen.add(name)
    if len(sample.record.items) != SIZE:
        found = f"{len(sample.record.items)} items"
        breaches.append(sample.breach(0, "", "P01", found, str(SIZE)))
    return Finding.of("P01", "items", str(len(sample.record.items)), str(SIZE), breaches)


def p02(sample: Sample) -> Finding:
    """The domains have their share of the items by weight."""
    counted = Counter(slot.domain for slot in sample.slots)
    wanted = by_weight(sample.blueprint.domains, SIZE)
    rows = [(f"items of domain {number}", counted[number], share) for number, share in wanted.items()]
    return sample.counted("P02", rows)


def p03(sample: Sample) -> Finding:
    """Three items are easy, four medium, three hard, and they stand in this order."""
    counted = Counter(slot.difficulty for slot in sample.slots)
    finding = sample.counted("P03", [(f"{name} items", counted[name], n) for name, n in DIFFICULTIES.items()])
    levels = list(DIFFICULTIES)
    lines = {name: place.line for name, place in sample.record.items}
    breaches = [
        sample.breach(lines[later.id], later.id, "P03", f"is easier than {earlier.id}", "easy to hard")
        for earlier, later in pairwise(sample.slots)
        if levels.index(later.difficulty) < levels.index(earlier.difficulty)
    ]
    return Finding(finding.figures, (*finding.breaches, *breaches))


def p04(sample: Sample) -> Finding:
    """There is at least one item of each kind."""
    counted = Counter(slot.kind for slot in sample.slots)
    figures = tuple(Figure("P04", f"{kind} items", str(counted[kind]), "at least 1") for kind in KINDS)
    missing = [kind for kind in KINDS if not counted[kind]]
    breaches = [sample.breach(0, "", "P04", f"no item of kind {kind!r}", "at least 1") for kind in missing]
    return Finding(figures, tuple(breaches))


SAMPLE_RULES: Final = (p01, p02, p03, p04)
