"""A token by which a program imports and exports questions for an author: issued here, shown once.

The API gives staff no token for their password alone. Here they are signed in with their second factor, and
what they get opens the calls of authoring and nothing else.
"""

from typing import Final

from django import forms
from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.audit import services as audit
from accounts.users import tokens
from accounts.users.models import ApiToken
from accounts.users.requests import SignedInRequest
from exams.admin.draft_views import staff_view
from exams.authoring import rights
from exams.authoring.models import ImportFile

SCOPE: Final = "authoring"


class TokenForm(forms.Form):
    """How its owner recognizes it."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("To recognize it in the list."),
        widget=UnfoldAdminTextInputWidget(),
    )


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def new(request: SignedInRequest) -> HttpResponse:
    """Ask for a name; issue the token and show it."""
    form = TokenForm(request.POST or None)
    context = {
        **admin.site.each_context(request),
        "title": _("API token for import and export"),
        "verb": _("Create the token"),
        "form": form,
        "back": reverse("admin:exams_importfile_changelist"),
        "opts": ImportFile._meta,
    }
    if not form.is_valid():
        return render(request, "admin/act.html", context, status=422 if form.errors else 200)
    issued = tokens.issue_with_expiry(request.user, form.cleaned_data["name"], SCOPE)
    token = ApiToken.objects.get(pk=issued.token_id)
    audit.record(actor=request.user, action="issue", subject=token, after={"scope": SCOPE})
    response = render(request, "admin/exams/token.html", context | {"issued": issued})
    response["Cache-Control"] = "no-store, private"
    return response
