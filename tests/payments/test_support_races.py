"""Acts of support at the same moment: each is done and recorded once, and no day is given twice."""

import time
from functools import partial
from itertools import count, pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from accounts.access import entitlements
from accounts.access.models import Entitlement
from accounts.audit import services as audit
from accounts.audit.models import AuditEntry
from accounts.outbox.models import Mail
from accounts.payments import refunds, services
from accounts.payments import test_card as card
from accounts.payments.models import Purchase, RefundRequest
from accounts.users import person_lock
from accounts.users.models import User
from tests.accounts import selling
from tests.exams.attempts.helpers import replace_sql
from tests.flows.crew import Crew, parallel
from tests.payments import orders
from tests.payments.orders import checkout_of, order

pytestmark = pytest.mark.django_db(transaction=True)

REASON = "It was our mistake"


def extend(given: Entitlement, grant_id: Any) -> Entitlement:
    return entitlements.extend(actor=None, entitlement_id=given.pk, days=10, reason=REASON, grant_id=grant_id)


def extended_at_once(given: Entitlement) -> list[Entitlement]:
    """Extend by four forms at the same moment; return everything that was given, the earliest first."""
    with Crew(4) as crew:
        outcomes = crew.together([partial(extend, given, uuid4()) for _ in range(4)])
    assert all(isinstance(one, Entitlement) for one in outcomes), outcomes
    return sorted(Entitlement.objects.all(), key=lambda one: one.starts_at)


def late(real: Any) -> Any:
    """Return a function that takes its time after it has read."""

    def read(*values: Any, **named: Any) -> Any:
        found = real(*values, **named)
        time.sleep(0.3)
        return found

    return read


def test_of_four_extensions_at_once_each_begins_where_another_ends(anna: User) -> None:
    given = extended_at_once(selling.give(anna))
    assert len(given) == 5
    assert all(later.starts_at == earlier.ends_at for earlier, later in pairwise(given))


@pytest.mark.controls
def test_without_the_lock_of_the_person_days_are_given_twice(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_sql(monkeypatch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")
    monkeypatch.setattr(entitlements, "_starts", late(entitlements._starts))
    given = extended_at_once(selling.give(anna))
    assert any(later.starts_at < earlier.ends_at for earlier, later in pairwise(given))


def test_one_form_sent_four_times_at_once_extends_once(anna: User) -> None:
    given, form = selling.give(anna), uuid4()
    outcomes = parallel(4, lambda: extend(given, form).pk)
    assert set(outcomes) == {Entitlement.objects.latest("pk").pk}
    assert Entitlement.objects.count() == 2
    assert AuditEntry.objects.filter(action="entitlement.extend").count() == 1


def refunded_at_once(anna: User, bela: User, monkeypatch: pytest.MonkeyPatch) -> int:
    """Press the button of one form twice at the same moment; return how many acts were recorded."""
    orders.make_products()
    opened, form = order(anna), uuid4()
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    bought = Purchase.objects.get()
    # Both have begun before either has given anything back.
    monkeypatch.setattr(services, "is_refunded", lambda purchase: False)
    parallel(2, lambda: services.refund(bought, actor=bela, reason=REASON, form_id=form))
    return AuditEntry.objects.filter(action="purchase.refund").count()


def test_a_refund_that_is_pressed_twice_at_once_is_recorded_once(
    anna: User, bela: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert refunded_at_once(anna, bela, monkeypatch) == 1


@pytest.mark.controls
def test_without_the_lock_of_the_person_a_refund_is_recorded_twice(
    anna: User, bela: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = count()
    real = audit.record

    def slow(**values: Any) -> AuditEntry:
        if values["action"] == "purchase.refund":
            next(calls)
            time.sleep(0.3)
        return real(**values)

    monkeypatch.setattr(audit, "record", slow)
    replace_sql(monkeypatch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")
    assert refunded_at_once(anna, bela, monkeypatch) == next(calls) == 2


def ask_four_times_at_once(anna: User, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Ask for the money of an order by four presses at the same moment; return what came of each."""
    orders.make_products()
    opened = order(anna)
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    monkeypatch.setattr(refunds, "begun", late(refunds.begun))
    return parallel(4, lambda: refunds.ask(checkout_of(opened), anna))


def test_a_refund_that_is_asked_for_four_times_at_once_is_one_request_and_one_mail(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask_four_times_at_once(anna, monkeypatch) == [None] * 4
    assert RefundRequest.objects.count() == 1
    assert AuditEntry.objects.filter(action="purchase.refund_asked").count() == 1
    assert Mail.objects.filter(kind=refunds.ASKED).count() == 1


@pytest.mark.controls
def test_without_the_lock_of_the_person_a_second_press_fails(
    anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_sql(monkeypatch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")
    outcomes = ask_four_times_at_once(anna, monkeypatch)
    assert any(isinstance(outcome, IntegrityError) for outcome in outcomes)
