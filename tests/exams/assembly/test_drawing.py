"""A drawn form keeps its plan, and where none is drawn the reasons are true."""

from collections import Counter
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exams.assembly.drawing import Bounds, Candidate, FormPlan, Impossible, Shortage, draw

KINDS = ("single", "multiple")
LEVELS = ("easy", "medium", "hard")


def bank(size: int = 120) -> list[Candidate]:
    """Return a bank of four domains with all traits mixed; every tenth pair are twins."""
    return [
        Candidate(
            code=f"Q{number:03d}",
            domain=number % 4 + 1,
            task=f"{number % 4 + 1}.{number // 4 % 3 + 1}",
            kind=KINDS[number % 5 == 0],
            difficulty=LEVELS[number // 3 % 3],
            covers=frozenset({f"c{number % 17}"}),
            group=f"g{number // 10}" if number % 10 < 2 else "",
            used=number // 4 % 2,
        )
        for number in range(size)
    ]


PLAN = FormPlan(
    scored={1: 10, 2: 12, 3: 10, 4: 10},
    unscored={1: 3, 2: 4, 3: 4, 4: 4},
    kinds={"multiple": Bounds(9, 11)},
    difficulties={"easy": Bounds(15, 20), "hard": Bounds(18, 20)},
    tasks={"2.1": Bounds(5, 6)},
    covers=frozenset({"c0", "c5", "c16"}),
)


def holds(candidates: list[Candidate], plan: FormPlan, chosen: list[tuple[Candidate, bool]]) -> bool:
    """Say whether items with their marks fulfill a plan, told from the plan alone."""
    picked = [one for one, _ in chosen]
    scored = Counter(one.domain for one, counts in chosen if counts)
    unscored = Counter(one.domain for one, counts in chosen if not counts)
    groups = Counter(one.group for one in picked if one.group)
    rules = [
        scored == Counter({k: v for k, v in plan.scored.items() if v}),
        unscored == Counter({k: v for k, v in plan.unscored.items() if v}),
        all(count == 1 for count in groups.values()),
        all(b.least <= sum(one.kind == n for one in picked) <= b.most for n, b in plan.kinds.items()),
        all(
            b.least <= sum(one.difficulty == n for one in picked) <= b.most
            for n, b in plan.difficulties.items()
        ),
        all(b.least <= sum(one.task == n for one in picked) <= b.most for n, b in plan.tasks.items()),
        plan.covers <= {name for one, counts in chosen if counts for name in one.covers},
        plan.fixed <= {one.code for one in picked},
        not plan.excluded & {one.code for one in picked},
        not plan.fresh or all(not one.used or one.code in plan.fixed for one in picked),
        len({one.code for one in picked}) == len(picked),
    ]
    return all(rules)


def drawn(candidates: list[Candidate], plan: FormPlan, seed: int) -> list[tuple[Candidate, bool]]:
    by_code = {one.code: one for one in candidates}
    return [(by_code[one.code], one.is_scored) for one in draw(candidates, plan, seed=seed)]


@pytest.mark.parametrize("seed", range(5))
def test_a_form_of_the_size_of_the_real_one_is_drawn(seed: int) -> None:
    assert holds(bank(), PLAN, drawn(bank(), PLAN, seed))


def test_the_same_seed_draws_the_same_form_and_another_another() -> None:
    assert draw(bank(), PLAN, seed=1) == draw(bank(), PLAN, seed=1)
    assert draw(bank(), PLAN, seed=1) != draw(bank(), PLAN, seed=2)


def test_a_domain_comes_at_most_three_times_in_a_row_while_others_are_left() -> None:
    domains = [one.domain for one in draw(bank(), PLAN, seed=3)][:40]
    assert all(len(set(domains[start : start + 4])) > 1 for start in range(len(domains) - 3))


def test_what_no_form_has_yet_is_drawn_first() -> None:
    plan = FormPlan(scored={1: 5, 2: 5})
    alone = [replace(one, group="") for one in bank()]
    assert not any(one.used for one, _ in drawn(alone, plan, 1))


@pytest.mark.parametrize(
    ("plan", "shortage"),
    [
        (FormPlan(scored={1: 31}), Shortage("domain", "1", 31, 30)),
        (FormPlan(scored={9: 1}), Shortage("domain", "9", 1, 0)),
        (FormPlan(scored={1: 5}, kinds={"multiple": Bounds(6, 9)}), Shortage("kind", "multiple", 6, 5)),
        (FormPlan(scored={1: 5}, covers=frozenset({"no"})), Shortage("cover", "no", 1, 0)),
        (FormPlan(scored={1: 5}, fixed=frozenset({"NONE"})), Shortage("fixed", "NONE", 1, 0)),
        (FormPlan(scored={1: 1}, fixed=frozenset({"Q004", "Q008"})), Shortage("fixed", "1", 2, 1)),
        (FormPlan(scored={1: 5, 2: 5}, fixed=frozenset({"Q000", "Q001"})), Shortage("twins", "g0", 2, 1)),
    ],
)
def test_what_cannot_be_is_said_with_its_reason(plan: FormPlan, shortage: Shortage) -> None:
    with pytest.raises(Impossible) as caught:
        draw(bank(), plan, seed=1)
    assert caught.value.is_proven
    assert shortage in caught.value.shortages


def test_bounds_that_contradict_each_other_are_told_by_what_is_missed() -> None:
    bounds = {"easy": Bounds(3, 9), "medium": Bounds(3, 9), "hard": Bounds(3, 9)}
    with pytest.raises(Impossible) as caught:
        draw(bank(), FormPlan(scored={1: 5}, difficulties=bounds), seed=1)
    assert not caught.value.is_proven
    assert {one.what for one in caught.value.shortages} == {"difficulty"}


CANDIDATES = st.lists(
    st.tuples(
        st.integers(1, 2),
        st.sampled_from(KINDS),
        st.sampled_from(LEVELS),
        st.sampled_from(("", "", "a", "b")),
        st.frozensets(st.sampled_from("xyz"), max_size=2),
        st.integers(0, 1),
    ),
    min_size=1,
    max_size=7,
)
BOUNDS = st.tuples(st.integers(0, 3), st.integers(0, 3)).map(lambda ends: Bounds(min(ends), max(ends)))
PLANS = st.builds(
    FormPlan,
    scored=st.fixed_dictionaries({1: st.integers(0, 2), 2: st.integers(0, 2)}),
    unscored=st.fixed_dictionaries({1: st.integers(0, 1)}),
    kinds=st.dictionaries(st.sampled_from(KINDS), BOUNDS, max_size=1),
    difficulties=st.dictionaries(st.sampled_from(LEVELS), BOUNDS, max_size=2),
    covers=st.frozensets(st.sampled_from("xyz"), max_size=1),
    fixed=st.frozensets(st.sampled_from(("Q0", "Q1")), max_size=1),
    fresh=st.booleans(),
)


def exists(candidates: list[Candidate], plan: FormPlan) -> bool:
    """Say whether any form fulfills the plan, by trying all of them."""
    for chosen in combinations(candidates, plan.size):
        for marks in product((True, False), repeat=len(chosen)):
            if holds(candidates, plan, list(zip(chosen, marks, strict=True))):
                return True
    return False


@settings(max_examples=300)
@given(CANDIDATES, PLANS, st.integers(0, 9))
def test_it_draws_where_a_form_exists_and_only_there(
    rows: list[tuple[int, str, str, str, frozenset[str], int]], plan: FormPlan, seed: int
) -> None:
    candidates = [
        Candidate(f"Q{n}", domain, f"{domain}.1", kind, level, covers, group, used)
        for n, (domain, kind, level, group, covers, used) in enumerate(rows)
    ]
    try:
        found = drawn(candidates, plan, seed)
    except Impossible as error:
        assert error.shortages
        assert not exists(candidates, plan)
    else:
        assert holds(candidates, plan, found)
