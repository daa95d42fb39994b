"""What lists of the bank say beside a code: the words of a question and its place in the exams."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat, Left

from exams.assembly.models import FormItem
from exams.bank.models import ItemText, ItemVersion, OptionText
from exams.presentation import formatting

SHOWN: Final = 90
# So much HTML holds the words that are shown, whatever marks stand in it.
READ: Final = 900
TEXTS: Final = ("stem", "ask", "why", "principle", "tip")
TEXTS_OF_OPTIONS: Final = ("text", "rationale")


def current(field: str) -> Subquery:
    """Return a field of the current version of an item."""
    # Their order would join items a second time under the same name.
    return Subquery(ItemVersion.objects.filter(pk=OuterRef("current")).order_by().values(field))


def stem(version: Any, language: str) -> Subquery:  # noqa: ANN401
    """Return how the newest text of a version begins, in the language at a path from the outer row."""
    texts = ItemText.objects.filter(version=version, language=OuterRef(language))
    return Subquery(texts.order_by("-revision").values(begin=Left("stem_html", READ))[:1])


def shown(html: str | None) -> str:
    """Return the first words of a text."""
    return formatting.opening(html, SHOWN) if html else ""


def openings(version_ids: Sequence[int]) -> dict[int, str]:
    """Return the first words of versions in the original language. One statement."""
    begin = stem(OuterRef("pk"), "item__certification__original_language")
    rows = ItemVersion.objects.filter(pk__in=version_ids).annotate(begin=begin)
    return {pk: shown(html) for pk, html in rows.values_list("pk", "begin")}


def places(**where: Any) -> ArraySubquery:  # noqa: ANN401
    """Return where something stands in the current editions: a list of "exam.question"."""
    rows = FormItem.objects.filter(edition__form__current=F("edition"), **where)
    number, position = (Cast(name, CharField()) for name in ("edition__form__number", "position"))
    rows = rows.order_by("edition__form__number", "position")
    return ArraySubquery(rows.values(place=Concat(number, Value("."), position)))


def spoken(found: Sequence[str] | None) -> str:
    """Return places in words: Exam 1, question 5."""
    pairs = (place.split(".") for place in found or ())
    return "; ".join(f"Exam {form}, question {position}" for form, position in pairs)


def mentioning[Row: Model](
    rows: QuerySet[Row], term: str, *, fields: Sequence[str], by: str
) -> QuerySet[Row]:
    """Keep what holds every word in a field of its own, a stem, an option or an explanation, in any language.

    `by` is the field of a version that holds the key of a row.
    """
    for word in term.replace("\0", " ").split():
        versions = ItemVersion.objects.filter(
            Q(pk__in=ItemText.objects.filter(_any(TEXTS, word)).values("version"))
            | Q(pk__in=OptionText.objects.filter(_any(TEXTS_OF_OPTIONS, word)).values("item_text__version"))
        )
        rows = rows.filter(_any(fields, word) | Q(pk__in=versions.values(by)))
    return rows


def _any(fields: Sequence[str], word: str) -> Q:
    return Q(*((f"{field}__icontains", word) for field in fields), _connector=Q.OR)
