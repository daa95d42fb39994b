"""Pages of own cards: write one, change it, delete it, make one from a question of a finished exam."""

from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest, signed_in
from flashcards.services import own as services
from flashcards.services.own import BACK_MOST, FRONT_MOST
from flashcards.services.steps import CardDraft
from flashcards.study import deck as decks
from flashcards.study.own import OwnCard, own_cards

SAVED: Final = gettext_lazy("Card saved. It's among your new cards.")


class CardForm(forms.Form):
    """The two sides of a card, in Markdown."""

    front = forms.CharField(
        label=pgettext_lazy("side of a card", "Front"),
        max_length=FRONT_MOST,
        widget=forms.Textarea({"rows": 3}),
    )
    back = forms.CharField(
        label=pgettext_lazy("side of a card", "Back"),
        max_length=BACK_MOST,
        widget=forms.Textarea({"rows": 4}),
        help_text=gettext_lazy("You can use Markdown: **bold**, `code`, lists."),
    )

    @property
    def draft(self) -> CardDraft:
        """Return what was written, in the language of the page."""
        sides = self.cleaned_data
        return CardDraft(get_language() or "", sides["front"], sides["back"])


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: SignedInRequest, code: str) -> HttpResponse:
    """List the own cards of a person; a POST writes a new one."""
    if not decks.exists(code):
        raise Http404
    form = CardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.make(request.user, code, form.draft)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, SAVED)
            return redirect("flashcards:own", code)
    return _page(request, code, form, own_cards(request.user, code))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def card(request: SignedInRequest, code: str, card_id: int) -> HttpResponse:
    """Show one own card to change it; a POST changes or deletes it."""
    found = next((one for one in own_cards(request.user, code) if one.id == card_id), None)
    if found is None:
        raise Http404
    if request.method == "POST" and "delete" in request.POST:
        services.remove(request.user, card_id)
        messages.success(request, _("Card deleted."))
        return redirect("flashcards:own", code)
    form = CardForm(request.POST or None, initial={"front": found.front, "back": found.back})
    if request.method == "POST" and form.is_valid():
        try:
            services.change(request.user, card_id, form.draft)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Saved."))
            return redirect("flashcards:own", code)
    return _page(request, code, form, (), card_id)


@signed_in
@require_POST
def from_question(request: SignedInRequest, code: str) -> HttpResponse:
    """Make a card from a question of a finished exam, and go back to that question in the review."""
    attempt_id, position = _asked(request)
    try:
        made = services.from_question(request.user, attempt_id, position, get_language() or "")
    except Refused as refused:
        if refused.status == 404:
            raise
        messages.error(request, str(refused))
    else:
        messages.success(request, SAVED if made.is_new else _("You have this card already."))
    response = redirect("exams:review", attempt_id)
    response["Location"] += f"#q{position}t"
    return response


def _asked(request: SignedInRequest) -> tuple[UUID, int]:
    """Return attempt and position of a form. Raises Http404 where they are none."""
    position = request.POST.get("position", "")
    try:
        attempt_id = UUID(request.POST.get("attempt", ""))
    except ValueError as error:
        raise Http404 from error
    if not (position.isascii() and position.isdigit() and len(position) <= 4):
        raise Http404
    return attempt_id, int(position)


def _page(
    request: SignedInRequest,
    code: str,
    form: CardForm,
    cards: tuple[OwnCard, ...],
    card_id: int | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "code": code,
        "label": code.upper(),
        "form": form,
        "cards": cards,
        "card_id": card_id,
    }
    return render(request, "flashcards/own.html", context, status=422 if form.is_bound else 200)
