"""The worked example: nobody's answers, the arithmetic of everybody's."""

from fractions import Fraction

import pytest

from exams.presentation import example
from exams.scoring import error_band, rules

SCALE = rules.Scale(100, 1000, 750)
DOMAINS = [
    example.DomainPlan(1, 20, 10),
    example.DomainPlan(2, 24, 12),
    example.DomainPlan(3, 36, 18),
    example.DomainPlan(4, 20, 10),
]


def test_the_example_is_scored_as_an_exam_would_be() -> None:
    found = example.of(DOMAINS, SCALE)
    assert found.outcome == rules.score(example.marked(DOMAINS), {1: 20, 2: 24, 3: 36, 4: 20}, SCALE)
    assert found.error_band == error_band.error_band(50, found.outcome.share, SCALE)
    assert [one.correct for one in found.outcome.domains] == [9, 9, 12, 8]
    assert found.outcome.scaled == rules.scaled(found.outcome.share, SCALE)


def test_the_example_of_a_real_exam_lies_near_the_pass_line_with_a_band_across_it() -> None:
    found = example.of(DOMAINS, SCALE)
    assert found.error_band.low < SCALE.pass_mark < found.error_band.high
    assert rules.scaled(Fraction(found.least_passing, 50), SCALE) >= SCALE.pass_mark
    assert rules.scaled(Fraction(found.least_passing - 1, 50), SCALE) < SCALE.pass_mark


def test_more_domains_than_patterns_and_very_small_ones_can_be_shown() -> None:
    many = [example.DomainPlan(number, 10, 1) for number in range(1, 11)]
    assert example.of(many, SCALE).outcome.scored == 10


def test_without_a_domain_there_is_no_example() -> None:
    with pytest.raises(rules.NothingToScore):
        example.of([], SCALE)
