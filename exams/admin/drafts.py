"""Drafts in the admin: the list of what is being written, and the addresses of their editor."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import action

from accounts.base import hooks
from exams.admin import bulk, draft_actions, draft_editor, examform_editor, item_editor
from exams.admin.base import Option, OptionsFilter, RowViews, column
from exams.admin.certification_editor import CatalogPage
from exams.admin.examform_editor import FormPage
from exams.admin.item_editor import ItemPage
from exams.admin.search import EXCERPT, SearchesTexts, search_drafts
from exams.admin.sheet_editor import SheetPage
from exams.authoring import catalog, forms, items, kinds, rights, selectors, sheets
from exams.authoring.models import Draft
from exams.content.markdown import prose

hooks.register("draft_pages", CatalogPage(), key=catalog.NAME)
hooks.register("draft_pages", ItemPage(), key=items.NAME)
hooks.register("draft_pages", FormPage(), key=forms.NAME)
hooks.register("draft_pages", SheetPage(), key=sheets.NAME)


class MineFilter(OptionsFilter):
    """Finds what the reader is to work on, or began."""

    title = _("people")
    parameter_name = "assigned"

    def options(self, request: HttpRequest) -> Mapping[str, Option]:
        """Given to the reader or to nobody, or begun by the reader."""
        return {
            "me": (_("assigned to me"), Q(assignee=request.user.pk)),
            "begun": (_("started by me"), Q(author=request.user.pk)),
            "nobody": (_("assigned to nobody"), Q(assignee=None)),
        }


class KindFilter(OptionsFilter):
    """By what is drafted."""

    title = _("kind")
    parameter_name = "kind"

    def options(self, request: HttpRequest) -> Mapping[str, Option]:
        """Each kind by what people call it."""
        return {name: (kinds.kind_of(name).label, Q(kind=name)) for name in kinds.names()}


def _question(draft: Any) -> str:  # noqa: ANN401
    """Return the first words of a question, how many questions an exam has."""
    if draft.many is not None:
        return ngettext("%(count)s question", "%(count)s questions", draft.many) % {"count": draft.many}
    return Truncator(prose(draft.words or "")).chars(EXCERPT)


@admin.register(Draft)
class DraftAdmin(SearchesTexts, RowViews):
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

    send_many = bulk.action_of("send_many", "draft")
    approve_many = bulk.action_of("approve_many", "review")
    publish_many = bulk.action_of("publish_many", "review")
    title = column(_("name"), lambda draft: draft.title, "name")
    of_kind = column(_("kind"), lambda draft: kinds.kind_of(draft.kind).label, "kind")
    question = column(_("question"), _question)

    def row_views(self) -> Mapping[str, Callable[..., HttpResponse]]:
        """Return the editor, what its script asks and its buttons do."""
        return {
            "edit": draft_editor.edit,
            "save": draft_actions.save,
            "remarks": draft_actions.remarks,
            "touch": draft_actions.touch,
            "image": item_editor.image,
            "preview": draft_actions.preview,
            "versions": draft_actions.of_draft,
            **draft_actions.ACTS,
            "draw": examform_editor.draw_view,
            "proof": examform_editor.proof_view,
        }

    def get_urls(self) -> list[URLPattern]:
        """Add the acts on many."""
        return [*bulk.views(Draft), *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        """Lead to the page of its kind whoever may see the draft."""
        draft = self.get_object(request, object_id)
        has_page = draft is not None and draft_editor.has_page(draft.kind)
        if request.method == "GET" and has_page and self.has_view_permission(request, draft):
            return HttpResponseRedirect(reverse("admin:exams_draft_edit", args=[object_id]))
        reply: HttpResponse = super().change_view(request, object_id, *args, **kwargs)
        return reply
