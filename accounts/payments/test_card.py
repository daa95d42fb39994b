"""The test card: a gateway of our own that takes no money, for development and tests.

It keeps its truth in a table, and is asked for it like any other: nothing is given by its page.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import entitlements, periods
from accounts.access.periods import Period
from accounts.base.errors import Refused
from accounts.payments.gateways import (
    TEST_CARD,
    GatewayCheckout,
    GatewaySession,
    GatewaySubscription,
    MoneyBack,
    Order,
    Payment,
    has_test_card,
)
from accounts.payments.models import TestCardSession

PREFIX: Final = "test_"


class TestCard:
    """Pretends to be paid."""

    __test__ = False
    name = TEST_CARD

    def open(self, order: Order) -> GatewaySession:
        """Prepare a payment on a page of this site."""
        session, _made = TestCardSession.objects.get_or_create(
            checkout_id=order.checkout_id,
            defaults={
                "title": order.title,
                "amount": order.amount,
                "currency": order.currency,
                "months": order.months,
                "return_url": order.return_url,
                "cancel_url": order.cancel_url,
            },
        )
        return GatewaySession(f"{PREFIX}{session.pk}", reverse("payments:test_card", args=[session.pk]))

    def fetch(self, session_id: str) -> GatewayCheckout:
        """Return what was pressed on that page; a subscription has renewed itself every time since."""
        session = find(session_id)
        if session.paid_at is None:
            return GatewayCheckout(is_open=session.closed_at is None)
        if session.months is None:
            return GatewayCheckout(
                is_open=False, payments=[_payment(session, session_id, session.paid_at, None)]
            )
        bought = _periods(session, session.paid_at, session.months)
        last = bought[-1].ends_at
        return GatewayCheckout(
            is_open=False,
            payments=[
                _payment(session, f"{session_id}-{number}", period.starts_at, period)
                for number, period in enumerate(bought)
            ],
            subscription=GatewaySubscription(
                f"{PREFIX}{session.pk}",
                runs=session.closed_at is None and (session.canceled_at is None or last > entitlements.now()),
                ends_at=last if session.canceled_at else None,
            ),
        )

    def close(self, session_id: str) -> None:
        """Take no payment any more."""
        key = find(session_id).pk
        TestCardSession.objects.filter(pk=key, paid_at=None, closed_at=None).update(closed_at=Now())

    def paid_back(self, since: datetime) -> Iterator[str]:
        """Yield the first payment of each session that was refunded."""
        for session in TestCardSession.objects.filter(refunded_at__gte=since):
            yield f"{PREFIX}{session.pk}" + ("" if session.months is None else "-0")

    def refunds_failed(self, since: datetime) -> Iterator[str]:
        """None ever does."""
        return iter(())

    def cancel(self, subscription_id: str, *, at_once: bool = False) -> None:
        """Let no further period begin."""
        session = find(subscription_id)
        TestCardSession.objects.filter(pk=session.pk, canceled_at=None).update(canceled_at=Now())
        if at_once:
            TestCardSession.objects.filter(pk=session.pk, closed_at=None).update(closed_at=Now())

    def resume(self, subscription_id: str) -> None:
        """Let further periods begin."""
        TestCardSession.objects.filter(pk=find(subscription_id).pk, closed_at=None).update(canceled_at=None)

    def portal(self, session_id: str, *, language: str, return_url: str) -> str:
        """There is none."""
        return ""

    def refund(self, payment_id: str) -> None:
        """Give all of it back."""
        session = find(payment_id)
        TestCardSession.objects.filter(pk=session.pk, refunded_at=None).update(refunded_at=Now())


def find(session_id: str) -> TestCardSession:
    """Return a session by its id or that of one of its payments. Raises Refused without one, or here."""
    try:
        key = UUID(session_id.removeprefix(PREFIX)[:36])
    except ValueError:
        raise _absent() from None
    session = TestCardSession.objects.filter(pk=key).first() if has_test_card() else None
    if session is None:
        raise _absent()
    return session


def _absent() -> Refused:
    return Refused("not_found", 404, _("Payment not found."))


def pay(session_id: str) -> None:
    """Do what the button of its page does. A repeat changes nothing."""
    session = find(session_id)
    TestCardSession.objects.filter(pk=session.pk, paid_at=None, closed_at=None).update(paid_at=Now())


def _periods(session: TestCardSession, paid_at: datetime, months: int) -> list[Period]:
    """Return the periods that have begun until now or until it was canceled; the first always has."""
    until = session.canceled_at or entitlements.now()
    zone = ZoneInfo(settings.SITE_ZONE)
    periods_begun: list[Period] = []
    starts_at = paid_at
    while not periods_begun or starts_at <= until:
        ends_at = periods.add_months(paid_at, months * (len(periods_begun) + 1), zone)
        periods_begun.append(Period(starts_at, ends_at))
        starts_at = ends_at
    return periods_begun


def _payment(session: TestCardSession, payment_id: str, paid_at: datetime, period: Period | None) -> Payment:
    back = session.refunded_at
    return Payment(
        payment_id=payment_id,
        amount=session.amount,
        currency=session.currency,
        paid_at=paid_at,
        period=period,
        money_back=[MoneyBack(f"{payment_id}-back", session.amount, back)] if back else [],
    )
