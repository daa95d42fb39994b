"""What a webhook that never came would have told: every hour the gateways are asked themselves."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from accounts.base.errors import Refused
from accounts.payments import services
from accounts.payments.gateways import GatewayDown
from accounts.payments.models import Checkout, Purchase, SubscriptionState

# A gateway ends what nobody pays within a day; a bank transfer that was begun may take two weeks.
OPEN_FOR: Final = timedelta(days=30)
BATCH: Final = 200

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Report:
    """What a pass did: checkouts it asked for, those whose payments were new, those it could not ask for."""

    asked: int = 0
    found: int = 0
    failed: int = 0


def due() -> QuerySet[Checkout]:
    """Return the checkouts that may have been paid without our knowing, and subscriptions that run."""
    runs = SubscriptionState.objects.filter(subscription=OuterRef("pk")).order_by("-pk").values("runs")[:1]
    paid = Purchase.objects.filter(checkout=OuterRef("pk"))
    waits = Q(~Exists(paid), end=None, created_at__gt=Now() - OPEN_FOR)
    return (
        Checkout.objects.annotate(runs=Subquery(runs))
        .filter(Q(runs=True) | waits, session__isnull=False)
        .order_by("created_at")
    )


def reconcile() -> Report:
    """Ask the gateways for all that is due. One that cannot be asked for stops no other. Safe to repeat."""
    report = Report()
    for checkout in _each():
        before = checkout.purchases.count()
        report.asked += 1
        try:
            services.refresh(checkout)
        except (GatewayDown, Refused):
            report.failed += 1
            logger.warning("payment not reconciled", extra={"checkout": str(checkout.pk)}, exc_info=True)
        except Exception:
            report.failed += 1
            logger.exception("payment not reconciled", extra={"checkout": str(checkout.pk)})
        else:
            report.found += checkout.purchases.count() > before
    if report.found:
        logger.warning("payments found without a webhook", extra={"found": report.found})
    return report


def _each() -> Iterator[Checkout]:
    keys = list(due().values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        yield from Checkout.objects.filter(pk__in=keys[start : start + BATCH]).order_by("created_at")
