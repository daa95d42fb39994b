"""Subscriptions in the admin: how one goes on, and the form by which staff cancel it.

Neither a refund nor the end of access cancels a subscription: these are acts of their own, and each can be
taken by the gateway while the other is not. So they are not one form. Whoever refunds or revokes a part of a
subscription that goes on is told so before, and is led to the form that cancels it afterward.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.access.models import Entitlement, Source
from accounts.admin.acts import ReasonForm
from accounts.admin.person import act_page
from accounts.base.errors import Refused, Text
from accounts.payments import services
from accounts.payments.gateways import GatewayDown
from accounts.payments.models import Checkout, Purchase, SubscriptionState
from accounts.payments.services import StaffAct
from accounts.users.models import User

PERMISSION: Final = "accounts.change_subscription"
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


def initial() -> dict[str, Any]:
    """Return what a new form holds."""
    return {"form_id": uuid4()}


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


def last_state(checkout: Checkout) -> SubscriptionState | None:
    """Return what the gateway said last of the subscription of a checkout; None for another purchase."""
    return SubscriptionState.objects.filter(subscription__checkout=checkout).order_by("-pk").first()


def told(*, runs: bool, ends_at: datetime | None) -> Text:
    """Return how a subscription goes on, in a word."""
    if not runs:
        return _("Ended")
    return _("Canceled") if ends_at else _("Renews")


def facts(checkout: Checkout | None) -> list[tuple[Any, Any]]:
    """Return what somebody must know who is about to refund or revoke a part of a subscription."""
    state = last_state(checkout) if checkout else None
    if state is None:
        return []
    if not (state.runs and state.ends_at is None):
        return [(_("Subscription"), told(runs=state.runs, ends_at=state.ends_at))]
    said = _("It continues, and the next payment is charged. Refunding or revoking does not cancel it.")
    return [(_("Subscription"), said)]


def checkout_of(given: Entitlement) -> Checkout | None:
    """Return the order of the subscription that an entitlement comes from."""
    if given.source != Source.SUBSCRIPTION:
        return None
    paid = Purchase.objects.select_related("checkout").filter(payment_id=given.source_id).first()
    return paid.checkout if paid else None


def lead_on(request: HttpRequest, checkout: Checkout | None) -> str:
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
