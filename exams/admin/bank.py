"""The bank in the admin: find an item, look at its versions as a candidate and as an author see them."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.readonly import ReadOnlyAdmin, ReadOnlyInline
from exams.bank.models import Item, ItemText, ItemVersion, Option
from exams.bank.selectors import last_published


def _current(field: str) -> Subquery:
    rows = last_published(ItemVersion.objects.filter(item=OuterRef("pk")))
    return Subquery(rows.values(field)[:1])


class CurrentFilter(admin.SimpleListFilter):
    """Filters items by a field of their current version."""

    field = ""
    choices_of: type[models.TextChoices]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ANN401
        """Return the choices of the field."""
        return [(str(value), str(label)) for value, label in self.choices_of.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items whose current version has the value."""
        return queryset.filter(**{f"current_{self.field}": self.value()}) if self.value() else queryset


class DifficultyFilter(CurrentFilter):
    """By expected difficulty."""

    title = _("difficulty")
    parameter_name = "difficulty"
    field = "difficulty"
    choices_of = ItemVersion.Difficulty


class KindFilter(CurrentFilter):
    """By kind."""

    title = _("kind")
    parameter_name = "kind"
    field = "kind"
    choices_of = ItemVersion.Kind


class VersionInline(ReadOnlyInline):
    """The versions of an item."""

    model = ItemVersion
    fields = ("number", "kind", "choose", "difficulty", "cognitive_level", "published_at", "created_at")
    ordering = ("-number",)


@admin.register(Item)
class ItemAdmin(ReadOnlyAdmin):
    """Items by code, searched by the words of their stems."""

    list_display = ("code", "certification", "task", "domain", "version", "kind", "difficulty")
    list_select_related = ("certification", "task__domain")
    list_filter = (
        "certification",
        "task__domain__number",
        "task__code",
        DifficultyFilter,
        KindFilter,
    )
    search_fields = ("code", "coverage", "versions__texts__stem")
    ordering = ("certification", "code")
    inlines = (VersionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Item]:
        """Items with what their current version says, in one statement."""
        rows: QuerySet[Item] = super().get_queryset(request)
        return rows.annotate(
            current_number=_current("number"),
            current_kind=_current("kind"),
            current_difficulty=_current("difficulty"),
        )

    @admin.display(description=_("domain"), ordering="task__domain__number")
    def domain(self, item: Item) -> int:
        """Number of the domain."""
        return item.task.domain.number

    @admin.display(description=_("version"), ordering="current_number")
    def version(self, item: Item) -> int | None:
        """Number of the current version."""
        number: int | None = getattr(item, "current_number", None)
        return number

    @admin.display(description=_("kind"), ordering="current_kind")
    def kind(self, item: Item) -> str:
        """Kind of the current version."""
        return str(getattr(item, "current_kind", "") or "")

    @admin.display(description=_("difficulty"), ordering="current_difficulty")
    def difficulty(self, item: Item) -> str:
        """Expected difficulty of the current version."""
        return str(getattr(item, "current_difficulty", "") or "")


class OptionInline(ReadOnlyInline):
    """The options of a version with their keys."""

    model = Option
    fields = ("letter", "is_key", "failure")
    readonly_fields = ("letter",)
    show_change_link = False


@admin.register(ItemVersion)
class ItemVersionAdmin(ReadOnlyAdmin):
    """A version with its options and texts, as a candidate reads them."""

    list_display = ("item", "number", "kind", "choose", "difficulty", "cognitive_level", "published_at")
    list_display_links = ("item", "number")
    list_select_related = ("item",)
    list_filter = (
        "item__certification",
        "kind",
        "difficulty",
        ("published_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("item__code", "texts__stem")
    fields = (
        ("item", "number", "published_at"),
        ("kind", "choose", "difficulty", "cognitive_level"),
        "digest",
        "preview",
    )
    readonly_fields = ("preview",)
    inlines = (OptionInline,)

    @admin.display(description=_("as it is read"))
    def preview(self, version: ItemVersion) -> SafeString:
        """Every text of the version, newest first: HTML that was cleaned when it was stored."""
        texts = (
            ItemText.objects.filter(version=version)
            .order_by("language", "-revision")
            .prefetch_related("options__option")
        )
        parts = [
            {"text": text, "options": sorted(text.options.all(), key=lambda part: part.option.order)}
            for text in texts
        ]
        return render_to_string("admin/exams/version.html", {"parts": parts})
