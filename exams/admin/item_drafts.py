"""How a draft of a question begins: from the question, or as a new one whose code is not taken yet."""

import re
from typing import Final

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.users.requests import SignedInRequest
from exams.admin.beginnings import BeginningForm, begin
from exams.admin.draft_views import address, staff_view
from exams.admin.posted import posted
from exams.authoring import guides, rights, services
from exams.authoring.items import NAME
from exams.authoring.models import OPEN, Draft
from exams.bank.models import Item
from exams.catalogue.models import Certification
from exams.content.records import SAMPLE_IDS

LONGEST_CODE: Final = 40


class NewForm(BeginningForm):
    """Of which certification a new question is, and the code by which files and people call it."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=LONGEST_CODE,
        help_text=gettext_lazy("As in the content files: E1-Q66. It never changes."),
        widget=UnfoldAdminTextInputWidget(),
    )

    def clean(self) -> dict[str, object]:
        """Check the shape of the code, and that no question and no draft has it."""
        values: dict[str, object] = super().clean() or {}
        certification, code = values.get("certification"), str(values.get("code", ""))
        if not isinstance(certification, Certification) or not code:
            return values
        shape = guides.of(certification.code).item_ids
        if not shape.fullmatch(code) or SAMPLE_IDS.fullmatch(code):
            said = _("A code of this certification looks like this: %s")
            self.add_error("code", said % _example(certification, shape))
        elif Item.objects.filter(certification=certification, code=code).exists():
            self.add_error("code", _("There is a question with this code already."))
        elif Draft.objects.filter(kind=NAME, certification=certification, name=code, state__in=OPEN).exists():
            self.add_error("code", _("There is a draft with this code already."))
        return values


def _example(certification: Certification, shape: re.Pattern[str]) -> str:
    """Return a code as others of the certification are, or the shape itself where there is none yet."""
    codes = Item.objects.filter(certification=certification).order_by("-code").values_list("code", flat=True)
    known = (code for code in (*codes[:20], "E1-Q01") if shape.fullmatch(code))
    return next((code for code in known if not SAMPLE_IDS.fullmatch(code)), shape.pattern)


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def new(request: SignedInRequest) -> HttpResponse:
    """Ask for certification and code, then begin the draft of a new question."""
    form = NewForm(request.POST or None, initial=request.GET.dict())
    return begin(request, form, kind=NAME, title=_("New question"), model=Item)


@staff_view(rights.WRITE, rights.TRANSLATE)
@posted(lambda object_id: reverse("admin:exams_item_change", args=[object_id]))
def edit(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Open the draft of a question, begun from what is current where there is none."""
    rows = Item.objects.select_related("certification")
    item = rows.filter(pk=int(object_id)).first() if object_id.isdecimal() and len(object_id) < 19 else None
    if item is None:
        raise Http404
    if item.current_id is None:
        messages.error(request, _("This question is withdrawn. Restore a version first."))
        return HttpResponseRedirect(reverse("admin:exams_item_change", args=[item.pk]))
    draft = services.open_draft(
        kind=NAME, certification=item.certification, name=item.code, actor=request.user
    )
    return HttpResponseRedirect(address(draft))
