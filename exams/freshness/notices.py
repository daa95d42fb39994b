"""What readers are told beside an explanation: names in a question that moved on since it was written."""

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from exams.freshness.models import ReviewTask

KEPT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class MovedName:
    """A watched name that a question mentions; without a successor it takes no new customers."""

    name: str
    successor: str
    since: dt.date
    page: str


def of_version(version_id: int) -> Sequence[MovedName]:
    """Return the names in an item that moved on, the same for all of its versions.

    One query once a minute in a process.
    """
    return _read(int(time.monotonic() // KEPT_SECONDS)).get(version_id, ())


@lru_cache(maxsize=2)
def _read(_minute: int) -> Mapping[int, Sequence[MovedName]]:
    # A task says that a current text mentions the name; once the name is gone, so is the notice.
    rows = ReviewTask.objects.filter(watched__is_watched=True).exclude(outcome=ReviewTask.Outcome.GONE)
    names: dict[int, dict[str, MovedName]] = {}
    facts = rows.order_by("watched__since", "watched__name").values_list(
        "item__versions", "watched__name", "watched__successor", "watched__since", "watched__page"
    )
    for version_id, name, successor, since, page in facts:
        names.setdefault(version_id, {})[name] = MovedName(name, successor, since, page)
    return {version_id: tuple(by_name.values()) for version_id, by_name in names.items()}
