"""How a draft of an exam begins: from the exam, or as a new one under the next free number."""

from typing import Final

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from accounts.users.requests import SignedInRequest
from exams.admin.beginnings import BeginningForm, begin
from exams.admin.draft_views import address, staff_view
from exams.admin.posted import posted
from exams.assembly.models import ExamForm
from exams.authoring import rights, services
from exams.authoring.forms import NAME, PREFIX, number_of
from exams.authoring.models import OPEN, Draft
from exams.catalogue.models import Certification

MOST: Final = 999


def taken(certification: Certification) -> set[int]:
    """Return the numbers that exams and open drafts of exams have. Two statements."""
    names = Draft.objects.filter(kind=NAME, certification=certification, state__in=OPEN)
    numbers = ExamForm.objects.filter(certification=certification).values_list("number", flat=True)
    return {*numbers, *(number_of(name) for name in names.values_list("name", flat=True))}


class NewForm(BeginningForm):
    """Of which certification a new exam is, and its number: the next free one where none is given."""

    number = forms.IntegerField(
        label=gettext_lazy("Number"),
        required=False,
        min_value=1,
        max_value=MOST,
        help_text=gettext_lazy("Leave it empty for the next free number. It never changes."),
        widget=UnfoldAdminIntegerFieldWidget(),
    )

    @property
    def name(self) -> str:
        """The name of the draft, once the form is valid."""
        return f"{PREFIX}{self.cleaned_data['number']}"

    def clean(self) -> dict[str, object]:
        """Choose the number, or check that no exam and no draft has it."""
        values: dict[str, object] = super().clean() or {}
        certification, number = values.get("certification"), values.get("number")
        if not isinstance(certification, Certification) or "number" in self.errors:
            return values
        known = taken(certification)
        if number in known:
            self.add_error("number", _("There is an exam or a draft with this number already."))
        elif number is None and max(known, default=0) >= MOST:
            self.add_error("number", _("No number is free after the last one. Choose one."))
        return values | {"number": number or max(known, default=0) + 1}


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def new(request: SignedInRequest) -> HttpResponse:
    """Ask for certification and number, then begin the draft of a new exam."""
    form = NewForm(request.POST or None, initial=request.GET.dict())
    return begin(request, form, kind=NAME, title=_("New exam"), model=ExamForm)


@staff_view(rights.WRITE)
@posted(lambda object_id: reverse("admin:exams_examform_change", args=[object_id]))
def edit(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Open the draft of an exam, begun from its current edition where there is none."""
    rows = ExamForm.objects.select_related("certification")
    found = rows.filter(pk=int(object_id)).first() if object_id.isdecimal() and len(object_id) < 19 else None
    if found is None:
        raise Http404
    draft = services.open_draft(
        kind=NAME, certification=found.certification, name=f"{PREFIX}{found.number}", actor=request.user
    )
    return HttpResponseRedirect(address(draft))
