"""Reading statistics: of an edition with its items, of an item with its editions, and what is proposed."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from exams.assembly.models import FormEdition, FormItem
from exams.bank.models import ItemVersion, Option
from exams.scoring import item_flags
from exams.scoring.form_statistics import FormFigures
from exams.scoring.item_flags import Difficulty, Proposal, Raised
from exams.scoring.item_statistics import ItemFigures
from exams.statistics import counting
from exams.statistics.models import EditionStatistics, ItemDecision, ItemStatistics

HISTORY: Final = 20
"""How many earlier computations a page names."""


@dataclass(frozen=True, slots=True)
class Measured:
    """An item version and its figures; letters are those of its options in order.

    `expected` is what the blueprint expects, `observed` what came out, None while there is not enough data.
    """

    version: ItemVersion
    position: int
    is_scored: bool
    figures: ItemFigures
    letters: Mapping[int, str]

    @property
    def is_enough(self) -> bool:
        """Whether the figures say anything."""
        return item_flags.is_enough(self.figures.n)

    @property
    def flags(self) -> tuple[Raised, ...]:
        """What an author should look at."""
        return item_flags.flags(self.figures)

    @property
    def observed(self) -> Difficulty | None:
        """How hard it turned out to be."""
        return item_flags.difficulty(self.figures.facility) if self.is_enough else None

    @property
    def proposal(self) -> Proposal:
        """What to do with it while it does not count."""
        return item_flags.proposal(self.figures)


@dataclass(frozen=True, slots=True)
class Earlier:
    """One computation in the history of an edition."""

    at: dt.datetime
    n: int
    figures: FormFigures


@dataclass(frozen=True, slots=True)
class Report:
    """What was computed of an edition last, and before. `scaled` are scores with how many got them."""

    at: dt.datetime
    until: dt.datetime | None
    figures: FormFigures
    scaled: tuple[tuple[int, int], ...]
    items: tuple[Measured, ...]
    history: tuple[Earlier, ...]

    @property
    def is_enough(self) -> bool:
        """Whether the figures say anything."""
        return item_flags.is_enough(self.figures.n)

    @property
    def on_trial(self) -> list[Measured]:
        """The items that do not count."""
        return [one for one in self.items if not one.is_scored]


def report(edition: FormEdition) -> Report | None:
    """Return what is known of an edition, or None before the first attempt. Four statements."""
    # Items are large, and only those of the newest row are read.
    rows = list(
        EditionStatistics.objects.filter(edition=edition)
        .select_related("until_score")
        .defer("items")
        .order_by("-id")[: HISTORY + 1]
    )
    if not rows:
        return None
    last = rows[0]
    form, stored = counting.decode_form(last.figures), counting.decode_items(last.items)
    ids = [item.version_id for item in stored]
    versions, letters = ItemVersion.objects.select_related("item").in_bulk(ids), letters_of(ids)
    return Report(
        at=last.computed_at,
        until=last.until_score.created_at if last.until_score else None,
        figures=form.figures,
        scaled=form.scaled,
        items=tuple(
            Measured(
                versions[item.version_id],
                item.position,
                item.is_scored,
                item.figures,
                letters.get(item.version_id, {}),
            )
            for item in stored
        ),
        history=tuple(
            Earlier(row.computed_at, row.n, counting.decode_form(row.figures).figures) for row in rows[1:]
        ),
    )


def letters_of(version_ids: Iterable[int]) -> dict[int, dict[int, str]]:
    """Return the letter of each option, by version."""
    letters: dict[int, dict[int, str]] = {}
    for option in Option.objects.filter(version__in=list(version_ids)).order_by("order"):
        letters.setdefault(option.version_id, {})[option.pk] = option.letter
    return letters


def of_item(item_id: int) -> list[tuple[ItemStatistics, Measured]]:
    """Return the versions of an item that somebody was asked, the newest first, over all their editions.

    A version that counts in any edition is not on trial. Three statements.
    """
    rows = list(
        ItemStatistics.objects.filter(version__item=item_id)
        .select_related("version__item")
        .order_by("-version__number")
    )
    ids = [row.version_id for row in rows]
    letters, scored = letters_of(ids), scored_versions(ids)
    return [
        (
            row,
            Measured(
                row.version,
                0,
                row.version_id in scored,
                counting.decode(row.figures),
                letters.get(row.version_id, {}),
            ),
        )
        for row in rows
    ]


def scored_versions(version_ids: Iterable[int]) -> frozenset[int]:
    """Return which versions count in a published edition."""
    places = FormItem.objects.filter(version__in=list(version_ids), edition__published_at__isnull=False)
    return frozenset(places.filter(is_scored=True).values_list("version_id", flat=True))


def decisions(version_ids: Iterable[int]) -> dict[int, ItemDecision]:
    """Return the decision that holds, by version. One statement."""
    rows = ItemDecision.objects.filter(version__in=list(version_ids)).select_related("actor")
    return {row.version_id: row for row in rows.order_by("version_id", "-number").distinct("version_id")}
