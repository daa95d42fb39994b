"""The free sample shows what the exams are like: ten items, or twenty that are also a check, or both."""

from collections import Counter
from fractions import Fraction
from itertools import batched, pairwise
from math import ceil, floor
from typing import Final

from exams.content.records import SAMPLE_CHECK, SAMPLE_OPEN
from exams.content.rules.rule import Fault, Outcome, Row, set_rule
from exams.content.rules.sample import WHOLE, Sample

DIFFICULTIES: Final = {"easy": 3, "medium": 4, "hard": 3}


def _counted(sample: Sample, rows: list[tuple[str, int, int]]) -> Outcome:
    """Return rows of label, found and wanted, with a fault where they differ."""
    faults = [
        Fault(sample.place, "", f"{label}: {found}", str(wanted))
        for label, found, wanted in rows
        if found != wanted
    ]
    figures = tuple(Row(label, str(found), str(wanted)) for label, found, wanted in rows)
    return Outcome(figures, tuple(faults))


def _size(items: int) -> int:
    """Return how many of so many items there should be: the next full ten, thirty at most."""
    return min(max(ceil(items / SAMPLE_OPEN), 1) * SAMPLE_OPEN, SAMPLE_OPEN + SAMPLE_CHECK)


@set_rule("P01", least=0)
def full_tens(sample: Sample) -> Outcome:
    """The sample has ten items, twenty, or thirty, of which the last twenty are the check."""
    return _counted(sample, [("items", items := len(sample.record.items), _size(items))])


@set_rule("P02", least=0)
def domain_shares(sample: Sample) -> Outcome:
    """The domains have their share of the items by weight, rounded up or down: of thirty, in both parts."""
    slots, rows, faults = sample.plan.slots, [], []
    for part in filter(None, (slots[:-SAMPLE_CHECK], slots[-SAMPLE_CHECK:])):
        counted = Counter(slot.domain for slot in part)
        for domain in sample.blueprint.domains:
            label, found = f"items of domain {domain.number}", counted[domain.number]
            share = Fraction(domain.weight_percent * _size(len(part)), WHOLE)
            least, most = floor(share), ceil(share)
            wanted = str(least) if least == most else f"{least} or {most}"
            rows.append(Row(label, str(found), wanted))
            if not least <= found <= most:
                faults.append(Fault(sample.place, "", f"{label}: {found}", wanted))
    return Outcome(tuple(rows), tuple(faults))


@set_rule("P03", least=0)
def easy_to_hard(sample: Sample) -> Outcome:
    """Of ten items three are easy, four medium, three hard, and they come in this order; then ten more."""
    slots = sample.plan.slots
    tens = _size(len(slots)) // SAMPLE_OPEN
    counted = Counter(slot.difficulty for slot in slots)
    outcome = _counted(
        sample, [(f"{name} items", counted[name], n * tens) for name, n in DIFFICULTIES.items()]
    )
    levels = list(DIFFICULTIES)
    faults = [
        Fault(later.place, later.id, f"is easier than {earlier.id}", "easy to hard")
        for ten in batched(slots, SAMPLE_OPEN)
        for earlier, later in pairwise(ten)
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


SAMPLE_RULES: Final = (full_tens, domain_shares, easy_to_hard, both_kinds)
