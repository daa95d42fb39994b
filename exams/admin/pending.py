"""What waits for a second person: looked at in full, then confirmed, declined, or withdrawn."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.admin.panels import Figure, OwnFigures
from accounts.admin.readonly import ReadOnlyAdmin, link_to
from accounts.audit import services as audit
from accounts.base import hooks
from accounts.base.errors import Text
from accounts.users.models import User
from exams.admin.base import column
from exams.admin.requests import list_of
from exams.admin.rulings import KINDS, letters_of
from exams.authoring import certifications
from exams.bank.models import ItemVersion, KeyRuling
from exams.catalog.models import Certification
from exams.corrections import proposals, services
from exams.corrections.proposals import Proposal
from exams.publication import pending
from exams.publication.models import PendingAct

SEE: Final = "exams.view_pendingact"
type Details = Sequence[tuple[Any, Any]]


class NoteForm(forms.Form):
    """What whoever confirms wants to have on record."""

    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=2000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


def of_ruling(act: PendingAct) -> Details:
    """Return what is to be ruled, and what it would do."""
    proposal = Proposal.of(act.parameters)
    version = ItemVersion.objects.select_related("item").get(pk=proposal.version_id)
    letters = letters_of(proposal.options)
    ruled = str(dict(KINDS)[KeyRuling.Kind(proposal.kind)])
    impact: Mapping[str, Any] = act.parameters.get("impact") or {}
    return [
        (_("Question"), link_to(version, str(version))),
        (_("Ruling"), f"{ruled}: {letters}" if letters else ruled),
        (_("Cause"), KeyRuling.Cause(proposal.cause).label),
        (_("Lower scores"), _("are written") if proposal.may_lower else _("are not written")),
        (_("People who took an exam with it"), proposals.people_touched(version.pk)),
        *((name, impact[key]) for key, name in IMPACT.items() if key in impact),
    ]


IMPACT: Final = {
    "changed": _("Would change"),
    "raised": _("Raised"),
    "lowered": _("Lowered"),
    "to_pass": _("Fail to pass"),
    "to_fail": _("Pass to fail"),
}


def of_listing(act: PendingAct) -> Details:
    """Return what is to be put on the site."""
    certification = Certification.objects.get(pk=act.parameters["certification"])
    return [(_("Certification"), link_to(certification, str(certification)))]


DETAILS: Final[Mapping[str, Callable[[PendingAct], Details]]] = {
    services.KIND: of_ruling,
    certifications.LISTING: of_listing,
}


def _details(act: PendingAct) -> SafeString:
    """Return what a proposal would do, and the acts on it."""
    context = {"facts": DETAILS[act.kind](act), "audit": audit.of(act)}
    return render_to_string("admin/exams/proposal.html", context)


@admin.register(PendingAct)
class PendingActAdmin(ActsWithReason, ReadOnlyAdmin):
    """Proposals, those that wait in front of those that were decided."""

    row_argument = "act_id"
    list_display = ("subject", "what", "proposer", "proposed_at", "state", "decider")
    list_filter = ("state", "kind")
    list_select_related = ("proposer", "decider")
    fields = (
        ("what", "state"),
        ("proposer", "proposed_at"),
        "reason",
        ("decider", "decided_at"),
        "decision",
        "details",
    )
    readonly_fields = ("what", "details")
    actions_detail = ("confirm", "decline", "withdraw")
    what = column(_("what"), lambda act: pending.kind_of(act).title, "kind")
    details = column(_("details"), _details)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PendingAct]:
        """Proposals with their people, in one statement."""
        rows: QuerySet[PendingAct] = super().get_queryset(request)
        return rows.select_related("proposer", "decider")

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Whoever may do one of the acts; the act asks for its own permission."""
        return any(request.user.has_perm(kind.permission) for kind in pending.kinds())

    def person_of(self, row: PendingAct) -> int | None:
        """Nobody's: it is about content."""
        return None

    def obstacle(self, request: HttpRequest, row: PendingAct, act: str) -> Text:
        """What was decided stays; nobody confirms their own, and nobody else withdraws it."""
        if row.state != PendingAct.State.WAITING:
            return pending.DECIDED
        own = row.proposer_id == request.user.pk
        if own != (act == "withdraw"):
            return pending.OWN if own else _("Somebody else proposed this. You can decline it.")
        return ""

    def facts_of(self, row: PendingAct) -> list[tuple[Any, Any]]:
        """Everything that is to be known of it."""
        return [
            (_("Proposed by"), row.proposer or _("Deleted account")),
            (_("Reason"), row.reason),
            *DETAILS[row.kind](row),
        ]

    @action(description=_("Confirm"), url_path="confirm", permissions=["act"])  # type: ignore[untyped-decorator]
    def confirm(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Do what somebody else proposed."""
        return self._act(request, object_id, NoteForm, _("Confirm the proposal"), _("Confirm"), confirm)

    @action(description=_("Decline"), url_path="decline", permissions=["act"])  # type: ignore[untyped-decorator]
    def decline(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Close it without doing it."""
        title = _("Decline the proposal")
        return self._act(request, object_id, ReasonForm, title, _("Decline"), decline)

    @action(description=_("Withdraw"), url_path="withdraw", permissions=["act"])  # type: ignore[untyped-decorator]
    def withdraw(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Close one's own."""
        title = _("Withdraw the proposal")
        return self._act(request, object_id, ReasonForm, title, _("Withdraw"), decline)


def confirm(*, actor: User, act_id: int, note: str) -> Text:
    """Confirm, and say so. Raises Refused."""
    pending.confirm(act_id=act_id, actor=actor, note=note)
    return _("Confirmed and done.")


def decline(*, actor: User, act_id: int, reason: str) -> None:
    """Close without doing it. Raises Refused."""
    pending.decline(act_id=act_id, actor=actor, reason=reason)


def _waiting(staff: User) -> Sequence[Figure]:
    """One statement."""
    count = pending.waiting().exclude(proposer=staff).count()
    address = list_of(PendingAct, state__exact=PendingAct.State.WAITING)
    note = _("Proposed by a colleague")
    return [Figure(_("Waiting for your confirmation"), count, address, note, is_bad=count > 0)]


hooks.register("start_page_figures", OwnFigures(SEE, _waiting, 7))
