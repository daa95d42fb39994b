"""Rules have names and codes; a rule of a set cannot fail on fewer things than it needs."""

from dataclasses import replace
from typing import Any

import pytest

from exams.content.records import NOWHERE
from exams.content.rules import explanations, options, stems, structure
from exams.content.rules.measured import MeasuredExam
from exams.content.rules.rule import Fault, ItemRule, Outcome, SetRule, set_rule
from tests.exams.content import builders
from tools.items import exam_rules, figure_rules, guessing, neighbors, openings, reader_rules
from tools.items.bands import Measure
from tools.items.card_rules import CARD_RULES
from tools.items.fact_rules import FACT_RULES
from tools.items.measure import EXAM_RULES, VOICE_RULES
from tools.items.reader_rules import READ_MEASURES
from tools.items.sample_rules import SAMPLE_RULES
from tools.items.sheet_rules import ENGLISH_RULES, SECTION_RULES, WHOLE_RULES

MODULES = (
    explanations,
    figure_rules,
    guessing,
    neighbors,
    openings,
    options,
    reader_rules,
    exam_rules,
    stems,
    structure,
)
RULES: list[Any] = [
    *(rule for rule in vars(exam_rules).values() if isinstance(rule, Measure)),
    *VOICE_RULES,
    *(measure for measure, _ in READ_MEASURES),
    *(rule for module in MODULES for rule in vars(module).values() if isinstance(rule, ItemRule | SetRule)),
    *FACT_RULES,
    *SAMPLE_RULES,
    *SECTION_RULES,
    *ENGLISH_RULES,
    *WHOLE_RULES,
    *CARD_RULES,
]
NEEDY = [rule for rule in EXAM_RULES if isinstance(rule, SetRule) and rule.least]


def test_every_rule_has_a_name_of_its_own_and_a_code() -> None:
    names = [rule.name for rule in RULES]
    assert len(names) > 60
    assert len(names) == len(set(names))
    assert all(rule.code for rule in RULES)
    assert (exam_rules.longest_key.code, exam_rules.longest_key.name) == ("V11", "longest-key")


@pytest.mark.parametrize("rule", NEEDY, ids=[rule.name for rule in NEEDY])
def test_a_share_of_fewer_items_than_the_rule_needs_is_reported_and_is_no_breach(
    rule: SetRule[[MeasuredExam]],
) -> None:
    exam = MeasuredExam(builders.exam(), builders.plan())
    few = replace(exam, exam=replace(exam.exam, items=exam.exam.items[:3]))
    finding = rule(few)
    assert finding.breaches == ()
    assert finding.figures
    assert all(figure.limit.endswith(f", from {rule.least} on") for figure in finding.figures)
    measured = rule.measure(few)
    assert measured.count < rule.least <= rule.measure(exam).count
    assert not [figure for figure in rule(exam).figures if " on" in figure.limit]


@pytest.mark.parametrize(("count", "breaches"), [(4, 0), (5, 1), (6, 1)])
def test_a_rule_of_a_set_fails_from_its_least_number_on(count: int, breaches: int) -> None:
    @set_rule("X01", least=5)
    def anything(number: int) -> Outcome:
        return Outcome.of("things", "all", "none", [Fault(NOWHERE, "", "too many", "none")], count=number)

    finding = anything(count)
    assert len(finding.breaches) == breaches
    assert [(breach.rule, breach.name) for breach in finding.breaches] == [("X01", "anything")] * breaches
