"""Drafts in the admin."""

from django.contrib import admin

from accounts.admin.readonly import ReadOnlyAdmin
from exams.authoring.models import Draft


@admin.register(Draft)
class DraftAdmin(ReadOnlyAdmin):
    """Drafts and where they are on their way."""

    list_display = ("name", "certification", "kind", "state", "author", "assignee", "saved_at")
    list_select_related = ("certification", "author", "assignee")
    list_filter = ("state", "kind", "certification")
    search_fields = ("name",)
