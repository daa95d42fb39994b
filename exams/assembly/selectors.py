"""Reading forms: what can be sat now, in which languages. Nothing here tells a key or what is scored."""

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery

from exams.assembly.models import FormEdition, FormItem, Paper


@dataclass(frozen=True, slots=True)
class FormFacts:
    """A form as it would be sat now: its newest published edition. `minutes` is without extra time."""

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
    """Return the forms that can be sat, by certification and number. One query."""
    rows = _editions()
    if code is not None:
        rows = rows.filter(form__certification__code=code)
    return [facts for row in rows if (facts := _facts(row)).languages]


def form(code: str, number: int) -> FormFacts | None:
    """Return one form, or None when it does not exist or has nothing to be sat yet. One query."""
    rows = _editions().filter(form__certification__code=code, form__number=number)
    return next((facts for row in rows if (facts := _facts(row)).languages), None)


def _count(**conditions: bool) -> Subquery:
    rows = FormItem.objects.filter(edition=OuterRef("pk")).order_by().values("edition")
    return Subquery(rows.annotate(n=Count("pk", filter=Q(**conditions))).values("n"), IntegerField())


def _editions() -> QuerySet[FormEdition]:
    papers = Paper.objects.filter(edition=OuterRef("pk")).order_by("language").values("language").distinct()
    return (
        FormEdition.objects.filter(published_at__isnull=False)
        .select_related("form__certification")
        .order_by("form__certification__code", "form__number", "-number")
        .distinct("form__certification__code", "form__number")
        .annotate(
            items_total=_count(),
            items_scored=_count(is_scored=True),
            paper_languages=ArraySubquery(papers),
        )
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
