"""Reading forms: what can be sat now, in which languages. Nothing here tells a key or what is scored."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from exams.assembly.drafts import EditionDraft, Placed
from exams.assembly.models import FormEdition, FormItem, Paper
from exams.bank.models import ItemVersion


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
    found: dict[int, list[StandingItem]] = {key: [] for key in edition_ids}
    rows = FormItem.objects.filter(edition_id__in=found).order_by("edition_id", "position")
    for row in rows.select_related("version__item"):
        item = row.version.item
        placed = Placed(row.position, row.version_id, row.is_scored, row.domain_number)
        found[row.edition_id].append(StandingItem(item.code, placed, item.current_id))
    return found


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


def _facts(**conditions: Any) -> list[FormFacts]:  # noqa: ANN401  (conditions of a filter)
    papers = Paper.objects.filter(edition=OuterRef("pk")).order_by("language").values("language").distinct()
    rows = FormEdition.objects.filter(form__current=F("pk"), **conditions).annotate(
        items_total=Count("items"),
        items_scored=Count("items", filter=Q(items__is_scored=True)),
        languages=ArraySubquery(papers),
    )
    columns: Iterable[Any] = rows.order_by("form__certification__code", "form__number").values_list(
        *("form_id", "form__certification__code", "form__number", "pk"),
        *("items_total", "items_scored", "minutes", "pass_mark", "languages"),
    )
    found = (FormFacts(*facts, tuple(languages)) for *facts, languages in columns)
    return [facts for facts in found if facts.languages]
