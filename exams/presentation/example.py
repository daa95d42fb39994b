"""A worked example of a score: answers of nobody, counted by the same arithmetic as those of everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import count, cycle
from typing import Final

from exams.scoring import error_band, rules
from exams.scoring.prediction import Evidence, Plan, PlannedDomain, Prediction, by_one_exam

# How well each domain in turn is answered: better here, worse there, near the pass line in all.
SHARES: Final = (Fraction(9, 10), Fraction(3, 4), Fraction(2, 3), Fraction(4, 5))


@dataclass(frozen=True, slots=True)
class DomainPlan:
    """A domain of an exam: its number, its weight, and how many of its questions count (at least one)."""

    number: int
    weight: int
    scored: int


@dataclass(frozen=True, slots=True)
class Example:
    """The score of the example, its band, what it says of another exam, and the least number that passes."""

    outcome: rules.Outcome
    error_band: error_band.ErrorBand
    prediction: Prediction | None
    least_passing: int


def marked(domains: Sequence[DomainPlan]) -> list[rules.Marked]:
    """Return the items of the example: in each domain so many are right as its share says, rounded."""
    positions = count(1)
    return [
        rules.Marked(next(positions), domain.number, is_scored=True, is_right=place < right)
        for domain, share in zip(domains, cycle(SHARES), strict=False)
        for right in [rules.half_up(domain.scored * share)]
        for place in range(domain.scored)
    ]


def of(domains: Sequence[DomainPlan], scale: rules.Scale) -> Example:
    """Score the example. Raises NothingToScore when no domain is given."""
    weights = {domain.number: domain.weight for domain in domains}
    outcome = rules.score(marked(domains), weights, scale)
    return Example(
        outcome,
        error_band.error_band(outcome.scored, outcome.share, scale),
        by_one_exam(
            Plan(tuple(PlannedDomain(one.number, one.weight, one.scored) for one in domains), scale),
            tuple(Evidence(one.number, one.correct, one.scored) for one in outcome.domains),
        ),
        error_band.least_passing(outcome.scored, scale),
    )
