"""Acts of staff in the admin: each asks for a reason, is done once, and is kept with it."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.dataclasses import UnfoldAction
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.access import refusals
from accounts.admin import person
from accounts.base.errors import OUTDATED, Refused, Text
from accounts.users.models import User
from accounts.users.requests import or_404


class ReasonForm(forms.Form):
    """Why staff act: it is kept with the act."""

    reason = forms.CharField(
        label=_("Reason"), min_length=5, max_length=2000, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3})
    )


class ActsWithReason(ModelAdmin):  # type: ignore[misc]
    """A model whose rows change only by acts. `row_argument` names the one that takes the id of a row."""

    row_argument: ClassVar[str]
    never_on_own: ClassVar[bool] = False
    """Whether nobody may act on what is their own."""

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Who may change such rows may act on them, with a reason."""
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def person_of(self, row: Any) -> int | None:  # noqa: ANN401
        """Return whose row it is, None where it is nobody's: an act begun on their page leads back there."""
        return getattr(row, "user_id", None)

    def obstacle(self, request: HttpRequest, row: Any, act: str) -> Text:  # noqa: ANN401
        """Return why this act cannot be done with a row by who asks, "" when it can.

        It is not offered then. Whoever asks for it all the same, by a form that was sent before for
        instance, is told.
        """
        own = self.never_on_own and self.person_of(row) == request.user.pk
        return refusals.OWN_ACCOUNT if own else ""

    def get_actions_detail(self, request: HttpRequest, object_id: int | str) -> list[UnfoldAction]:
        """Offer what the reader may do and what can be done."""
        offered: list[UnfoldAction] = super().get_actions_detail(request, object_id)
        row = self.get_object(request, str(object_id)) if offered else None
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        return [
            action
            for action in offered
            if row and not self.obstacle(request, row, action.action_name.removeprefix(prefix))
        ]

    def _obstacle(self, request: HttpRequest, row: Any) -> Text:  # noqa: ANN401
        match = request.resolver_match
        name = match.url_name or "" if match else ""
        return self.obstacle(
            request, row, name.removeprefix(f"{self.opts.app_label}_{self.opts.model_name}_")
        )

    def facts_of(self, row: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401
        """Return what the page of an act says about the row, as names and values."""
        return [(self.opts.verbose_name, row)]

    def _act(
        self,
        request: HttpRequest,
        object_id: str,
        form_class: type[forms.Form],
        title: Text,
        verb: Text,
        act: Callable[..., object],
        initial: Mapping[str, Any] | None = None,
        *,
        next_page: Callable[[Any], str] = lambda row: "",
        more_facts: Callable[[Any], list[tuple[Any, Any]]] = lambda row: [],
    ) -> HttpResponse:
        """Ask for the reason, then act once; a refusal changes nothing. `verb` is on the button.

        `next_page(row)` may name another page to come to after what was done, `more_facts(row)` what the page
        of this act says beside the facts of all. Where the page no longer showed how things are, it is shown
        anew with what was typed; what it has to repeat of them is a callable in `initial`.
        """
        row = or_404(self.get_object(request, object_id))
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        back = _back(request, self.person_of(row)) or back
        if obstacle := self._obstacle(request, row):
            self.message_user(request, obstacle, messages.WARNING)
            return HttpResponseRedirect(back)
        form, status = form_class(request.POST or None, initial=dict(initial or {})), HTTPStatus.OK
        if form.is_valid():
            refused = self._try(request, {self.row_argument: row.pk, **form.cleaned_data}, act)
            # What is outdated is asked again with what was typed; anything else is told on the page before.
            if refused is None or refused.code != OUTDATED:
                return HttpResponseRedirect(("" if refused else next_page(row)) or back)
            form = form_class(initial={**form.cleaned_data, **(initial or {})})
            row, status = self.get_object(request, object_id), HTTPStatus(refused.status)
        return self._ask(request, form, title, verb, back, row, more_facts(row), status=status)

    def _make(
        self,
        request: HttpRequest,
        form: forms.Form,
        title: Text,
        verb: Text,
        act: Callable[..., object],
    ) -> HttpResponse:
        """Ask for what an act that makes new rows needs, then act once."""
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        if form.is_valid():
            self._try(request, form.cleaned_data, act)
            person_id = getattr(form.cleaned_data.get("user"), "pk", None)
            return HttpResponseRedirect(_back(request, person_id) or back)
        return self._ask(request, form, title, verb, back)

    def _ask(
        self,
        request: HttpRequest,
        form: forms.Form,
        title: Text,
        verb: Text,
        back: str,
        row: Any = None,  # noqa: ANN401
        more_facts: Sequence[tuple[Any, Any]] = (),
        *,
        status: HTTPStatus = HTTPStatus.OK,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "verb": verb,
            "form": form,
            "back": back,
            "opts": self.opts,
            "original": row,
            "facts": [*self.facts_of(row), *more_facts] if row is not None else [],
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else status
        return TemplateResponse(request, "admin/act.html", context, status=status)

    def _try(
        self, request: HttpRequest, values: dict[str, Any], act: Callable[..., object]
    ) -> Refused | None:
        """Act; say what came of it, and return why it was not done."""
        actor = request.user if isinstance(request.user, User) else None
        try:
            result = act(actor=actor, **values)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return refusal
        message = result if isinstance(result, Promise) else None
        self.message_user(request, message or _("Done. Your reason was recorded."), messages.SUCCESS)
        return None


def _back(request: HttpRequest, person_id: int | None) -> str:
    """Return the page of the person where an act was begun there, else ""."""
    return person.url_of(person_id) if request.GET.get("back") == "person" and person_id else ""
