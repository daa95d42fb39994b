"""Cheat sheets in the admin: the editions of each language, what they said, and the way to their draft."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.admin.readonly import ReadOnlyAdmin, ReadOnlyInline
from exams.admin import sheet_editor
from exams.authoring import rights
from exams.authoring import selectors as drafts
from exams.authoring.sheets import NAME
from exams.catalogue.models import Certification
from exams.cheatsheet import selectors
from exams.cheatsheet.models import SheetBlock, SheetEdition
from i18n import languages


class BlockInline(ReadOnlyInline):
    """The blocks of an edition as they were written."""

    model = SheetBlock
    fields = ("number", "title", "section_title", "source", "covers")


class CurrentFilter(admin.SimpleListFilter):
    """Finds what is read now, unless all editions are asked for."""

    title = _("edition")
    parameter_name = "edition"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """The current ones, or all."""
        return [("current", _("current ones"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SheetEdition]) -> QuerySet[SheetEdition]:
        """Filter by the choice."""
        if self.value() != "current":
            return queryset
        return queryset.filter(selectors.IS_CURRENT)


def edit_button(edition_id: int) -> SafeString:
    """Return a button that opens the draft of a sheet; pages of the admin are forms with a token already."""
    return format_html(
        '<button type="submit" class="onward" formmethod="post" formaction="{}">{}</button>',
        reverse("admin:exams_sheetedition_edit", args=[edition_id]),
        _("Edit"),
    )


def sheets_of(certification: Certification) -> SafeString:
    """Return the way to the sheet of each language. One statement."""
    rows = SheetEdition.objects.filter(selectors.IS_CURRENT, certification=certification)
    address = reverse("admin:exams_sheetedition_changelist")
    every = f"{address}?certification__id__exact={certification.pk}"
    links = [
        (reverse("admin:exams_sheetedition_change", args=[one.pk]), languages.name_of(one.language))
        for one in rows.order_by("language")
    ]
    return format_html_join(" · ", '<a class="onward" href="{}">{}</a>', [*links, (every, _("all editions"))])


@admin.register(SheetEdition)
class SheetEditionAdmin(ReadOnlyAdmin):
    """Editions of cheat sheets: written as drafts, never edited here."""

    list_display = ("__str__", "certification", "language_name", "blocks_made", "why", "published_at")
    list_select_related = ("certification", "log")
    list_filter = ("certification", "language", CurrentFilter)
    search_fields = ("certification__code", "blocks__title", "blocks__source")
    search_help_text = _("Words of a block")
    ordering = ("-published_at", "-pk")
    actions_list = ("new_sheet",)
    fields = (("certification", "language_name", "number"), ("published_at", "why"), "draft", "log_of_acts")
    readonly_fields = ("language_name", "why", "draft", "log_of_acts")
    inlines = (BlockInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SheetEdition]:
        """Editions with the number of their blocks, in one statement."""
        rows: QuerySet[SheetEdition] = super().get_queryset(request)
        return rows.annotate(blocks_made=Count("blocks"))

    def get_urls(self) -> list[URLPattern]:
        """Add how a draft begins."""
        view = self.admin_site.admin_view(sheet_editor.edit)
        found: list[URLPattern] = super().get_urls()
        return [path("<path:object_id>/edit/", view, name="exams_sheetedition_edit"), *found]

    def has_write_permission(self, request: HttpRequest) -> bool:
        """Who writes in any language begins sheets."""
        return request.user.has_perm(rights.WRITE) or request.user.has_perm(rights.TRANSLATE)

    @action(description=_("New cheat sheet"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_sheet(self, request: HttpRequest) -> HttpResponse:
        """Ask for certification and language, then begin."""
        return sheet_editor.new(request)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Who writes has a button at each sheet."""
        may = self.has_write_permission(request)
        return (*self.list_display, "edit_button") if may else self.list_display

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> SheetEdition | None:
        """Return an edition that knows who reads it: what its page offers depends on that."""
        found: SheetEdition | None = super().get_object(request, object_id, from_field)
        if found is not None:
            setattr(found, "may_edit", self.has_write_permission(request))  # noqa: B010
        return found

    @admin.display(description=_("language"), ordering="language")
    def language_name(self, edition: SheetEdition) -> str:
        """Name of the language."""
        return languages.name_of(edition.language)

    @admin.display(description=_("blocks"), ordering="blocks_made")
    def blocks_made(self, edition: SheetEdition) -> int:
        """How many blocks it has; none takes the sheet down."""
        return int(getattr(edition, "blocks_made", 0))

    @admin.display(description=_("reason"))
    def why(self, edition: SheetEdition) -> str:
        """Why it was published, or from where."""
        return edition.log.reason or edition.log.get_source_display()

    @admin.display(description=_("draft"))
    def edit_button(self, edition: SheetEdition) -> SafeString:
        """A button that opens the draft."""
        return edit_button(edition.pk)

    @admin.display(description=_("draft"))
    def draft(self, edition: SheetEdition) -> SafeString:
        """The same on its page, for who writes."""
        return edit_button(edition.pk) if getattr(edition, "may_edit", False) else SafeString("")

    @admin.display(description=_("what happened"))
    def log_of_acts(self, edition: SheetEdition) -> SafeString:
        """Acts of staff on every draft of this sheet."""
        acts = drafts.acts(NAME, edition.certification, f"{NAME}/{edition.language}")
        return render_to_string("admin/exams/acts.html", {"audit": acts})
