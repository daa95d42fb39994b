"""P01 to P04: the free sample; each rule is seen to hold and to fail."""

from dataclasses import replace

import pytest

from exams.content.records import BlueprintRecord, DomainRecord, ExamRecord, Place, SampleRecord
from exams.content.rules.findings import Report, report
from exams.content.rules.sample import by_weight
from exams.content.sample import SamplePart
from tests.exams.content import builders

DIFFICULTIES = ("easy",) * 3 + ("medium",) * 4 + ("hard",) * 3
SAMPLE = ("E1-Q02", "E1-Q01", "E1-Q03", "E1-Q04", "E1-Q06", "E1-Q05", "E1-Q07", "E1-Q08", "E1-Q09", "E1-Q17")


def sample(*names: str) -> SampleRecord:
    """Return a sample of these items, or the good one."""
    rows = tuple((name, Place("sample.yaml", line)) for line, name in enumerate(names or SAMPLE, start=2))
    return SampleRecord(rows, Place("sample.yaml", 1))


def blueprint() -> BlueprintRecord:
    """Return a blueprint in which the items of the sample go from easy to hard."""
    levels = dict(zip(SAMPLE, DIFFICULTIES, strict=True))
    one = builders.plan(1)
    slots = tuple(
        replace(slot, difficulty=levels.get(slot.id, "medium"), domain=1 if slot.id in SAMPLE[:4] else 2)
        for slot in one.slots
    )
    return builders.blueprint(replace(one, slots=slots))


def measure(record: SampleRecord, exams: tuple[ExamRecord, ...] = (builders.exam(1),)) -> Report:
    """Apply the rules beside the small exam."""
    return report(SamplePart().measure(record, builders.content(blueprint(), exams)))


def measured(*names: str) -> list[str]:
    return [str(breach) for breach in measure(sample(*names)).breaches]


def test_a_good_sample_breaks_no_rule() -> None:
    report = measure(sample())
    assert report.breaches == ()
    assert {figure.rule for figure in report.tables[0].figures} == {"P01", "P02", "P03", "P04"}


@pytest.mark.parametrize(
    ("names", "breach"),
    [
        ((*SAMPLE[:9], "E9-Q01"), "sample.yaml:11: E9-Q01: P01: is in no exam file"),
        ((*SAMPLE, SAMPLE[9]), "sample.yaml:12: E1-Q17: P01: appears twice"),
        (SAMPLE[:9], "sample.yaml: P01: 9 items (limit: 10)"),
        ((*SAMPLE[:3], "E1-Q10", *SAMPLE[4:]), "sample.yaml: P02: items of domain 1: 3 (limit: 4)"),
        ((*SAMPLE[:2], "E1-Q10", *SAMPLE[3:]), "sample.yaml: P03: easy items: 2 (limit: 3)"),
        ((SAMPLE[9], *SAMPLE[:9]), "sample.yaml:3: E1-Q02: P03: is easier than E1-Q17 (limit: easy to hard)"),
        ((*SAMPLE[:9], "E1-Q10"), "sample.yaml: P04: no item of kind 'multiple'"),
    ],
)
def test_a_breach_names_file_item_and_rule(names: tuple[str, ...], breach: str) -> None:
    lines = measured(*names)
    assert any(line.startswith(breach) for line in lines), lines


def test_an_item_that_is_planned_and_not_written_is_a_breach() -> None:
    unwritten = replace(builders.exam(1), items=builders.exam(1).items[:16])
    report = measure(sample(), (unwritten,))
    assert any("E1-Q17: P01: is in no exam file" in line for line in map(str, report.breaches))


def test_the_largest_remainder_gets_the_last_item() -> None:
    weights = {1: 20, 2: 24, 3: 36, 4: 20}
    domains = tuple(DomainRecord(number, "", weight) for number, weight in weights.items())
    assert by_weight(domains, 10) == {1: 2, 2: 2, 3: 4, 4: 2}
