"""How a draft of something new begins: a form asks for its certification and name, whatever its kind."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.users.requests import SignedInRequest
from exams.admin.draft_views import address
from exams.authoring import services
from exams.catalogue.models import Certification


class BeginningForm(forms.Form):
    """Of which certification a new thing is; forms of a kind add its code or number."""

    certification = forms.ModelChoiceField(
        label=gettext_lazy("Certification"),
        queryset=Certification.objects.order_by("code"),
        widget=UnfoldAdminSelectWidget(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        certifications = Certification.objects.order_by("code")[:2]
        if len(certifications) == 1:
            self.initial.setdefault("certification", certifications[0].pk)

    @property
    def name(self) -> str:
        """The name of the draft, once the form is valid."""
        return str(self.cleaned_data["code"])


def begin(
    request: SignedInRequest, form: BeginningForm, *, kind: str, title: str | Promise, model: type[Model]
) -> HttpResponse:
    """Begin the draft that a form asks for, or show the form. Raises Refused as `open_draft`."""
    if form.is_valid():
        certification = form.cleaned_data["certification"]
        draft = services.open_draft(
            kind=kind, certification=certification, name=form.name, actor=request.user
        )
        return HttpResponseRedirect(address(draft))
    context = {
        **admin.site.each_context(request),
        "title": title,
        "verb": _("Begin"),
        "form": form,
        "back": reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist"),
        "opts": model._meta,
    }
    return render(request, "admin/act.html", context, status=422 if form.errors else 200)
