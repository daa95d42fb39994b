"""Figures of a form: published reliability, every figure again by NumPy, consistency by integration."""

from fractions import Fraction

import numpy as np
import pytest

from exams.scoring import form_statistics
from exams.scoring.form_statistics import FormFigures, Result, ScoredItem
from exams.scoring.rules import Scale
from tests.exams.scoring import simulated
from tests.exams.scoring.simulated import Crowd
from tests.exams.scoring.test_item_statistics import LSAT_6, lsat_item, lsat_totals

NEAR = 1e-9
SCALE = Scale(0, 1000, 600)


def lsat() -> FormFigures:
    results = [
        Result(total, Fraction(total, 5), 200 * total, total >= 3, n) for total, n in lsat_totals().items()
    ]
    facilities = [
        sum(one.count for one in lsat_item(number).patterns if one.is_right) / 1000 for number in range(1, 6)
    ]
    items = [ScoredItem(Fraction(1, 5), facility) for facility in facilities]
    return form_statistics.analyze(results, items, SCALE)


def figures(crowd: Crowd, domains: tuple[int, ...]) -> FormFigures:
    count = int(crowd.scored.sum())
    numbers = [2 * i // count + 1 for i in range(count)]
    by_domain = {number: domains[number - 1] for number in set(numbers)}
    weights = form_statistics.weights_of(numbers, by_domain)
    facilities = crowd.right[:, crowd.scored].mean(axis=0).tolist()
    items = [ScoredItem(weight, facility) for weight, facility in zip(weights, facilities, strict=True)]
    return form_statistics.analyze(simulated.results_of(crowd, weights, SCALE.pass_mark), items, SCALE)


def test_lsat_section_6_has_its_published_reliability() -> None:
    found = lsat()
    assert (found.n, found.items, found.is_weighted) == (sum(LSAT_6), 5, False)
    # Cronbach's alpha of these data: Rizopoulos, ltm, Journal of Statistical Software 17 (2006).
    assert found.reliability == pytest.approx(0.2950, abs=0.00005)
    assert found.mean == 3.819


@pytest.mark.parametrize("domains", [(5, 5), (3, 7)])
@pytest.mark.parametrize(("n", "k", "seed"), [(60, 8, 1), (3_000, 30, 2)])
def test_numpy_computes_the_same_of_a_form(n: int, k: int, seed: int, domains: tuple[int, int]) -> None:
    crowd = simulated.crowd(n, k, seed=seed, domains=domains)
    found = figures(crowd, domains)
    parts = crowd.right[:, crowd.scored] * crowd.weights
    spread = np.cov(parts.T, bias=True)
    count = parts.shape[1]
    alpha = count / (count - 1) * (1 - np.trace(spread) / spread.sum())
    shares = crowd.shares
    assert found.mean == pytest.approx(crowd.totals.mean(), abs=NEAR)
    assert found.deviation == pytest.approx(crowd.totals.std(), abs=NEAR)
    scaled = np.round(1000 * shares)
    assert found.mean_scaled == pytest.approx(scaled.mean(), abs=0.02)
    assert found.deviation_scaled == pytest.approx(scaled.std(), abs=0.02)
    assert found.is_weighted == (domains == (3, 7))
    assert found.reliability == pytest.approx(alpha, abs=NEAR)
    assert found.error == pytest.approx(count * shares.std() * np.sqrt(1 - alpha), abs=NEAR)
    assert found.error_scaled == pytest.approx(1000 * shares.std() * np.sqrt(1 - alpha), abs=NEAR)


def test_with_equal_weights_alpha_is_kr_20() -> None:
    crowd = simulated.crowd(400, 12, seed=3)
    p = crowd.right[:, crowd.scored].mean(axis=0)
    kr_20 = 10 / 9 * (1 - (p * (1 - p)).sum() / crowd.totals.var())
    assert figures(crowd, (1, 1)).reliability == pytest.approx(kr_20, abs=NEAR)


@pytest.mark.parametrize(
    ("n", "a", "b", "cut"), [(10, 6.0, 3.0, 8), (50, 12.5, 5.5, 36), (65, 3.2, 3.2, 33), (120, 20.0, 7.5, 90)]
)
def test_the_agreement_of_two_forms_is_what_integration_over_the_true_share_gives(
    n: int, a: float, b: float, cut: int
) -> None:
    found = form_statistics.agreement(n, a, b, cut)
    agreed, kappa = simulated.agreement(n, a, b, cut)
    assert found.agreement == pytest.approx(agreed, abs=NEAR)
    assert found.kappa == pytest.approx(kappa, abs=NEAR)


def test_consistency_is_that_of_livingston_and_lewis() -> None:
    found = figures(crowd := simulated.crowd(2_000, 40, seed=4), (1, 1))
    assert found.reliability
    assert found.consistency
    shares = crowd.shares
    mean, variance, reliability = shares.mean(), shares.var(), found.reliability
    length = round((mean * (1 - mean) - reliability * variance) / (variance * (1 - reliability)))
    strength = mean * (1 - mean) / (reliability * variance) - 1
    cut = next(right for right in range(length + 1) if np.floor(1000 * right / length + 0.5) >= 600)
    agreed, kappa = simulated.agreement(length, mean * strength, (1 - mean) * strength, cut)
    assert found.consistency.agreement == pytest.approx(agreed, abs=NEAR)
    assert found.consistency.kappa == pytest.approx(kappa, abs=NEAR)


def test_with_kr_21_as_reliability_the_effective_length_is_the_number_of_items() -> None:
    n, mean, deviation = 20, 14.0, 3.0
    kr_21 = n / (n - 1) * (1 - mean * (n - mean) / (n * deviation**2))
    assert form_statistics.effective_length(mean / n, (deviation / n) ** 2, kr_21) == n


def test_forms_of_which_nothing_is_known_have_no_reliability() -> None:
    items = [ScoredItem(Fraction(1, 2), 1.0), ScoredItem(Fraction(1, 2), 1.0)]
    found = form_statistics.analyze([Result(2, Fraction(1), 1000, True, 40)], items, SCALE)
    assert (found.reliability, found.error, found.consistency) == (None, None, None)
    assert (found.passed, found.deviation) == (1.0, 0.0)


def test_items_that_share_nothing_leave_the_whole_spread_as_error_and_no_consistency() -> None:
    half = Fraction(1, 2)
    results = [
        Result(1, half, 500, False, 98),
        Result(2, Fraction(1), 1000, True, 1),
        Result(0, Fraction(0), 0, False, 1),
    ]
    found = form_statistics.analyze(results, [ScoredItem(half, 0.5), ScoredItem(half, 0.5)], SCALE)
    assert found.reliability
    assert found.reliability < 0
    assert found.error == pytest.approx(found.deviation, abs=NEAR)
    assert found.consistency is None


def test_weights_of_items_are_those_of_their_domains_over_the_domains_present() -> None:
    found = form_statistics.weights_of([1, 1, 2], {1: 20, 2: 30, 3: 50})
    assert found == [Fraction(1, 5), Fraction(1, 5), Fraction(3, 5)]
