"""P01 to P04: the free sample; each rule is seen to hold and to fail."""

import re
from dataclasses import replace

import pytest

from exams.content.formats.exam_yaml import read_sample, write_sample
from exams.content.records import DomainRecord, FormatError, ItemRecord, SampleRecord, Traits
from exams.content.rules.sample import Sample, by_weight
from exams.kinds.profile import Profile
from tests.exams.content import builders
from tools.items.measure import sample as measured_sample
from tools.items.report import Report, report
from tools.items.sample_rules import domain_shares


def measure(record: SampleRecord) -> Report:
    """Apply the rules beside the small exam."""
    content = builders.content(builders.blueprint(), (builders.exam(1),))
    return report(measured_sample(record, content))


def measured(record: SampleRecord) -> list[str]:
    return [str(breach) for breach in measure(record).breaches]


def with_items(*items: ItemRecord) -> SampleRecord:
    return replace(builders.sample(), items=items)


def changed(number: int, **changes: object) -> SampleRecord:
    """Return the good sample with one item changed; traits by their names."""
    items = list(builders.sample().items)
    item = items[number - 1]
    assert item.traits is not None
    names = {name: value for name, value in changes.items() if name in Traits.__dataclass_fields__}
    fields = {name: value for name, value in changes.items() if name not in names}
    traits = replace(item.traits, **names)  # type: ignore[arg-type]
    items[number - 1] = replace(item, traits=traits, **fields)  # type: ignore[arg-type]
    return with_items(*items)


def test_a_good_sample_breaks_no_rule() -> None:
    found = measure(builders.sample())
    assert found.breaches == ()
    rules = {figure.rule for figure in found.tables[0].figures}
    assert {"P01", "P02", "P03", "P04", "V06", "V20", "V27", "V28"} <= rules
    assert rules.isdisjoint({"V01", "V30"})  # nobody has planned it, nobody has read it yet


def test_without_a_file_nothing_is_measured() -> None:
    assert measure(SampleRecord(())).tables == ()


@pytest.mark.parametrize(
    ("sample", "breach"),
    [
        (changed(1, id="E1-Q01"), "sample.yaml:10: E1-Q01: P01: is in an exam too"),
        (changed(1, id="S1"), "sample.yaml:10: S1: P01: does not look like"),
        (with_items(*builders.sample().items[:9]), "sample.yaml: P01: items: 9 (limit: 10)"),
        (changed(1, task="2.1"), "sample.yaml: P02: items of domain 1: 3 (limit: 4)"),
        (changed(1, difficulty="medium"), "sample.yaml: P03: easy items: 2 (limit: 3)"),
        (changed(1, difficulty="medium"), "sample.yaml:20: S02: P03: is easier than S01"),
        (with_items(*builders.sample().items[:9]), "sample.yaml: P04: no item of kind 'multiple'"),
        (changed(2, stem=builders.exam(1).items[0].stem), "S02: V27: stem shares"),
    ],
)
def test_a_breach_names_file_item_and_rule(sample: SampleRecord, breach: str) -> None:
    lines = measured(sample)
    assert any(breach in line for line in lines), lines


def test_a_sample_of_twenty_is_ten_and_ten_more_and_none_of_them_is_in_an_exam() -> None:
    ten = builders.sample().items
    more = [replace(item, id=f"S{number}") for number, item in enumerate(ten, start=11)]
    found = [line for line in measured(with_items(*ten, *more)) if re.search(r": P0\d: ", line)]
    assert found == []
    for items, breach in (
        ((*ten, *more[:9]), "sample.yaml: P01: items: 19 (limit: 20)"),
        ((*ten, *more[:9]), "sample.yaml: P02: items of domain 2: 11 (limit: 12)"),
        ((*ten, *more[:9]), "sample.yaml: P03: hard items: 5 (limit: 6)"),
        ((*ten, more[3], *more[1:3], more[0], *more[4:]), "S12: P03: is easier than S14"),
        ((*ten, *more[:9], replace(more[9], id="E1-Q01")), "E1-Q01: P01: is in an exam too"),
    ):
        lines = measured(with_items(*items))
        assert any(breach in line for line in lines), (breach, lines)


def test_thirty_have_the_shares_of_the_domains_in_the_first_ten_and_in_the_twenty_of_the_check() -> None:
    ten = builders.sample().items
    thirty = [replace(item, id=f"S{number}") for number, item in enumerate(ten * 3, start=10)]
    assert [line for line in measured(with_items(*thirty)) if re.search(r": P0\d: ", line)] == []
    of_two = next(number for number, item in enumerate(ten) if item.traits and item.traits.task[0] == "2")
    swapped = [*thirty]
    swapped[0], swapped[10 + of_two] = swapped[10 + of_two], swapped[0]
    lines = measured(with_items(*swapped))
    assert "sample.yaml: P02: items of domain 1: 3 (limit: 4)" in " ".join(lines)
    assert "sample.yaml: P02: items of domain 1: 9 (limit: 8)" in " ".join(lines)


@pytest.mark.parametrize(("weights", "holds"), [((45, 55), True), ((50, 50), False)])
def test_a_share_that_is_no_whole_number_may_be_rounded_either_way(
    weights: tuple[int, int], holds: bool
) -> None:
    domains = tuple(DomainRecord(number, "", weight) for number, weight in enumerate(weights, start=1))
    sample = Sample(builders.sample(), replace(builders.blueprint(), domains=domains), frozenset())
    assert (domain_shares(sample).breaches == ()) is holds  # four of domain 1, six of domain 2


def test_the_file_is_read_as_it_was_written() -> None:
    assert read_sample(write_sample(builders.sample()), "sample.yaml", Profile()) == builders.sample()


def test_a_file_that_only_names_items_is_refused_with_their_lines() -> None:
    with pytest.raises(FormatError) as error:
        read_sample(b"items:\n- E1-Q58\n- E1-Q02\n", "sample.yaml", Profile())
    assert [problem.place.line for problem in error.value.problems] == [2, 3]


def test_the_largest_remainder_gets_the_last_item() -> None:
    weights = {1: 20, 2: 24, 3: 36, 4: 20}
    domains = tuple(DomainRecord(number, "", weight) for number, weight in weights.items())
    assert by_weight(domains, 10) == {1: 2, 2: 2, 3: 4, 4: 2}
