"""Payments at the same moment: real threads on a real PostgreSQL, and each protection taken away once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from threading import Barrier

import pytest
from django.db import OperationalError, connection

from accounts.access import entitlements
from accounts.access.models import Entitlement
from accounts.outbox.models import Mail
from accounts.payments import services, settlement
from accounts.payments import test_card as card
from accounts.payments.gateways import Fetched, Payment
from accounts.payments.models import Checkout, Purchase
from accounts.users.models import User
from tests.flows.crew import Crew, parallel
from tests.payments import orders
from tests.payments.orders import checkout_of, order

pytestmark = pytest.mark.django_db(transaction=True)


def _is_paid(checkout: Checkout) -> bool:
    return services.refresh(checkout).is_paid


@pytest.fixture(autouse=True)
def _shop(db: None) -> None:
    orders.make_products()


def test_one_payment_told_by_four_at_once_gives_one_entitlement_and_one_receipt(anna: User) -> None:
    opened = order(anna)
    card.pay(opened.session_id)
    checkout = checkout_of(opened)
    outcomes = parallel(4, lambda: services.refresh(checkout).is_paid)
    # On a busy machine one may wait too long for the lock; a gateway tells it again.
    others = [one for one in outcomes if one is not True]
    assert len(others) < 4
    assert all(isinstance(one, OperationalError) for one in others)
    assert Purchase.objects.count() == Entitlement.objects.count() == Mail.objects.count() == 1


def both_paid(anna: User) -> list[Entitlement]:
    """Settle two paid orders of one person at the same moment; return what they gave, the earlier first."""
    checkouts = []
    for opened in (order(anna), order(anna)):
        card.pay(opened.session_id)
        checkouts.append(checkout_of(opened))
    with Crew(2) as crew:
        crew.together([lambda: connection.ensure_connection()] * 2)
        outcomes = crew.together([partial(_is_paid, one) for one in checkouts])
    assert outcomes == [True, True]
    return sorted(Entitlement.objects.all(), key=lambda one: one.starts_at)


def test_two_checkouts_paid_at_once_are_six_months(anna: User) -> None:
    for _ in range(3):
        before = Entitlement.objects.count()
        given = both_paid(anna)
        assert len(given) == before + 2
        for earlier, later in pairwise(given):
            assert later.starts_at == earlier.ends_at


@contextmanager
def without(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lock nobody's row, neither while settling nor while giving."""
    with monkeypatch.context() as patch:
        unlocked = entitlements.LOCK.replace(" FOR NO KEY UPDATE", "")
        assert unlocked != entitlements.LOCK
        patch.setattr(entitlements, "LOCK", unlocked)
        patch.setattr(settlement, "_lock", lambda checkout: User.objects.filter(pk=checkout.user_id).first())
        yield


@pytest.mark.controls
def test_without_the_lock_of_the_person_two_payments_are_not_six_months(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = entitlements._starts
    with without(monkeypatch):
        # Both have read what runs before either has given: what the lock makes impossible.
        met = Barrier(2)

        def starts(*args: object) -> dict[str, datetime]:
            found = real(*args)  # type: ignore[arg-type]
            met.wait(10)
            return found

        monkeypatch.setattr(entitlements, "_starts", starts)
        first, second = both_paid(anna)
    assert second.starts_at < first.ends_at


def test_a_payment_that_is_listed_twice_is_given_once(anna: User) -> None:
    checkout = checkout_of(order(anna))
    paid = Payment("pi_once", 2900, "EUR", datetime(2026, 11, 1, tzinfo=UTC))
    settlement.settle(checkout, Fetched(is_open=False, payments=[paid, paid]))
    assert Purchase.objects.count() == Entitlement.objects.count() == 1
