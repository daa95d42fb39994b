"""Ordering, asking how it went, canceling a subscription or resuming it, giving money back."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.access import entitlements, refusals
from accounts.access.models import Kind
from accounts.access.products import Offer
from accounts.audit import services as audit
from accounts.base import rates
from accounts.base.errors import Refused
from accounts.payments import gateways, labels
from accounts.payments.gateways import GatewayDown, GatewaySession, Order
from accounts.payments.models import Checkout, CheckoutSession, Purchase, Subscription, SubscriptionState
from accounts.payments.settlement import Settled, is_refunded, last_state, newest_period, open_until, settle
from accounts.users import person_lock
from accounts.users.models import User

logger = logging.getLogger(__name__)
# Each is a session at the gateway, and asked for every hour until it ends.
ORDERS_PER_HOUR: Final = 20
HOUR: Final = 3600


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the buyer agreed to, and in which language."""

    terms_version: str
    language: str


@dataclass(frozen=True, slots=True)
class ReturnUrls:
    """Where the gateway leads back to: once it is paid, by the number of the order, and when it is not."""

    paid: Callable[[UUID], str]
    canceled: str


@dataclass(frozen=True, slots=True)
class StaffAct:
    """What staff do for somebody, as it is recorded. A second press has the same `form_id`."""

    name: str
    actor: User
    reason: str
    form_id: UUID | None = None


def order(
    user: User, offer: Offer, *, amount: int, currency: str, agreement: Agreement, return_urls: ReturnUrls
) -> GatewaySession:
    """Store an order and prepare its payment; return where it is paid.

    `amount` and `currency` are what the buyer was shown. Raises Refused when that is not the price any more,
    when a subscription runs already or is ordered twice at once, after too many orders, or when nothing can
    be bought; GatewayDown.
    """
    gateway = gateways.current()
    if offer.prices.get(currency) != amount:
        raise Refused("price_changed", 409, _("The price has changed since you opened this page."))
    # Before anything is stored: whoever is refused leaves no order behind.
    _refuse_second_subscription(user, offer)
    detail = _("You've ordered too often. Wait a while, and then try again.")
    # Outside the transaction, which would take the count back where it fails.
    rates.count_or_refuse("orders", user.pk, most=ORDERS_PER_HOUR, seconds=HOUR, detail=detail)
    with transaction.atomic():
        person_lock.hold(user.pk)
        # After the lock: the account may have been closed while this waited.
        if not User.objects.filter(pk=user.pk, is_active=True).exists():
            raise Refused("account_closed", 409, _("This account is closed."))
        earlier = list(_payable(user, gateway.name)) if offer.kind == Kind.SUBSCRIPTION else []
        checkout = Checkout.objects.create(
            user=user,
            version_id=offer.version_id,
            currency=currency,
            amount=amount,
            language=agreement.language,
            terms_version=agreement.terms_version,
            gateway=gateway.name,
        )
    # Outside any transaction: a gateway may take seconds.
    close(earlier)
    if offer.kind == Kind.SUBSCRIPTION:
        _end_what_is_over(user)
    _refuse_second_subscription(user, offer)
    gateway_session = gateway.open(_order_of(checkout, user, offer, return_urls))
    if not _store_session(checkout, user, offer, gateway_session):
        gateway.close(gateway_session.session_id)
        raise Refused("ordered_again", 409, _("You've started this order again in another window."))
    return gateway_session


# --- One subscription of a person -----------------------------------------------------------------------
# Two that are ordered at once must not both be paid. Whoever orders closes what was ordered before; what was
# not yet known to be payable then finds, under the same lock, that it was overtaken, and closes itself.
def _refuse_second_subscription(user: User, offer: Offer) -> None:
    if offer.kind == Kind.SUBSCRIPTION and is_subscribed(user):
        raise Refused("already_subscribed", 409, _("You already have a subscription."))


def is_subscribed(user: User) -> bool:
    """Say whether a subscription of this person runs that gives them something, or will be paid again."""
    return any(not _is_over(one) for one in running_subscriptions(user))


def _is_over(subscription: Subscription) -> bool:
    """Say whether a subscription takes no more payment and its access was refunded or revoked."""
    if goes_on(subscription.checkout):
        return False
    last = newest_period(subscription.checkout_id)
    until = open_until(last) if last else None
    return until is not None and until <= entitlements.now()


def _end_what_is_over(user: User) -> None:
    """End now what would run to the end of its month: nobody may continue it beside a new one.

    Raises GatewayDown.
    """
    for subscription in running_subscriptions(user):
        checkout = subscription.checkout
        refresh(checkout)  # it may have been continued at the gateway
        if _is_over(subscription):
            gateways.named(checkout.gateway).cancel(subscription.subscription_id, at_once=True)
            audit.record(actor=user, action="subscription.cancel", subject=checkout, after={"at_once": True})
            refresh(checkout)


def _subscriptions_of(user: User) -> QuerySet[Checkout]:
    return Checkout.objects.filter(user=user, version__product__kind=Kind.SUBSCRIPTION)


def _payable(user: User, gateway: str) -> QuerySet[Checkout]:
    """Return orders of a subscription that may still be paid."""
    rows = _subscriptions_of(user).filter(gateway=gateway, session__isnull=False)
    return rows.filter(end=None, subscription=None)


def _store_session(checkout: Checkout, user: User, offer: Offer, gateway_session: GatewaySession) -> bool:
    """Store where an order is paid; say whether it is still the last of its kind."""
    with transaction.atomic():
        person_lock.hold(user.pk)
        # A webhook may have stored it before us.
        CheckoutSession.objects.get_or_create(
            checkout=checkout, defaults={"session_id": gateway_session.session_id}
        )
        later = _subscriptions_of(user).filter(created_at__gt=checkout.created_at)
        return offer.kind != Kind.SUBSCRIPTION or not later.exists()


def close(checkouts: Iterable[Checkout]) -> None:
    """Let orders be paid no more, and store what they have come to. Raises GatewayDown."""
    for checkout in checkouts:
        gateways.named(checkout.gateway).close(checkout.session.session_id)
        refresh(checkout)


def _order_of(checkout: Checkout, user: User, offer: Offer, return_urls: ReturnUrls) -> Order:
    language = checkout.language
    return Order(
        checkout_id=checkout.pk,
        title=labels.product_label(offer.slug, offer.kind, offer.codes, offer.months),
        amount=checkout.amount,
        currency=checkout.currency,
        months=offer.months if offer.kind == Kind.SUBSCRIPTION else None,
        email=user.email,
        language=language,
        return_url=return_urls.paid(checkout.pk),
        cancel_url=return_urls.canceled,
    )


def find(checkout_id: UUID, user: User) -> Checkout:
    """Return an own checkout. Raises Refused for any other."""
    own = Checkout.objects.select_related("version__product")
    if checkout := own.filter(pk=checkout_id, user=user).first():
        return checkout
    raise Refused("not_found", 404, _("Order not found."))


def refresh(checkout: Checkout) -> Settled:
    """Ask the gateway how a checkout went, and settle it. Raises Refused, GatewayDown."""
    session = CheckoutSession.objects.filter(checkout=checkout).first()
    if session is None:  # nobody was ever led to pay it
        return Settled(is_paid=False, is_open=False)
    asked_at = entitlements.now()
    return settle(checkout, gateways.named(checkout.gateway).fetch(session.session_id), asked_at)


def running_subscriptions(user: User) -> list[Subscription]:
    """Return the subscriptions of a person for which further payments may follow."""
    newest = SubscriptionState.objects.filter(subscription__checkout__user=user)
    newest = newest.order_by("subscription_id", "-pk").distinct("subscription_id")
    return [state.subscription for state in newest.select_related("subscription__checkout") if state.runs]


def cancel(checkout: Checkout, actor: User | None) -> None:
    """Let a subscription end with the period that is paid, and store what the gateway then says of it.

    Raises Refused when there is none that runs; GatewayDown.
    """
    subscription, last = _running(checkout)
    if last.ends_at is None:
        gateways.named(checkout.gateway).cancel(subscription.subscription_id)
        audit.record(actor=actor, action="subscription.cancel", subject=checkout)
    refresh(checkout)


def resume(checkout: Checkout, actor: User) -> None:
    """Let a canceled subscription go on whose paid period runs, and store what the gateway then says of it.

    Raises Refused when none runs or the gateway has it end all the same; GatewayDown.
    """
    subscription, last = _running(checkout)
    if last.ends_at is not None:
        gateways.named(checkout.gateway).resume(subscription.subscription_id)
        audit.record(actor=actor, action="subscription.resume", subject=checkout)
        refresh(checkout)
    if not goes_on(checkout):
        raise Refused("not_resumed", 409, _("This subscription can't be resumed."))


def _running(checkout: Checkout) -> tuple[Subscription, SubscriptionState]:
    """Return the subscription of a checkout as it is now. Raises Refused when none runs; GatewayDown."""
    # It may have been canceled at the gateway, or have ended, without our knowing.
    refresh(checkout)
    last = last_state(checkout)
    if last is None or not last.runs:
        raise Refused("not_running", 409, _("This subscription has already ended."))
    return last.subscription, last


def cancel_for(checkout: Checkout, *, act: StaffAct, at_once: bool = False) -> bool:
    """Cancel somebody's subscription as staff do: with the period that is paid, or at once.

    No access ends with it: what is paid stays open, until it is refunded or revoked. Returns False when the
    gateway took it and then did not say how it stands. Raises Refused when there is nothing left to cancel,
    or it is one's own; GatewayDown when the gateway does not take it.
    """
    refusals.not_for_oneself(act.actor, checkout.user)
    subscription, last = _running(checkout)
    if last.ends_at is not None and not at_once:
        raise Refused("already_canceled", 409, _("This subscription is already canceled."))
    key, gateway = subscription.subscription_id, gateways.named(checkout.gateway)
    return _act_at_gateway(
        act, checkout, checkout, lambda: gateway.cancel(key, at_once=at_once), at_once=at_once
    )


def _act_at_gateway(
    act: StaffAct, checkout: Checkout, subject: Model, ask: Callable[[], None], **facts: object
) -> bool:
    """Ask the gateway for an act of staff, record it once, and settle; say whether it is settled."""
    try:
        ask()
    except GatewayDown as down:
        # It may have been done all the same; then the hourly task settles it, and this says who asked.
        reason = f"{act.reason} ({down})"
        audit.record(actor=act.actor, action=f"{act.name}_unsure", subject=subject, reason=reason)
        raise
    with transaction.atomic():
        # Two presses at once wait for each other, so that the second finds what the first recorded.
        if checkout.user:
            person_lock.hold(checkout.user.pk)
        form = str(act.form_id) if act.form_id else ""
        if not form or not audit.of(subject).filter(action=act.name, after__form=form).exists():
            after = facts | ({"form": form} if form else {})
            audit.record(actor=act.actor, action=act.name, subject=subject, reason=act.reason, after=after)
    try:
        refresh(checkout)
    except GatewayDown:
        logger.exception("An act was done and is not settled yet", extra={"checkout": str(checkout.pk)})
        return False
    return True


def cancel_if_closed(checkout: Checkout) -> None:
    """Cancel the subscription of a closed or deleted account, or it would be paid on and on.

    Raises GatewayDown.
    """
    person = checkout.user
    if person is not None and person.is_active:
        return
    if goes_on(checkout):
        cancel(checkout, None)


def goes_on(checkout: Checkout) -> bool:
    """Say whether a checkout is a subscription that takes another payment."""
    last = last_state(checkout)
    return last is not None and last.runs and last.ends_at is None


def before_closing(user: User) -> list[str]:
    """Return what somebody with a subscription should know before closing the account."""
    checkouts = Checkout.objects.filter(user=user, subscription__isnull=False)
    if not any(goes_on(checkout) for checkout in checkouts):
        return []
    text = _("Your subscription is canceled within the hour. It stays canceled even if you change your mind.")
    return [str(text)]


def cancel_all(user: User) -> None:
    """Cancel every subscription of a person and close their orders: before their account is deleted."""
    unpaid = Checkout.objects.filter(user=user, session__isnull=False, end=None, purchases=None)
    close(one for one in unpaid if gateways.is_set_up(one.gateway))
    # Afterward: one of those may turn out to be a subscription that is paid.
    for subscription in running_subscriptions(user):
        cancel(subscription.checkout, user)


def portal(checkout: Checkout, *, return_url: str) -> str:
    """Return where the gateway shows invoices and card of a checkout, "" where it has no such page."""
    session = CheckoutSession.objects.filter(checkout=checkout).first()
    if session is None:
        return ""
    gateway = gateways.named(checkout.gateway)
    return gateway.portal(session.session_id, language=checkout.language, return_url=return_url)


def refund(purchase: Purchase, *, actor: User, reason: str, form_id: UUID | None = None) -> bool:
    """Give all of a payment back through its gateway, and end what it gave; recorded with who did it and why.

    Returns False when the gateway took the refund and then did not say how it stands: the hourly task ends
    what was given. A second press with the same `form_id` records nothing more. Raises Refused when there is
    nothing left to give back, or it would be to oneself; GatewayDown when the gateway does not take it, and
    then nothing has changed.
    """
    refusals.not_for_oneself(actor, purchase.checkout.user)
    if is_refunded(purchase) or not purchase.amount:
        raise Refused("nothing_to_refund", 409, _("There's nothing left to refund."))
    checkout = purchase.checkout
    gateway = gateways.named(checkout.gateway)
    act = StaffAct("purchase.refund", actor, reason, form_id)
    return _act_at_gateway(act, checkout, purchase, lambda: gateway.refund(purchase.payment_id))
