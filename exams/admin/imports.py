"""Files of questions that are brought in, exports, and tokens of the API."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.admin import own_jobs
from accounts.admin.own_jobs import JobPage
from accounts.audit import services as audit
from accounts.base import hooks
from accounts.base.errors import Refused
from accounts.jobs.models import Job
from accounts.users import tokens
from accounts.users.models import ApiToken, User
from accounts.users.requests import SignedInRequest, is_part
from accounts.web.rendering import no_store
from exams.admin.base import RowViews, column
from exams.admin.requests import (
    admin_page,
    certification_field,
    form_page,
    list_of,
    page_of,
    posted,
    staff_view,
)
from exams.authoring import exports, imports, proof, rights
from exams.authoring.items import NAME as ITEM
from exams.authoring.models import OPEN, Draft, ImportFile
from exams.bank.models import Item
from exams.content.exchange_formats import limits, registry

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
def new_token(request: SignedInRequest) -> HttpResponse:
    """Ask for a name; issue the token and show it."""
    form, title = TokenForm(request.POST or None), _("API token for import and export")
    if not form.is_valid():
        return form_page(request, form, title, _("Create the token"), ImportFile)
    issued = tokens.issue_with_expiry(request.user, form.cleaned_data["name"], SCOPE)
    token = ApiToken.objects.get(pk=issued.token_id)
    audit.record(actor=request.user, action="issue", subject=token, after={"scope": SCOPE})
    context = {"issued": issued, "back": list_of(ImportFile)}
    return no_store(admin_page(request, "admin/exams/token.html", title, ImportFile, **context))


FATES: Final[Mapping[str, Promise]] = {
    imports.NEW: pgettext_lazy("of imported questions", "New"),
    imports.CHANGED: pgettext_lazy("of imported questions", "Changed"),
    imports.SAME: pgettext_lazy("of imported questions", "Unchanged"),
    imports.HELD: pgettext_lazy("of imported questions", "Being written here"),
    imports.FAULTY: pgettext_lazy("of imported questions", "Cannot be a draft"),
}
FIELDS: Final = {
    "unknown_format": "format_name",
    **dict.fromkeys(("empty_file", "too_large", "too_many_requests"), "file"),
}


class UploadForm(forms.Form):
    """Which questions go where: the certification, the format, the file."""

    certification = certification_field()
    format_name = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[("", "—"), *((fmt.name, fmt.label) for fmt in registry.FORMATS.values() if fmt.can_read)],
        widget=UnfoldAdminSelectWidget(),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        max_length=200,
        widget=UnfoldAdminFileFieldWidget(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        sentence = _("At most %(most)s MB. You'll see what would change before anything is stored.")
        self.fields["file"].help_text = sentence % {"most": limits.FILE_SIZE // limits.MEGABYTE}


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def new_import(request: SignedInRequest) -> HttpResponse:
    """Ask for a file, keep it, and have it checked."""
    form = UploadForm(request.POST or None, request.FILES or None, initial=request.GET.dict())
    if form.is_valid():
        file = _stored(form, request.user)
        if file is not None:
            imports.check(file=file, owner=request.user)
            return HttpResponseRedirect(page_of(file))
    context = {"form": form, "back": list_of(ImportFile)}
    return admin_page(request, "admin/exams/import_new.html", _("Import questions"), ImportFile, **context)


def _stored(form: UploadForm, owner: User) -> ImportFile | None:
    """Keep the file, or say at its field why not."""
    values = form.cleaned_data
    # A longer one is refused by its size, so no more of it is read than that takes.
    data = values["file"].read(limits.FILE_SIZE + 1)
    try:
        return imports.store(
            certification=values["certification"],
            format_name=values["format_name"],
            name=values["file"].name,
            data=data,
            owner=owner,
        )
    except Refused as refused:
        form.add_error(FIELDS[refused.code], str(refused))
        return None


def own_file(person: User, object_id: str) -> ImportFile:
    """Return a file of this person. Raises Http404, and Refused: not_found."""
    try:
        key = UUID(object_id)
    except ValueError:
        raise Http404 from None
    return imports.own_file(file_id=key, owner=person)


@require_safe
@staff_view(rights.WRITE)
def page(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Show how far check or taking is, and what it says."""
    file = own_file(request.user, object_id)
    job, is_take = imports.newest(file)
    progress = own_jobs.progress(job)
    report = _report(file, job, is_take=is_take) if job is not None and progress["is_done"] else None
    context = {
        **progress,
        "file": file,
        "format": _format_label(file.format),
        "is_take": is_take,
        "report": report,
        "poll": page_of(file),
        "back": list_of(ImportFile),
    }
    # The script asks for what is still being made; the rest of the page stays.
    part = "#making" if is_part(request) else ""
    title = _("Import of %(name)s") % {"name": file.name}
    return no_store(admin_page(request, f"admin/exams/import.html{part}", title, ImportFile, **context))


def _format_label(name: str) -> str:
    known = registry.FORMATS.get(name)
    return known.label if known else name


def _report(file: ImportFile, job: Job, *, is_take: bool) -> dict[str, Any]:
    """Return what a job said: how many questions have which fate, each with its draft; losses, faults.

    `can_take` is true where drafts can be made now, `is_taken` where they were; `is_partial` where that does
    not go for all of the file.
    """
    result = job.result
    drafts = _drafts(file, [code for code, _fate, _text in result["items"]])
    stops = result[imports.HELD] + result[imports.FAULTY] + result["faults_total"]
    changes = result[imports.NEW] + result[imports.CHANGED]
    return {
        **result,
        "counts": [(label, result[fate]) for fate, label in FATES.items()],
        "items": [
            {"code": code, "fate": FATES[fate], "fault": sentence, "draft": drafts.get(code)}
            for code, fate, sentence in result["items"]
        ],
        "remarks": [(item, place, sentence) for place, item, sentence in result.get("remarks", [])],
        "can_take": not is_take and bool(changes),
        "is_taken": is_take and result.get("taken", not stops),
        "is_partial": bool(stops),
        "changes": changes,
        "total": sum(result[fate] for fate in FATES),
    }


def _drafts(file: ImportFile, codes: Sequence[str]) -> dict[str, int]:
    """Return the open drafts of these questions. One statement."""
    rows = Draft.objects.filter(
        certification=file.certification_id, kind=ITEM, name__in=codes, state__in=OPEN
    )
    return dict(rows.values_list("name", "pk"))


@staff_view(rights.WRITE)
@posted(lambda object_id: reverse("admin:exams_importfile_change", args=[object_id]))
def take(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Have the questions of a checked file made drafts: all or nothing, or those that can be."""
    file = own_file(request.user, object_id)
    imports.take_checked(file=file, owner=request.user, partial="partial" in request.POST)
    return HttpResponseRedirect(page_of(file))


@admin.register(ImportFile)
class ImportFileAdmin(RowViews):
    """One's own files; the page of one says what its check found and what became of it."""

    list_display = ("name", "certification", "format_label", "created_at")
    list_select_related = ("certification",)
    list_filter = ("certification",)
    search_fields = ("name",)
    actions_list = ("new_import", "api_token")
    format_label = column(gettext_lazy("format"), lambda file: _format_label(file.format), "format")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImportFile]:
        """Files of the reader, without their content."""
        rows: QuerySet[ImportFile] = super().get_queryset(request)
        return rows.filter(owner=request.user.pk).defer("content")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        """Who writes imports, and sees what they imported."""
        return request.user.has_perm(rights.WRITE)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Who writes has it in the menu."""
        return self.has_view_permission(request)

    def has_write_permission(self, request: HttpRequest) -> bool:
        """Who writes imports."""
        return self.has_view_permission(request)

    def row_views(self) -> Mapping[str, Callable[..., HttpResponse]]:
        """Add the act that makes drafts."""
        return {"take": take}

    @action(description=gettext_lazy("Import questions"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_import(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file."""
        return new_import(request)

    @action(description=gettext_lazy("API token"), url_path="token", permissions=["write"])  # type: ignore[untyped-decorator]
    def api_token(self, request: HttpRequest) -> HttpResponse:
        """Issue a token for programs of the author."""
        return new_token(request)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        """Show the report instead of fields; there is nothing to change."""
        if request.method != "GET":
            raise PermissionDenied
        return page(request, object_id)

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        """Ask for the right first: a file of somebody else is as absent as none."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        reply: HttpResponse = super().history_view(request, object_id, *args, **kwargs)
        return reply


def _questions_of(job: Job) -> str:
    form = job.parameters.get("form")
    return reverse("admin:exams_examform_change", args=[form]) if form else list_of(Item)


PROOF_SHEET: Final = JobPage(
    gettext_lazy("Proof sheet as PDF"),
    lambda job: reverse("admin:exams_draft_proof", args=[job.parameters["draft"]]),
)
EXPORT: Final = JobPage(gettext_lazy("Export questions"), _questions_of, "admin/exams/export_job.html")
hooks.register("job_pages", PROOF_SHEET, key=proof.KIND)
hooks.register("job_pages", EXPORT, key=exports.KIND)
