"""Bringing our rows in line with what the gateway says of a checkout. The one place that gives what was paid.

It is called by the webhook, by the page after paying and by the hourly task, in any order and number: what to
do follows from the state that was fetched, never from the event, and unique keys see to the rest.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Sum

from accounts.access import entitlements
from accounts.access.models import Entitlement, Source
from accounts.access.periods import Period
from accounts.payments import receipts
from accounts.payments.gateways import Fetched, Payment, Running
from accounts.payments.models import (
    Checkout,
    CheckoutEnd,
    Purchase,
    Refund,
    Subscription,
    SubscriptionState,
)
from accounts.users.models import User

# A gateway takes the money for the next period an hour or so after it began, and once more the day after when
# a card was refused: until then nobody who goes on paying shall be without access.
GRACE: Final = timedelta(days=1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a checkout has come to: whether money arrived, and whether it may still arrive."""

    is_paid: bool
    is_open: bool


def settle(checkout: Checkout, fetched: Fetched) -> Settled:
    """Store payments, refunds and the subscription that are new, give and end what follows from them."""
    with transaction.atomic():
        person = _lock(checkout)
        for payment in fetched.payments:
            _settle_payment(checkout, person, payment)
        if fetched.subscription:
            _settle_subscription(checkout, fetched.subscription)
        if not fetched.is_open and not fetched.payments:
            CheckoutEnd.objects.get_or_create(checkout=checkout)
    return Settled(is_paid=bool(fetched.payments), is_open=fetched.is_open)


def _lock(checkout: Checkout) -> User | None:
    """Let one settlement of this person run at a time; None when the account was deleted."""
    owner = Checkout.objects.values_list("user_id", flat=True).get(pk=checkout.pk)
    return User.objects.select_for_update(no_key=True).filter(pk=owner).first()


def _settle_payment(checkout: Checkout, person: User | None, payment: Payment) -> None:
    purchase, is_new = Purchase.objects.get_or_create(
        payment_id=payment.payment_id,
        defaults={
            "checkout": checkout,
            "amount": payment.amount,
            "currency": payment.currency,
            "paid_at": payment.paid_at,
            "period_starts_at": payment.period.starts_at if payment.period else None,
            "period_ends_at": payment.period.ends_at if payment.period else None,
        },
    )
    if purchase.checkout_id != checkout.pk:
        raise ValueError(f"payment {payment.payment_id} belongs to another checkout")
    if person:
        given = _give(person, purchase)
        if is_new:
            receipts.post(person, purchase, given)
    for back in payment.back:
        Refund.objects.get_or_create(
            refund_id=back.refund_id,
            defaults={"purchase": purchase, "amount": back.amount, "refunded_at": back.at},
        )
    if payment.back:
        _end_if_refunded(purchase)


def source_of(purchase: Purchase) -> Source:
    """Return as what a purchase counts among the sources of entitlements; its id is that of the payment."""
    return Source.SUBSCRIPTION if purchase.period_ends_at else Source.PURCHASE


def given_by(purchase: Purchase) -> list[Entitlement]:
    """Return the entitlements that came from a purchase."""
    found = Entitlement.objects.filter(source=source_of(purchase), source_id=purchase.payment_id)
    return list(found.order_by("code"))


def _give(person: User, purchase: Purchase) -> Sequence[Entitlement]:
    version = purchase.checkout.version
    if purchase.period_starts_at and purchase.period_ends_at:
        period = Period(purchase.period_starts_at, purchase.period_ends_at + GRACE)
        return entitlements.give_period(person, version, Source.SUBSCRIPTION, purchase.payment_id, period)
    return entitlements.give(person, version, Source.PURCHASE, purchase.payment_id)


def _end_if_refunded(purchase: Purchase) -> None:
    """End what a purchase gave once all of its money went back. A part of it ends nothing."""
    back = purchase.refunds.aggregate(all=Sum("amount"))["all"] or 0
    if back < purchase.amount:
        return
    running = [one for one in given_by(purchase) if not one.ends.exists()]
    entitlements.end(running, at=None, actor=None, reason="refunded")


def _settle_subscription(checkout: Checkout, now: Running) -> None:
    subscription, _made = Subscription.objects.get_or_create(
        checkout=checkout, defaults={"subscription_id": now.subscription_id}
    )
    last = subscription.states.first()
    if last and (not last.runs or (last.runs, last.ends_at) == (now.runs, now.ends_at)):
        return  # one that has ended never begins again: what says otherwise was fetched before
    SubscriptionState.objects.create(subscription=subscription, runs=now.runs, ends_at=now.ends_at)


def database_now() -> datetime:
    """Return the time of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
