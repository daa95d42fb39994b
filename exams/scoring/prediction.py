"""From what somebody answered at first sight to the chance to pass an exam whose questions are new to them.

Model: the logit of a domain's share of questions that a person answers correctly is their general ability
plus a deviation of the domain. Ability has a Student's t prior (`PRIOR_MEAN`, `PRIOR_SPREAD`,
`PRIOR_FREEDOM`), the deviation a normal one (`DOMAIN_SPREAD`). Items of a domain are exchangeable draws from
a bank of easy and hard ones, so given the share the number of correct answers is binomial, however much the
items differ. This is the hierarchical binomial model of Gelman et al., Bayesian Data Analysis (3rd ed.,
chapter 5), with a logistic regression in the place of the beta distribution and the weakly informative prior
of 16.3. Domains lend each other strength: with few answers in a domain its share is drawn to the others'.

It is integrated on a grid. The chance is the posterior mean; the interval is what the chance would be if the
true share were known, at its 10th and 90th percentile. Far from the mark those chances are so skewed that
their mean lies beyond a percentile: nearly all of it is of the few abilities that pass at all. The interval
reaches to the mean then, for the chance said is one that the evidence supports. How well that works on
simulated candidates is measured by `make simulate`. Plain Python; a few milliseconds, whatever the number of
answers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from math import comb, erf, exp, lcm, log, sqrt
from operator import mul
from typing import Final

from exams.scoring.rules import Scale, scaled

REVISION: Final = 1
"""Which method this is; raised when a number below or the model changes."""

PRIOR_MEAN: Final = 0.83
PRIOR_SPREAD: Final = 0.23
PRIOR_FREEDOM: Final = 10
"""Ability on the logit scale: before the first answer a share of 69%, with tails longer than normal."""

DOMAIN_SPREAD: Final = 0.5
"""How far the domains of one person lie apart, on the logit scale."""

LEAST_ANSWERS: Final = 20
"""With fewer answers there is no estimate, no range and no loss of points to speak of."""

ENOUGH_ANSWERS: Final = 100
"""With fewer answers, or an interval wider than this, the page says a range and no single number."""
WIDEST: Final = 0.6

TAIL: Final = 0.1
"""The share of the posterior that lies below the interval, and above it."""

_STEP: Final = 0.125
_GRID: Final = tuple(-4 + _STEP * place for place in range(81))
_SHARES: Final = tuple(1 / (1 + exp(-at)) for at in _GRID)
_SQUARES: Final = tuple(share * share for share in _SHARES)
_LOG_RIGHT: Final = tuple(log(share) for share in _SHARES)
_LOG_WRONG: Final = tuple(log(1 - share) for share in _SHARES)
_REACH: Final = round(4 * DOMAIN_SPREAD / _STEP)
# Nodes of ability and of deviation that weigh less than this, in all, change no digit that anybody sees.
_NEGLIGIBLE: Final = 1e-4
# A form whose domains cannot be counted in one unit is counted in so many parts of its scale.
_MOST_CELLS: Final = 400

type Chances = list[float]


class Readiness(StrEnum):
    """What the chance means in one word; `RANGE` while there is too little evidence for a number."""

    RANGE = "range"
    HARDLY = "hardly"
    UNLIKELY = "unlikely"
    EVEN = "even"
    LIKELY = "likely"
    SAFE = "safe"


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many scored items of a domain somebody answered at first sight, and how many correctly.

    `blank` are those beside them that were left without an answer and count as incorrect, as in the score.
    """

    domain: int
    correct: int
    answered: int
    blank: int = 0

    @property
    def counted(self) -> int:
        """How many items count, answered or not."""
        return self.answered + self.blank


def count_answers(evidence: Iterable[Evidence]) -> int:
    """Return how many answers an estimate has: what was left blank says something, but is none."""
    return sum(counts.answered for counts in evidence)


@dataclass(frozen=True, slots=True)
class PlannedDomain:
    """A domain of a fresh form: its weight and its number of scored items (at least one)."""

    number: int
    weight: int
    scored: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A form that nobody has seen yet: its domains, and the scale with the mark that passes."""

    domains: tuple[PlannedDomain, ...]
    scale: Scale


@dataclass(frozen=True, slots=True)
class DomainEstimate:
    """The share of all questions of a domain that somebody would answer correctly, with its 80% interval."""

    number: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Prediction:
    """The chance to pass a fresh form, 0 to 1, in its 80% interval; scores of 80% of fresh forms.

    `score` is the middle one of the scores of fresh forms, on the scale of the plan.
    """

    answers: int
    chance: float
    low: float
    high: float
    score: int
    score_low: int
    score_high: int
    domains: tuple[DomainEstimate, ...]

    @property
    def wide(self) -> bool:
        """Whether there is too little evidence to name a single number."""
        return self.answers < ENOUGH_ANSWERS or self.high - self.low > WIDEST

    @property
    def readiness(self) -> Readiness:
        """What the page says of it."""
        if self.wide:
            return Readiness.RANGE
        steps = (
            (0.1, Readiness.HARDLY),
            (0.4, Readiness.UNLIKELY),
            (0.6, Readiness.EVEN),
            (0.9, Readiness.LIKELY),
        )
        return next((word for limit, word in steps if self.chance < limit), Readiness.SAFE)


@dataclass(frozen=True, slots=True)
class _Lattice:
    """The weighted share of a form counted in whole cells: what each number of correct answers adds.

    `passing` is the least number of cells that passes.
    """

    adds: tuple[tuple[int, ...], ...]
    cells: int
    passing: int


@lru_cache(maxsize=64)
def _lattice(plan: Plan) -> _Lattice:
    total = sum(domain.weight for domain in plan.domains)
    units = [Fraction(domain.weight, total * domain.scored) for domain in plan.domains]
    exact = lcm(*(unit.denominator for unit in units))
    cells = exact if exact <= _MOST_CELLS else _MOST_CELLS
    scale = plan.scale
    # Points are rounded half up, so half a point below the mark passes already.
    least = Fraction(2 * (scale.pass_mark - scale.low) - 1, 2 * (scale.high - scale.low))
    passing = -(-least.numerator * cells // least.denominator)
    return _Lattice(
        adds=tuple(
            tuple(round(count * unit * cells) for count in range(domain.scored + 1))
            for unit, domain in zip(units, plan.domains, strict=True)
        ),
        cells=cells,
        passing=max(passing, 0),
    )


def _binomial(scored: int, share: float) -> Chances:
    return [
        comb(scored, right) * share**right * (1 - share) ** (scored - right) for right in range(scored + 1)
    ]


@lru_cache(maxsize=256)
def _binomials(scored: int) -> tuple[tuple[float, ...], ...]:
    """Return the chance of each number of correct answers, each as a list over the nodes of the grid."""
    return tuple(zip(*(_binomial(scored, share) for share in _SHARES), strict=True))


def _together(lattice: _Lattice, parts: Sequence[Chances]) -> Chances:
    """Return the chance of each weighted share, by its cells, from those of the independent domains."""
    spread = [1.0]
    for adds, chances in zip(lattice.adds, parts, strict=True):
        grown = [0.0] * (len(spread) + adds[-1])
        for cells, weight in enumerate(spread):
            if weight:
                for added, chance in zip(adds, chances, strict=True):
                    grown[cells + added] += weight * chance
        spread = grown
    return spread


def _passing(lattice: _Lattice, spread: Chances) -> float:
    return min(1.0, sum(spread[lattice.passing :]))


def chance_at(plan: Plan, shares: Sequence[float]) -> float:
    """Return the chance to pass a fresh form for somebody whose true share in each domain is known."""
    lattice = _lattice(plan)
    parts = [_binomial(domain.scored, share) for domain, share in zip(plan.domains, shares, strict=True)]
    return _passing(lattice, _together(lattice, parts))


def _kernel() -> tuple[float, ...]:
    weights = [exp(-(((place * _STEP) / DOMAIN_SPREAD) ** 2) / 2) for place in range(-_REACH, _REACH + 1)]
    return tuple(weight / sum(weights) for weight in weights)


_KERNEL: Final = _kernel()
_PRIOR: Final = tuple(
    -(PRIOR_FREEDOM + 1) / 2 * log(1 + ((at - PRIOR_MEAN) / PRIOR_SPREAD) ** 2 / PRIOR_FREEDOM)
    for at in _GRID
)
# Abilities whose domains stay on the grid. Every other node is enough: the posterior is wide beside their
# distance, and the trapezoidal rule hardly errs then.
_ABILITIES: Final = range(_REACH, len(_GRID) - _REACH, 2)


def _likelihood(evidence: Evidence) -> Chances:
    """Return how well each node of the grid explains the answers of a domain, the best one as 1."""
    wrong = evidence.counted - evidence.correct
    logs = [
        evidence.correct * right + wrong * other for right, other in zip(_LOG_RIGHT, _LOG_WRONG, strict=True)
    ]
    best = max(logs)
    return [exp(value - best) for value in logs]


def _around(ability: int, likelihood: Chances) -> Chances:
    """Return the weights of a domain's nodes around an ability; their sum is its likelihood."""
    return list(map(mul, _KERNEL, _window(likelihood, ability)))


def _window[Value](values: Sequence[Value], ability: int) -> Sequence[Value]:
    """Return what a list over the grid has at the nodes that a domain may have beside an ability."""
    return values[ability - _REACH : ability + _REACH + 1]


@dataclass(frozen=True, slots=True)
class _Node:
    """An ability with its weight in the posterior, and the weights of the nodes of each planned domain."""

    ability: int
    weight: float
    domains: tuple[Chances, ...]


def _posterior(plan: Plan, evidence: Sequence[Evidence]) -> list[_Node]:
    likelihoods = {counts.domain: _likelihood(counts) for counts in evidence}
    # A domain that the plan has and nobody asked about says nothing of the ability, and is said something of.
    silent = [1.0] * len(_GRID)
    logs = {}
    for ability in _ABILITIES:
        sums = [sum(_around(ability, fits)) for fits in likelihoods.values()]
        if all(sums):
            logs[ability] = _PRIOR[ability] + sum(log(total) for total in sums)
    best = max(logs.values())
    weights = {ability: exp(value - best) for ability, value in logs.items()}
    kept = {ability: weight for ability, weight in weights.items() if weight > _NEGLIGIBLE}
    total = sum(kept.values())
    return [
        _Node(
            ability,
            weight / total,
            tuple(
                _normalized(_around(ability, likelihoods.get(domain.number, silent)))
                for domain in plan.domains
            ),
        )
        for ability, weight in kept.items()
    ]


def _normalized(weights: Chances) -> Chances:
    least = _NEGLIGIBLE * max(weights)
    total = sum(weight for weight in weights if weight > least)
    return [weight / total if weight > least else 0.0 for weight in weights]


def _fresh(node: _Node, plan: Plan, lattice: _Lattice) -> Chances:
    """Return the chance of each weighted share on a fresh form, for one ability."""
    parts = [
        [sum(map(mul, weights, _window(chances, node.ability))) for chances in _binomials(domain.scored)]
        for domain, weights in zip(plan.domains, node.domains, strict=True)
    ]
    return _together(lattice, parts)


def _moments(node: _Node, weights: Chances) -> tuple[float, float]:
    """Return mean and variance of the true share in a domain, for one ability."""
    shares = _window(_SHARES, node.ability)
    mean = sum(map(mul, weights, shares))
    square = sum(map(mul, weights, _window(_SQUARES, node.ability)))
    return mean, max(square - mean * mean, 1e-9)


def _share_of(node: _Node, plan: Plan) -> tuple[float, float]:
    """Return mean and variance of the weighted true share, for one ability."""
    total = sum(domain.weight for domain in plan.domains)
    mean = variance = 0.0
    for domain, weights in zip(plan.domains, node.domains, strict=True):
        part = domain.weight / total
        domain_mean, domain_variance = _moments(node, weights)
        mean += part * domain_mean
        variance += part * part * domain_variance
    return mean, variance


def _percentile(level: float, parts: Sequence[tuple[float, float, float]]) -> float:
    """Return the share below which `level` of a mixture of normals (weight, mean, variance) lies."""
    low, high = 0.0, 1.0
    for _ in range(14):
        middle = (low + high) / 2
        below = sum(
            weight * (1 + erf((middle - mean) / sqrt(2 * variance))) / 2 for weight, mean, variance in parts
        )
        low, high = (middle, high) if below < level else (low, middle)
    return (low + high) / 2


def _reached(level: float, spread: Chances) -> int:
    """Return the least number of cells whose cumulated chance reaches a level."""
    return next((cells for cells, total in enumerate(accumulate(spread)) if total >= level), len(spread) - 1)


def _estimate(number: int, place: int, nodes: Sequence[_Node]) -> DomainEstimate:
    """Return the share of the domain at a place of the plan, over all abilities."""
    parts = [(node.weight, *_moments(node, node.domains[place])) for node in nodes]
    return DomainEstimate(
        number,
        sum(weight * mean for weight, mean, _ in parts),
        _percentile(TAIL, parts),
        _percentile(1 - TAIL, parts),
    )


@lru_cache(maxsize=1024)
def by_one_exam(plan: Plan, evidence: tuple[Evidence, ...]) -> Prediction | None:
    """Return what the answers to one exam alone say of a fresh one; None where they are too few."""
    if count_answers(evidence) < LEAST_ANSWERS:
        return None
    return predict(plan, evidence)


def predict(plan: Plan, evidence: Sequence[Evidence]) -> Prediction | None:
    """Return the chance to pass a fresh form of the plan, or None without a single answer.

    Each item counts once, as it was answered at first sight. Answers in a domain that the plan lacks speak of
    the general ability only. Raises ValueError for a plan without domains or for impossible counts.
    """
    if not plan.domains or any(not 0 <= counts.correct <= counts.counted for counts in evidence):
        raise ValueError("a plan has domains, and nobody answers more correctly than they were asked")
    counted = [counts for counts in evidence if counts.counted]
    if not counted:
        return None
    lattice, nodes = _lattice(plan), _posterior(plan, counted)
    by_node = [[node.weight * chance for chance in _fresh(node, plan, lattice)] for node in nodes]
    fresh = [sum(chances) for chances in zip(*by_node, strict=True)]
    shares = [(node.weight, *_share_of(node, plan)) for node in nodes]
    chance = _passing(lattice, fresh)
    low, high = (
        chance_at(plan, [_percentile(level, shares)] * len(plan.domains)) for level in (TAIL, 1 - TAIL)
    )
    score_low, score, score_high = (
        scaled(Fraction(min(_reached(level, fresh), lattice.cells), lattice.cells), plan.scale)
        for level in (TAIL, 0.5, 1 - TAIL)
    )
    return Prediction(
        answers=count_answers(counted),
        chance=chance,
        # A mean of skewed chances may lie beyond their percentiles.
        low=min(low, chance),
        high=max(high, chance),
        score=score,
        score_low=score_low,
        score_high=score_high,
        domains=tuple(_estimate(domain.number, place, nodes) for place, domain in enumerate(plan.domains)),
    )
