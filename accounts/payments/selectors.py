"""What a person bought, as their page shows it, and whether our refund promise covers it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.access import entitlements
from accounts.access.models import Kind
from accounts.base.errors import Text
from accounts.payments import gateways, labels, services, settlement
from accounts.payments.models import Purchase, Subscription, went_back
from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class PurchaseSummary:
    """One payment: what for, how much, until when; `returned` is what went back, "" when nothing did.

    `alone` are the codes of a certification that was bought on its own, none of anything else.
    `has_invoice` is whether its gateway shows invoices.
    """

    checkout_id: UUID
    title: str
    alone: tuple[str, ...]
    paid_at: datetime
    amount: str
    until: datetime | None
    returned: str
    has_invoice: bool


@dataclass(frozen=True, slots=True)
class SubscriptionSummary:
    """A subscription that runs: `ends_at` is set once it is canceled, `renews_at` is when it is paid until.

    `open_until` is how long its access lasts, None once that was refunded or revoked.
    """

    checkout_id: UUID
    title: str
    renews_at: datetime | None
    ends_at: datetime | None
    open_until: datetime | None


def purchases(user: User, language: str) -> list[PurchaseSummary]:
    """Return the payments of a person, the newest first."""
    query = Purchase.objects.filter(checkout__user=user).annotate(returned=went_back())
    # An aggregate drops the order of the model.
    rows = query.select_related("checkout__version__product").order_by("-paid_at", "-pk")
    return [purchase_summary(row, language) for row in rows]


def owed(purchases: QuerySet[Purchase]) -> QuerySet[Purchase]:
    """Return the payments of which a refund failed, as long as nothing else has given all of them back."""
    failed = Purchase.objects.filter(refunds__failure__isnull=False)
    with_back = Purchase.objects.filter(pk__in=failed.values("pk")).annotate(back=Coalesce(went_back(), 0))
    return purchases.filter(pk__in=with_back.filter(back__lt=F("amount")).values("pk"))


def count_owed() -> int:
    """Count the payments of which a refund failed and that are not refunded yet. One statement."""
    return owed(Purchase.objects.all()).count()


def purchase_summary(purchase: Purchase, language: str) -> PurchaseSummary:
    """Return one payment as it is shown."""
    returned = getattr(purchase, "returned", None) or 0
    version = purchase.checkout.version
    return PurchaseSummary(
        checkout_id=purchase.checkout_id,
        title=labels.product_title(version, language),
        alone=tuple(version.codes) if version.product.kind == Kind.CERTIFICATION else (),
        paid_at=purchase.paid_at,
        amount=labels.amount_label(purchase.amount, purchase.currency),
        until=settlement.open_until(purchase),
        returned=labels.amount_label(returned, purchase.currency) if returned else "",
        has_invoice=purchase.checkout.gateway != gateways.TEST_CARD,
    )


def subscriptions(user: User, language: str) -> list[SubscriptionSummary]:
    """Return the subscriptions of a person that run, canceled ones until they end."""
    return [
        _subscription_summary(subscription, language) for subscription in services.running_subscriptions(user)
    ]


def _subscription_summary(subscription: Subscription, language: str) -> SubscriptionSummary:
    last = settlement.newest_period(subscription.checkout_id)
    until = settlement.open_until(last) if last else None
    state = settlement.last_state(subscription.checkout)
    return SubscriptionSummary(
        checkout_id=subscription.checkout_id,
        title=labels.product_title(subscription.checkout.version, language),
        renews_at=last.period_ends_at if last else None,
        ends_at=state.ends_at if state else None,
        open_until=until if until and until > entitlements.now() else None,
    )


REFUND_WITHIN: Final = timedelta(days=14)


def refund_obstacle(purchase: Purchase, *, is_begun: bool) -> Text:
    """Return why the promise does not cover a payment, "" where it does. Staff may refund it all the same."""
    if is_begun:
        return _("something was started")
    if entitlements.now() > purchase.paid_at + REFUND_WITHIN:
        return _("paid more than 14 days ago")
    earlier = Purchase.objects.filter(checkout=purchase.checkout, paid_at__lt=purchase.paid_at)
    if purchase.period_ends_at and earlier.exists():
        return _("not the first payment of the subscription")
    return ""
