"""How well the chance to pass came true on simulated candidates: the table that `make simulate` wrote."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from exams.scoring import prediction

FILE: Final = Path(__file__).with_name("prediction_table.json")
# After one exam, and from three on.
FIRST: Final = 50
LATER: Final = 150


@lru_cache(maxsize=1)
def read() -> dict[str, Any]:
    """Return the table, with shares and errors from 0 to 1; the file is read once in a process.

    `rows` are the kinds of candidates, `same_first` and `same_later` the greatest errors where all of them
    answer the same items, `enough` the answers from which a single number is named.
    """
    table: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    same = [(row["answers"], row["error"]) for row in table["harder"] if row["same_items"]]
    return {
        **table,
        "enough": prediction.ENOUGH_ANSWERS,
        "same_first": max(error for answers, error in same if answers == FIRST),
        "same_later": max(error for answers, error in same if answers >= LATER),
    }
