"""What views of the admin share: who may open them, how they are posted to, what addresses hold, pages."""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, cast
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.base.errors import Refused, Text
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, or_404, whole_number
from exams.authoring import rights
from exams.catalog.models import Certification

type View[**P] = Callable[Concatenate[SignedInRequest, P], HttpResponse]


def posted[**P](page: Callable[P, str]) -> Callable[[View[P]], View[P]]:
    """Let a view be posted to, and lead a GET to a page.

    By a GET a browser comes back from signing in, after a session ended between page and act.
    """

    def make(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: SignedInRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method in ("GET", "HEAD"):
                return HttpResponseRedirect(page(*args, **kwargs))
            if request.method != "POST":
                return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
            return view(request, *args, **kwargs)

        return cast("View[P]", checked)

    return make


def staff_view[**P](*permissions: str) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Let those in who have one of the permissions."""

    def make(view: View[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            person = request.user
            if not isinstance(person, User) or not rights.may(person, *permissions):
                raise PermissionDenied
            try:
                return view(cast(SignedInRequest, request), *args, **kwargs)
            except Refused as refused:
                # What is not there, or not theirs, is one answer.
                if refused.status == HTTPStatus.NOT_FOUND:
                    raise Http404(str(refused)) from refused
                raise

        return checked

    return make


def row_or_404[Row: Model](rows: QuerySet[Row], object_id: str) -> Row:
    """Return the row that an address names. Raises Http404."""
    # A longer number is none that the database could hold.
    return or_404(rows.filter(pk=whole_number(object_id, 18, None)).first())


def certification_field() -> "forms.ModelChoiceField[Certification]":
    """Return the field of a form that asks for a certification."""
    return forms.ModelChoiceField(
        label=gettext_lazy("Certification"),
        queryset=Certification.objects.order_by("code"),
        widget=UnfoldAdminSelectWidget(),
    )


def list_of(model: type[Model], **query: object) -> str:
    """Return the address of the list of a model, filtered by a query."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{address}?{urlencode(query)}" if query else address


def page_of(row: Model) -> str:
    """Return the address of the page of a row."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def admin_page(
    request: HttpRequest,
    template: str,
    title: Text,
    model: type[Model],
    **context: Any,  # noqa: ANN401
) -> HttpResponse:
    """Return a page about a model. Its status is that of `refused`, or 422 where `form` has errors."""
    form, refused = context.get("form"), context.get("refused")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form is not None and form.errors else HTTPStatus.OK
    whole = {**admin.site.each_context(request), "title": title, "opts": model._meta, **context}
    return render(request, template, whole, status=refused.status if refused else status)


def form_page(
    request: HttpRequest,
    form: forms.Form,
    title: Text,
    verb: Text,
    model: type[Model],
    back: str = "",
    refused: Refused | None = None,
) -> HttpResponse:
    """Return a page that asks for what a form needs; `back` leads to the list of the model by default."""
    context = {"form": form, "verb": verb, "back": back or list_of(model), "refused": refused}
    return admin_page(request, "admin/act.html", title, model, **context)


def add_refusal(form: forms.Form, refused: Refused) -> None:
    """Say why an act was refused, at the field that it names, or above all fields."""
    field = refused.extra.get("field")
    form.add_error(field if field in form.fields else None, str(refused))
