"""Settings of the study page: new cards a day, how much to remember, the exam date, one domain."""

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.base.errors import Refused
from accounts.profile import selectors as profiles
from accounts.users.requests import SignedInRequest, signed_in
from exams.catalog import selectors as catalog
from exams.content.states import State
from flashcards.services import settings as services
from flashcards.services.settings import NEW_MOST, Settings
from flashcards.study import deck as decks
from flashcards.web.formatting import domain_choices, page_context, page_of

PERCENT: tuple[int, ...] = (70, 75, 80, 85, 90, 93, 95, 97)

# The field at which a refusal is shown, where it is not named for it.
FIELDS: Final = dict.fromkeys(("exam_date_past", "exam_date_far", "exam_retired"), "exam_on")


class SettingsForm(forms.Form):
    """What a person may set. Only fields that were sent are changed."""

    new_per_day = forms.IntegerField(
        label=gettext_lazy("New cards a day"), min_value=0, max_value=NEW_MOST, required=False
    )
    domain = forms.ChoiceField(label=gettext_lazy("Domain"), required=False)
    exam_on = forms.DateField(
        label=gettext_lazy("Exam date"),
        required=False,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        help_text=gettext_lazy(
            "Cards come back more often in the last 30 days, and all of them once more in the last 7."
        ),
    )
    percent = forms.TypedChoiceField(
        label=gettext_lazy("Target retention (share of cards to remember)"),
        coerce=int,
        required=False,
        help_text=gettext_lazy("A higher share means more reviews a day."),
    )

    def __init__(self, page: catalog.CertificationPage, stored: Settings, data: Any = None) -> None:  # noqa: ANN401
        kept = round(stored.retention * 100)
        super().__init__(
            data,
            initial={
                "new_per_day": stored.new_per_day,
                "domain": stored.domain or "",
                "exam_on": stored.exam_on,
                "percent": kept,
            },
        )
        # Nobody plans for a retired exam, but a date that was set earlier can still be cleared.
        if page.facts.state is State.RETIRED and not stored.exam_on:
            del self.fields["exam_on"]
        shares = sorted({*PERCENT, kept})
        # Choices depend on the certification, which a class does not know.
        self.fields["domain"].choices = domain_choices(page, _("All domains"))  # type: ignore[attr-defined]
        self.fields["percent"].choices = [(one, _("%(percent)d%%") % {"percent": one}) for one in shares]  # type: ignore[attr-defined]

    def changes(self) -> dict[str, Any]:
        """Return the fields of Settings that were sent."""
        # The study page sends two of the fields, its settings all of them.
        sent = {name: value for name, value in self.cleaned_data.items() if name in self.data}
        changes: dict[str, Any] = {}
        if sent.get("new_per_day") is not None:
            changes["new_per_day"] = sent["new_per_day"]
        if "domain" in sent:
            changes["domain"] = int(sent["domain"]) if sent["domain"] else None
        if "exam_on" in sent:
            changes["exam_on"] = sent["exam_on"]
        if sent.get("percent"):
            changes["retention"] = sent["percent"] / 100
        return changes


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: SignedInRequest, code: str) -> HttpResponse:
    """Show and change how the cards of a certification are studied; then back to the cards."""
    page = page_of(code)
    if not decks.exists(code):
        raise Http404
    form = SettingsForm(page, services.of(request.user, code), request.POST or None)
    if request.method == "POST" and form.is_valid() and _saved(request, code, form):
        messages.success(request, _("Saved."))
        return redirect("flashcards:study", code)
    context = page_context(page, form=form)
    return render(request, "flashcards/settings.html", context, status=422 if form.is_bound else 200)


def _saved(request: SignedInRequest, code: str, form: SettingsForm) -> bool:
    """Store what was sent; say on the form why it may not be."""
    try:
        services.update(request.user, code, profiles.of(request.user).zone, **form.changes())
    except Refused as refused:
        form.add_error(
            FIELDS.get(refused.code, refused.code if refused.code in form.fields else None), str(refused)
        )
        return False
    return True
