"""Reading forms: what can be sat now, in which languages. Nothing here tells a key or what is scored."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery

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
    rows = _editions(code)
    if code is None:
        rows = rows.filter(form__certification__is_listed=True)
    return [facts for row in rows if (facts := _facts(row)).languages]


def form(code: str, number: int) -> FormFacts | None:
    """Return one form, or None when it does not exist or has nothing to be sat yet. One query."""
    rows = _editions(code).filter(form__number=number)
    return next((facts for row in rows if (facts := _facts(row)).languages), None)


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


def _count(**conditions: bool) -> Subquery:
    rows = FormItem.objects.filter(edition=OuterRef("pk")).order_by().values("edition")
    return Subquery(rows.annotate(n=Count("pk", filter=Q(**conditions))).values("n"), IntegerField())


def _editions(code: str | None) -> QuerySet[FormEdition]:
    papers = Paper.objects.filter(edition=OuterRef("pk")).order_by("language").values("language").distinct()
    return current_editions(code).annotate(
        items_total=_count(),
        items_scored=_count(is_scored=True),
        paper_languages=ArraySubquery(papers),
    )


def _facts(row: FormEdition) -> FormFacts:
    return FormFacts(
        id=row.form_id,
        certification_code=row.form.certification.code,
        number=row.form.number,
        edition_id=row.pk,
        items=getattr(row, "items_total"),  # noqa: B009
        scored_items=getattr(row, "items_scored"),  # noqa: B009
        minutes=row.minutes,
        pass_mark=row.pass_mark,
        languages=tuple(getattr(row, "paper_languages")),  # noqa: B009
    )
