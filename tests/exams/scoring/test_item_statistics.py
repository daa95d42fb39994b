"""Item analysis: a published data set, and every figure again by NumPy on simulated attempts."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from exams.scoring import item_statistics
from exams.scoring.item_statistics import ItemCounts, Pattern
from tests.exams.scoring import simulated

# Law School Admission Test, section 6: Bock and Lieberman, Fitting a response model for n dichotomously
# scored items, Psychometrika 35 (1970). How many of 1,000 gave each pattern from 00000 to 11111.
LSAT_6 = [
    *(3, 6, 2, 11, 1, 1, 3, 4, 1, 8, 0, 16, 0, 3, 2, 15),
    *(10, 29, 14, 81, 3, 28, 15, 80, 16, 56, 21, 173, 11, 61, 28, 298),
]
LSAT_ITEMS = 5
NEAR = 1e-9


def lsat_totals() -> Counter[int]:
    found = Counter[int]()
    for pattern, count in enumerate(LSAT_6):
        found[pattern.bit_count()] += count
    return found


def lsat_item(number: int) -> ItemCounts:
    """Return an item, counted from 1, whose options are 1 for right and 2 for wrong."""
    bit = LSAT_ITEMS - number
    return ItemCounts(
        is_scored=True,
        keys=frozenset({1}),
        options=(1, 2),
        patterns=tuple(
            Pattern(pattern.bit_count(), (1 if pattern >> bit & 1 else 2,), bool(pattern >> bit & 1), count)
            for pattern, count in enumerate(LSAT_6)
        ),
        seconds={},
    )


@pytest.mark.parametrize(
    ("number", "facility", "correlation"),
    # Correlations without the item itself: Rizopoulos, ltm, Journal of Statistical Software 17 (2006).
    [(1, 0.924, 0.1128), (2, 0.709, 0.1532), (3, 0.553, 0.1728), (4, 0.763, 0.1444), (5, 0.870, 0.1216)],
)
def test_lsat_section_6_has_its_published_figures(number: int, facility: float, correlation: float) -> None:
    found = item_statistics.analyze(lsat_item(number), lsat_totals())
    assert found.n == 1000
    assert found.facility == facility
    assert found.point_biserial == pytest.approx(correlation, abs=0.00005)


@pytest.mark.parametrize(("n", "k", "seed"), [(31, 5, 1), (500, 12, 2), (4_001, 20, 3)])
def test_numpy_computes_the_same_of_every_item_and_option(n: int, k: int, seed: int) -> None:
    crowd = simulated.crowd(n, k, seed=seed)
    for item in range(k):
        found = item_statistics.analyze(simulated.counts_of(crowd, item), simulated.totals_of(crowd))
        right, rest = crowd.right[:, item], simulated.rest_of(crowd, item)
        answered = crowd.chosen[:, item] >= 0
        assert found.n == n
        assert found.facility == pytest.approx(right.mean(), abs=NEAR)
        assert found.point_biserial == pytest.approx(simulated.correlation(right, rest), abs=NEAR)
        high, low = (simulated.share_within(right, crowd.totals, *ends) for ends in ((0.73, 1), (0, 0.27)))
        assert found.discrimination == pytest.approx(high - low, abs=NEAR)
        assert found.omitted == pytest.approx((~answered).mean(), abs=NEAR)
        assert found.median_seconds == pytest.approx(np.median(crowd.seconds[answered, item]), abs=NEAR)
        for number, option in enumerate(found.options):
            picked = (crowd.chosen[:, item] == number).astype(float)
            assert option.is_key == (number == 0)
            assert option.rate == pytest.approx(picked.mean(), abs=NEAR)
            if picked.any():
                assert option.point_biserial == pytest.approx(simulated.correlation(picked, rest), abs=NEAR)
            high, low = (
                simulated.share_within(picked, crowd.totals, *ends) for ends in ((0.73, 1), (0, 0.27))
            )
            assert option.discrimination == pytest.approx(high - low, abs=NEAR)
            for quarter, share in enumerate(option.by_quartile):
                expected = simulated.share_within(picked, crowd.totals, quarter / 4, (quarter + 1) / 4)
                assert share == pytest.approx(expected, abs=NEAR)


def test_an_item_that_does_not_count_is_held_against_the_whole_total() -> None:
    crowd = simulated.crowd(300, 8, seed=4)
    counts = simulated.counts_of(crowd, 7)
    assert not counts.is_scored
    found = item_statistics.analyze(counts, simulated.totals_of(crowd)).point_biserial
    whole = simulated.correlation(crowd.right[:, 7], crowd.totals)
    assert found == pytest.approx(whole, abs=NEAR)
    as_if_scored = item_statistics.analyze(replace(counts, is_scored=True), simulated.totals_of(crowd))
    assert as_if_scored.point_biserial != pytest.approx(whole, abs=0.01)


def test_attempts_with_the_same_total_count_evenly_on_both_sides_of_a_border() -> None:
    lower, upper = item_statistics.extreme_groups({5: 100})
    assert lower.size == upper.size == 27
    assert lower.weights == upper.weights == {5: Fraction(27, 100)}
    first, second, third, fourth = item_statistics.quartiles({1: 1, 2: 2, 3: 1})
    assert (first.weights, fourth.weights) == ({1: Fraction(1)}, {3: Fraction(1)})
    assert second.weights == third.weights == {2: Fraction(1, 2)}


def test_no_order_of_rows_changes_a_figure() -> None:
    crowd = simulated.crowd(97, 6, seed=5)
    counts, totals = simulated.counts_of(crowd, 2), simulated.totals_of(crowd)
    turned = replace(counts, patterns=counts.patterns[::-1])
    backward = Counter(dict(reversed(totals.items())))
    assert item_statistics.analyze(turned, backward) == item_statistics.analyze(counts, totals)


def test_where_nothing_varies_there_is_no_correlation() -> None:
    patterns = tuple(Pattern(total, (1,), True, 10) for total in (1, 2, 3))
    counts = ItemCounts(True, frozenset({1}), (1, 2), patterns, {})
    found = item_statistics.analyze(counts, {1: 10, 2: 10, 3: 10})
    assert (found.facility, found.point_biserial, found.median_seconds) == (1.0, None, None)


def test_of_several_keys_each_is_an_option_and_only_the_whole_response_is_right() -> None:
    patterns = (Pattern(2, (1, 2), True, 6), Pattern(1, (1, 3), False, 3), Pattern(0, (2, 3), False, 1))
    counts = ItemCounts(True, frozenset({1, 2}), (1, 2, 3), patterns, {30: 1, 40: 1, 90: 8})
    found = item_statistics.analyze(counts, {2: 6, 1: 3, 0: 1})
    assert found.facility == 0.6
    assert [one.rate for one in found.options] == [0.9, 0.7, 0.4]
    assert [one.is_key for one in found.options] == [True, True, False]
    assert found.median_seconds == 90


def test_without_an_attempt_there_is_nothing_to_say() -> None:
    with pytest.raises(ValueError, match="no attempt"):
        item_statistics.analyze(lsat_item(1), {})


@pytest.mark.parametrize(
    ("values", "expected"), [({}, None), ({3: 1}, 3), ({1: 2, 9: 2}, 5), ({1: 2, 9: 1}, 1)]
)
def test_the_median_of_an_even_number_is_the_mean_of_the_middle_two(
    values: dict[int, int], expected: float | None
) -> None:
    assert item_statistics.median(values) == expected


def test_editions_are_pooled_by_their_attempts_and_correlations_by_fishers_z() -> None:
    one, two = (
        item_statistics.analyze(simulated.counts_of(crowd, 1), simulated.totals_of(crowd))
        for crowd in (simulated.crowd(200, 6, seed=6), simulated.crowd(60, 6, seed=7))
    )
    found = item_statistics.pooled([one, two])
    assert found.n == 260
    assert found.facility == pytest.approx(
        np.average([one.facility, two.facility], weights=[200, 60]), abs=NEAR
    )
    correlations = [each.point_biserial or 0.0 for each in (one, two)]
    z = np.average(np.arctanh(correlations), weights=[197, 57])
    assert found.point_biserial == pytest.approx(np.tanh(z), abs=NEAR)
    quarters = [option.by_quartile[3] for option in (one.options[2], two.options[2])]
    assert found.options[2].by_quartile[3] == pytest.approx(np.average(quarters, weights=[200, 60]), abs=NEAR)
    assert item_statistics.pooled([one]) == one
