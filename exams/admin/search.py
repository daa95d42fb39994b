"""Lists that are searched by what questions say: excerpts and places in exams beside their codes."""

from collections.abc import Sequence
from typing import Any, Final

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, F, Model, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Concat, Left
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.dataclasses import SearchResult

from exams.assembly.models import FormItem
from exams.bank.models import Item, ItemText, ItemVersion
from exams.presentation import formatting
from exams.search import bank

EXCERPT: Final = 90
# So much HTML holds the words that are shown, whatever marks stand in it.
COMMANDS: Final = 10
EXCERPT_HTML: Final = 900


def of_version(version: str, field: str) -> Subquery:
    """Return a field of the version whose key is at a path from the outer row."""
    # Their order would join items a second time under the same name.
    return Subquery(ItemVersion.objects.filter(pk=OuterRef(version)).order_by().values(field))


def stem(version: Any, language: str) -> Subquery:  # noqa: ANN401
    """Return how the newest text of a version begins, in the language at a path from the outer row."""
    texts = ItemText.objects.filter(version=version, language=OuterRef(language))
    return Subquery(texts.order_by("-revision").values(begin=Left("stem_html", EXCERPT_HTML))[:1])


def excerpt(html: str | None) -> str:
    """Return the first words of a text."""
    return formatting.opening(html, EXCERPT) if html else ""


def excerpt_of(row: Any) -> str:  # noqa: ANN401
    """Return the first words of a row that was read with its `words`."""
    return excerpt(row.words)


def excerpts(version_ids: Sequence[int]) -> dict[int, str]:
    """Return the first words of versions in the original language. One statement."""
    begin = stem(OuterRef("pk"), "item__certification__original_language")
    rows = ItemVersion.objects.filter(pk__in=version_ids).annotate(begin=begin)
    return {pk: excerpt(html) for pk, html in rows.values_list("pk", "begin")}


def placements(**where: Any) -> ArraySubquery:  # noqa: ANN401
    """Return where something stands in the current editions: a list of "exam.question"."""
    rows = FormItem.objects.filter(edition__form__current=F("edition"), **where)
    number, position = (Cast(name, CharField()) for name in ("edition__form__number", "position"))
    rows = rows.order_by("edition__form__number", "position")
    return ArraySubquery(rows.values(place=Concat(number, Value("."), position)))


def placement_label(placements: Sequence[str] | None) -> str:
    """Return places in words: Exam 1, question 5."""
    pairs = (place.split(".") for place in placements or ())
    label = _("Exam %(exam)s, question %(n)s")
    return "; ".join(label % {"exam": form, "n": position} for form, position in pairs)


def place_of(row: Any) -> str:  # noqa: ANN401
    """Return where a row stands that was read with its `places`."""
    return placement_label(row.places)


def search_items[Row: Model](
    rows: QuerySet[Row], term: str, *, fields: Sequence[str], by: str
) -> QuerySet[Row]:
    """Keep what holds every word in a field of its own, a stem, an option or an explanation, in any language.

    `by` is the field of a version that holds the key of a row.
    """
    for word in bank.words_of(term.replace("\0", " ")):
        versions = ItemVersion.objects.filter(pk__in=bank.versions(word)).order_by()
        rows = rows.filter(_any(fields, word.typed) | Q(pk__in=versions.values(by)))
    return rows


def search_editions[Row: Model](
    rows: QuerySet[Row], term: str, *, fields: Sequence[str], edition: str
) -> QuerySet[Row]:
    """Keep the rows of which a field, or a question of an edition by word or code, holds every word.

    `edition` is the field of a row that holds the key of the edition.
    """
    for word in bank.words_of(term):
        says = Q(version__in=bank.versions(word)) | Q(version__item__code__icontains=word.typed)
        placements = FormItem.objects.filter(says).order_by().values("edition")
        rows = rows.filter(_any(fields, word.typed) | Q(**{f"{edition}__in": placements}))
    return rows


def search_drafts[Row: Model](rows: QuerySet[Row], term: str, *, fields: Sequence[str]) -> QuerySet[Row]:
    """Keep the drafts that hold every word in a field of their own or in their texts."""
    for word in bank.words_of(term):
        rows = rows.filter(_any(fields, word.typed) | Q(pk__in=bank.drafts(word)))
    return rows


def with_suggestions(
    rows: QuerySet[Any], term: str, *, fields: Sequence[str], in_drafts: bool = False
) -> tuple[str, dict[str, str]]:
    """Return a term with each word that nothing says set to the nearest one, and what was set to what."""
    missing_words = bank.missing_from_drafts if in_drafts else bank.missing_from_bank
    tables = bank.DRAFTS if in_drafts else bank.BANK
    asked = bank.words_of(term)
    missing = [word for word in missing_words(asked) if not rows.filter(_any(fields, word.typed)).exists()]
    suggestions = bank.spelling_suggestions(missing, tables)
    words = [suggestions.get(word, word).typed for word in asked]
    return " ".join(words), {word.typed: other.typed for word, other in suggestions.items()}


def first_question(edition: str) -> Subquery:
    """Return how the first question of an edition begins, whose key is at a path from the outer row."""
    text = ItemText.objects.filter(
        version__form_items__edition=OuterRef(edition),
        version__form_items__position=1,
        language=F("version__item__certification__original_language"),
    )
    return Subquery(text.order_by("-revision").values(begin=Left("stem_html", EXCERPT_HTML))[:1])


def _any(fields: Sequence[str], word: str) -> Q:
    return Q(*((f"{field}__icontains", word) for field in fields), _connector=Q.OR)


class SearchesTexts:
    """A list of the admin that is searched by what questions say, and tells how a mistyped word was read."""

    search_fields: Sequence[str]
    in_drafts = False

    def mentioning(self, rows: QuerySet[Any], term: str) -> QuerySet[Any]:
        """Keep what says every word."""
        raise NotImplementedError

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find what is said, and if nothing is, what was probably meant."""
        model: type[Model] = queryset.model
        term, read = with_suggestions(
            model._default_manager.all(), search_term, fields=self.search_fields, in_drafts=self.in_drafts
        )
        if read and not getattr(request, "has_suggested", False):
            for typed, used in read.items():
                sentence = _("Nothing says “%(typed)s”. Shown is what says “%(used)s”.")
                messages.info(request, sentence % {"typed": typed, "used": used})
            setattr(request, "has_suggested", True)  # noqa: B010  (a list may ask twice)
        return self.mentioning(queryset, term), False


def find_questions(request: HttpRequest, term: str) -> list[SearchResult]:
    """Return the first questions that say every word, for the search by Ctrl+K. One statement."""
    if not request.user.has_perm("exams.view_item"):
        return []
    rows = Item.objects.select_related("certification").annotate(
        words=stem(OuterRef("current"), "certification__original_language")
    )
    items = search_items(rows, term, fields=("code",), by="item").order_by("certification", "code")[:COMMANDS]
    return [
        SearchResult(
            title=f"{item.certification.code.upper()} {item.code}",
            description=excerpt(item.words),
            link=reverse("admin:exams_item_change", args=[item.pk]),
            icon="quiz",
        )
        for item in items
    ]
