"""How well the chance to pass came true on simulated candidates: the table that `make simulate` wrote."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from exams.scoring import prediction

FILE: Final = Path(__file__).with_name("prediction_table.json")
# After one exam, and from three on.
FIRST: Final = 50
LATER: Final = 150


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of candidates, with shares in whole percent and all other figures from 0 to 1."""

    mean: float
    spread: float
    answers: int
    passed: int
    error: float
    brier: float
    base_brier: float
    coverage: int


@dataclass(frozen=True, slots=True)
class Table:
    """The kinds of candidates, and the greatest errors where all of them answer the same items."""

    candidates: int
    forms: int
    enough: int
    rows: tuple[Row, ...]
    same_first: float
    same_later: float


@lru_cache(maxsize=1)
def read() -> Table:
    """Return the table; the file is read once in a process."""
    stored = json.loads(FILE.read_text(encoding="utf-8"))
    same = [row for row in stored["harder"] if row["same_items"]]
    return Table(
        candidates=stored["candidates"],
        forms=stored["forms"],
        enough=prediction.ENOUGH_ANSWERS,
        rows=tuple(_row(row) for row in stored["rows"]),
        same_first=_greatest(row for row in same if row["answers"] == FIRST),
        same_later=_greatest(row for row in same if row["answers"] >= LATER),
    )


def _row(stored: Mapping[str, Any]) -> Row:
    return Row(
        mean=stored["mean"],
        spread=stored["spread"],
        answers=stored["answers"],
        passed=round(stored["passed"] * 100),
        error=stored["error"],
        brier=stored["brier"],
        base_brier=stored["base_brier"],
        coverage=round(stored["coverage"] * 100),
    )


def _greatest(rows: Iterable[Mapping[str, Any]]) -> float:
    return max((float(row["error"]) for row in rows), default=0.0)
