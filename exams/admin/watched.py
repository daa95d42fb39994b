"""Names of services that moved on, in the admin: watched, changed, let go; each act is kept."""

import datetime as dt
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from accounts.admin.readonly import ReadOnlyAdmin
from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest
from exams.admin.draft_views import staff_view
from exams.authoring import freshness, rights
from exams.catalogue.models import Certification
from exams.freshness.models import NAME_MAX, PAGE_MAX, WatchedName
from exams.freshness.services import NameFacts

FIRST_DAY = dt.date(2000, 1, 1)


class NameForm(forms.Form):
    """What is known of a name."""

    name = forms.CharField(
        label=gettext_lazy("Old name"),
        max_length=NAME_MAX,
        help_text=gettext_lazy("As questions write it. Uppercase and lowercase letters count."),
        widget=UnfoldAdminTextInputWidget(),
    )
    successor = forms.CharField(
        label=gettext_lazy("New name"),
        max_length=NAME_MAX,
        required=False,
        help_text=gettext_lazy("Leave it empty if the service was closed."),
        widget=UnfoldAdminTextInputWidget(),
    )
    since = forms.DateField(
        label=gettext_lazy("Since"),
        help_text=gettext_lazy("Such as 2025-03-31."),
        widget=UnfoldAdminTextInputWidget(),
    )
    page = forms.CharField(
        label=gettext_lazy("Source page"),
        max_length=PAGE_MAX,
        help_text=gettext_lazy("The address of the page that says so."),
        widget=UnfoldAdminTextInputWidget(),
    )

    def clean_since(self) -> dt.date:
        """Refuse a day before there were such services."""
        day: dt.date = self.cleaned_data["since"]
        if day < FIRST_DAY:
            raise forms.ValidationError(_("Enter a day from 2000 on."))
        return day

    def facts(self) -> NameFacts:
        """Return what was written, once it is valid."""
        given = self.cleaned_data
        return NameFacts(given["name"], given["successor"], given["since"], given["page"])


class NewNameForm(NameForm):
    """A name that is to be watched."""

    certification = forms.ModelChoiceField(
        label=gettext_lazy("Certification"),
        queryset=Certification.objects.order_by("code"),
        widget=UnfoldAdminSelectWidget(),
    )
    field_order = ("certification", "name", "successor", "since", "page")


class ChangedNameForm(NameForm):
    """A name that is watched, or is to be let go."""

    revision = forms.IntegerField(widget=forms.HiddenInput())
    is_watched = forms.BooleanField(
        label=gettext_lazy("Watched"),
        required=False,
        help_text=gettext_lazy("Without it, tasks of this name are closed."),
        widget=UnfoldBooleanWidget(),
    )


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def new(request: SignedInRequest) -> HttpResponse:
    """Ask for a name, then watch it."""
    form = NewNameForm(request.POST or None)
    if form.is_valid():
        try:
            row = freshness.watch(
                certification_id=form.cleaned_data["certification"].pk,
                facts=form.facts(),
                actor=request.user,
            )
        except Refused as refused:
            return _page(request, _refused(form, refused), _("Watch a name"), _("Watch"), refused=refused)
        messages.success(request, _("Watched. Questions that mention it are in the work queue."))
        return HttpResponseRedirect(reverse("admin:exams_watchedname_change", args=[row.pk]))
    return _page(request, form, _("Watch a name"), _("Watch"))


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def edit(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Change a name, or let it go."""
    rows = WatchedName.objects.filter(pk=int(object_id) if object_id.isdigit() and len(object_id) < 19 else 0)
    row = rows.select_related("certification").first()
    if row is None:
        raise Http404
    stored = {
        name: getattr(row, name) for name in ("name", "successor", "page", "is_watched", "revision")
    } | {"since": row.since.isoformat()}
    form = ChangedNameForm(request.POST or None, initial=stored)
    back = reverse("admin:exams_watchedname_change", args=[row.pk])
    title = _("Change %(name)s") % {"name": row}
    if form.is_valid():
        try:
            freshness.change(
                watched_id=row.pk,
                revision=form.cleaned_data["revision"],
                facts=form.facts(),
                is_watched=form.cleaned_data["is_watched"],
                actor=request.user,
            )
        except Refused as refused:
            return _page(request, _refused(form, refused), title, _("Save"), back, refused)
        messages.success(request, _("Saved"))
        return HttpResponseRedirect(back)
    return _page(request, form, title, _("Save"), back)


def _refused(form: forms.Form, refused: Refused) -> forms.Form:
    field = refused.extra.get("field")
    form.add_error(field if field in form.fields else None, str(refused))
    return form


def _page(
    request: SignedInRequest,
    form: forms.Form,
    title: str,
    verb: str,
    back: str = "",
    refused: Refused | None = None,
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": title,
        "verb": verb,
        "form": form,
        "back": back or reverse("admin:exams_watchedname_changelist"),
        "opts": WatchedName._meta,
    }
    wrong = refused.status if refused else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "admin/act.html", context, status=wrong if form.errors else HTTPStatus.OK)


@admin.register(WatchedName)
class WatchedNameAdmin(ReadOnlyAdmin):
    """Names that are watched or were, and how many questions wait because of each."""

    list_display = ("name", "became", "certification", "since", "is_watched", "waiting")
    list_select_related = ("certification",)
    list_filter = ("certification", "is_watched")
    search_fields = ("name", "successor")
    fields = (
        ("name", "became", "certification"),
        ("since", "source", "is_watched"),
        "waiting",
        "log",
    )
    readonly_fields = ("became", "source", "waiting", "log")
    actions_list = ("new_name",)
    actions_detail = ("change_name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WatchedName]:
        """Names with what waits because of them, in one statement."""
        rows: QuerySet[WatchedName] = super().get_queryset(request)
        return rows.annotate(open_tasks=Count("tasks", filter=Q(tasks__closed_at=None)))

    def has_write_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Who writes questions watches names."""
        return request.user.has_perm(rights.WRITE)

    @action(description=gettext_lazy("Watch a name"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_name(self, request: HttpRequest) -> HttpResponse:
        """Ask for a name."""
        return new(request)

    @action(description=gettext_lazy("Change"), url_path="edit", permissions=["write"])  # type: ignore[untyped-decorator]
    def change_name(self, request: HttpRequest, object_id: int | str) -> HttpResponse:
        """Ask what is to be changed."""
        return edit(request, str(object_id))

    @admin.display(description=gettext_lazy("new name"), ordering="successor")
    def became(self, row: WatchedName) -> str:
        """What it is called now."""
        return row.successor or _("closed")

    @admin.display(description=gettext_lazy("source page"))
    def source(self, row: WatchedName) -> SafeString:
        """The way to the page that says so."""
        return format_html('<a class="onward" href="{0}" rel="noreferrer">{0}</a>', row.page)

    @admin.display(description=gettext_lazy("questions that wait"), ordering="open_tasks")
    def waiting(self, row: WatchedName) -> int:
        """How many questions mention it and were not read again."""
        return int(getattr(row, "open_tasks", 0))

    @admin.display(description=gettext_lazy("what happened"))
    def log(self, row: WatchedName) -> SafeString:
        """Acts of staff."""
        return render_to_string("admin/exams/acts.html", {"audit": audit.of(row)})
