"""Cheat sheets in the admin: the editions of each language, what they said, and the way to their draft."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.admin.readonly import ReadOnlyInline
from exams.admin import sheet_editor
from exams.admin.base import DraftedAdmin, Option, OptionsFilter, column
from exams.admin.requests import list_of, page_of
from exams.authoring import selectors as drafts
from exams.authoring.sheets import NAME
from exams.catalog.models import Certification
from exams.cheatsheet import selectors
from exams.cheatsheet.models import SheetBlock, SheetEdition
from i18n import languages


class BlockInline(ReadOnlyInline):
    """The blocks of an edition as they were written."""

    model = SheetBlock
    fields = ("number", "title", "section_title", "source", "covers")


class CurrentFilter(OptionsFilter):
    """Finds what is read now, unless all editions are asked for."""

    title = _("edition")
    parameter_name = "edition"

    def options(self, request: HttpRequest) -> Mapping[str, Option]:
        """The current ones, or all."""
        return {"current": (_("current ones"), selectors.IS_CURRENT)}


def sheets_of(certification: Certification) -> SafeString:
    """Return the way to the sheet of each language. One statement."""
    rows = SheetEdition.objects.filter(selectors.IS_CURRENT, certification=certification)
    every = list_of(SheetEdition, certification__id__exact=certification.pk)
    links = [(page_of(one), languages.name_of(one.language)) for one in rows.order_by("language")]
    return format_html_join(" · ", '<a class="onward" href="{}">{}</a>', [*links, (every, _("all editions"))])


def _acts(edition: SheetEdition) -> SafeString:
    """Return what staff did with every draft of this sheet."""
    acts = drafts.acts(NAME, edition.certification, f"{NAME}/{edition.language}")
    return render_to_string("admin/exams/acts.html", {"audit": acts})


@admin.register(SheetEdition)
class SheetEditionAdmin(DraftedAdmin):
    """Editions of cheat sheets: written as drafts, never edited here."""

    draft_kind = NAME
    beginners = DraftedAdmin.writers
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
    language_name = column(_("language"), lambda edition: languages.name_of(edition.language), "language")
    blocks_made = column(_("blocks"), lambda edition: edition.blocks_made, "blocks_made")
    why = column(_("reason"), lambda edition: edition.log.reason or edition.log.get_source_display())
    log_of_acts = column(_("what happened"), _acts)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SheetEdition]:
        """Editions with the number of their blocks, in one statement."""
        rows: QuerySet[SheetEdition] = super().get_queryset(request)
        return rows.annotate(blocks_made=Count("blocks"))

    def draft_key(self, row: SheetEdition) -> tuple[Certification, str]:
        """Return the certification and the name of the draft of a sheet."""
        return row.certification, f"{NAME}/{row.language}"

    @action(description=_("New cheat sheet"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_sheet(self, request: HttpRequest) -> HttpResponse:
        """Ask for certification and language, then begin."""
        return sheet_editor.new(request)

    @admin.display(description=_("draft"))
    def draft(self, row: Any) -> str:  # noqa: ANN401
        """Return the button on the page of a sheet, for who writes."""
        return self.edit_button(row) if row.may_edit else ""
