"""What is done with many questions or drafts at once, mostly one by one; the page tells what was refused."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.admin import own_jobs
from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.users.requests import SignedInRequest
from exams.admin import withdrawals
from exams.admin.requests import admin_page, form_page, list_of, page_of, row_or_404, staff_view
from exams.assembly import selectors as assembly
from exams.assembly.models import ExamForm
from exams.authoring import exports, rights, selectors, services, withdrawal
from exams.authoring.items import NAME
from exams.authoring.models import OPEN, Draft, State
from exams.bank.models import Item
from exams.content.exchange_formats import registry

MOST: Final = 500
MOST_DRAFTS: Final = 50
"""Each is published in a second or less, and one request does them all."""
MOST_TAGS: Final = 20
LONGEST_TAG: Final = 60
CLOSED: Final = gettext_lazy("A closed draft stays as it is.")
OUTCOME: Final = "outcome_of_many"
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


class WhyForm(forms.Form):
    """Why it is done, for all of them."""

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
    send_draft(draft, actor, assignee)


def send_draft(draft: Draft, actor: User, assignee: User | None) -> None:
    """Send a draft to review. Raises Refused."""
    if draft.state == State.REVIEW:
        # By itself it could be sent to somebody else; among many nothing would be done, and told as done.
        raise Refused("in_review", 409, _("This draft is in review already."))
    services.send_to_review(draft_id=draft.pk, revision=draft.revision, actor=actor, assignee=assignee)


def approve_draft(draft: Draft, actor: User) -> None:
    """Approve a draft as it was listed. Raises Refused."""
    services.approve(draft_id=draft.pk, digest=draft.digest, actor=actor)


def publish_draft(draft: Draft, actor: User, reason: str) -> None:
    """Publish a draft as it was listed, approved first where it waits for that. Raises Refused."""
    if services.is_unchanged(draft):
        raise Refused("no_changes", 409, _("No changes: this is what is published already."))
    # Two transactions: publishing waits for its lock before it locks a draft, never the other way round.
    if draft.state == State.REVIEW:
        approve_draft(draft, actor)
    services.publish(draft_id=draft.pk, digest=draft.digest, actor=actor, reason=reason)


def confirm(item: Item, actor: User) -> None:
    """Say that a withdrawal was right. Raises Refused."""
    withdrawal.confirm(item_id=item.pk, actor=actor)


@dataclass(frozen=True, slots=True)
class Act:
    """An act on many questions or drafts: what it asks for, who may, and what it does with each."""

    title: Promise
    verb: Promise
    form: type[forms.Form]
    permissions: tuple[str, ...]
    each: Callable[..., None] | None = None
    """What is done with each by itself; None where it is done with all of them at once."""
    model: type[Item] | type[Draft] = Item
    states: tuple[State, ...] = OPEN
    """Of drafts: in which of their states it is done; others are left out."""
    why_left_out: Promise = CLOSED

    @property
    def most(self) -> int:
        """Of how many it is done at once."""
        return MOST_DRAFTS if self.model is Draft else MOST


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
        WhyForm,
        (rights.REVIEW,),
    ),
    "confirm_all": Act(
        gettext_lazy("Confirm withdrawals"), gettext_lazy("Confirm"), forms.Form, (rights.REVIEW,), confirm
    ),
    "send_many": Act(
        gettext_lazy("Send drafts to review"),
        gettext_lazy("Send to review"),
        SendForm,
        (rights.WRITE, rights.TRANSLATE),
        send_draft,
        Draft,
        (State.DRAFT,),
        gettext_lazy("Only a draft that nobody reviews yet can be sent."),
    ),
    "approve_many": Act(
        gettext_lazy("Approve drafts"),
        gettext_lazy("Approve"),
        forms.Form,
        (rights.REVIEW,),
        approve_draft,
        Draft,
    ),
    "publish_many": Act(
        gettext_lazy("Approve and publish drafts"),
        gettext_lazy("Approve and publish"),
        WhyForm,
        (rights.REVIEW,),
        publish_draft,
        Draft,
    ),
}


def action_of(name: str, permission: str) -> Callable[..., HttpResponse]:
    """Return the action of a list that shows what an act asks for; it is offered by has_..._permission."""

    @action(description=ACTS[name].title, permissions=[permission])  # type: ignore[untyped-decorator]
    def choose(_admin: object, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        act, left_out = ACTS[name], 0
        rows = queryset.order_by("code" if act.model is Item else "pk")
        if act.model is Draft:
            left_out = rows.exclude(state__in=act.states).count()
            rows = rows.filter(state__in=act.states)
        ids = list(rows.values_list("pk", flat=True)[: exports.MOST_ITEMS])
        return staff_view(*act.permissions)(_page)(request, name, act.form(), ids, left_out=left_out)

    return cast("Callable[..., HttpResponse]", choose)


def view_of(name: str) -> Callable[..., HttpResponse]:
    """Return the view that does an act with the questions whose ids are posted, then says what came of it."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @staff_view(*ACTS[name].permissions)
    def view(request: SignedInRequest) -> HttpResponse:
        if request.method != "POST":
            return _outcome_page(request, name)
        # The digest is given back as it came: the page must not stand for drafts that nobody looked at.
        ids, digest = ids_of(request.POST.get("ids", "")), request.POST.get("digest", "")
        form = ACTS[name].form(request.POST)
        if not form.is_valid():
            return _page(request, name, form, ids, digest)
        try:
            return _export(request, form, ids) if name == "export" else _done(request, name, form, ids)
        except Refused as refused:
            form.add_error(None, str(refused))
            return _page(request, name, form, ids, digest)

    return view


def _address(name: str) -> str:
    return reverse(f"admin:exams_{ACTS[name].model._meta.model_name}_{name}")


def views(model: type[Item] | type[Draft]) -> list[URLPattern]:
    """Return the addresses of the acts on a model."""
    return [
        path(
            f"many/{name}/",
            admin.site.admin_view(view_of(name)),
            name=f"exams_{model._meta.model_name}_{name}",
        )
        for name, act in ACTS.items()
        if act.model is model
    ]


def _rows(name: str, ids: Sequence[int]) -> QuerySet[Any]:
    """Return what an act is about, in the order of its list."""
    model = ACTS[name].model
    rows = model._default_manager.filter(pk__in=ids).select_related("certification")
    return rows.order_by("code" if model is Item else "name")


def ids_of(given: str) -> list[int]:
    """Return ids that are posted with commas between them; what is none is left out."""
    return list(
        dict.fromkeys(int(number) for number in given.split(",") if number.isdecimal() and len(number) < 19)
    )


def _digest(rows: Sequence[Item | Draft]) -> str:
    """Return what stands for the content of all drafts among rows, and of each of them."""
    return ",".join(f"{row.pk}-{row.digest}" for row in rows if isinstance(row, Draft))


def _changed(rows: Sequence[Item | Draft], digest: str) -> list[Item | Draft]:
    """Return the drafts among rows whose content is not what a digest of them stands for."""
    seen = digest.split(",")
    return [row for row in rows if isinstance(row, Draft) and _digest([row]) not in seen]


def _export(request: SignedInRequest, form: forms.Form, ids: Sequence[int]) -> HttpResponse:
    job = exports.of_items(format_name=form.cleaned_data["format_name"], item_ids=ids, owner=request.user)
    return HttpResponseRedirect(own_jobs.url_of(job))


def _done(request: SignedInRequest, name: str, form: forms.Form, ids: Sequence[int]) -> HttpResponse:
    most, are_drafts = ACTS[name].most, ACTS[name].model is Draft
    if not 0 < len(ids) <= most:
        sentence = _("Choose at least one question, and at most %(most)s.")
        if are_drafts:
            sentence = _("Choose at least one draft, and at most %(most)s.")
        raise Refused("no_items", 422, sentence, values={"most": most})
    # The rows whose digest is compared are those that are approved: nothing comes in between.
    rows = list(_rows(name, ids))
    if _changed(rows, request.POST.get("digest", "")):
        raise Refused(
            "stale_drafts", 409, _("A draft was changed after this page was opened. Look at the list again.")
        )
    act = ACTS[name].each
    outcome = _outcome(request.user, act, form, rows) if act else _withdrawn(request.user, form, ids)
    request.session[OUTCOME] = {"act": name, **outcome}
    return HttpResponseRedirect(_address(name))


def _outcome_page(request: SignedInRequest, name: str) -> HttpResponse:
    """Say what came of the last act, without doing it again; lead to the list where it was another one."""
    model, outcome = ACTS[name].model, request.session.get(OUTCOME, {})
    if outcome.get("act") != name:
        return HttpResponseRedirect(list_of(model))
    items = _rows(name, [*outcome["done"], *(pk for pk, _why in outcome["left_out"])]).in_bulk()
    context = {
        **outcome,
        "done": [items[pk] for pk in outcome["done"] if pk in items],
        "left_out": [(items[pk], why) for pk, why in outcome["left_out"] if pk in items],
        "are_drafts": model is Draft,
        "back": list_of(model),
    }
    return admin_page(request, "admin/exams/bulk_done.html", ACTS[name].title, model, **context)


def _outcome(
    actor: User, act: Callable[..., None], form: forms.Form, rows: Sequence[Item | Draft]
) -> dict[str, Any]:
    """Do an act; return what came of it, as a session can keep it."""
    done, left_out = [], []
    for item in rows:
        try:
            act(item, actor, **form.cleaned_data)
        except Refused as refused:
            left_out.append((item.pk, str(refused)))
        else:
            done.append(item.pk)
    return {"done": done, "left_out": left_out}


def _withdrawn(actor: User, form: forms.Form, ids: Sequence[int]) -> dict[str, Any]:
    """Withdraw all of them by one act, or none: exams must not become too short. Raises Refused."""
    result = withdrawal.withdraw_all(item_ids=ids, actor=actor, reason=form.cleaned_data["reason"])
    done = [item.pk for item in result.plan.items]
    changes = withdrawals.changes(result.plan)
    return {
        "done": done,
        "left_out": [(item.pk, _("This question is not in use.")) for item in result.before],
        "places": changes["places"],
        "sizes": changes["sizes"],
        "may_count": assembly.may_count(done),
    }


def _page(
    request: SignedInRequest,
    name: str,
    form: forms.Form,
    ids: Sequence[int],
    digest: str | None = None,
    left_out: int = 0,
) -> HttpResponse:
    act = ACTS[name]
    items = list(_rows(name, ids)[: act.most + 1])
    digest = _digest(items) if digest is None else digest
    context = {
        "form": form,
        "ids": ",".join(map(str, ids)),
        "digest": digest,
        "rows": items,
        "total": len(ids),
        "most": act.most,
        "changed": _changed(items, digest),
        "left_out": left_out,
        "why_left_out": act.why_left_out,
        "verb": act.verb,
        "action": _address(name),
        "are_drafts": act.model is Draft,
        "back": list_of(act.model),
    }
    if name == "withdraw_all":
        chosen = _rows(name, ids).select_related("current", "task__domain")[:MOST]
        plan = withdrawal.plan([item for item in chosen if withdrawal.is_used(item)])
        context |= {"is_withdrawal": True, **withdrawals.changes(plan)}
    return admin_page(request, "admin/exams/bulk.html", act.title, act.model, **context)


@staff_view(rights.WRITE)
def export_exam(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Ask for a format, then have the questions of an exam written."""
    rows = ExamForm.objects.select_related("certification")
    exam = row_or_404(rows, object_id)
    form = FormatForm(request.POST or None)
    if form.is_valid():
        job = exports.of_exam(
            format_name=form.cleaned_data["format_name"], form_id=exam.pk, owner=request.user
        )
        return HttpResponseRedirect(own_jobs.url_of(job))
    title, back = _("Export %(exam)s") % {"exam": exam}, page_of(exam)
    return form_page(request, form, title, ACTS["export"].verb, ExamForm, back)
