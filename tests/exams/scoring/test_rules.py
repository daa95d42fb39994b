"""The scoring table of the plan, exactly, and what must hold for every attempt."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.scoring.rules import Marked, NothingToScore, Scale, half_up, published_key, scaled, score

SCALE = Scale(low=100, high=1000, pass_mark=750)
WEIGHTS = {1: 20, 2: 24, 3: 36, 4: 20}


def attempt(scored: dict[int, int], correct: dict[int, int], unscored: int = 0) -> list[Marked]:
    items = [
        Marked(position=0, domain=domain, is_scored=True, is_right=index < correct[domain])
        for domain, count in scored.items()
        for index in range(count)
    ]
    return items + [Marked(position=0, domain=1, is_scored=False, is_right=True) for _ in range(unscored)]


@pytest.mark.parametrize(
    ("scored", "correct", "expected"),
    [
        ((10, 12, 18, 9), (10, 12, 15, 0), 766),
        ((5, 5, 5, 5), (5, 4, 3, 2), 719),
    ],
)
def test_domains_count_by_weight_not_by_number_of_items(
    scored: tuple[int, ...], correct: tuple[int, ...], expected: int
) -> None:
    items = attempt(dict(enumerate(scored, 1)), dict(enumerate(correct, 1)))
    assert score(items, WEIGHTS, SCALE).scaled == expected
    unweighted = scaled(Fraction(sum(correct), sum(scored)), SCALE)
    assert unweighted != expected


def test_one_domain_alone_is_the_whole_score() -> None:
    assert score(attempt({3: 16}, {3: 2}), WEIGHTS, SCALE).scaled == 213


def test_weights_are_renormalized_over_the_domains_present() -> None:
    assert score(attempt({1: 3, 3: 7}, {1: 1, 3: 2}), WEIGHTS, SCALE).scaled == 372


@pytest.mark.parametrize(
    ("right", "expected", "passed"), [(0, 100, False), (36, 748, False), (37, 766, True), (50, 1000, True)]
)
def test_the_real_split_gives_100_plus_18_per_item(right: int, expected: int, passed: bool) -> None:
    left, correct = right, {}
    for domain, count in {1: 10, 2: 12, 3: 18, 4: 10}.items():
        correct[domain] = min(left, count)
        left -= correct[domain]
    outcome = score(attempt({1: 10, 2: 12, 3: 18, 4: 10}, correct, unscored=15), WEIGHTS, SCALE)
    assert (outcome.scaled, outcome.passed, outcome.raw, outcome.scored) == (expected, passed, right, 50)


def test_no_scored_item_is_an_error() -> None:
    with pytest.raises(NothingToScore):
        score(attempt({}, {}, unscored=3), WEIGHTS, SCALE)


def test_a_half_rounds_up() -> None:
    assert [half_up(Fraction(value, 2)) for value in (1, 3, 5)] == [1, 2, 3]


@pytest.mark.parametrize(
    ("selected", "keys", "right"),
    [
        ([1], [1], True),
        ([1, 2], [2, 1], True),
        ([1], [1, 2], False),
        ([1, 2, 3], [1, 2], False),
        ([], [], False),
    ],
)
def test_a_multiple_response_is_all_or_nothing(selected: list[int], keys: list[int], right: bool) -> None:
    assert published_key(keys).accepts(selected) is right


marked = st.builds(
    Marked,
    position=st.integers(1, 500),
    domain=st.integers(1, 4),
    is_scored=st.booleans(),
    is_right=st.booleans(),
)
attempts = st.lists(marked, min_size=1, max_size=80).filter(lambda items: any(i.is_scored for i in items))


@given(attempts)
def test_a_score_lies_on_the_scale(items: list[Marked]) -> None:
    outcome = score(items, WEIGHTS, SCALE)
    assert 100 <= outcome.scaled <= 1000
    assert 0 <= outcome.share <= 1
    assert outcome.passed == (outcome.scaled >= 750)


@given(attempts, st.randoms())
def test_the_order_of_items_does_not_matter(items: list[Marked], random: object) -> None:
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert score(shuffled, WEIGHTS, SCALE) == score(items, WEIGHTS, SCALE)


@given(attempts, st.data())
def test_one_more_right_answer_never_lowers_a_score(items: list[Marked], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(items) - 1))
    old = items[index]
    better = [*items]
    better[index] = Marked(old.position, old.domain, old.is_scored, is_right=True)
    assert score(better, WEIGHTS, SCALE).share >= score(items, WEIGHTS, SCALE).share


@given(attempts)
def test_unscored_items_change_nothing(items: list[Marked]) -> None:
    assert score([i for i in items if i.is_scored], WEIGHTS, SCALE) == score(items, WEIGHTS, SCALE)
