"""The free sample shows what the exams are like: ten items, or twenty where it is also a check."""

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


def _size(sample: Sample) -> int:
    """Return how many items the sample is to have: that of the check from more than the first ten on."""
    return SAMPLE_CHECK if len(sample.record.items) > SAMPLE_OPEN else SAMPLE_OPEN


@set_rule("P01", least=0)
def ten_or_twenty_items(sample: Sample) -> Outcome:
    """The sample has ten items, or twenty."""
    return _counted(sample, [("items", len(sample.record.items), _size(sample))])


@set_rule("P02", least=0)
def domain_shares(sample: Sample) -> Outcome:
    """The domains have their share of the items by weight, rounded up or down."""
    counted = Counter(slot.domain for slot in sample.plan.slots)
    rows, faults = [], []
    for domain in sample.blueprint.domains:
        label, found = f"items of domain {domain.number}", counted[domain.number]
        share = Fraction(domain.weight_percent * _size(sample), WHOLE)
        least, most = floor(share), ceil(share)
        wanted = str(least) if least == most else f"{least} or {most}"
        rows.append(Row(label, str(found), wanted))
        if not least <= found <= most:
            faults.append(Fault(sample.place, "", f"{label}: {found}", wanted))
    return Outcome(tuple(rows), tuple(faults))


@set_rule("P03", least=0)
def easy_to_hard(sample: Sample) -> Outcome:
    """Of ten items three are easy, four medium, three hard, and they come in this order; then ten more."""
    slots, tens = sample.plan.slots, _size(sample) // SAMPLE_OPEN
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


SAMPLE_RULES: Final = (ten_or_twenty_items, domain_shares, easy_to_hard, both_kinds)
