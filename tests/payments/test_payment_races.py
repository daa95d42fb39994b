"""Payments at the same moment: real threads on a real PostgreSQL, and each protection taken away once."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from threading import Barrier, Event
from types import SimpleNamespace
from typing import Any, Final

import pytest
from django.db import OperationalError, connection, transaction

from accounts.access import entitlements
from accounts.access.models import Entitlement, State
from accounts.access.selectors import entitlements_of
from accounts.base.errors import Refused
from accounts.outbox.models import Mail
from accounts.payments import services, settlement
from accounts.payments import test_card as card
from accounts.payments.gateways import GatewayCheckout, GatewaySession, Payment
from accounts.payments.models import Checkout, Purchase, PurchaseEvent, TestCardSession
from accounts.users import person_lock
from accounts.users.models import User
from tests import roles
from tests.exams.attempts.helpers import replace_sql
from tests.factories import make_user
from tests.flows.crew import Crew, parallel
from tests.flows.dropped import dropped
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
        replace_sql(patch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")
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
    settlement.settle(checkout, GatewayCheckout(is_open=False, payments=[paid, paid]), entitlements.now())
    assert Purchase.objects.count() == Entitlement.objects.count() == 1


# --- One subscription of a person -------------------------------------------------------------------------
def paid_of_two_orders(anna: User) -> int:
    """Order a subscription in two windows at once, pay whatever can be paid, and return how many were."""
    before = TestCardSession.objects.filter(paid_at__isnull=False).count()
    with Crew(2) as crew:
        outcomes = crew.together([lambda: order(anna, "monthly")] * 2)
    opened = [one for one in outcomes if isinstance(one, GatewaySession)]
    refused = [one for one in outcomes if not isinstance(one, GatewaySession)]
    assert opened
    assert all(isinstance(one, Refused) and one.code == "ordered_again" for one in refused), refused
    for one in opened:
        card.pay(one.session_id)
    return TestCardSession.objects.filter(paid_at__isnull=False).count() - before


def test_of_two_subscriptions_ordered_at_once_one_can_be_paid() -> None:
    assert [paid_of_two_orders(make_user()) for _ in range(5)] == [1] * 5


def paid_of_overlapping_orders(anna: User, monkeypatch: pytest.MonkeyPatch) -> int:
    """Have a second order begin while the first is being stored as payable; return how many are paid."""
    real_store_session, real_close = services._store_session, services.close
    storing, looked = Event(), Event()

    def keep(*args: Any) -> bool:
        with transaction.atomic():
            kept = real_store_session(*args)
            if not storing.is_set():
                storing.set()
                looked.wait(1)
        return kept

    def close(earlier: Iterable[Checkout]) -> None:
        if storing.is_set():
            looked.set()
        real_close(earlier)

    def second() -> GatewaySession:
        storing.wait(10)
        return order(anna, "monthly")

    monkeypatch.setattr(services, "_store_session", keep)
    monkeypatch.setattr(services, "close", close)
    with Crew(2) as crew:
        outcomes = crew.together([lambda: order(anna, "monthly"), second])
    for one in outcomes:
        assert isinstance(one, GatewaySession), one
        card.pay(one.session_id)
    return TestCardSession.objects.filter(paid_at__isnull=False).count()


def test_an_order_that_begins_while_another_is_being_stored_closes_it(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert paid_of_overlapping_orders(anna, monkeypatch) == 1


@pytest.mark.controls
def test_without_the_lock_both_of_two_subscriptions_can_be_paid(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_sql(monkeypatch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")
    assert paid_of_overlapping_orders(anna, monkeypatch) == 2


# --- The unique keys --------------------------------------------------------------------------------------
MONEY: Final = ("accounts_purchase", "accounts_purchaseevent", "accounts_entitlement")


def settled_twice(anna: User, number: int, monkeypatch: pytest.MonkeyPatch, *, giving: bool) -> list[Any]:
    """Settle one payment in two threads that both have found nothing of it, nor, if `giving`, of its gift."""
    checkout = checkout_of(order(anna))
    paid = Payment(f"pi_{number}", 2900, "EUR", datetime(2026, 11, 1, tzinfo=UTC))
    met = Barrier(2)

    class Late:
        """Looks for a payment, and finds none, before either has stored it."""

        def get_or_create(self, **values: Any) -> tuple[Purchase, bool]:
            met.wait(10)
            values.update(values.pop("defaults"))
            return Purchase.objects.create(**values), True

    real, met_again = entitlements._starts, Barrier(2)

    def starts(*args: Any) -> dict[str, datetime]:
        if giving:
            met_again.wait(10)
        return real(*args)

    with without(monkeypatch), monkeypatch.context() as patch:
        patch.setattr(settlement, "Purchase", type("Bare", (), {"objects": Late()}))
        patch.setattr(entitlements, "_starts", starts)
        fetched = GatewayCheckout(is_open=False, payments=[paid])
        with Crew(2) as crew:
            return crew.together([lambda: settlement.settle(checkout, fetched, entitlements.now())] * 2)


@pytest.mark.controls
def test_without_lock_and_key_one_payment_is_stored_twice(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(number: int) -> list[str]:
        return sorted(
            type(one).__name__ for one in settled_twice(anna, number, monkeypatch, giving=number > 1)
        )

    def stored(number: int) -> tuple[int, int]:
        purchases = Purchase.objects.filter(payment_id=f"pi_{number}").count()
        return purchases, Entitlement.objects.filter(source_id=f"pi_{number}").count()

    assert (told(1), stored(1)) == (["IntegrityError", "Settled"], (1, 1))
    with dropped("accounts_purchase", unique_key("accounts_purchase", "payment_id"), emptied=MONEY):
        # What is given for it has a key of its own.
        assert (told(2), stored(2)) == (["IntegrityError", "Settled"], (1, 1))
        with dropped("accounts_entitlement", "entitlement_once", emptied=MONEY):
            assert (told(3), stored(3)) == (["Settled", "Settled"], (2, 2))


def unique_key(table: str, column: str) -> str:
    """Return the name of the unique key of one column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint c JOIN pg_attribute a"
            " ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]"
            " WHERE c.contype = 'u' AND c.conrelid = %s::regclass AND a.attname = %s",
            [table, column],
        )
        name: str = cursor.fetchone()[0]
    return name


@pytest.mark.controls
def test_without_its_key_an_event_is_stored_once_for_each_time_it_is_told() -> None:
    def told() -> list[Any]:
        def store() -> bool:
            return PurchaseEvent.objects.get_or_create(gateway="stripe", event_id="evt_1", kind="x")[1]

        return parallel(4, store)

    assert sorted(told()) == [False, False, False, True]
    assert PurchaseEvent.objects.count() == 1
    with dropped("accounts_purchaseevent", "purchase_event_once", emptied=MONEY):
        for _ in range(20):
            with roles.as_owner(), connection.cursor() as cursor:
                cursor.execute("TRUNCATE accounts_purchaseevent")
            told()
            if PurchaseEvent.objects.count() > 1:
                return
        pytest.fail("no event was stored twice")


def test_what_moves_up_waits_for_what_is_given_at_the_same_moment(anna: User) -> None:
    """A purchase that is paid while the one before it is refunded: without a gap, whoever comes first."""
    for number in range(3):
        opened = order(anna)
        card.pay(opened.session_id)
        services.refresh(checkout_of(opened))
        second = order(anna)
        card.pay(second.session_id)
        first = Entitlement.objects.filter(ends=None, replaced_by=None).order_by("starts_at")[:1]
        with Crew(2) as crew:
            outcomes = crew.together(
                [
                    partial(_is_paid, checkout_of(second)),
                    lambda: entitlements.end(list(first), at=None, actor=None, reason="refunded"),  # noqa: B023
                ]
            )
        assert not any(isinstance(one, Exception) for one in outcomes), outcomes
        (left,) = [one for one in entitlements_of(anna) if one.state != State.ENDED]
        assert left.state == State.RUNNING, number
        entitlements.end(Entitlement.objects.filter(pk=left.pk), at=None, actor=None, reason="x")


# --- A death in the middle --------------------------------------------------------------------------------
def receipts_after_a_death(anna: User, monkeypatch: pytest.MonkeyPatch) -> int:
    """Die while a payment is settled, just before its receipt is written; settle it again."""
    opened = order(anna)
    card.pay(opened.session_id)

    def dies(*_args: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(settlement, "post_receipt", dies)
        services.refresh(checkout_of(opened))
    assert _is_paid(checkout_of(opened))
    assert Purchase.objects.count() == Entitlement.objects.count() == 1
    return Mail.objects.count()


def test_a_payment_whose_settlement_died_is_settled_whole(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert receipts_after_a_death(anna, monkeypatch) == 1


@pytest.mark.controls
def test_without_its_transaction_a_death_in_the_middle_loses_the_receipt(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(person_lock, "hold", lambda _user_id: None)
    monkeypatch.setattr(settlement, "transaction", SimpleNamespace(atomic=nullcontext))
    assert receipts_after_a_death(anna, monkeypatch) == 0
