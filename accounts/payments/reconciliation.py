"""What a webhook that never came would have told: every hour the gateways are asked themselves."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now

from accounts.access import entitlements
from accounts.base.errors import Refused
from accounts.payments import gateways, services
from accounts.payments.gateways import GatewayDown
from accounts.payments.models import Checkout, Purchase, Refund, SubscriptionState, went_back

# A gateway ends what nobody pays within a day; a bank transfer that was begun may take two weeks.
OPEN_FOR: Final = timedelta(days=30)
BATCH: Final = 200
# So long a refund that nobody told of is looked for: the task may be down for a weekend.
BACK_FOR: Final = timedelta(days=3)
# A bank may send the money of a refund back weeks later.
FAILS_FOR: Final = timedelta(days=35)

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Report:
    """What a pass did: checkouts it asked for, those whose payments were new, those it could not ask for."""

    asked: int = 0
    found: int = 0
    failed: int = 0


def due() -> QuerySet[Checkout]:
    """Return the checkouts that may have been paid without our knowing, and subscriptions that run.

    First those of people who may be kept out: the newest orders, then subscriptions by until when they are
    paid.
    """
    runs = SubscriptionState.objects.filter(subscription=OuterRef("pk")).order_by("-pk").values("runs")[:1]
    paid = Purchase.objects.filter(checkout=OuterRef("pk"))
    waits = Q(~Exists(paid), end=None, created_at__gt=Now() - OPEN_FOR)
    paid_until = paid.order_by().values("checkout").annotate(last=Max("period_ends_at")).values("last")
    return (
        Checkout.objects.annotate(runs=Subquery(runs), paid_until=Subquery(paid_until))
        .filter(Q(runs=True) | waits, session__isnull=False)
        .order_by(F("paid_until").asc(nulls_first=True), "-created_at")
    )


def paid_back() -> QuerySet[Checkout]:
    """Return the checkouts of which money went back without our knowing all of it. Raises GatewayDown."""
    since = entitlements.now() - BACK_FOR
    ids = [payment_id for gateway in gateways.all_set_up() for payment_id in gateway.paid_back(since)]
    back = Coalesce(went_back(), 0)
    incomplete = Purchase.objects.filter(payment_id__in=ids).annotate(back=back).filter(back__lt=F("amount"))
    return Checkout.objects.filter(pk__in=incomplete.order_by().values("checkout"))


def failed() -> QuerySet[Checkout]:
    """Return the checkouts of which a refund failed without our knowing. Raises GatewayDown."""
    since = entitlements.now() - FAILS_FOR
    ids = [refund_id for gateway in gateways.all_set_up() for refund_id in gateway.refunds_failed(since)]
    unknown = Refund.objects.filter(refund_id__in=ids, failure=None)
    return Checkout.objects.filter(pk__in=unknown.values("purchase__checkout"))


def reconcile() -> Report:
    """Ask the gateways for all that is due. One that cannot be asked for stops no other. Safe to repeat."""
    report = Report()
    for source in (due, paid_back, failed):
        try:
            keys = list(source().values_list("pk", flat=True))
        except GatewayDown:
            report.failed += 1
            logger.warning("refunds not reconciled", exc_info=True)
        else:
            for checkout in _each(keys):
                _reconcile(checkout, report)
    if report.found:
        logger.warning("payments found without a webhook", extra={"found": report.found})
    return report


def _reconcile(checkout: Checkout, report: Report) -> None:
    # Whatever is found here, no webhook has told: the log says how many.
    before = _known_of(checkout)
    report.asked += 1
    try:
        services.refresh(checkout)
        # After it: a subscription of a closed account may have become known just now.
        services.cancel_if_closed(checkout)
    except (GatewayDown, Refused):
        report.failed += 1
        logger.warning("payment not reconciled", extra={"checkout": str(checkout.pk)}, exc_info=True)
    # A fault with one order must not keep the others from being asked for.
    except Exception:
        report.failed += 1
        logger.exception("payment not reconciled", extra={"checkout": str(checkout.pk)})
    else:
        report.found += _known_of(checkout) > before


def _known_of(checkout: Checkout) -> int:
    """Return how many payments and refunds of a checkout are known."""
    return checkout.purchases.count() + Refund.objects.filter(purchase__checkout=checkout).count()


def _each(keys: Sequence[UUID]) -> Iterator[Checkout]:
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        rows = Checkout.objects.in_bulk(batch)
        yield from (rows[key] for key in batch)
