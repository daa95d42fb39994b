"""What a person bought, as their page shows it, and how its refund stands."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import CharField, Exists, Max, OuterRef, Q, Subquery
from django.db.models.functions import Cast

from accounts.access import entitlements
from accounts.access.models import EffectiveEntitlement, Entitlement, Kind, Redemption, Source
from accounts.payments import gateways, labels, refunds, services, settlement
from accounts.payments.models import Purchase, Subscription, went_back
from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class PurchaseSummary:
    """One payment: what for, how much, until when; `returned` is what went back, "" when nothing did.

    `asked_at` is when its refund was asked for, `declined` why that was declined; `promise` is "open" while
    it may be asked for by a press, "begun" where what was begun stands against it, else "".
    `alone` are the codes of a certification that was bought on its own, none of anything else.
    `has_invoice` is whether its gateway shows invoices.
    """

    checkout_id: UUID
    number: str
    title: str
    alone: tuple[str, ...]
    paid_at: datetime
    amount: str
    until: datetime | None
    returned: str
    returned_at: datetime | None
    asked_at: datetime | None
    declined: str
    promise: str
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
    query = Purchase.objects.filter(checkout__user=user).annotate(
        returned=went_back(),
        returned_at=Max("refunds__refunded_at", filter=Q(refunds__failure=None)),
        is_askable=Exists(refunds.askable(Purchase.objects.filter(pk=OuterRef("pk")))),
    )
    # An aggregate drops the order of the model.
    related = query.select_related("checkout__user", "checkout__version__product", "refund_request__decline")
    rows = related.order_by("-paid_at", "-pk")
    return [purchase_summary(row, language) for row in rows]


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a voucher opened, when it was redeemed, and from when until when it is open."""

    title: str
    at: datetime
    starts_at: datetime | None
    ends_at: datetime | None


def redeemed(user: User, language: str) -> list[Redeemed]:
    """Return what the vouchers of a person opened, the newest first. One statement."""
    voucher = {"source": Source.VOUCHER, "source_id": Cast(OuterRef(OuterRef("pk")), CharField())}
    given = Entitlement.objects.filter(user=user, replaced_by=None, **voucher).values("pk")
    opened = EffectiveEntitlement.objects.filter(pk__in=given).order_by("-ends_at")
    rows = Redemption.objects.filter(user=user).order_by("-pk")
    found = rows.select_related("voucher__batch__version__product").annotate(
        starts=Subquery(opened.values("starts_at")[:1]), ends=Subquery(opened.values("ends_at")[:1])
    )
    return [
        Redeemed(labels.product_title(row.voucher.batch.version, language), row.at, row.starts, row.ends)
        for row in found
    ]


def count_owed() -> int:
    """Count the payments of which a refund failed and that are not refunded yet. One statement."""
    return refunds.owed(Purchase.objects.all()).count()


def count_asked() -> int:
    """Count the payments whose money was asked for and that nobody has decided on. One statement."""
    return refunds.waiting(Purchase.objects.all()).count()


def purchase_summary(purchase: Purchase, language: str) -> PurchaseSummary:
    """Return one payment as it is shown."""
    returned = getattr(purchase, "returned", None) or 0
    version = purchase.checkout.version
    request = getattr(purchase, "refund_request", None)
    decline = getattr(request, "decline", None)
    is_askable = not returned and getattr(purchase, "is_askable", False)
    return PurchaseSummary(
        checkout_id=purchase.checkout_id,
        number=purchase.checkout.number,
        title=labels.product_title(version, language),
        alone=tuple(version.codes) if version.product.kind == Kind.CERTIFICATION else (),
        paid_at=purchase.paid_at,
        amount=labels.amount_label(purchase.amount, purchase.currency),
        until=settlement.open_until(purchase),
        returned=labels.amount_label(returned, purchase.currency) if returned else "",
        returned_at=getattr(purchase, "returned_at", None),
        asked_at=request.created_at if request else None,
        declined=decline.reason if decline else "",
        promise=("begun" if refunds.begun(purchase) else "open") if is_askable else "",
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
