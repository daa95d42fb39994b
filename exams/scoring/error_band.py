"""How far a score can be trusted: the band of fresh results.

Model: prior Beta(1, 1) on the true share; on a fresh form of n items the number right is then
beta-binomial(n, c + 1, n - c + 1), with c = n * share (Gelman et al., Bayesian Data Analysis, 2.1-2.3).
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from math import exp, lgamma

from exams.scoring.rules import Scale, scaled

LOWER, UPPER = 0.1, 0.9
"""The band leaves one fresh result in ten below it and one in ten above it."""


@dataclass(frozen=True, slots=True)
class ErrorBand:
    """`low` and `high` on the scale: eight in ten fresh results lie between them.

    `passing` is the share of fresh results that pass; only the version before says it.
    """

    low: int
    high: int
    passing: float


def log_choose(n: int, k: int) -> float:
    """Return the logarithm of how many ways there are to have k of n right."""
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def log_beta(a: float, b: float) -> float:
    """Return the logarithm of the Beta function."""
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def beta_binomial(n: int, a: float, b: float) -> list[float]:
    """Return P(X = k) for k = 0..n right answers on a form of n items, true shares Beta(a, b)."""
    base = log_beta(a, b)
    # In logarithms, because the Beta functions of a long form are too small for a float.
    return [exp(log_choose(n, k) + log_beta(a + k, b + n - k) - base) for k in range(n + 1)]


def fresh_results(scored: int, share: Fraction) -> list[float]:
    """Return P(X = k) for k = 0..scored right answers on a fresh form."""
    # The share is weighted by domain, so this "number right" is seldom whole; the model does not mind.
    right = float(scored * share)
    # One pseudo-count on each side is the uniform prior: without it 0 or all right would leave no doubt.
    return beta_binomial(scored, right + 1, scored - right + 1)


# The scale may round, so the first that passes is looked for.
@lru_cache(maxsize=256)
def least_passing(scored: int, scale: Scale) -> int:
    """Return the least number right that reaches the pass mark; more than `scored` when none does."""
    return next(
        (k for k in range(scored + 1) if scaled(Fraction(k, scored), scale) >= scale.pass_mark), scored + 1
    )


@lru_cache(maxsize=4096)
def error_band(scored: int, share: Fraction, scale: Scale) -> ErrorBand:
    """Return the band for a share on `scored` items (at least one)."""
    fresh = fresh_results(scored, share)
    cumulated = list(accumulate(fresh))
    # The least number right whose cumulated chance reaches the limit. Sums of floats may end just below 1,
    # and then the whole form is the answer.
    low = next((k for k, total in enumerate(cumulated) if total >= LOWER), scored)
    high = next((k for k, total in enumerate(cumulated) if total >= UPPER), scored)
    # A fresh result is a whole number of right answers, so both ends go through the scale as one would.
    return ErrorBand(
        low=scaled(Fraction(low, scored), scale),
        high=scaled(Fraction(high, scored), scale),
        passing=min(1.0, max(0.0, sum(fresh[least_passing(scored, scale) :]))),
    )
