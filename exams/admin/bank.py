"""The bank in the admin: find an item, look at its versions as a candidate and as an author see them."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.db.models import OuterRef, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.readonly import ReadOnlyAdmin, ReadOnlyInline, link_to
from exams.admin import words
from exams.admin.links import rule_link
from exams.bank.models import Item, ItemText, ItemVersion, Option


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
    fields = ("opened", "kind", "choose", "difficulty", "cognitive_level", "published_at", "created_at")
    ordering = ("-number",)

    @admin.display(description=_("version"))
    def opened(self, version: ItemVersion) -> SafeString:
        """Number, leading to the texts."""
        return link_to(version, f"Version {version.number}, as it is read")


def _with_words(rows: QuerySet[Item]) -> QuerySet[Item]:
    """Add what the current version of each item says, in the same statement."""
    rows = rows.annotate(
        current_number=words.current("number"),
        current_kind=words.current("kind"),
        current_difficulty=words.current("difficulty"),
    )
    return rows.annotate(
        words=words.stem(OuterRef("current"), "certification__original_language"),
        places=words.places(version__item=OuterRef("pk")),
    )


@admin.register(Item)
class ItemAdmin(ReadOnlyAdmin):
    """Items with their words, found by what they say and explain."""

    list_display = (
        "code",
        "question",
        "kind",
        "task",
        "domain",
        "place",
        "difficulty",
        "version",
    )
    list_display_links = ("code", "question")
    list_select_related = ("certification", "task__domain")
    list_filter = (
        "certification",
        "task__domain__number",
        "task__code",
        DifficultyFilter,
        KindFilter,
    )
    search_fields = ("code", "coverage")
    search_help_text = _("Words of the question, its options or its explanations, or the code")
    ordering = ("certification", "code")
    fields = (
        ("code", "certification", "task"),
        ("question", "place"),
        "text",
        "coverage",
    )
    readonly_fields = ("question", "place", "text")
    inlines = (VersionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Item]:
        """Items with what their current version says, in one statement."""
        return _with_words(super().get_queryset(request))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Item], search_term: str
    ) -> tuple[QuerySet[Item], bool]:
        """Find what is said in stems, options and explanations."""
        return words.mentioning(queryset, search_term, fields=self.search_fields, by="item"), False

    @admin.display(description=_("question"))
    def question(self, item: Item) -> str:
        """The first words."""
        return words.shown(getattr(item, "words", ""))

    @admin.display(description=_("place"), ordering="places")
    def place(self, item: Item) -> str:
        """In which exam, at which position."""
        return words.spoken(getattr(item, "places", ()))

    @admin.display(description=_("text"))
    def text(self, item: Item) -> str:
        """The way to the current version with its options, keys and reasons."""
        number = getattr(item, "current_number", None)
        if number is None:
            return ""
        version = ItemVersion(pk=item.current_id, item=item, number=number)
        return link_to(version, f"Version {number}, as it is read")

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


@admin.register(ItemVersion)
class ItemVersionAdmin(ReadOnlyAdmin):
    """A version with its options and texts, as a candidate reads them."""

    list_display = (
        "item",
        "number",
        "question",
        "kind",
        "task",
        "domain",
        "place",
        "difficulty",
        "published_at",
    )
    list_display_links = ("item", "question")
    list_select_related = ("item__task__domain",)
    list_filter = (
        "item__certification",
        "item__task__domain__number",
        "kind",
        "difficulty",
        ("published_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("item__code",)
    search_help_text = _("Words of the question, its options or its explanations, or the code")
    fields = (
        ("of_item", "number", "published_at"),
        ("kind", "choose", "difficulty", "cognitive_level"),
        ("task", "domain", "place"),
        "rulings",
        "preview",
        "digest",
    )
    readonly_fields = ("of_item", "task", "domain", "place", "rulings", "rule", "preview")
    inlines = (OptionInline,)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ANN401
        """Everything; the way to a ruling for who may rule on what is published."""
        may_rule = obj and obj.published_at and request.user.has_perm("exams.add_keyruling")
        return (*self.fields, "rule") if may_rule else self.fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[ItemVersion]:
        """Versions with their words and places, in one statement."""
        rows: QuerySet[ItemVersion] = super().get_queryset(request)
        return rows.select_related("item__task__domain").annotate(
            words=words.stem(OuterRef("pk"), "item__certification__original_language"),
            places=words.places(version=OuterRef("pk")),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[ItemVersion], search_term: str
    ) -> tuple[QuerySet[ItemVersion], bool]:
        """Find what is said in stems, options and explanations."""
        return words.mentioning(queryset, search_term, fields=self.search_fields, by="pk"), False

    @admin.display(description=_("item"))
    def of_item(self, version: ItemVersion) -> SafeString:
        """The way to the item with all its versions."""
        return link_to(version.item, version.item.code)

    @admin.display(description=_("question"))
    def question(self, version: ItemVersion) -> str:
        """The first words."""
        return words.shown(getattr(version, "words", ""))

    @admin.display(description=_("place"), ordering="places")
    def place(self, version: ItemVersion) -> str:
        """In which exam, at which position."""
        return words.spoken(getattr(version, "places", ()))

    @admin.display(description=_("task"), ordering="item__task__code")
    def task(self, version: ItemVersion) -> str:
        """The task statement that it is on."""
        return version.item.task.code

    @admin.display(description=_("domain"), ordering="item__task__domain__number")
    def domain(self, version: ItemVersion) -> int:
        """Number of the domain."""
        return version.item.task.domain.number

    @admin.display(description=_("rulings"))
    def rulings(self, version: ItemVersion) -> SafeString:
        """What was ruled on its key, the newest first."""
        made = version.rulings.select_related("log")
        return render_to_string("admin/exams/rulings.html", {"rulings": made})

    @admin.display(description=_("ruling"))
    def rule(self, version: ItemVersion) -> SafeString:
        """The way to the form that rules on the key."""
        return rule_link(version.pk)

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
