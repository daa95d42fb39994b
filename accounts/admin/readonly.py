"""Looking without touching: what content files or candidates made is not edited by hand."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline


def link_to(row: Model, text: str) -> SafeString:
    """Return the way to the admin's page of a row."""
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a class="onward" href="{}">{}</a>', reverse(name, args=[row.pk]), text)


class Untouched:
    """Nothing is added, changed or deleted here, whoever asks; the database would refuse it anyway."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        """Content is loaded from files, attempts come from candidates."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        """What is published or has happened stays as it was."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        """What was used is kept."""
        return False


class ReadOnlyAdmin(Untouched, ModelAdmin):  # type: ignore[misc]
    """A model to browse and search."""

    actions: Sequence[str] | None = None
    list_per_page = 50
    show_full_result_count = False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: ANN401
        """Leave out the notes on fields: they are for who fills them."""
        notes = dict.fromkeys((field.name for field in self.opts.fields), "")
        return super().get_form(request, obj, change, help_texts=notes, **kwargs)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        """Leave out Django's history: its forms change nothing, so it is empty. Pages have their own."""
        return super().render_change_form(request, {**context, "show_history": False}, *args, **kwargs)


class ReadOnlyInline(Untouched, TabularInline):  # type: ignore[misc]
    """Parts of a model, to look at. A row has no heading of its own: its first column says what it is."""

    extra = 0
    can_delete = False
    show_title = False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ANN401
        """All of them, also those that a form could not edit."""
        return self.fields or self.readonly_fields
