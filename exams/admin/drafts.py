"""Drafts in the admin: the list of what is being written, and the addresses of their editor."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from accounts.admin.readonly import ReadOnlyAdmin
from accounts.base import hooks
from accounts.users.models import User
from exams.admin import bulk, draft_actions, draft_editor, examform_editor, item_editor
from exams.admin.certification_editor import CataloguePage
from exams.admin.examform_editor import FormPage
from exams.admin.item_editor import ItemPage
from exams.admin.search import EXCERPT, SearchesTexts, search_drafts
from exams.admin.sheet_editor import SheetPage
from exams.authoring import catalogue, forms, items, kinds, rights, selectors, sheets
from exams.authoring.models import Draft
from exams.content.markdown import prose

PAGES: Final = {
    "edit": draft_editor.edit,
    "save": draft_actions.save,
    "remarks": draft_actions.remarks,
    "touch": draft_actions.touch,
    "image": item_editor.image,
    "preview": draft_actions.preview,
    "versions": draft_actions.of_draft,
    "send": draft_actions.send,
    "send_back": draft_actions.send_back,
    "approve": draft_actions.approve,
    "lift": draft_actions.lift,
    "publish": draft_actions.publish,
    "rebase": draft_actions.rebase,
    "discard": draft_actions.discard,
    "assign": draft_actions.assign,
    "comment": draft_actions.comment,
    "draw": examform_editor.draw_view,
    "proof": examform_editor.proof_view,
}

hooks.register("draft_pages", CataloguePage(), key=catalogue.NAME)
hooks.register("draft_pages", ItemPage(), key=items.NAME)
hooks.register("draft_pages", FormPage(), key=forms.NAME)
hooks.register("draft_pages", SheetPage(), key=sheets.NAME)


class MineFilter(admin.SimpleListFilter):
    """Finds what the reader is to work on, or began."""

    title = _("people")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Given to the reader or to nobody, or begun by the reader."""
        return [
            ("me", _("assigned to me")),
            ("begun", _("started by me")),
            ("nobody", _("assigned to nobody")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Draft]) -> QuerySet[Draft]:
        """Filter by the choice."""
        if self.value() == "me" and isinstance(request.user, User):
            return queryset.filter(assignee=request.user)
        if self.value() == "begun" and isinstance(request.user, User):
            return queryset.filter(author=request.user)
        return queryset.filter(assignee=None) if self.value() == "nobody" else queryset


class KindFilter(admin.SimpleListFilter):
    """By what is drafted."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Each kind by what people call it."""
        return [(name, kinds.kind_of(name).label) for name in kinds.names()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Draft]) -> QuerySet[Draft]:
        """Filter by the choice."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


def _ids(rows: QuerySet[Draft]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


@admin.register(Draft)
class DraftAdmin(SearchesTexts, ReadOnlyAdmin):
    """Drafts and where they are on their way, found by what they say; the page of one is its editor."""

    list_display = (
        "title",
        "question",
        "certification",
        "of_kind",
        "state",
        "author",
        "assignee",
        "saved_at",
    )
    list_display_links = ("title", "question")
    list_select_related = ("certification", "author", "assignee")
    list_filter = ("state", KindFilter, "certification", MineFilter)
    search_fields = ("name",)
    search_help_text = _("Words of the draft, or its code")
    in_drafts = True
    actions = ("send_many", "approve_many", "publish_many")
    actions_list = ("new_question",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Draft]:
        """Drafts with the first words of their question, in one statement and without the rest of it."""
        rows: QuerySet[Draft] = super().get_queryset(request)
        return rows.defer("content").annotate(words=selectors.beginning(), many=selectors.questions())

    def mentioning(self, rows: QuerySet[Draft], term: str) -> QuerySet[Draft]:
        """Keep what is said in any text of a draft."""
        return search_drafts(rows, term, fields=self.search_fields)

    def has_write_permission(self, request: HttpRequest) -> bool:
        """Who writes questions begins new ones."""
        return request.user.has_perm(rights.WRITE)

    def has_draft_permission(self, request: HttpRequest) -> bool:
        """Who writes in any language sends drafts to review."""
        return request.user.has_perm(rights.WRITE) or request.user.has_perm(rights.TRANSLATE)

    def has_review_permission(self, request: HttpRequest) -> bool:
        """Who reviews approves and publishes."""
        return request.user.has_perm(rights.REVIEW)

    @action(description=_("New question"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_question(self, request: HttpRequest) -> HttpResponse:
        """Lead to where a question begins."""
        return HttpResponseRedirect(reverse("admin:exams_item_new_question"))

    @action(description=_("Send drafts to review"), permissions=["draft"])  # type: ignore[untyped-decorator]
    def send_many(self, request: HttpRequest, queryset: QuerySet[Draft]) -> HttpResponse:
        """Ask who is to review."""
        return bulk.chosen(request, "send_many", _ids(queryset))

    @action(description=_("Approve drafts"), permissions=["review"])  # type: ignore[untyped-decorator]
    def approve_many(self, request: HttpRequest, queryset: QuerySet[Draft]) -> HttpResponse:
        """Ask once more."""
        return bulk.chosen(request, "approve_many", _ids(queryset))

    @action(description=_("Approve and publish drafts"), permissions=["review"])  # type: ignore[untyped-decorator]
    def publish_many(self, request: HttpRequest, queryset: QuerySet[Draft]) -> HttpResponse:
        """Ask why, once for all."""
        return bulk.chosen(request, "publish_many", _ids(queryset))

    @admin.display(description=_("name"), ordering="name")
    def title(self, draft: Draft) -> str:
        """What people call the thing."""
        return draft.title

    @admin.display(description=_("kind"), ordering="kind")
    def of_kind(self, draft: Draft) -> str:
        """What people call a thing of this kind."""
        return str(kinds.kind_of(draft.kind).label)

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
        urls: list[URLPattern] = super().get_urls()
        return [*bulk.views(Draft), *own, *urls]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,  # noqa: ANN401
    ) -> HttpResponse:
        """Lead to the page of its kind whoever may see the draft."""
        draft = self.get_object(request, object_id)
        has_page = draft is not None and draft_editor.has_page(draft.kind)
        if request.method == "GET" and has_page and self.has_view_permission(request, draft):
            return HttpResponseRedirect(reverse("admin:exams_draft_edit", args=[object_id]))
        reply: HttpResponse = super().change_view(request, object_id, form_url, extra_context)
        return reply

    @admin.display(description=_("question"))
    def question(self, draft: Draft) -> str:
        """The first words of a question, how many questions an exam has."""
        many: int | None = getattr(draft, "many", None)
        if many is not None:
            return ngettext("%(count)s question", "%(count)s questions", many) % {"count": many}
        return Truncator(prose(getattr(draft, "words", "") or "")).chars(EXCERPT)
