"""Purchases and subscriptions in the admin: what was paid and went back; refunds and cancellations."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django import forms
from django.contrib import admin, messages
from django.db.models import Max, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from accounts.access.models import Entitlement, Source
from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.admin.person import act_page
from accounts.admin.readonly import ReadOnlyAdmin
from accounts.audit import services as audit
from accounts.base.errors import Refused, Text
from accounts.payments import labels, refunds, services, settlement
from accounts.payments.gateways import GatewayDown
from accounts.payments.models import Checkout, Purchase, went_back
from accounts.payments.services import StaffAct
from accounts.users.models import User

ASKED: Final = "asked"
FAILED: Final = "failed"
PERMISSION: Final = "accounts.change_subscription"


class RefundForm(ReasonForm):
    """Why the money goes back."""

    # A second press of the button must not be recorded twice.
    form_id = forms.UUIDField(widget=forms.HiddenInput())


def refund(*, actor: User, purchase_id: int, reason: str, form_id: UUID) -> Text | None:
    """Give a payment back; return what is told when it is not settled yet. Raises Refused."""
    purchase = Purchase.objects.select_related("checkout").get(pk=purchase_id)
    try:
        is_settled = services.refund(purchase, actor=actor, reason=reason, form_id=form_id)
    except GatewayDown as down:
        raise Refused(
            "refund_not_taken",
            502,
            _(
                "The payment provider did not confirm the refund (%(why)s). Nothing has changed here. "
                "If it was made all the same, access ends within the hour: look there before you try again."
            ),
            values={"why": str(down)},
        ) from down
    if is_settled:
        return None
    return _("The payment provider accepted the refund. Access ends once it confirms this, within the hour.")


class DeclineForm(forms.Form):
    """Why there is no refund, for the buyer."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=5,
        max_length=1000,
        help_text=_("The buyer reads it in an email and under Purchases. Write in their language."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


def decline(*, actor: User, purchase_id: int, reason: str) -> None:
    """Decline the refund that was asked for. Raises Refused."""
    purchase = Purchase.objects.select_related("checkout__user").get(pk=purchase_id)
    refunds.decline(purchase, actor=actor, reason=reason)


class RefundFilter(admin.SimpleListFilter):
    """Payments whose refund waits: it was asked for, or it failed and nothing is refunded since."""

    title = _("refund")
    parameter_name = "refund"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, Any]]:
        """The choices."""
        return [(ASKED, _("Asked for")), (FAILED, _("Failed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Only those that were chosen."""
        chosen = {ASKED: refunds.waiting, FAILED: refunds.owed}.get(self.value() or "")
        return chosen(queryset) if chosen else queryset


@admin.register(Purchase)
class PurchaseAdmin(ActsWithReason, ReadOnlyAdmin):
    """Payments that arrived. Card, name and address of the buyer are the gateway's alone."""

    row_argument = "purchase_id"
    never_on_own = True
    list_display = ("paid_at", "number", "asked", "person", "product", "paid", "refunded", "gateway")
    list_display_links = ("paid_at", "number", "person")
    list_filter = (RefundFilter, "currency", "checkout__gateway")
    # The id is the number of orders on receipts of earlier versions.
    search_fields = ("checkout__number", "checkout__user__email", "payment_id", "checkout__id")
    search_help_text = _("Order number, email address, or payment ID")
    date_hierarchy = "paid_at"
    fields = (
        ("number", "person", "product"),
        ("paid", "paid_at"),
        ("asked", "refunded", "failed"),
        ("gateway", "payment_id"),
        ("period_starts_at", "period_ends_at", "subscription"),
        "log",
    )
    readonly_fields = (
        *("number", "person", "product", "paid", "asked", "refunded", "failed", "gateway", "subscription"),
        "log",
    )
    actions_detail = ("refund", "decline_refund", "cancel_subscription")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Purchase]:
        """Purchases with their buyer, product and what went back, in one statement."""
        purchases: QuerySet[Purchase] = super().get_queryset(request)
        rows = purchases.select_related(
            "checkout__user", "checkout__version__product", "refund_request__decline"
        )
        return rows.annotate(returned=went_back(), failed=Max("refunds__failure__created_at"))

    def person_of(self, row: Purchase) -> int | None:
        """Whose it is."""
        return row.checkout.user_id

    def facts_of(self, row: Purchase) -> list[tuple[Any, Any]]:
        """Who paid what, and what ends with a refund."""
        codes = ", ".join(entitlement.code for entitlement in settlement.entitlements_of(row))
        return [
            (_("Order number"), self.number(row)),
            (_("Person"), self.person(row)),
            (_("Product"), self.product(row)),
            (_("Amount"), self.paid(row)),
            (_("Paid"), date_format(localtime(row.paid_at), "DATETIME_FORMAT")),
            (_("Refunded so far"), self.refunded(row) or _("Nothing")),
            (_("Access"), codes or _("None")),
            *facts(row.checkout),
        ]

    def obstacle(self, request: HttpRequest, row: Purchase, act: str) -> Text:
        """What was given back is not given back again; nobody acts on their own money."""
        if act == "refund" and not row.amount:
            return _("There's nothing left to refund.")
        if act == "refund" and settlement.is_refunded(row):
            return _("This payment was refunded already. Nothing more was done.")
        if act == "decline_refund" and not _waits(row):
            return _("No refund request is waiting for this payment.")
        if act == "cancel_subscription" and (refusal := _not_to_cancel(row)):
            return refusal
        return super().obstacle(request, row, act)

    @admin.display(description=_("order number"), ordering="checkout__number")
    def number(self, row: Purchase) -> str:
        """What the buyer calls the order."""
        return row.checkout.number

    @admin.display(description=_("refund requested"))
    def asked(self, row: Purchase) -> Text:
        """When the buyer asked for the money, and whether that was declined."""
        if (request := getattr(row, "refund_request", None)) is None:
            return ""
        at = date_format(localtime(request.created_at), "DATETIME_FORMAT")
        declined = getattr(request, "decline", None)
        return _("%(at)s, declined: %(why)s") % {"at": at, "why": declined.reason} if declined else at

    @admin.display(description=_("person"), ordering="checkout__user__email")
    def person(self, row: Purchase) -> str:
        """Who paid."""
        return str(row.checkout.user or _("Deleted account"))

    @admin.display(description=_("product"), ordering="checkout__version")
    def product(self, row: Purchase) -> str:
        """What was bought, and which version of it."""
        return str(row.checkout.version)

    @admin.display(description=_("amount"), ordering="amount")
    def paid(self, row: Purchase) -> str:
        """What was paid."""
        return labels.amount_label(row.amount, row.currency)

    @admin.display(description=_("refunded"), ordering="returned")
    def refunded(self, row: Purchase) -> str:
        """What went back."""
        returned = getattr(row, "returned", None)
        return labels.amount_label(returned, row.currency) if returned else ""

    @admin.display(description=_("refund failed"))
    def failed(self, row: Purchase) -> datetime | None:
        """When a refund came back, the last time."""
        at: datetime | None = getattr(row, "failed", None)
        return at

    @admin.display(description=_("gateway"), ordering="checkout__gateway")
    def gateway(self, row: Purchase) -> str:
        """Who took the money."""
        return row.checkout.gateway

    @admin.display(description=_("subscription"))
    def subscription(self, row: Purchase) -> Text:
        """How the subscription goes on that it is a payment of."""
        state = settlement.last_state(row.checkout)
        return status_label(runs=state.runs, ends_at=state.ends_at) if state else ""

    @admin.display(description=_("what happened"))
    def log(self, row: Purchase) -> SafeString:
        """Acts on it and on its subscription."""
        acts = (audit.of(row) | audit.of(row.checkout)).order_by("-pk")
        return render_to_string("admin/exams/acts.html", {"audit": acts})

    def has_cancel_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Finance and support may cancel."""
        return request.user.has_perm(PERMISSION)

    @action(description=_("Refund"), url_path="refund", permissions=["act"])  # type: ignore[untyped-decorator]
    def refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give all of it back."""
        return self._act(
            request,
            object_id,
            RefundForm,
            _("Refund the payment"),
            _("Refund"),
            refund,
            {"form_id": uuid4()},
            next_page=lambda row: page_to_cancel(request, row.checkout),
            more_facts=refund_facts,
        )

    @action(description=_("Decline refund"), url_path="decline", permissions=["act"])  # type: ignore[untyped-decorator]
    def decline_refund(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Tell the buyer why nothing is given back."""
        title, verb = _("Decline the refund"), _("Decline refund")
        return self._act(request, object_id, DeclineForm, title, verb, decline, more_facts=refund_facts)

    @action(description=_("Cancel subscription"), url_path="cancel", permissions=["cancel"])  # type: ignore[untyped-decorator]
    def cancel_subscription(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Have no further payment taken for the subscription of this payment."""
        return self._act(
            request,
            object_id,
            CancelForm,
            _("Cancel the subscription"),
            _("Cancel subscription"),
            cancel,
            {"form_id": uuid4()},
        )


def refund_facts(row: Purchase) -> list[tuple[Any, Any]]:
    """Return what was begun with a payment, earlier refunds, and whether our refund promise covers it."""
    if row.checkout.user is None:
        return [(_("Started since the payment"), _("Unknown: the account was deleted"))]
    begun, others = refunds.begun(row), refunds.others_refunded(row)
    why_not = refunds.obstacle(row, is_begun=bool(begun))
    verdict = _("Doesn't apply: %(why)s") % {"why": why_not} if why_not else _("Applies")
    request = getattr(row, "refund_request", None)
    asked = date_format(localtime(request.created_at), "DATETIME_FORMAT") if request else _("No")
    return [
        (_("Asked for by the buyer"), asked),
        (_("Started since the payment"), ", ".join(map(str, begun)) or _("Nothing")),
        (_("Other refunds of this person"), others or _("None: this is the first")),
        (_("Our refund promise"), verdict),
    ]


def _waits(row: Any) -> bool:  # noqa: ANN401
    """Say of a row of the list whether its refund was asked for and nobody has decided."""
    request = getattr(row, "refund_request", None)
    return request is not None and not hasattr(request, "decline") and (row.returned or 0) < row.amount


def _not_to_cancel(row: Purchase) -> Text:
    """Return why there is no subscription to cancel, "" when there is."""
    state = settlement.last_state(row.checkout)
    if state is None:
        return _("This is not a payment of a subscription.")
    return "" if state.runs else _("This subscription has already ended.")


AT_END, NOW = "at_end", "now"


class CancelForm(ReasonForm):
    """From when nothing more is paid, and why."""

    when = forms.ChoiceField(
        label=_("When"),
        choices=[
            (
                AT_END,
                _("When the paid period ends"),
            ),
            (NOW, _("Now, for good")),
        ],
        initial=AT_END,
        help_text=_("Access stays open until the paid period ends. To end it sooner, refund or revoke it."),
        widget=UnfoldAdminSelectWidget(),
    )
    # A second press of the button must not be recorded twice.
    form_id = forms.UUIDField(widget=forms.HiddenInput())
    field_order = ("when", "reason", "form_id")


def cancel(*, actor: User, purchase_id: int, when: str, reason: str, form_id: UUID) -> Text | None:
    """Cancel the subscription of a payment; return what is told when it is not settled. Raises Refused."""
    checkout = Purchase.objects.select_related("checkout__user").get(pk=purchase_id).checkout
    act = StaffAct("subscription.cancel", actor, reason, form_id)
    try:
        is_settled = services.cancel_for(checkout, act=act, at_once=when == NOW)
    except GatewayDown as down:
        raise Refused(
            "cancel_not_taken",
            502,
            _(
                "The payment provider did not confirm the cancellation (%(why)s). Nothing has changed here. "
                "Try again: it cannot be canceled twice."
            ),
            values={"why": str(down)},
        ) from down
    if is_settled:
        return None
    return _("The payment provider accepted the cancellation. It is shown here within the hour.")


def status_label(*, runs: bool, ends_at: datetime | None) -> Text:
    """Return how a subscription goes on, in a word."""
    if not runs:
        return _("Ended")
    return _("Canceled") if ends_at else _("Renews")


def facts(checkout: Checkout | None) -> list[tuple[Any, Any]]:
    """Return what somebody must know who is about to refund or revoke a part of a subscription."""
    state = settlement.last_state(checkout) if checkout else None
    if state is None:
        return []
    if not (state.runs and state.ends_at is None):
        return [(_("Subscription"), status_label(runs=state.runs, ends_at=state.ends_at))]
    text = _("It continues, and the next payment is charged. Refunding or revoking does not cancel it.")
    return [(_("Subscription"), text)]


def checkout_of(entitlement: Entitlement) -> Checkout | None:
    """Return the order of the subscription that an entitlement comes from."""
    if entitlement.source != Source.SUBSCRIPTION:
        return None
    purchase = Purchase.objects.select_related("checkout").filter(payment_id=entitlement.source_id).first()
    return purchase.checkout if purchase else None


def page_to_cancel(request: HttpRequest, checkout: Checkout | None) -> str:
    """Tell whoever has refunded or revoked that a subscription goes on.

    Return the page that cancels it, "" when nothing is left to cancel or somebody else must.
    """
    if checkout is None or not services.goes_on(checkout):
        return ""
    if not request.user.has_perm(PERMISSION):
        messages.warning(request, _("The subscription continues. Somebody who may should cancel it."))
        return ""
    messages.warning(
        request, _("The subscription continues, and the next payment is charged. Cancel it here.")
    )
    newest = Purchase.objects.filter(checkout=checkout).earliest("-period_ends_at", "-pk")
    return act_page("purchase", newest.pk, "cancel_subscription")
