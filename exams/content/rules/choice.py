"""Which option is chosen, by marks that each option has: how much a mark weighs is learned from choices.

Conditional logit (McFadden 1974, "Conditional logit analysis of qualitative choice behavior"): an option with
the marks x is chosen with a probability that is proportional to exp(w . x), among the options of its item.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import mul
from typing import Final

STEPS_MAX: Final = 100
HALVES_MAX: Final = 30
SMALL: Final = 1e-6
"""A step that changes no weight by more ends the search."""
LARGE: Final = 0.1
"""Behind a step that changes no weight by more, and is half of the last, the curvature is not found anew."""


type Vector = Sequence[float]


@dataclass(frozen=True, slots=True)
class Choice:
    """One item: the marks of each option, and whether it is chosen. Of several keys each is one choice."""

    marks: Sequence[Vector]
    chosen: Sequence[bool]


@dataclass(frozen=True, slots=True)
class _Point:
    """Weights, how likely they make the choices, and how many choices they expect on each option."""

    weights: Vector
    value: float
    shares: Vector


def scores(weights: Vector, choice: Choice) -> list[float]:
    """Return the weighted marks of each option: the higher, the likelier it is chosen."""
    return [math.sumprod(weights, marks) for marks in choice.marks]


def fitted(choices: Sequence[Choice], ridge: float) -> Vector:
    """Return the weights under which the choices are likeliest, less `ridge` / 2 for each weight squared.

    That has one summit (it is concave), which steps of Newton find from 0 on.
    """
    hill = _Likelihood(choices, ridge)
    point = hill.at([0.0] * len(choices[0].marks[0]))
    curvature, last = hill.curvature(point), math.inf
    for _ in range(STEPS_MAX):
        step = solved(curvature, hill.slope(point))
        size = max(map(abs, step))
        if size <= SMALL:
            break
        point = hill.climbed(point, step)
        if size > min(LARGE, last / 2):
            curvature = hill.curvature(point)
        last = size
    return point.weights


class _Likelihood:
    """The logarithm of how likely the choices are, less the penalty on weights: value, slope, curvature."""

    def __init__(self, choices: Sequence[Choice], ridge: float) -> None:
        self.ridge = ridge
        self.rows = [marks for choice in choices for marks in choice.marks]
        self.columns = list(zip(*self.rows, strict=True))
        self.chosen = [float(chosen) for choice in choices for chosen in choice.chosen]
        ends = accumulate((len(choice.marks) for choice in choices), initial=0)
        self.items = [slice(start, end) for start, end in pairwise(ends)]
        self.counts = [sum(choice.chosen) for choice in choices]

    def at(self, weights: Vector) -> _Point:
        """Return what the weights make of the choices."""
        scores = [math.sumprod(weights, row) for row in self.rows]
        value = math.sumprod(scores, self.chosen) - self.ridge * math.sumprod(weights, weights) / 2
        shares: list[float] = []
        for item, count in zip(self.items, self.counts, strict=True):
            highest = max(scores[item])
            powers = [math.exp(score - highest) for score in scores[item]]
            total = sum(powers)
            value -= count * (highest + math.log(total))
            shares += [count * power / total for power in powers]
        return _Point(weights, value, shares)

    def climbed(self, point: _Point, step: Vector) -> _Point:
        """Return the point a step on; a step too long, which leads down, is halved until it does not."""
        part = 1.0
        for _ in range(HALVES_MAX):
            moved = [weight + part * change for weight, change in zip(point.weights, step, strict=True)]
            found = self.at(moved)
            if found.value >= point.value - SMALL:
                return found
            part /= 2
        return point

    def slope(self, point: _Point) -> list[float]:
        """Return the slope of the value along each weight."""
        missed = [chosen - share for chosen, share in zip(self.chosen, point.shares, strict=True)]
        return [
            math.sumprod(column, missed) - self.ridge * weight
            for column, weight in zip(self.columns, point.weights, strict=True)
        ]

    def curvature(self, point: _Point) -> list[list[float]]:
        """Return how fast each slope falls along each weight: symmetric, so by its rows to the diagonal."""
        spread = [list(map(mul, column, point.shares)) for column in self.columns]
        roots = [math.sqrt(count) for count in self.counts]
        means = [
            [sum(column[item]) / root for item, root in zip(self.items, roots, strict=True)]
            for column in spread
        ]
        rows = [
            [
                math.sumprod(spread[i], self.columns[j]) - math.sumprod(means[i], means[j])
                for j in range(i + 1)
            ]
            for i in range(len(spread))
        ]
        for i, row in enumerate(rows):
            row[i] += self.ridge
        return rows


def solved(rows: Sequence[Vector], wanted: Vector) -> list[float]:
    """Return x of A x = b for a symmetric positive A, given by its rows to the diagonal (Cholesky)."""
    lower: list[list[float]] = []
    halves: list[float] = []
    for row, value in zip(rows, wanted, strict=True):
        own: list[float] = []
        for j, entry in enumerate(row[:-1]):
            own.append((entry - math.sumprod(own, lower[j][:j])) / lower[j][j])
        root = math.sqrt(row[-1] - math.sumprod(own, own))
        halves.append((value - math.sumprod(own, halves)) / root)
        lower.append([*own, root])
    found = [0.0] * len(halves)
    for i in reversed(range(len(halves))):
        rest = sum(lower[k][i] * found[k] for k in range(i + 1, len(halves)))
        found[i] = (halves[i] - rest) / lower[i][i]
    return found
