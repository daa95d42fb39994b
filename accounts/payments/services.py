"""Ordering, asking how it went, canceling a subscription, giving money back."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from accounts.access.models import Kind, ProductVersion
from accounts.access.products import Offer
from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.payments import gateways, titles
from accounts.payments.gateways import GatewayDown, Opened, Order
from accounts.payments.models import Checkout, CheckoutSession, Purchase, Subscription, SubscriptionState
from accounts.payments.settlement import Settled, settle
from accounts.users.models import User

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the buyer agreed to, and in which language."""

    terms_version: str
    language: str


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the gateway leads back to: once it is paid, by the number of the order, and when it is not."""

    paid: Callable[[UUID], str]
    canceled: str


def order(
    user: User, offer: Offer, *, amount: int, currency: str, agreement: Agreement, ways: Ways
) -> Opened:
    """Store an order and prepare its payment; return where it is paid.

    `amount` and `currency` are what the buyer was shown. Raises Refused when that is no longer the price,
    when a subscription runs already, or when nothing can be bought; GatewayDown.
    """
    gateway = gateways.current()
    if offer.prices.get(currency) != amount:
        raise Refused("price_changed", 409, _("The price has changed since you opened this page."))
    if offer.kind == Kind.SUBSCRIPTION and running_subscriptions(user):
        raise Refused("already_subscribed", 409, _("You already have a subscription."))
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
    opened = gateway.open(_order_of(checkout, user, offer, ways))
    CheckoutSession.objects.get_or_create(checkout=checkout, defaults={"session_id": opened.session_id})
    return opened


def _order_of(checkout: Checkout, user: User, offer: Offer, ways: Ways) -> Order:
    language = checkout.language
    return Order(
        checkout_id=checkout.pk,
        title=titles.title_of(offer.slug, offer.kind, offer.codes, offer.months, language),
        amount=checkout.amount,
        currency=checkout.currency,
        months=offer.months if offer.kind == Kind.SUBSCRIPTION else None,
        email=user.email,
        language=language,
        return_url=ways.paid(checkout.pk),
        cancel_url=ways.canceled,
    )


def find(checkout_id: UUID, user: User) -> Checkout:
    """Return an own checkout. Raises Refused for any other."""
    own = Checkout.objects.select_related("version__product")
    if found := own.filter(pk=checkout_id, user=user).first():
        return found
    raise Refused("not_found", 404, _("Order not found."))


def refresh(checkout: Checkout) -> Settled:
    """Ask the gateway how a checkout went, and settle it. Raises Refused, GatewayDown."""
    session = CheckoutSession.objects.filter(checkout=checkout).first()
    if session is None:  # nobody was ever led to pay it
        return Settled(is_paid=False, is_open=False)
    return settle(checkout, gateways.named(checkout.gateway).fetch(session.session_id))


def running_subscriptions(user: User) -> list[Subscription]:
    """Return the subscriptions of a person for which further payments may follow."""
    newest = SubscriptionState.objects.filter(subscription__checkout__user=user)
    newest = newest.order_by("subscription_id", "-pk").distinct("subscription_id")
    return [state.subscription for state in newest.select_related("subscription__checkout") if state.runs]


def cancel(checkout: Checkout, actor: User | None) -> None:
    """Let a subscription end with the period that is paid, and store what the gateway then says of it.

    Raises Refused when there is none that runs; GatewayDown.
    """
    subscription = Subscription.objects.filter(checkout=checkout).first()
    last = subscription.states.first() if subscription else None
    if subscription is None or last is None or not last.runs:
        raise Refused("not_running", 409, _("This subscription has already ended."))
    if last.ends_at is None:
        gateways.named(checkout.gateway).cancel(subscription.subscription_id)
        audit.record(actor=actor, action="subscription.cancel", subject=checkout)
    refresh(checkout)


def cancel_all(user: User) -> None:
    """Cancel every subscription of a person, such as before their account is deleted."""
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
    nothing left to give back; GatewayDown when the gateway does not take it, and then nothing has changed.
    """
    checkout = purchase.checkout
    if is_refunded(purchase):
        raise Refused("nothing_left", 409, _("There is nothing left to refund."))
    gateways.named(checkout.gateway).refund(purchase.payment_id)
    with transaction.atomic():
        # Two presses at once wait for each other, so that the second finds what the first recorded.
        if checkout.user_id:
            User.objects.select_for_update(no_key=True).filter(pk=checkout.user_id).first()
        if not form_id or not audit.of(purchase).filter(after__form=str(form_id)).exists():
            after = {"form": str(form_id)} if form_id else {}
            audit.record(actor=actor, action="purchase.refund", subject=purchase, reason=reason, after=after)
    try:
        refresh(checkout)
    except GatewayDown:
        logger.exception("A refund was made and is not settled yet", extra={"purchase_id": purchase.pk})
        return False
    return True


def is_refunded(purchase: Purchase) -> bool:
    """Say whether all that was paid has gone back; True also of what cost nothing."""
    back = purchase.refunds.aggregate(all=Sum("amount"))["all"] or 0
    return bool(back >= purchase.amount)


def product_title(version: ProductVersion, language: str) -> str:
    """Return the name of what a version sells in the active language."""
    product = version.product
    return titles.title_of(product.slug, product.kind, version.codes, version.months, language)
