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
FIRST_CODE: Final = "E1-Q01"
NUMBER: Final = re.compile(r"[0-9]+$")
PARTS: Final = re.compile(r"([^0-9]*)([0-9]+)")


class NewForm(BeginningForm):
    """Of which certification a new question is, and its code: the next free one where none is given."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        required=False,
        max_length=LONGEST_CODE,
        help_text=gettext_lazy("Such as E1-Q66. Leave it empty for the next free one. It never changes."),
        widget=UnfoldAdminTextInputWidget(),
    )

    def clean(self) -> dict[str, object]:
        """Choose the code, or check its shape and that no question and no draft has it."""
        values: dict[str, object] = super().clean() or {}
        certification, code = values.get("certification"), str(values.get("code") or "")
        if not isinstance(certification, Certification) or "code" in self.errors:
            return values
        shape = guides.of(certification.code).item_ids
        if not code:
            code = next_code(certification, shape)
            if not code:
                self.add_error("code", _("No code is free after the last one. Choose one."))
        elif not shape.fullmatch(code) or SAMPLE_IDS.fullmatch(code):
            sentence = _("A code of this certification looks like this: %s")
            self.add_error("code", sentence % _example(certification, shape))
        elif Item.objects.filter(certification=certification, code=code).exists():
            self.add_error("code", _("There is a question with this code already."))
        elif Draft.objects.filter(kind=NAME, certification=certification, name=code, state__in=OPEN).exists():
            self.add_error("code", _("There is a draft with this code already."))
        return values | {"code": code}


def next_code(certification: Certification, shape: re.Pattern[str]) -> str:
    """Return the code after the last one of this shape, "" where there is none. Two statements."""
    drafts = Draft.objects.filter(kind=NAME, certification=certification, state__in=OPEN)
    items = Item.objects.filter(certification=certification).values_list("code", flat=True)
    known = {*items, *drafts.values_list("name", flat=True)}
    numbered = [
        code
        for code in known
        if shape.fullmatch(code) and not SAMPLE_IDS.fullmatch(code) and NUMBER.search(code)
    ]
    if not numbered:
        return FIRST_CODE if shape.fullmatch(FIRST_CODE) else ""
    last = max(numbered, key=_by_numbers)
    code = NUMBER.sub(lambda match: f"{int(match[0]) + 1:0{len(match[0])}d}", last)
    return code if shape.fullmatch(code) and len(code) <= LONGEST_CODE and code not in known else ""


def _by_numbers(code: str) -> list[tuple[str, int]]:
    """Sort E10-Q01 after E9-Q02."""
    return [(letters, int(digits)) for letters, digits in PARTS.findall(code)]


def _example(certification: Certification, shape: re.Pattern[str]) -> str:
    """Return a code as others of the certification are, or the shape itself where there is none yet."""
    codes = Item.objects.filter(certification=certification).order_by("-code").values_list("code", flat=True)
    known = (code for code in (*codes[:20], FIRST_CODE) if shape.fullmatch(code))
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
