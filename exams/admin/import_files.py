"""Imports in the admin: one's own uploaded files of the last days, and the way to a new one."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.admin.readonly import ReadOnlyAdmin
from exams.admin import import_pages, token_pages
from exams.authoring import rights
from exams.authoring.models import ImportFile
from exams.content.exchange_formats import registry


@admin.register(ImportFile)
class ImportFileAdmin(ReadOnlyAdmin):
    """One's own files; the page of one says what its check found and what became of it."""

    list_display = ("name", "certification", "format_label", "created_at")
    list_select_related = ("certification",)
    list_filter = ("certification",)
    search_fields = ("name",)
    actions_list = ("new_import", "api_token")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportFile]:
        """Files of the reader, without their content."""
        rows: QuerySet[ImportFile] = super().get_queryset(request)
        return rows.filter(owner=request.user.pk).defer("content")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        """Who writes imports, and sees what they imported."""
        return request.user.has_perm(rights.WRITE)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Who writes has it in the menu."""
        return self.has_view_permission(request)

    def has_write_permission(self, request: HttpRequest) -> bool:
        """Who writes imports."""
        return self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        """Add the act that makes drafts."""
        take = self.admin_site.admin_view(import_pages.take)
        found: list[URLPattern] = super().get_urls()
        return [path("<path:object_id>/take/", take, name="exams_importfile_take"), *found]

    @action(description=_("Import questions"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_import(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file."""
        return import_pages.new(request)

    @action(description=_("API token"), url_path="token", permissions=["write"])  # type: ignore[untyped-decorator]
    def api_token(self, request: HttpRequest) -> HttpResponse:
        """Issue a token for programs of the author."""
        return token_pages.new(request)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,  # noqa: ANN401
    ) -> HttpResponse:
        """Show the report instead of fields; there is nothing to change."""
        if request.method != "GET":
            raise PermissionDenied
        return import_pages.page(request, object_id)

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: Any = None,  # noqa: ANN401
    ) -> HttpResponse:
        """Ask for the right first: a file of somebody else is as absent as none."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        reply: HttpResponse = super().history_view(request, object_id, extra_context)
        return reply

    @admin.display(description=_("format"), ordering="format")
    def format_label(self, file: ImportFile) -> str:
        """What people call the format."""
        known = registry.FORMATS.get(file.format)
        return known.label if known else file.format
