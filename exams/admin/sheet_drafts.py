"""How a draft of a cheat sheet begins: from an edition, or as a sheet in a language that has none yet."""

from django import forms
from django.contrib import admin
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.users.requests import SignedInRequest
from exams.admin.draft_views import address, staff_view
from exams.authoring import rights, services
from exams.authoring.models import Draft
from exams.authoring.sheets import NAME
from exams.catalogue.models import Certification
from exams.cheatsheet.models import SheetEdition
from i18n import languages


class NewForm(forms.Form):
    """Of which certification a sheet is, and in which language. A sheet that is there already goes on."""

    certification = forms.ModelChoiceField(
        label=gettext_lazy("Certification"),
        queryset=Certification.objects.order_by("code"),
        widget=UnfoldAdminSelectWidget(),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=[(code, languages.name_of(code)) for code in languages.CODES],
        widget=UnfoldAdminSelectWidget(),
    )


def _begun(request: SignedInRequest, certification: Certification, language: str) -> Draft:
    return services.open_draft(
        kind=NAME, certification=certification, name=f"{NAME}/{language}", actor=request.user
    )


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE, rights.TRANSLATE)
def new(request: SignedInRequest) -> HttpResponse:
    """Ask for certification and language, then open the draft."""
    form = NewForm(request.POST or None)
    if form.is_valid():
        chosen: Certification = form.cleaned_data["certification"]
        language: str = form.cleaned_data["language"]
        if language != chosen.original_language or rights.may(request.user, rights.WRITE):
            return HttpResponseRedirect(address(_begun(request, chosen, language)))
        form.add_error("language", _("A translator writes only in other languages than the original."))
    context = {
        **admin.site.each_context(request),
        "title": _("New cheat sheet"),
        "verb": _("Begin"),
        "form": form,
        "back": reverse("admin:exams_sheetedition_changelist"),
        "opts": SheetEdition._meta,
    }
    return render(request, "admin/act.html", context, status=422 if form.errors else 200)


@require_POST
@staff_view(rights.WRITE, rights.TRANSLATE)
def edit(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Open the draft of the sheet in the language of an edition, begun from the current one."""
    rows = SheetEdition.objects.select_related("certification")
    found = rows.filter(pk=int(object_id)).first() if object_id.isdigit() and len(object_id) < 19 else None
    if found is None:
        raise Http404
    return HttpResponseRedirect(address(_begun(request, found.certification, found.language)))
