"""What is at each position of an edition, without texts: the version, its item, and what the item covers."""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from exams.assembly.models import FormItem

KEPT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Place:
    """A position, counted from 1. `coverage` are ids of what the certification's blueprint covers."""

    position: int
    version_id: int
    item_id: int
    coverage: tuple[str, ...]


def of_edition(edition_id: int | None) -> tuple[Place, ...]:
    """Return the places of an edition in order; none for a drawn paper, which has none. One query a minute.

    Loading content may change what an item covers, so a copy is not kept for ever.
    """
    return () if edition_id is None else _read(edition_id, int(time.monotonic() // KEPT_SECONDS))


@lru_cache(maxsize=64)
def _read(edition_id: int, _minute: int) -> tuple[Place, ...]:
    rows = FormItem.objects.filter(edition_id=edition_id).order_by("position")
    return tuple(
        Place(position, version_id, item_id, tuple(coverage))
        for position, version_id, item_id, coverage in rows.values_list(
            "position", "version_id", "version__item_id", "version__item__coverage"
        )
    )
