"""Bringing our rows in line with what the gateway says of a checkout. The one place that gives what was paid.

It is called by the webhook, by the page after paying and by the hourly task, in any order and number: what to
do follows from the state that was fetched, never from the event, and unique keys see to the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import override

from accounts.access import entitlements, targets
from accounts.access.models import Entitlement, Kind, Source
from accounts.access.periods import Period
from accounts.audit import services as audit
from accounts.base import moments, site_operator
from accounts.outbox import services as outbox
from accounts.payments import gateways, labels
from accounts.payments.gateways import GatewayCheckout, GatewaySubscription, MoneyBack, Payment
from accounts.payments.models import (
    Checkout,
    CheckoutEnd,
    Purchase,
    Refund,
    RefundFailure,
    Subscription,
    SubscriptionAsking,
    SubscriptionState,
)
from accounts.profile import selectors as profiles
from accounts.users import person_lock
from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class Settled:
    """What a checkout has come to: whether money arrived, and whether it may still arrive."""

    is_paid: bool
    is_open: bool


def settle(checkout: Checkout, fetched: GatewayCheckout, asked_at: datetime) -> Settled:
    """Store payments, refunds and the subscription that are new, give and end what follows from them.

    `asked_at` is when the gateway was asked, by the clock of the database.
    """
    with transaction.atomic():
        # First of all: webhook, page and hourly task may hold what the same gateway said at once.
        person = _lock(checkout)
        for payment in fetched.payments:
            _settle_payment(checkout, person, payment)
        if fetched.subscription:
            _settle_subscription(checkout, fetched.subscription, asked_at)
        if not fetched.is_open and not fetched.payments:
            CheckoutEnd.objects.get_or_create(checkout=checkout)
    return Settled(is_paid=bool(fetched.payments), is_open=fetched.is_open)


def _lock(checkout: Checkout) -> User | None:
    """Let one settlement of this person run at a time; None when the account was deleted."""
    # Read anew: the checkout in hand may be older than a deletion of the account.
    owner = Checkout.objects.values_list("user_id", flat=True).get(pk=checkout.pk)
    if owner:
        person_lock.hold(owner)
    return User.objects.filter(pk=owner).first()


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
        # Never moved: one payment would then give two things.
        raise ValueError(f"payment {payment.payment_id} belongs to another checkout")
    if person:
        entitlements = _give(person, purchase)
        if is_new:
            post_receipt(person, purchase, entitlements)
    new_refunds = []
    for back in payment.money_back:
        _refund, is_new_refund = _note_refund(purchase, back)
        if is_new_refund and back.is_refund:
            new_refunds.append(back)
    for back in payment.failed_refunds:
        _note_failure(purchase, back)
    if payment.money_back:
        _end_if_refunded(purchase)
    for back in new_refunds:
        if person:
            is_last = back is new_refunds[-1]
            post_refund(person, purchase, back, is_whole=is_last and is_refunded(purchase))


def _note_refund(purchase: Purchase, back: MoneyBack) -> tuple[Refund, bool]:
    """Store money that went back; return the row, and whether that is news."""
    return Refund.objects.get_or_create(
        refund_id=back.refund_id,
        defaults={"purchase": purchase, "amount": back.amount, "refunded_at": back.at},
    )


def _note_failure(purchase: Purchase, back: MoneyBack) -> None:
    """Store that a refund failed.

    Access that ended with it stays ended: the person wanted the money, and is still owed it. Finance is told,
    and refunds again or pays in another way.
    """
    refund, _made = _note_refund(purchase, back)
    _failure, is_new = RefundFailure.objects.get_or_create(refund=refund)
    if is_new:
        after = {"refund": back.refund_id, "amount": back.amount}
        audit.record(actor=None, action="purchase.refund_failed", subject=purchase, after=after)


def source_of(purchase: Purchase) -> Source:
    """Return as what a purchase counts among the sources of entitlements; its id is that of the payment."""
    return Source.SUBSCRIPTION if purchase.period_ends_at else Source.PURCHASE


def entitlements_of(purchase: Purchase) -> list[Entitlement]:
    """Return the entitlements that came from a purchase, where they are now."""
    entitlements = Entitlement.objects.filter(source=source_of(purchase), source_id=purchase.payment_id)
    return list(entitlements.filter(replaced_by=None).order_by("code"))


def open_until(purchase: Purchase) -> datetime | None:
    """Return when what was paid for ends: the period of a subscription, else the earliest of what it gave."""
    rows = entitlements_of(purchase)
    ended = [min(end.ends_at, row.ends_at) for row in rows for end in row.ends.all()]
    if ended:
        return min(ended)
    return purchase.period_ends_at or min((row.ends_at for row in rows), default=None)


def _give(person: User, purchase: Purchase) -> Sequence[Entitlement]:
    version = purchase.checkout.version
    if purchase.period_starts_at and purchase.period_ends_at:
        period = Period(purchase.period_starts_at, purchase.period_ends_at)
        return entitlements.give_period(person, version, Source.SUBSCRIPTION, purchase.payment_id, period)
    return entitlements.give(person, version, Source.PURCHASE, purchase.payment_id)


def is_refunded(purchase: Purchase) -> bool:
    """Say whether all of the money went back. Of what was free nothing can."""
    back = purchase.refunds.filter(failure=None).aggregate(all=Sum("amount"))["all"]
    return back is not None and back >= purchase.amount


def _end_if_refunded(purchase: Purchase) -> None:
    """End what a purchase gave once all of its money went back. A part of it ends nothing."""
    if is_refunded(purchase):
        # That of a subscription which was canceled has an end where it ends anyway.
        running = [
            entitlement
            for entitlement in entitlements_of(purchase)
            if not entitlement.ends.exclude(ends_at=entitlement.ends_at).exists()
        ]
        entitlements.end(running, at=None, actor=None, reason="refunded")


def last_state(checkout: Checkout) -> SubscriptionState | None:
    """Return what the gateway said last of the subscription of a checkout, None where it has none."""
    states = SubscriptionState.objects.filter(subscription__checkout=checkout)
    return states.select_related("subscription").order_by("-pk").first()


def newest_period(checkout_id: UUID) -> Purchase | None:
    """Return the payment of a subscription that is for its last period so far."""
    paid = Purchase.objects.filter(checkout=checkout_id, period_ends_at__isnull=False)
    return paid.order_by("-period_ends_at").first()


def _is_newest(subscription: Subscription, last: SubscriptionState | None, asked_at: datetime) -> bool:
    """Say whether nobody has asked later and was answered already, and remember when this one asked.

    A state is stored only where it is new, so when it was last confirmed is kept beside it.
    """
    asking = SubscriptionAsking.objects.filter(subscription=subscription).first()
    earlier = [row.asked_at for row in (asking, last) if row]
    if earlier and asked_at < max(earlier):
        return False
    SubscriptionAsking.objects.update_or_create(subscription=subscription, defaults={"asked_at": asked_at})
    return True


def _settle_subscription(checkout: Checkout, fetched: GatewaySubscription, asked_at: datetime) -> None:
    subscription, _made = Subscription.objects.get_or_create(
        checkout=checkout, defaults={"subscription_id": fetched.subscription_id}
    )
    last = subscription.states.first()
    if not _is_newest(subscription, last, asked_at):
        return  # of two that asked at once, whoever asked first came last
    if last is None or (last.runs, last.ends_at) != (fetched.runs, fetched.ends_at):
        SubscriptionState.objects.create(
            subscription=subscription, runs=fetched.runs, ends_at=fetched.ends_at, asked_at=asked_at
        )
    if newest := newest_period(checkout.pk):
        goes_on = fetched.runs and fetched.ends_at is None
        reason = "subscription continued" if goes_on else "subscription canceled"
        entitlements.settle_end(entitlements_of(newest), goes_on=goes_on, reason=reason)


RECEIPT: Final = "payments/email/receipt"
REFUNDED: Final = "payments/email/refunded"
# The law wants this mail; a mail server that was down for a week must not swallow it.
USEFUL: Final = timedelta(days=30)


def post_receipt(person: User, purchase: Purchase, entitlements: Sequence[Entitlement]) -> None:
    """Write the receipt of a purchase down; once, however often it is asked for."""
    checkout = purchase.checkout
    alone = checkout.version.codes if checkout.version.product.kind == Kind.CERTIFICATION else ()
    with override(checkout.language), timezone.override(profiles.of(person).zone):
        opened = list(targets.targets_of(alone).values()) if alone else []
        until = purchase.period_ends_at or min(entitlement.ends_at for entitlement in entitlements)
        parameters: dict[str, str | int | bool | None] = {
            "title": labels.product_title(checkout.version, checkout.language),
            "amount": labels.amount_label(purchase.amount, purchase.currency),
            "paid_on": date_format(timezone.localtime(purchase.paid_at), "DATE_FORMAT"),
            "until": _moment(until),
            "ordered_at": _moment(checkout.created_at),
            "consent_at": _moment(checkout.consent_at),
            "terms_of": date_format(date.fromisoformat(checkout.terms_version), "DATE_FORMAT"),
            "number": checkout.number,
            "seller": site_operator.seller(),
            "has_invoice": checkout.gateway != gateways.TEST_CARD,
            "renews": bool(purchase.period_ends_at),
            "may_move": any(target.details().may_move for target in opened),
            "path": next((target.path for target in opened), ""),
        }
    outbox.post(
        RECEIPT,
        person.email,
        parameters,
        person=person,
        language=checkout.language,
        dedupe_key=f"receipt-{purchase.pk}",
        useful_for=USEFUL,
    )


def post_refund(person: User, purchase: Purchase, back: MoneyBack, *, is_whole: bool) -> None:
    """Tell a buyer of money that goes back, in the transaction that stores it as new."""
    checkout = purchase.checkout
    title = labels.product_title(checkout.version, checkout.language)
    with override(checkout.language):
        amount = labels.amount_label(back.amount, purchase.currency)
    outbox.post(
        REFUNDED,
        person.email,
        {"title": title, "amount": amount, "is_whole": is_whole, "number": checkout.number},
        person=person,
        language=checkout.language,
        useful_for=USEFUL,
    )


def _moment(moment: datetime) -> str:
    return moments.in_full(timezone.localtime(moment))
