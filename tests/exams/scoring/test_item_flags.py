"""Flags of items and what is proposed for those that do not count yet."""

from dataclasses import replace

import pytest

from exams.scoring import item_flags
from exams.scoring.item_flags import Difficulty, Flag, Proposal, Raised
from exams.scoring.item_statistics import ItemFigures, OptionFigures


def option(number: int, top: float, *, rate: float = 0.2, is_key: bool = False) -> OptionFigures:
    return OptionFigures(number, is_key, rate, (0.2, 0.2, 0.2, top), 0.1, 0.1)


GOOD = ItemFigures(
    n=100,
    facility=0.6,
    point_biserial=0.3,
    discrimination=0.4,
    omitted=0.0,
    median_seconds=90,
    options=(option(1, 0.8, rate=0.6, is_key=True), option(2, 0.1), option(3, 0.1)),
)


def raised(item: ItemFigures) -> list[Flag]:
    return [one.flag for one in item_flags.flags(item)]


def test_a_good_item_has_no_flag_and_is_proposed_to_count() -> None:
    assert raised(GOOD) == []
    assert item_flags.proposal(GOOD) == Proposal.PROMOTE


def test_an_option_that_the_best_choose_more_often_than_the_key_is_named() -> None:
    item = replace(GOOD, options=(option(1, 0.3, is_key=True), option(2, 0.31), option(3, 0.3)))
    assert item_flags.flags(item) == (Raised(Flag.KEY_NOT_BEST, (2,)),)
    assert item_flags.proposal(item) == Proposal.RETIRE


def test_of_two_keys_the_one_that_is_chosen_less_is_compared() -> None:
    keys = (option(1, 0.9, is_key=True), option(2, 0.4, is_key=True))
    item = replace(GOOD, options=(*keys, option(3, 0.5), option(4, 0.2)))
    assert item_flags.flags(item) == (Raised(Flag.KEY_NOT_BEST, (3,)),)


@pytest.mark.parametrize("wrong", [{"point_biserial": -0.01}, {"discrimination": -0.01}])
def test_an_item_that_the_better_candidates_miss_is_flagged_and_proposed_to_retire(
    wrong: dict[str, float],
) -> None:
    item = replace(GOOD, **wrong)  # type: ignore[arg-type]
    assert raised(item) == [Flag.NEGATIVE]
    assert item_flags.proposal(item) == Proposal.RETIRE


@pytest.mark.parametrize(
    ("facility", "flags", "difficulty"),
    [
        (0.25, [Flag.TOO_HARD], Difficulty.HARD),
        (0.26, [], Difficulty.HARD),
        (0.5, [], Difficulty.HARD),
        (0.51, [], Difficulty.MEDIUM),
        (0.85, [], Difficulty.EASY),
        (0.949, [], Difficulty.EASY),
        (0.95, [Flag.TOO_EASY], Difficulty.EASY),
    ],
)
def test_facility_says_how_hard_an_item_is(
    facility: float, flags: list[Flag], difficulty: Difficulty
) -> None:
    assert raised(replace(GOOD, facility=facility)) == flags
    assert item_flags.difficulty(facility) == difficulty


def test_options_that_almost_nobody_picks_are_named() -> None:
    item = replace(GOOD, options=(*GOOD.options, option(4, 0.0, rate=0.0), option(5, 0.0, rate=0.019)))
    assert item_flags.flags(item) == (Raised(Flag.UNPICKED, (4, 5)),)
    assert item_flags.proposal(item) == Proposal.WAIT


def test_a_weak_correlation_waits() -> None:
    assert item_flags.proposal(replace(GOOD, point_biserial=0.19)) == Proposal.WAIT
    assert item_flags.proposal(replace(GOOD, point_biserial=None)) == Proposal.WAIT


def test_below_thirty_attempts_nothing_is_flagged_and_nothing_proposed() -> None:
    bad = replace(GOOD, n=29, point_biserial=-0.5, facility=0.0)
    assert item_flags.flags(bad) == ()
    assert item_flags.proposal(bad) == Proposal.WAIT
    assert raised(replace(bad, n=30)) == [Flag.NEGATIVE, Flag.TOO_HARD]
    assert item_flags.proposal(replace(GOOD, n=29)) == Proposal.WAIT
