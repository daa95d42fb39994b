"""What the results of a form say about it: spread, reliability, error of measurement, consistency at the cut.

Pure: counts of results come in, figures go out. Moments have n, not n - 1, in their denominator, as the
formulas of reliability have it.

Sources: Kuder and Richardson, The theory of the estimation of test reliability, Psychometrika 2 (1937), for
KR-20; Cronbach, Coefficient alpha and the internal structure of tests, Psychometrika 16 (1951), for alpha;
Livingston and Lewis, Estimating the consistency and accuracy of classifications based on test scores, Journal
of Educational Measurement 32 (1995), for consistency, with the two-parameter beta and the bivariate
beta-binomial of Huynh, On the reliability of decisions in domain-referenced testing, ibid. 13 (1976).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp, sqrt

from exams.scoring.error_band import beta_binomial, least_passing, log_beta, log_choose
from exams.scoring.rules import Scale


@dataclass(frozen=True, slots=True)
class Result:
    """Sittings with the same result. `share` is weighted, exact and 0 to 1, as scoring computed it."""

    total: int
    share: Fraction
    scaled: int
    passed: bool
    count: int


@dataclass(frozen=True, slots=True)
class ScoredItem:
    """A scored item: its weight in the share, where the weights of all items sum to 1, and its facility."""

    weight: Fraction
    facility: float


@dataclass(frozen=True, slots=True)
class Consistency:
    """How surely the form tells who passes: the chance that two such forms agree about a person, 0 to 1.

    `kappa` is that agreement beyond chance (Cohen 1960), None where everybody passes or nobody does.
    """

    agreement: float
    kappa: float | None


@dataclass(frozen=True, slots=True)
class FormFigures:
    """A form over `n` attempts.

    Mean and deviation of the number of scored items answered correctly (`mean`, `deviation`) and on the scale
    (`mean_scaled`, `deviation_scaled`); `reliability` is KR-20, or alpha where items have different weights
    (`is_weighted`); `error` is the standard error of measurement in items, `error_scaled` in points; None
    where the results do not vary.
    """

    n: int
    items: int
    mean: float
    deviation: float
    mean_scaled: float
    deviation_scaled: float
    passed: float
    is_weighted: bool
    reliability: float | None
    error: float | None
    error_scaled: float | None
    consistency: Consistency | None


def weights_of(domains: Sequence[int], weights: Mapping[int, int]) -> list[Fraction]:
    """Return the weight of each scored item in the share, from its domain and the weights of the domains."""
    present = {number: domains.count(number) for number in domains}
    whole = sum(weights[number] for number in present)
    return [Fraction(weights[number], whole * present[number]) for number in domains]


def analyze(results: Sequence[Result], items: Sequence[ScoredItem], scale: Scale) -> FormFigures:
    """Return the figures of a form. Raises ValueError where there is no attempt or no scored item."""
    n = sum(one.count for one in results)
    if n == 0 or not items:
        raise ValueError("there is no attempt to count")
    mean, variance = _moments(results, lambda one: Fraction(one.total))
    mean_scaled, variance_scaled = _moments(results, lambda one: Fraction(one.scaled))
    mean_share, variance_share = _moments(results, lambda one: one.share)
    reliability = alpha(items, variance_share)
    error = None
    if reliability is not None:
        # Below 0 the items share nothing at all, and the whole spread is error.
        error = sqrt(float(variance_share) * (1 - max(0.0, reliability)))
    return FormFigures(
        n=n,
        items=len(items),
        mean=float(mean),
        deviation=sqrt(variance),
        mean_scaled=float(mean_scaled),
        deviation_scaled=sqrt(variance_scaled),
        passed=sum(one.count for one in results if one.passed) / n,
        is_weighted=len({one.weight for one in items}) > 1,
        reliability=reliability,
        error=None if error is None else error * len(items),
        error_scaled=None if error is None else error * (scale.high - scale.low),
        consistency=None
        if reliability is None
        else consistency(float(mean_share), float(variance_share), reliability, scale),
    )


def _moments(results: Sequence[Result], value: Callable[[Result], Fraction]) -> tuple[Fraction, Fraction]:
    """Return mean and variance, exactly."""
    n = sum(one.count for one in results)
    mean = sum((value(one) * one.count for one in results), Fraction(0)) / n
    return mean, sum((value(one) ** 2 * one.count for one in results), Fraction(0)) / n - mean**2


def alpha(items: Sequence[ScoredItem], variance: Fraction) -> float | None:
    """Return Cronbach's alpha of a weighted sum with this variance; with equal weights it is KR-20.

    The variance of an item that is correct or not is weight^2 * p * (1 - p). None where the sum does not vary
    or has a single item.
    """
    k = len(items)
    if k < 2 or variance == 0:
        return None
    own = sum(float(one.weight) ** 2 * one.facility * (1 - one.facility) for one in items)
    return k / (k - 1) * (1 - own / float(variance))


def effective_length(mean: float, variance: float, reliability: float) -> int:
    """Return how many equally hard items, right or wrong, would give shares of this kind.

    Livingston and Lewis (1995), equation 1, on shares from 0 to 1; rounded, as they do.
    """
    return max(1, round((mean * (1 - mean) - reliability * variance) / (variance * (1 - reliability))))


def consistency(mean: float, variance: float, reliability: float, scale: Scale) -> Consistency | None:
    """Return how two parallel forms would agree on who passes, from moments of the share.

    True shares have a beta distribution with this mean and `reliability * variance`; on each form the number
    right of the effective length is binomial. None where the moments allow no such distribution.
    """
    true = reliability * variance
    if not 0 < reliability < 1 or not 0 < true < mean * (1 - mean):
        return None
    n = effective_length(mean, variance, reliability)
    concentration = mean * (1 - mean) / true - 1
    return agreement(n, mean * concentration, (1 - mean) * concentration, least_passing(n, scale))


def agreement(n: int, a: float, b: float, cut: int) -> Consistency:
    """Return the agreement of two forms of `n` items on who has at least `cut` right, true shares Beta(a, b).

    Huynh (1976): the number right on both is bivariate beta-binomial.
    """
    passing = sum(beta_binomial(n, a, b)[cut:])
    both = _both(n, a, b, cut)
    # Sums of floats may end just above 1.
    agreed = min(1.0, 1 - 2 * (passing - both))
    by_chance = passing**2 + (1 - passing) ** 2
    return Consistency(agreed, None if by_chance >= 1 else (agreed - by_chance) / (1 - by_chance))


def _both(n: int, a: float, b: float, cut: int) -> float:
    """Return the chance of at least `cut` right on both forms."""
    ways = {right: log_choose(n, right) for right in range(cut, n + 1)}
    beta = {both: log_beta(a + both, b + 2 * n - both) - log_beta(a, b) for both in range(2 * cut, 2 * n + 1)}
    return sum(exp(ways[x] + ways[y] + beta[x + y]) for x in ways for y in ways)
