"""The chance to pass a fresh exam, checked against sums that were worked out in another way."""

from fractions import Fraction
from itertools import product
from math import comb, exp, pi, sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exams.scoring import prediction
from exams.scoring.prediction import Evidence, Plan, PlannedDomain, Prediction, Readiness
from exams.scoring.rules import Scale, scaled

SCALE = Scale(100, 1000, 750)
PLAN = Plan(
    (PlannedDomain(1, 20, 10), PlannedDomain(2, 24, 12), PlannedDomain(3, 36, 18), PlannedDomain(4, 20, 10)),
    SCALE,
)
# Its weights and its numbers of items have no common unit.
ODD = Plan((PlannedDomain(1, 17, 7), PlannedDomain(2, 30, 5), PlannedDomain(3, 53, 9)), SCALE)


def evidence(*counts: tuple[int, int]) -> list[Evidence]:
    """Return evidence by domain from pairs of correct and answered."""
    return [Evidence(number, correct, answered) for number, (correct, answered) in enumerate(counts, 1)]


def predicted(*counts: tuple[int, int], plan: Plan = PLAN) -> Prediction:
    """Return what is predicted from pairs of correct and answered."""
    found = prediction.predict(plan, evidence(*counts))
    assert found
    return found


def binomial(count: int, right: int, share: float) -> float:
    return float(comb(count, right) * share**right * (1 - share) ** (count - right))


def test_without_an_answer_nothing_is_predicted() -> None:
    assert prediction.predict(PLAN, []) is None
    assert prediction.predict(PLAN, evidence((0, 0), (0, 0))) is None


def test_for_a_known_share_the_chance_is_that_of_the_binomial() -> None:
    for share in (0.5, 0.7222, 0.9):
        passing = sum(binomial(50, right, share) for right in range(37, 51))
        assert prediction.chance_at(PLAN, [share] * 4) == pytest.approx(passing, abs=1e-12)


def test_what_passes_is_what_the_rules_round_up_to_the_mark() -> None:
    # 3 of 5 items: 640 on 100-1000. A mark of 640 is reached, 641 is not; half a point is rounded up.
    for mark, least in ((640, 3), (641, 4)):
        plan = Plan((PlannedDomain(1, 100, 5),), Scale(100, 1000, mark))
        expected = sum(binomial(5, right, 0.5) for right in range(least, 6))
        assert prediction.chance_at(plan, [0.5]) == pytest.approx(expected)
    halves = Plan((PlannedDomain(1, 100, 2),), Scale(0, 101, 51))  # one of two is 50.5, so 51
    assert prediction.chance_at(halves, [0.5]) == pytest.approx(0.75)


def test_domains_without_a_common_unit_are_counted_nearly_exactly() -> None:
    shares = (0.8, 0.6, 0.75)
    exact = 0.0
    for counts in product(*(range(domain.scored + 1) for domain in ODD.domains)):
        parts = zip(ODD.domains, counts, strict=True)
        share = sum(Fraction(domain.weight * right, 100 * domain.scored) for domain, right in parts)
        if scaled(Fraction(share), SCALE) >= SCALE.pass_mark:
            chance = 1.0
            for domain, right, one in zip(ODD.domains, counts, shares, strict=True):
                chance *= binomial(domain.scored, right, one)
            exact += chance
    assert prediction.chance_at(ODD, shares) == pytest.approx(exact, abs=0.01)


def integrated(correct: int, answered: int, scored: int, least: int) -> float:
    """Return the chance for a plan of one domain by a plain double sum, finer and wider than the grid."""

    def density(at: float) -> float:
        far = ((at - prediction.PRIOR_MEAN) / prediction.PRIOR_SPREAD) ** 2
        return float((1 + far / prediction.PRIOR_FREEDOM) ** (-(prediction.PRIOR_FREEDOM + 1) / 2))

    above = below = 0.0
    for ability in (-3 + 0.02 * place for place in range(401)):
        for deviation in (-6 + 0.2 * place for place in range(61)):
            weight = density(ability) * exp(-(deviation**2) / 2) / sqrt(2 * pi)
            share = 1 / (1 + exp(-(ability + prediction.DOMAIN_SPREAD * deviation)))
            weight *= binomial(answered, correct, share)
            below += weight
            above += weight * sum(binomial(scored, right, share) for right in range(least, scored + 1))
    return above / below


@pytest.mark.parametrize(("correct", "answered"), [(3, 5), (36, 50), (60, 60), (12, 80)])
def test_the_grid_is_fine_enough(correct: int, answered: int) -> None:
    plan = Plan((PlannedDomain(1, 100, 20),), SCALE)
    found = predicted((correct, answered), plan=plan)
    assert found.chance == pytest.approx(integrated(correct, answered, 20, 15), abs=0.002)


def test_more_answers_make_the_interval_narrower_around_the_same_share() -> None:
    few, some, many = (predicted(*[(8 * times, 11 * times)] * 4) for times in (1, 4, 12))
    assert few.low < some.low < many.low < many.chance < many.high < some.high < few.high
    assert few.score_high - few.score_low > many.score_high - many.score_low


@pytest.mark.parametrize("correct", [0, 4, 10, 20, 30, 40, 46, 50])
@pytest.mark.parametrize("plan", [PLAN, ODD])
def test_the_chance_lies_within_its_interval(correct: int, plan: Plan) -> None:
    found = predicted(*[(correct, 50)] * len(plan.domains), plan=plan)
    assert 0 <= found.low <= found.chance <= found.high <= 1


def test_with_little_evidence_the_page_names_no_single_number() -> None:
    assert predicted((9, 12), (9, 12), (9, 12), (9, 12)).readiness is Readiness.RANGE
    assert predicted(*[(30, 40)] * 4).readiness is not Readiness.RANGE


@pytest.mark.parametrize(
    ("correct", "word"),
    [
        (16, Readiness.HARDLY),
        (27, Readiness.UNLIKELY),
        (29, Readiness.EVEN),
        (31, Readiness.LIKELY),
        (36, Readiness.SAFE),
    ],
)
def test_readiness_follows_the_chance(correct: int, word: Readiness) -> None:
    assert predicted(*[(correct, 40)] * 4).readiness is word


def test_a_domain_with_few_answers_is_drawn_to_the_others() -> None:
    found = predicted((1, 4), (45, 50), (45, 50), (45, 50))
    first, second, *_ = found.domains
    assert 0.25 < first.share < second.share
    assert first.high - first.low > second.high - second.low
    assert predicted((100, 400), (45, 50), (45, 50), (45, 50)).domains[0].share < 0.4


def test_a_domain_without_answers_is_estimated_from_the_others() -> None:
    weak, strong = (predicted((right, 50), (right, 50), (right, 50)).domains[3] for right in (20, 45))
    assert weak.share < 0.6 < 0.75 < strong.share
    assert strong.high - strong.low > 0.08


def test_answers_in_a_domain_that_left_the_plan_still_speak_of_the_person() -> None:
    found = prediction.predict(PLAN, [Evidence(9, 95, 100)])
    assert found
    assert found.chance > 0.5
    assert [one.number for one in found.domains] == [1, 2, 3, 4]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=4, max_size=4))
@settings(max_examples=40)
def test_a_correct_answer_more_never_lowers_the_chance(pairs: list[tuple[int, int]]) -> None:
    counts = [(right, right + wrong) for right, wrong in pairs]
    if not any(answered for _, answered in counts):
        return
    before = predicted(*counts)
    assert 0 <= before.chance <= 1
    assert before.low <= before.chance <= before.high
    assert before.score_low <= before.score <= before.score_high
    for place, (right, answered) in enumerate(counts):
        after = predicted(*counts[:place], (right + 1, answered + 1), *counts[place + 1 :])
        assert after.chance >= before.chance - 1e-6


@pytest.mark.parametrize("counts", [(3, 2), (-1, 2)])
def test_impossible_counts_are_refused(counts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="more correctly"):
        prediction.predict(PLAN, evidence(counts))
    with pytest.raises(ValueError, match="domains"):
        prediction.predict(Plan((), SCALE), evidence((1, 2)))
