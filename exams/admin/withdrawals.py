"""Withdrawing a question from the bank, and what takes its place in the exams."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.admin.acts import ReasonForm
from accounts.audit import services as audit
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.users.requests import SignedInRequest
from exams.admin import search
from exams.admin.requests import admin_page, page_of, posted, row_or_404, staff_view
from exams.assembly import selectors as assembly
from exams.assembly.models import ExamForm
from exams.attempts import selectors as attempts
from exams.authoring import rights, withdrawal
from exams.authoring.withdrawal import Plan
from exams.bank.models import Item, ItemVersion, KeyRuling

TEMPLATE: Final = "admin/exams/withdraw.html"


def place(exam: int, position: int, code: str, by: str) -> dict[str, Any]:
    """Return a question at its place in an exam, and the code of what comes there, "" for nothing."""
    return {"exam": exam, "position": position, "code": code, "by": by}


def size(exam: int, before: int, after: int) -> dict[str, int]:
    """Return how many questions an exam has by what was done."""
    return {"exam": exam, "before": before, "after": after}


def address(item_id: int) -> str:
    """Return the page on which a question is withdrawn."""
    return reverse("admin:exams_item_withdraw", args=[item_id])


def changes(plan: Plan) -> dict[str, Any]:
    """Return what withdrawing does, for the part of a page that shows it. Four statements."""
    ids = [item.pk for item in plan.items]
    drills = assembly.drills_of(ids)
    return {
        "places": [
            place(change.form.number, left.placed.position, left.item.code, left.by)
            for change in plan.forms
            for left in change.leaving
        ],
        "sizes": [
            size(change.form.number, len(change.items) + change.lost, len(change.items))
            for change in plan.forms
        ],
        "sample": plan.sample,
        "drills": drills,
        "many_drills": drills >= assembly.MOST_DRILLS,
        "running": attempts.running_with(ids),
        "shortages": [withdrawal.sentence_of(shortage) for shortage in plan.shortages],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@staff_view(rights.REVIEW)
def withdraw(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Show what withdrawing does, then do it; afterward show what was done and what is asked next."""
    item = _item(object_id)
    if not withdrawal.is_used(item):
        if request.method == "POST":
            messages.warning(request, _("This question is not in use."))
            return HttpResponseRedirect(address(item.pk))
        return _page(request, item, _after(item, request.user))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            withdrawal.withdraw(item_id=item.pk, actor=request.user, reason=form.cleaned_data["reason"])
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Withdrawn. The other reviewers have been notified."))
            return HttpResponseRedirect(address(item.pk))
    return _page(request, item, {"form": form, **changes(withdrawal.plan([item]))})


@staff_view(rights.REVIEW)
@posted(lambda object_id: reverse("admin:exams_item_withdraw", args=[object_id]))
def confirm(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Say that a withdrawal was right."""
    return _decided(request, object_id, lambda item: withdrawal.confirm(item_id=item.pk, actor=request.user))


@staff_view(rights.REVIEW)
@posted(lambda object_id: reverse("admin:exams_item_withdraw", args=[object_id]))
def undo(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Undo a withdrawal."""
    item, form = _item(object_id), ReasonForm(request.POST)
    if not form.is_valid() and withdrawal.is_waiting(item):
        return _page(request, item, {**_after(item, request.user), "form": form})
    reason = form.cleaned_data.get("reason", "")
    return _decided(
        request,
        object_id,
        lambda item: withdrawal.undo(item_id=item.pk, actor=request.user, reason=reason),
    )


def _decided(request: SignedInRequest, object_id: str, act: Callable[[Item], Item]) -> HttpResponse:
    item = _item(object_id)
    try:
        done = act(item)
    except Refused as refused:
        messages.error(request, str(refused))
        return HttpResponseRedirect(address(item.pk))
    if done.current_id is None:
        messages.success(request, _("Withdrawal confirmed."))
        return HttpResponseRedirect(address(item.pk))
    messages.success(request, _("Withdrawal undone. The question is in use again."))
    return HttpResponseRedirect(page_of(item))


def _item(object_id: str) -> Item:
    rows = Item.objects.select_related("certification", "current", "task__domain")
    return row_or_404(rows, object_id)


def _after(item: Item, person: User) -> dict[str, Any]:
    """Return what the page says of a question that is out of use."""
    act = withdrawal.withdrawal(item)
    if act is None:
        return {"act": None}
    version = ItemVersion.objects.filter(item=item, number=act.before.get("version") or 0).first()
    waits = withdrawal.is_waiting(item)
    return {
        "act": act,
        "waits": waits,
        "may_confirm": waits and withdrawal.may_confirm(act, person),
        "version": version,
        "is_ruled": version is not None and version.rulings.exists(),
        "rule_address": _rule_address(version) if person.has_perm("exams.add_keyruling") else "",
        "confirmed": None if waits else audit.of(item).filter(action=withdrawal.CONFIRM).first(),
        "form": ReasonForm(),
        "running": attempts.running_with([item.pk]),
        "may_count": assembly.may_count([item.pk]),
        "was_in_sample": bool(act.after.get("sample")),
        **_exchanged(item, act),
    }


def _rule_address(version: ItemVersion | None) -> str:
    if version is None:
        return ""
    return f"{reverse('admin:exams_keyruling_rule', args=[version.pk])}?kind={KeyRuling.Kind.OUT.value}"


def _exchanged(item: Item, act: AuditEntry) -> Mapping[str, Sequence[Any]]:
    """Return what a withdrawal did to exams, as it was recorded, and how many questions these have now."""
    places, sizes = [], []
    facts = {form.number: form.items for form in assembly.forms(item.certification.code)}
    for form in ExamForm.objects.filter(pk__in=act.after.get("forms", ())).order_by("number"):
        entry = audit.of(form).filter(action=withdrawal.EXCHANGE, after__log=act.after["log"]).first()
        left = entry.after["left"].get(item.code) if entry else None
        if left is not None:
            places.append(place(form.number, left["position"], item.code, left["by"]))
            sizes.append(size(form.number, withdrawal.designed(form), facts.get(form.number, 0)))
    return {"places": places, "sizes": sizes}


def _page(request: SignedInRequest, item: Item, context: Mapping[str, Any]) -> HttpResponse:
    version = item.current or withdrawal.last_version(item)
    words = search.excerpts([version.pk]).get(version.pk, "") if version else ""
    whole = {"item": item, "original": item, "words": words, **context}
    return admin_page(request, TEMPLATE, _("Withdraw the question"), Item, **whole)
