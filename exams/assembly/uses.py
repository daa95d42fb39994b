"""Where an item is used: exams, their editions, the sample, drills."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import F

from exams.assembly.models import DrawnPaper, FormEdition, FormItem, SampleItem
from exams.bank.models import ItemVersion

MOST_DRILLS: Final = 1000
"""Drills are counted up to here: no index finds them by item."""


@dataclass(frozen=True, slots=True)
class Uses:
    """`forms` are (number of the exam, position) of current editions, `editions` counts all of them ever."""

    forms: tuple[tuple[int, int], ...]
    editions: int
    sample: tuple[int, ...]
    drills: int

    @property
    def many_drills(self) -> bool:
        """Tell whether there may be more drills than were counted."""
        return self.drills >= MOST_DRILLS


def of_item(item_id: int) -> Uses:
    """Return where any version of an item is used. Five statements."""
    places = FormItem.objects.filter(version__item_id=item_id, edition__form__current=F("edition"))
    editions = FormEdition.objects.filter(items__version__item_id=item_id).distinct()
    sample = SampleItem.objects.filter(version__item_id=item_id).order_by("position")
    ordered = places.order_by("edition__form__number", "position")
    return Uses(
        tuple(ordered.values_list("edition__form__number", "position")),
        editions.count(),
        tuple(sample.values_list("position", flat=True)),
        drills_of([item_id]),
    )


def may_count(item_ids: Sequence[int]) -> bool:
    """Tell whether any of these items may have been answered for a score: an exam or a drill had it, ever."""
    return FormItem.objects.filter(version__item__in=item_ids).exists() or drills_of(item_ids) > 0


def drills_of(item_ids: Sequence[int]) -> int:
    """Return how many drills have any of these items, `MOST_DRILLS` at most. Two statements."""
    versions = list(ItemVersion.objects.filter(item_id__in=item_ids).values_list("pk", flat=True))
    return DrawnPaper.objects.filter(version_ids__overlap=versions)[:MOST_DRILLS].count()
