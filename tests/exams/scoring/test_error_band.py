"""The band of the plan's table, and what must hold for every share."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.scoring.error_band import error_band, fresh_results, least_passing
from exams.scoring.rules import Scale

SCALE = Scale(low=100, high=1000, pass_mark=750)


@pytest.mark.parametrize(
    ("right", "low", "high", "passing"),
    [
        (0, 100, 154, 0.000),
        (25, 442, 658, 0.009),
        (36, 640, 838, 0.436),
        (37, 658, 856, 0.524),
        (40, 712, 892, 0.775),
        (45, 820, 964, 0.982),
        (50, 946, 1000, 1.000),
    ],
)
def test_the_band_and_what_passes_are_those_of_the_table(
    right: int, low: int, high: int, passing: float
) -> None:
    found = error_band(50, Fraction(right, 50), SCALE)
    assert (found.low, found.high, round(found.passing, 3)) == (low, high, passing)


def test_37_of_50_is_the_least_that_passes() -> None:
    assert least_passing(50, SCALE) == 37


@given(st.integers(1, 120), st.fractions(0, 1))
def test_chances_of_fresh_results_sum_to_one(scored: int, share: Fraction) -> None:
    assert sum(fresh_results(scored, share)) == pytest.approx(1)


@given(st.integers(1, 80), st.fractions(0, 1), st.fractions(0, 1))
def test_a_better_share_never_looks_worse(scored: int, one: Fraction, other: Fraction) -> None:
    worse, better = (error_band(scored, share, SCALE) for share in sorted((one, other)))
    assert worse.low <= better.low
    assert worse.high <= better.high
