"""The filters of the list of questions, beside those by figures (`item_statistics`)."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Exists, F, Func, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from exams.authoring.items import NAME
from exams.authoring.models import OPEN, Draft, State
from exams.bank.models import Item, ItemText, ItemVersion
from exams.feedback.models import ProblemReport, ReportState
from i18n import languages


class CurrentFilter(admin.SimpleListFilter):
    """Filters items by a field of the version that the list shows."""

    field = ""

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ANN401
        """Return the choices of the field."""
        field = next(field for field in ItemVersion._meta.fields if field.name == self.field)
        return [(str(value), str(label)) for value, label in field.flatchoices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items whose version has the value."""
        return queryset.filter(**{f"shown_{self.field}": self.value()}) if self.value() else queryset


class DifficultyFilter(CurrentFilter):
    """By expected difficulty."""

    title = _("difficulty")
    parameter_name = "difficulty"
    field = "difficulty"


class KindFilter(CurrentFilter):
    """By kind."""

    title = _("kind")
    parameter_name = "kind"
    field = "kind"


class DomainFilter(admin.AllValuesFieldListFilter):
    """By the number of the domain, under its name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.title = _("domain")


class TaskFilter(admin.AllValuesFieldListFilter):
    """By the code of the task statement, under its name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.title = _("task")


class CoverageFilter(admin.SimpleListFilter):
    """By what a question covers: of the certification, domain and task that are chosen, as a list to open.

    There are hundreds, so they are no links one below the other.
    """

    title = _("coverage")
    parameter_name = "coverage"
    template = "admin/exams/filter_select.html"
    narrows = ("certification__id__exact", "task__domain__number", "task__code")

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ANN401
        """Return what the questions of the other filters cover. One statement."""
        chosen = {name: request.GET[name] for name in self.narrows if request.GET.get(name, "")}
        numbers = {name: value for name, value in chosen.items() if name != "task__code"}
        if not all(value.isascii() and value.isdigit() and len(value) < 10 for value in numbers.values()):
            chosen = {}
        rows = Item.objects.filter(**chosen).annotate(one=Func(F("coverage"), function="unnest"))
        return [
            (coverage, coverage) for coverage in rows.order_by("one").values_list("one", flat=True).distinct()
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items that cover it."""
        return queryset.filter(coverage__contains=[self.value()]) if self.value() else queryset

    def choices(self, changelist: Any) -> Iterator[Any]:  # noqa: ANN401
        """Yield what the template needs: the other parameters of the address, and the choices."""
        others = {name: value for name, value in changelist.params.items() if name not in ("p", "e")}
        yield {
            "others": [(name, value) for name, value in others.items() if name != self.parameter_name],
            "options": self.lookup_choices,
            "chosen": self.value(),
        }


class StateFilter(admin.SimpleListFilter):
    """By where a question is: in use or not, and how far its draft is."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """In use, withdrawn, then the states of an open draft."""
        drafts = {state: state.label for state in OPEN} | {State.DRAFT: _("being written")}
        return [("in_use", _("in use")), ("withdrawn", _("withdrawn")), *drafts.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items in the state."""
        value = self.value()
        if value in ("in_use", "withdrawn"):
            return queryset.filter(current__isnull=value == "withdrawn")
        return queryset.filter(Exists(drafts(state=value))) if value in OPEN else queryset


def drafts(**where: Any) -> QuerySet[Draft]:  # noqa: ANN401
    """Return the open drafts of an item, as part of a statement over items."""
    drafts = Draft.objects.filter(kind=NAME, certification=OuterRef("certification"), name=OuterRef("code"))
    return drafts.filter(state__in=OPEN, **where).order_by()


class ReportsFilter(admin.SimpleListFilter):
    """By reports of problems with any version."""

    title = _("problem reports")
    parameter_name = "reports"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Waiting, some, none."""
        return [("open", _("waiting for an answer")), ("any", _("any")), ("none", _("none"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items by their reports."""
        reports = ProblemReport.objects.filter(version__item=OuterRef("pk"))
        conditions: dict[str | None, Any] = {
            "open": Exists(reports.filter(state=ReportState.OPEN)),
            "any": Exists(reports),
            "none": ~Exists(reports),
        }
        condition = conditions.get(self.value())
        return queryset if condition is None else queryset.filter(condition)


class MissingLanguageFilter(admin.SimpleListFilter):
    """By a language in which the current version cannot be read."""

    title = _("language missing")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Each language of the site, and any of them."""
        return [*((language.code, language.name) for language in languages.LANGUAGES), ("any", _("any"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items that are in use and lack a text in the language."""
        value = self.value()
        wanted = languages.CODES if value == "any" else (value,)
        if not set(wanted) <= set(languages.CODES):
            return queryset
        lacks = Q()
        for code in wanted:
            lacks |= ~Q(Exists(ItemText.objects.filter(version=OuterRef("current"), language=code)))
        return queryset.filter(lacks, current__isnull=False)
