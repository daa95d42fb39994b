"""What is done with many questions at once, mostly one by one; the page tells what was refused."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from http import HTTPStatus
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.admin import own_jobs
from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.users.requests import SignedInRequest
from exams.admin import withdrawals
from exams.admin.decorators import staff_view
from exams.assembly import uses
from exams.assembly.models import ExamForm
from exams.authoring import exports, rights, selectors, services, withdrawal
from exams.authoring.items import NAME
from exams.authoring.models import OPEN, Draft, State
from exams.bank.models import Item
from exams.content.exchange_formats import registry

MOST: Final = 500
MOST_TAGS: Final = 20
LONGEST_TAG: Final = 60
OUTCOME: Final = "bulk_outcome"
"""What the session remembers of the last act, so that its page can be reloaded."""
PARTED: Final = re.compile(r"[,;\n]+")


class FormatForm(forms.Form):
    """The format of an export."""

    format_name = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[(fmt.name, fmt.label) for fmt in registry.FORMATS.values() if fmt.can_write],
        widget=UnfoldAdminSelectWidget(),
    )


class TagForm(forms.Form):
    """Tags that are added."""

    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        max_length=1000,
        help_text=gettext_lazy("With commas between them. They are added to the tags that are there."),
        widget=UnfoldAdminTextInputWidget(),
    )

    def clean_tags(self) -> list[str]:
        """Return the tags, none of them empty or twice."""
        names = [" ".join(part.split()) for part in PARTED.split(self.cleaned_data["tags"])]
        tags = list(dict.fromkeys(name for name in names if name))
        if not 0 < len(tags) <= MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
            sentence = _("Write 1 to %(most)s tags of at most %(longest)s characters.")
            raise forms.ValidationError(sentence % {"most": MOST_TAGS, "longest": LONGEST_TAG})
        return tags


class SendForm(forms.Form):
    """Who is to review."""

    assignee = forms.ModelChoiceField(
        label=gettext_lazy("Reviewer"),
        queryset=User.objects.none(),
        required=False,
        empty_label=gettext_lazy("nobody in particular"),
        widget=UnfoldAdminSelectWidget(),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        field: Any = self.fields["assignee"]
        field.queryset = selectors.reviewers()


class WithdrawForm(forms.Form):
    """Why they are taken out of use."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=5,
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


def tag(item: Item, actor: User, tags: Sequence[str]) -> None:
    """Add tags to the draft of a question, begun where there is none. Raises Refused."""
    if item.current_id is None:
        raise Refused("withdrawn", 409, _("This question is not in use."))
    draft = services.open_draft(kind=NAME, certification=item.certification, name=item.code, actor=actor)
    if draft.state != State.DRAFT:
        # Saving would take the review of somebody else back.
        raise Refused("in_review", 409, _("Its draft is in review or approved."))
    content = {**draft.content, "tags": list(dict.fromkeys([*draft.content["tags"], *tags]))}
    services.save(draft_id=draft.pk, revision=draft.revision, content=content, actor=actor)


def send(item: Item, actor: User, assignee: User | None) -> None:
    """Send the open draft of a question to review. Raises Refused."""
    rows = Draft.objects.filter(kind=NAME, certification=item.certification, name=item.code, state__in=OPEN)
    draft = rows.first()
    if draft is None:
        raise Refused("no_draft", 404, _("There is no draft of this question."))
    services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=actor, assignee=assignee)


def confirm(item: Item, actor: User) -> None:
    """Say that a withdrawal was right. Raises Refused."""
    withdrawal.confirm(item_id=item.pk, actor=actor)


@dataclass(frozen=True, slots=True)
class Act:
    """An act on many questions: what it asks for, who may, and what it does with each."""

    title: Promise
    verb: Promise
    form: type[forms.Form]
    permissions: tuple[str, ...]
    each: Callable[..., None] | None = None
    """What is done with each question by itself; None where it is done with all of them at once."""


ACTS: Final[Mapping[str, Act]] = {
    "export": Act(
        gettext_lazy("Export questions"), gettext_lazy("Create the file"), FormatForm, (rights.WRITE,)
    ),
    "tag": Act(gettext_lazy("Add tags"), gettext_lazy("Add tags"), TagForm, (rights.WRITE,), tag),
    "send": Act(
        gettext_lazy("Send drafts to review"),
        gettext_lazy("Send to review"),
        SendForm,
        (rights.WRITE, rights.TRANSLATE),
        send,
    ),
    "withdraw_all": Act(
        gettext_lazy("Withdraw questions"),
        gettext_lazy("Withdraw"),
        WithdrawForm,
        (rights.REVIEW,),
    ),
    "confirm_all": Act(
        gettext_lazy("Confirm withdrawals"), gettext_lazy("Confirm"), forms.Form, (rights.REVIEW,), confirm
    ),
}


def chosen(request: HttpRequest, name: str, ids: Sequence[int]) -> HttpResponse:
    """Show what an act asks for, for questions that were chosen in the list."""
    view: HttpResponse = staff_view(*ACTS[name].permissions)(
        lambda request: _page(request, name, ACTS[name].form(), list(ids))
    )(request)
    return view


def view_of(name: str) -> Callable[..., HttpResponse]:
    """Return the view that does an act with the questions whose ids are posted, then says what came of it."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @staff_view(*ACTS[name].permissions)
    def view(request: SignedInRequest) -> HttpResponse:
        if request.method != "POST":
            return _outcome_page(request, name)
        ids = ids_of(request.POST.get("ids", ""))
        form = ACTS[name].form(request.POST)
        if not form.is_valid():
            return _page(request, name, form, ids)
        try:
            return _export(request, form, ids) if name == "export" else _done(request, name, form, ids)
        except Refused as refused:
            form.add_error(None, str(refused))
            return _page(request, name, form, ids)

    return view


def _address(name: str) -> str:
    return reverse(f"admin:exams_item_{name}")


def ids_of(given: str) -> list[int]:
    """Return ids that are posted with commas between them; what is none is left out."""
    return list(
        dict.fromkeys(int(number) for number in given.split(",") if number.isdecimal() and len(number) < 19)
    )


def _export(request: SignedInRequest, form: forms.Form, ids: Sequence[int]) -> HttpResponse:
    job = exports.of_items(format_name=form.cleaned_data["format_name"], item_ids=ids, owner=request.user)
    return HttpResponseRedirect(own_jobs.address(job))


def _done(request: SignedInRequest, name: str, form: forms.Form, ids: Sequence[int]) -> HttpResponse:
    if not 0 < len(ids) <= MOST:
        raise Refused(
            "no_items", 422, _("Choose at least one question, and at most %(most)s."), values={"most": MOST}
        )
    request.session[OUTCOME] = {"act": name, **_outcome(request.user, name, form, ids)}
    return HttpResponseRedirect(_address(name))


def _outcome_page(request: SignedInRequest, name: str) -> HttpResponse:
    """Say what came of the last act, without doing it again; lead to the list where it was another one."""
    outcome = request.session.get(OUTCOME, {})
    if outcome.get("act") != name:
        return HttpResponseRedirect(reverse("admin:exams_item_changelist"))
    items = Item.objects.in_bulk([*outcome["done"], *(pk for pk, _why in outcome["refused"])])
    context = {
        **admin.site.each_context(request),
        **_around(name),
        **outcome,
        "done": [items[pk] for pk in outcome["done"] if pk in items],
        "refused": [(items[pk], why) for pk, why in outcome["refused"] if pk in items],
    }
    return render(request, "admin/exams/bulk_done.html", context)


def _outcome(actor: User, name: str, form: forms.Form, ids: Sequence[int]) -> dict[str, Any]:
    """Do an act; return what came of it, as a session can keep it."""
    act = ACTS[name].each
    if act is None:
        return _withdrawn(actor, form, ids)
    done, refused = [], []
    for item in Item.objects.filter(pk__in=ids).select_related("certification").order_by("code"):
        try:
            act(item, actor, **form.cleaned_data)
        except Refused as one:
            refused.append((item.pk, str(one)))
        else:
            done.append(item.pk)
    return {"done": done, "refused": refused}


def _withdrawn(actor: User, form: forms.Form, ids: Sequence[int]) -> dict[str, Any]:
    """Withdraw all of them by one act, or none: exams must not become too short. Raises Refused."""
    result = withdrawal.withdraw_all(item_ids=ids, actor=actor, reason=form.cleaned_data["reason"])
    done = [item.pk for item in result.plan.items]
    changes = withdrawals.changes(result.plan)
    return {
        "done": done,
        "refused": [(item.pk, _("This question is not in use.")) for item in result.before],
        "places": [asdict(one) for one in changes["places"]],
        "sizes": [asdict(one) for one in changes["sizes"]],
        "may_count": uses.may_count(done),
    }


def _page(request: SignedInRequest, name: str, form: forms.Form, ids: Sequence[int]) -> HttpResponse:
    items = Item.objects.filter(pk__in=ids).order_by("code")
    context = _around(name) | {
        "form": form,
        "ids": ",".join(map(str, ids)),
        "codes": list(items.values_list("code", flat=True)),
        "verb": ACTS[name].verb,
        "action": _address(name),
    }
    if name == "withdraw_all":
        chosen = items.select_related("certification", "current", "task__domain")[:MOST]
        plan = withdrawal.plan([item for item in chosen if withdrawal.is_used(item)])
        context |= {"is_withdrawal": True, **withdrawals.changes(plan)}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    whole = {**admin.site.each_context(request), **context}
    return render(request, "admin/exams/bulk.html", whole, status=status)


def _around(name: str) -> dict[str, Any]:
    back = reverse("admin:exams_item_changelist")
    return {"title": ACTS[name].title, "back": back, "opts": Item._meta}


@staff_view(rights.WRITE)
def export_exam(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Ask for a format, then have the questions of an exam written."""
    rows = ExamForm.objects.select_related("certification")
    exam = rows.filter(pk=int(object_id)).first() if object_id.isdecimal() and len(object_id) < 19 else None
    if exam is None:
        raise Refused("not_found", 404, _("Exam not found."))
    form = FormatForm(request.POST or None)
    if form.is_valid():
        job = exports.of_exam(
            format_name=form.cleaned_data["format_name"], form_id=exam.pk, owner=request.user
        )
        return HttpResponseRedirect(own_jobs.address(job))
    context = {
        **admin.site.each_context(request),
        "title": _("Export %(exam)s") % {"exam": exam},
        "verb": ACTS["export"].verb,
        "form": form,
        "back": reverse("admin:exams_examform_change", args=[exam.pk]),
        "opts": ExamForm._meta,
    }
    return render(request, "admin/act.html", context, status=422 if form.errors else 200)
