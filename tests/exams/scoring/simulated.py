"""Simulated attempts as arrays, and figures that NumPy computes of them without code of the product."""

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from exams.scoring.form_statistics import Result
from exams.scoring.item_statistics import ItemCounts, Pattern

type Array = np.ndarray[Any, Any]

OPTIONS = 4


@dataclass
class Crowd:
    """Responses of n people to k items of four options, 0 the key, -1 for none; and seconds at each."""

    chosen: Array
    seconds: Array
    scored: Array
    weights: Array

    @property
    def right(self) -> Array:
        return np.asarray(self.chosen == 0, float)

    @property
    def totals(self) -> Array:
        return np.asarray(self.right[:, self.scored].sum(axis=1))

    @property
    def shares(self) -> Array:
        return self.right[:, self.scored] @ self.weights


def crowd(n: int, k: int, *, seed: int, unscored: int = 2, domains: tuple[int, ...] = ()) -> Crowd:
    """Simulate people of normal ability; the last items do not count. `domains` are weights of halves."""
    dice = np.random.default_rng(seed)
    ability, slope = dice.normal(size=(n, 1)), dice.uniform(-0.3, 1.5, size=k)
    chance = 1 / (1 + np.exp(-(slope * ability + dice.normal(size=k))))
    wrong = dice.choice([1, 2, 3, -1], p=[0.5, 0.3, 0.12, 0.08], size=(n, k))
    chosen = np.where(dice.random((n, k)) < chance, 0, wrong)
    scored = np.arange(k) < k - unscored
    count = int(scored.sum())
    parts = np.array([domains[2 * i // count] for i in range(count)]) if domains else np.ones(count)
    sizes = {value: int((parts == value).sum()) for value in set(parts.tolist())}
    weights = np.array([value / sizes[value] for value in parts.tolist()]) / sum(sizes)
    return Crowd(chosen, dice.integers(5, 400, size=(n, k)), scored, weights)


def counts_of(crowd: Crowd, item: int) -> ItemCounts:
    """Return what SQL would count of an item. Option ids are 100 for the key, 101 and so on."""
    rows = Counter(zip(crowd.totals.astype(int).tolist(), crowd.chosen[:, item].tolist(), strict=True))
    answered = crowd.chosen[:, item] >= 0
    return ItemCounts(
        is_scored=bool(crowd.scored[item]),
        keys=frozenset({100}),
        options=tuple(100 + option for option in range(OPTIONS)),
        patterns=tuple(
            Pattern(total, (100 + option,), option == 0, count)
            for (total, option), count in rows.items()
            if option >= 0
        ),
        seconds=Counter(crowd.seconds[answered, item].tolist()),
    )


def totals_of(crowd: Crowd) -> Counter[int]:
    """Return how many attempts have each total."""
    return Counter(crowd.totals.astype(int).tolist())


def results_of(crowd: Crowd, weights: list[Fraction], cut: int) -> list[Result]:
    """Return what SQL would count of results on a scale from 0 to 1000."""
    found = Counter[tuple[int, Fraction]]()
    for row in crowd.right[:, crowd.scored].astype(int).tolist():
        found[(sum(row), sum((one for one, hit in zip(weights, row, strict=True) if hit), Fraction(0)))] += 1
    return [
        Result(total, share, scaled := round(1000 * share), scaled >= cut, count)
        for (total, share), count in found.items()
    ]


def correlation(chosen: Array, rest: Array) -> float:
    """Return Pearson's correlation."""
    return float(np.corrcoef(chosen, rest)[0, 1])


def rest_of(crowd: Crowd, item: int) -> Array:
    """Return the total without the item."""
    return np.asarray(crowd.totals - crowd.right[:, item] * crowd.scored[item])


def share_within(chosen: Array, totals: Array, begin: float, end: float) -> float:
    """Return the share of choices between two ranks (0 to 1) by total; ties share their ranks evenly.

    The cumulated choices are a line between the borders of each total, read off at both ranks.
    """
    values = np.unique(totals)
    people = np.concatenate([[0], np.cumsum([(totals == value).sum() for value in values])])
    hits = np.concatenate([[0], np.cumsum([chosen[totals == value].sum() for value in values])])
    n = len(totals)
    found = np.interp([begin * n, end * n], people, hits)
    return float((found[1] - found[0]) / ((end - begin) * n))


def agreement(n: int, a: float, b: float, cut: int) -> tuple[float, float]:
    """Return agreement and kappa of two forms by integrating over the true share, not by the closed form."""
    nodes, widths = np.polynomial.legendre.leggauss(600)
    share, width = (nodes + 1) / 2, widths / 2
    density = share ** (a - 1) * (1 - share) ** (b - 1)
    density = density / (density * width).sum()
    passing, chance = np.zeros_like(share), (1 - share) ** n
    for right in range(n + 1):
        if right >= cut:
            passing = passing + chance
        chance = chance * share / (1 - share) * (n - right) / (right + 1)
    one = float((passing * density * width).sum())
    both = float(((passing**2 + (1 - passing) ** 2) * density * width).sum())
    by_chance = one**2 + (1 - one) ** 2
    return both, (both - by_chance) / (1 - by_chance)
