"""Drafts in the admin: the list of what is being written, and the addresses of their editor."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.admin.readonly import ReadOnlyAdmin
from accounts.users.models import User
from exams.admin import (
    draft_acts,
    draft_images,
    draft_pages,
    draft_versions,
    draft_views,
    form_draw,
    form_proof,
    preview,
)
from exams.admin.words import SHOWN
from exams.authoring import selectors
from exams.authoring.items import NAME
from exams.authoring.models import Draft
from exams.content.markdown import prose

PAGES: Final = {
    "edit": draft_pages.edit,
    "save": draft_views.save,
    "remarks": draft_views.remarks,
    "touch": draft_views.touch,
    "image": draft_images.image,
    "preview": preview.preview,
    "versions": draft_versions.of_draft,
    "send": draft_acts.send,
    "send_back": draft_acts.send_back,
    "approve": draft_acts.approve,
    "publish": draft_acts.publish,
    "rebase": draft_acts.rebase,
    "discard": draft_acts.discard,
    "assign": draft_acts.assign,
    "comment": draft_acts.comment,
    "draw": form_draw.draw_view,
    "proof": form_proof.proof_view,
}


class MineFilter(admin.SimpleListFilter):
    """Finds what the reader is to work on."""

    title = _("assigned")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """To me, to nobody."""
        return [("me", _("to me")), ("nobody", _("to nobody"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Draft]) -> QuerySet[Draft]:
        """Filter by the choice."""
        if self.value() == "me" and isinstance(request.user, User):
            return queryset.filter(assignee=request.user)
        return queryset.filter(assignee=None) if self.value() == "nobody" else queryset


@admin.register(Draft)
class DraftAdmin(ReadOnlyAdmin):
    """Drafts and where they are on their way; the page of one is its editor."""

    list_display = ("name", "question", "certification", "kind", "state", "author", "assignee", "saved_at")
    list_display_links = ("name", "question")
    list_select_related = ("certification", "author", "assignee")
    list_filter = ("state", "kind", "certification", MineFilter)
    search_fields = ("name",)
    search_help_text = _("Code of the question")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Draft]:
        """Drafts with the first words of their question, in one statement and without the rest of it."""
        rows: QuerySet[Draft] = super().get_queryset(request)
        return rows.defer("content").annotate(words=selectors.beginning())

    def get_urls(self) -> list[URLPattern]:
        """Add the editor and what it asks."""
        own = [
            path(
                f"<path:object_id>/{name.replace('_', '-')}/",
                self.admin_site.admin_view(view),
                name=f"exams_draft_{name}",
            )
            for name, view in PAGES.items()
        ]
        found: list[URLPattern] = super().get_urls()
        return [*own, *found]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,  # noqa: ANN401
    ) -> HttpResponse:
        """Lead to the editor of a question whoever may see the draft."""
        draft = self.get_object(request, object_id)
        is_item = draft is not None and draft.kind == NAME
        if request.method == "GET" and is_item and self.has_view_permission(request, draft):
            return HttpResponseRedirect(reverse("admin:exams_draft_edit", args=[object_id]))
        reply: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return reply

    @admin.display(description=_("question"))
    def question(self, draft: Draft) -> str:
        """The first words."""
        return Truncator(prose(getattr(draft, "words", "") or "")).chars(SHOWN)
