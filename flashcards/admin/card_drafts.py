"""How a draft of a card begins: from the card, or as a new one under the next free code."""

import re
from typing import Final

from django import forms
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.users.requests import SignedInRequest
from exams.admin.draft_editor import BeginningForm, begin
from exams.admin.requests import staff_view
from exams.authoring import rights
from exams.authoring.models import OPEN, Draft
from exams.catalog.models import Certification
from flashcards.content.records import CODE_LENGTH
from flashcards.models import Card
from flashcards.services import cards
from flashcards.services.drafts import NAME

SHAPE: Final = re.compile(r"FC-(\d{3,6})")


def taken(certification: Certification) -> set[str]:
    """Return the codes that cards of the deck and open drafts have. Two statements."""
    # A code that a draft has would be taken twice once both are published.
    drafts = Draft.objects.filter(kind=NAME, certification=certification, state__in=OPEN)
    codes = cards.of_deck(certification.code).values_list("code", flat=True)
    return {*codes, *drafts.values_list("name", flat=True)}


class NewForm(BeginningForm):
    """Of which certification a new card is, and its code: the next free one where none is given."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        required=False,
        max_length=CODE_LENGTH,
        help_text=gettext_lazy("Such as FC-301. Leave it empty for the next free one. It never changes."),
        widget=UnfoldAdminTextInputWidget(),
    )

    def clean(self) -> dict[str, object]:
        """Choose the code, or check its shape and that no card and no draft has it."""
        values: dict[str, object] = super().clean() or {}
        certification, code = values.get("certification"), str(values.get("code") or "")
        if not isinstance(certification, Certification) or "code" in self.errors:
            return values
        known = taken(certification)
        if code and not SHAPE.fullmatch(code):
            self.add_error("code", _("A code is FC- and three to six digits, such as FC-301."))
        elif code in known:
            self.add_error("code", _("There is a card or a draft with this code already."))
        return values | {"code": code or _next(known)}


def _next(known: set[str]) -> str:
    last = max((int(found[1]) for code in known if (found := SHAPE.fullmatch(code))), default=0)
    return f"FC-{last + 1:03d}"


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def new(request: SignedInRequest) -> HttpResponse:
    """Ask for certification and code, then begin the draft of a new card."""
    form = NewForm(request.POST or None)
    return begin(request, form, kind=NAME, title=_("New card"), model=Card)
