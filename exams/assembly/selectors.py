"""Reading forms: what can be taken now, and where an item is used. No key."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from exams.assembly.drafts import EditionDraft, Placed
from exams.assembly.models import DrawnPaper, FormEdition, FormItem, Paper, SampleItem
from exams.bank.models import ItemVersion

MOST_DRILLS: Final = 1000
"""Drills are counted up to here: no index finds them by item."""


@dataclass(frozen=True, slots=True)
class FormFacts:
    """A form as it would be sat now: its current edition. `minutes` is without extra time."""

    id: int
    certification_code: str
    number: int
    edition_id: int
    items: int
    scored_items: int
    minutes: int
    pass_mark: int
    languages: tuple[str, ...]


def forms(code: str | None = None) -> list[FormFacts]:
    """Return the forms of one certification, or of all on the site, that can be sat, by number. One query."""
    if code is None:
        return _facts(form__certification__is_listed=True)
    return _facts(form__certification__code=code)


def forms_by_code() -> dict[str, list[FormFacts]]:
    """Return the forms of each certification of the site that can be sat, by number. One query."""
    by_code: dict[str, list[FormFacts]] = {}
    for facts in forms():
        by_code.setdefault(facts.certification_code, []).append(facts)
    return by_code


def form(code: str, number: int) -> FormFacts | None:
    """Return one form, or None when it does not exist or has nothing to be sat yet. One query."""
    return next(iter(_facts(form__certification__code=code, form__number=number)), None)


def current_edition(form_id: int) -> FormEdition | None:
    """Return the current edition of a form, or None before the first."""
    return FormEdition.objects.filter(form_id=form_id, form__current=F("pk")).first()


def current_editions(code: str | None = None) -> QuerySet[FormEdition]:
    """Return the current edition of each form, of all certifications or of one, by number."""
    rows = FormEdition.objects.filter(form__current=F("pk")).select_related("form__certification")
    if code is not None:
        rows = rows.filter(form__certification__code=code)
    return rows.order_by("form__certification__code", "form__number")


@dataclass(frozen=True, slots=True)
class StandingItem:
    """An item at its place in an edition; `current_id` is the version that is current, None if withdrawn."""

    code: str
    placed: Placed
    current_id: int | None

    @property
    def is_stale(self) -> bool:
        """Tell whether the item has a newer version."""
        return self.current_id not in (None, self.placed.version_id)


def places_of(edition_ids: Sequence[int]) -> dict[int, list[StandingItem]]:
    """Return the items of each edition in their order. One query."""
    places: dict[int, list[StandingItem]] = {key: [] for key in edition_ids}
    rows = FormItem.objects.filter(edition_id__in=places).order_by("edition_id", "position")
    for row in rows.select_related("version__item"):
        item = row.version.item
        placed = Placed(row.position, row.version_id, row.is_scored, row.domain_number)
        places[row.edition_id].append(StandingItem(item.code, placed, item.current_id))
    return places


def kept_versions(code: str) -> QuerySet[ItemVersion]:
    """Return a version of each withdrawn item of a certification: what exams have of it, else the newest."""
    standing = FormItem.objects.filter(version=OuterRef("pk"), edition__form__current=F("edition"))
    rows = ItemVersion.objects.filter(
        item__certification__code=code, item__current=None, published_at__isnull=False
    )
    return (
        rows.annotate(stands=Exists(standing)).order_by("item_id", "-stands", "-number").distinct("item_id")
    )


def draft_of(edition: FormEdition, items: Sequence[Placed]) -> EditionDraft:
    """Return an edition with these items and the parameters of one that stands."""
    return EditionDraft(
        minutes=edition.minutes,
        pass_mark=edition.pass_mark,
        scale_min=edition.scale_min,
        scale_max=edition.scale_max,
        weights={int(number): weight for number, weight in edition.weights.items()},
        items=tuple(items),
    )


def scored_domains(code: str) -> frozenset[int]:
    """Return the numbers of the domains by which editions of a certification are scored."""
    rows = FormItem.objects.filter(edition__form__certification__code=code)
    return frozenset(rows.order_by().values_list("domain_number", flat=True).distinct())


_PAPERS: Final = Paper.objects.filter(edition=OuterRef("pk")).order_by("language").values("language")
# Put together once: that takes the ORM longer than the rest, and half of all pages ask for it.
_SITTABLE: Final = (
    FormEdition.objects.filter(form__current=F("pk"))
    .annotate(
        items_total=Count("items"),
        items_scored=Count("items", filter=Q(items__is_scored=True)),
        languages=ArraySubquery(_PAPERS.distinct()),
    )
    .order_by("form__certification__code", "form__number")
    .values_list(
        *("form_id", "form__certification__code", "form__number", "pk"),
        *("items_total", "items_scored", "minutes", "pass_mark", "languages"),
    )
)


def _facts(**conditions: str | int) -> list[FormFacts]:
    rows: Iterable[Any] = _SITTABLE.filter(**conditions)
    listed = (FormFacts(*[*facts, tuple(languages)]) for *facts, languages in rows)
    return [facts for facts in listed if facts.languages]


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


def uses_of(item_id: int) -> Uses:
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
