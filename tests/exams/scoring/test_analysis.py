"""What the log of an attempt tells beside its score."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exams.scoring import analysis, rules
from exams.scoring.analysis import Changed, Question, Step

A, B, C, D = 1, 2, 3, 4
ONE = rules.published_key({A})
TWO = rules.published_key({A, B})
EITHER = rules.Key(frozenset({A, B}), 1)


def step(
    position: int,
    *selected: int,
    flagged: bool = False,
    sure: int | None = None,
    ms: int | None = None,
    after: int = 0,
) -> Step:
    return Step(position, selected, flagged, sure, ms, after)


def only(steps: Sequence[Step], key: rules.Key = ONE) -> Question:
    (found,) = analysis.questions(steps, [key])
    return found


# --- Changes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choices", "key", "changed"),
    [
        ([], ONE, None),
        ([(A,)], ONE, None),
        ([(B,), (A,)], ONE, Changed.TO_CORRECT),
        ([(A,), (B,)], ONE, Changed.TO_INCORRECT),
        ([(B,), (C,)], ONE, Changed.STILL_INCORRECT),
        ([(A,), (B,), (A,)], ONE, None),
        ([(B,), (C,), (A,)], ONE, Changed.TO_CORRECT),
        ([(A,), ()], ONE, Changed.TO_INCORRECT),
        ([(B,), ()], ONE, Changed.STILL_INCORRECT),
        ([(), (B,)], ONE, None),
        # To choose one after the other is no change: only a whole choice counts as the first one.
        ([(A,), (A, B)], TWO, None),
        ([(C,), (C, B), (B,), (B, A)], TWO, Changed.TO_CORRECT),
        ([(B, A), (A,), (A, C)], TWO, Changed.TO_INCORRECT),
        ([(B, A), (A, B)], TWO, None),
        ([(C,)], TWO, None),
        # A ruling accepts both: neither choice is better than the other.
        ([(A,), (B,)], EITHER, None),
        ([(C,), (B,)], EITHER, Changed.TO_CORRECT),
    ],
)
def test_an_answer_is_changed_when_its_first_whole_choice_is_not_its_last(
    choices: list[tuple[int, ...]], key: rules.Key, changed: Changed | None
) -> None:
    assert only([step(1, *choice) for choice in choices], key).changed == changed


def test_a_flag_or_a_confidence_alone_changes_no_answer() -> None:
    steps = [step(1, A), step(1, A, flagged=True), step(1, A, flagged=True, sure=1)]
    found = only(steps)
    assert (found.changed, found.flagged, found.confidence, found.correct) == (None, True, 1, True)


def test_each_position_has_a_question_also_when_nobody_touched_it() -> None:
    found = analysis.questions([step(2, A)], [ONE, ONE, ONE])
    assert [(one.position, one.answered, one.correct) for one in found] == [
        (1, False, False),
        (2, True, True),
        (3, False, False),
    ]


# --- Times --------------------------------------------------------------------------------------------


def test_the_longest_time_that_anybody_said_of_a_question_counts() -> None:
    steps = [step(1, A, ms=9_000), step(1, B, ms=4_000), step(2, A, ms=1_000), step(3, A)]
    found = analysis.questions(steps, [ONE] * 4, [8_000, 2_000, None, 500])
    assert [one.seen_ms for one in found] == [9_000, 2_000, None, 500]


def timed(*ms: int | None) -> tuple[Question, ...]:
    return analysis.questions([], [ONE] * len(ms), ms)


@pytest.mark.parametrize(
    ("times", "slow_after"),
    [
        ((), 180_000),
        ((None, None), 180_000),
        ((0, 0), 180_000),
        ((60_000, 60_000, 125_000), 120_000),
        ((170_000, 175_000, 181_000), 180_000),
        ((10_000, None, 20_000), 30_000),
        ((300, 400, 1_000), 10_000),
    ],
)
def test_slow_is_over_twice_the_own_median_or_over_three_minutes_and_never_a_few_seconds(
    times: tuple[int | None, ...], slow_after: int
) -> None:
    assert analysis.slow_after(timed(*times)) == slow_after


def test_the_five_longest_come_longest_first_and_equal_ones_by_position() -> None:
    found = analysis.longest(timed(5, 9, None, 9, 0, 7, 1, 2))
    assert [one.position for one in found] == [2, 4, 6, 1, 8]


@given(st.lists(st.one_of(st.none(), st.integers(0, 86_400_000)), max_size=12))
def test_no_times_at_all_are_no_trouble(times: list[int | None]) -> None:
    found = timed(*times)
    slow = analysis.slow_after(found)
    assert 0 < slow <= 180_000
    assert len(analysis.longest(found)) == min(5, sum(bool(ms) for ms in times))


def test_milestones_count_first_answers_and_not_changes_or_flags() -> None:
    steps = [step(n, A, after=60 * n) for n in range(1, 21)]
    early = [step(1, flagged=True, after=1), step(30, after=2)]
    again = [step(1, B, after=3000), step(21, A, after=3001)]
    assert analysis.milestones([*early, *steps, *again], 65) == (analysis.Milestone(20, 1200),)


def test_a_short_exam_has_milestones_at_each_five() -> None:
    found = analysis.milestones([step(n, A, after=n) for n in range(1, 11)], 10)
    assert [(one.answered, one.seconds) for one in found] == [(5, 5), (10, 10)]


# --- Confidence ---------------------------------------------------------------------------------------


def test_confidence_counts_answers_by_level_the_surest_first_and_leaves_out_the_unanswered() -> None:
    steps = [step(1, A, sure=3), step(2, B, sure=3), step(3, A, sure=1), step(4, sure=2), step(5, A)]
    found = analysis.questions(steps, [ONE] * 6)
    assert [(one.level, one.answered, one.correct) for one in analysis.by_confidence(found)] == [
        (3, 2, 1),
        (1, 1, 1),
    ]
    assert [one.position for one in analysis.sure_and_incorrect(found)] == [2]


def test_what_is_said_last_counts_and_may_be_taken_back() -> None:
    assert only([step(1, B, sure=3), step(1, B)]).confidence is None


# --- What was new -------------------------------------------------------------------------------------

SCALE = rules.Scale(100, 1000, 750)
WEIGHTS = {1: 50, 2: 50}


def marked(count: int) -> list[rules.Marked]:
    """Return items of two domains, every fifth not scored, the first half of each domain right."""
    return [rules.Marked(n, 1 + n % 2, n % 5 != 0, n <= count // 2) for n in range(1, count + 1)]


def test_an_exam_without_seen_positions_was_all_new_and_has_no_second_score() -> None:
    found = analysis.novelty(marked(60), (), WEIGHTS, SCALE)
    assert (found.total, found.new, found.scored, found.correct, found.scaled) == (60, 60, 48, 24, None)


def test_the_score_on_what_was_new_is_that_of_an_exam_of_these_alone() -> None:
    items = marked(60)
    found = analysis.novelty(items, frozenset(range(1, 21)), WEIGHTS, SCALE)
    alone = rules.score([one for one in items if one.position > 20], WEIGHTS, SCALE)
    assert (found.new, found.scored, found.correct) == (40, 32, alone.raw)
    assert found.scaled == alone.scaled


@pytest.mark.parametrize(("seen", "scored", "has_score"), [(35, 20, True), (36, 19, False), (60, 0, False)])
def test_too_few_new_questions_have_no_score_of_their_own(seen: int, scored: int, has_score: bool) -> None:
    found = analysis.novelty(marked(60), frozenset(range(1, seen + 1)), WEIGHTS, SCALE)
    assert (found.scored, found.scaled is not None) == (scored, has_score)
