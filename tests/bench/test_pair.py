"""The verdict on two sides: worse by a tenth and by more than twice what the base differs from itself."""

import pytest

from tests.bench.pair import PROJECT, Run, compare, known_parts, measured_parts, table, with_sums

pytestmark = pytest.mark.thorough


def runs(*values: float) -> list[Run]:
    return [{"page_cpu_ms": value} for value in values]


@pytest.mark.parametrize(
    ("base", "ours", "worse"),
    [
        ((10.0, 10.1, 10.2), (11.5, 11.6, 11.4), True),
        ((10.0, 10.1, 10.2), (11.0, 11.0, 11.1), False),  # less than a tenth
        ((10.0, 11.0, 10.5), (12.0, 12.1, 12.2), False),  # the base itself differs as much
        ((10.0, 10.0, 10.0), (5.0, 5.0, 5.0), False),
    ],
)
def test_a_figure_is_worse_only_beyond_a_tenth_and_beyond_the_noise(
    base: tuple[float, ...], ours: tuple[float, ...], worse: bool
) -> None:
    assert compare("page_cpu_ms", runs(*base), runs(*ours)).worse is worse


def test_a_figure_that_the_base_does_not_measure_is_shown_and_not_judged() -> None:
    found = compare("lease_cpu_ms", runs(1.0, 1.0), [{"lease_cpu_ms": 3.0}])
    assert (found.base, found.ours, found.worse) == (None, 3.0, False)
    assert table([found])[1].split() == ["lease_cpu_ms", "-", "3.000", "new", "0.000"]


def test_a_part_that_the_base_does_not_have_is_measured_on_our_side_alone() -> None:
    assert {"page", "dashboard", "sheet", "drills"} <= set(known_parts(PROJECT))
    assert measured_parts(["drills", "page"], ["page", "saves"]) == ["page"]
    assert measured_parts([], ["page", "saves"]) == ["page", "saves"]


def test_a_commit_that_took_the_lease_with_the_page_is_compared_by_the_sum_of_both() -> None:
    base = with_sums({"exam_page_cpu_ms": 30.0, "exam_submit_cpu_ms": 20.5, "exam_result_cpu_ms": 9.5})
    ours = with_sums({"exam_page_cpu_ms": 24.0, "exam_lease_cpu_ms": 4.0, "finish_cpu_ms": 21.25})
    assert (base["open_cpu_ms"], base["finish_cpu_ms"]) == (30.0, 30.0)
    assert ours["open_cpu_ms"] == 28.0
    assert with_sums({"page_cpu_ms": 9.0}) == {"page_cpu_ms": 9.0}
