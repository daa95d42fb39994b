"""Which option is chosen, by marks that each option has: how much a mark weighs is learned from choices.

Conditional logit (McFadden 1974, "Conditional logit analysis of qualitative choice behavior"): an option with
the marks x is chosen with a probability that is proportional to exp(w . x), among the options of its item.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

STEPS_MAX: Final = 100
SMALL: Final = 1e-6
"""A step that changes no weight by more ends the search."""

type Vector = Sequence[float]
type Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choice:
    """One item: the marks of each option, and whether it is chosen. Of several keys each is one choice."""

    marks: Sequence[Vector]
    chosen: Sequence[bool]


def scores(weights: Vector, choice: Choice) -> list[float]:
    """Return the weighted marks of each option: the higher, the likelier it is chosen."""
    found: list[float] = (np.asarray(choice.marks) @ np.asarray(weights)).tolist()
    return found


def fitted(choices: Sequence[Choice], ridge: float) -> Vector:
    """Return the weights under which the choices are likeliest, less `ridge` / 2 for each weight squared."""
    marks = np.array([row for choice in choices for row in choice.marks])
    chosen = np.array([float(chosen) for choice in choices for chosen in choice.chosen])
    sizes = np.array([len(choice.marks) for choice in choices])
    starts, counts = np.cumsum(sizes) - sizes, np.array([sum(choice.chosen) for choice in choices])

    def likelihood(weights: Array) -> tuple[float, Array]:
        """Return its logarithm less the penalty, and how many choices are expected on each option."""
        scored = marks @ weights
        highest = np.maximum.reduceat(scored, starts)
        powers = np.exp(scored - np.repeat(highest, sizes))
        totals = np.add.reduceat(powers, starts)
        value = scored @ chosen - counts @ (highest + np.log(totals)) - ridge * weights @ weights / 2
        return float(value), powers * np.repeat(counts / totals, sizes)

    weights = np.zeros(marks.shape[1])
    value, shares = likelihood(weights)
    # That has one summit (it is concave), which steps of Newton find from 0 on.
    for _ in range(STEPS_MAX):
        spread = marks * shares[:, None]
        means = np.add.reduceat(spread, starts) / np.sqrt(counts)[:, None]
        curvature = marks.T @ spread - means.T @ means + ridge * np.eye(len(weights))
        step = np.linalg.solve(curvature, marks.T @ (chosen - shares) - ridge * weights)
        before = value
        value, shares = likelihood(weights + step)
        # A step too long leads down the other side.
        while value < before - SMALL:
            step /= 2
            value, shares = likelihood(weights + step)
        weights = weights + step
        if np.abs(step).max() <= SMALL:
            break
    found: list[float] = weights.tolist()
    return found
