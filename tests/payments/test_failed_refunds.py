"""A refund that fails at the bank, days after it was made: it is seen, and finance is told."""

from typing import Any

import pytest
from django.test import Client

from accounts.access.policy import access_of
from accounts.admin import person
from accounts.audit.models import AuditEntry
from accounts.payments import reconciliation, selectors, services, settlement
from accounts.payments.models import Purchase, Refund, RefundFailure
from accounts.users.models import User
from tests import factories
from tests.payments.fake_stripe import FakeStripe
from tests.payments.orders import checkout_of, order
from tests.payments.test_stripe import tell

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]

CODE = "cert:mls-c01"
LIST = "/admin/accounts/purchase/?refund=failed"


@pytest.fixture(params=["mls-c01", "monthly"])
def refunded(request: Any, fake: FakeStripe, anna: User, bela: User) -> Purchase:
    """What Anna paid and Béla gave back, of each kind of product."""
    opened = order(anna, request.param)
    fake.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    services.refund(Purchase.objects.get(), actor=bela, reason="asked for")
    return Purchase.objects.get()


def client_of(role: str) -> Client:
    """The browser of somebody with a role."""
    client = Client()
    client.force_login(factories.make_staff(role))
    return client


def fail(fake: FakeStripe) -> list[Any]:
    return fake.fail_refund(Refund.objects.get().refund_id)


def test_a_refund_that_fails_counts_no_more_and_access_stays_ended(
    fake: FakeStripe, anna: User, refunded: Purchase
) -> None:
    assert settlement.is_refunded(refunded)
    for told in fail(fake) * 2:
        assert tell(told) == 200
    assert RefundFailure.objects.get().refund == Refund.objects.get()
    assert not settlement.is_refunded(refunded)
    assert [one.returned for one in selectors.purchases(anna, "en")] == [""]
    # The person is owed the money; what they gave back stays given back.
    assert not access_of(anna, CODE)
    entry = AuditEntry.objects.get(action="purchase.refund_failed")
    assert (entry.subject_id, entry.after["amount"]) == (str(refunded.pk), refunded.amount)


def test_what_an_event_says_of_a_refund_is_not_believed(fake: FakeStripe, refunded: Purchase) -> None:
    refund = fake.refunds[Refund.objects.get().refund_id]
    events = fail(fake)
    refund.update(status="succeeded")
    fake.charges[refund["charge"]].update(amount_refunded=refund["amount"], refunded=True)
    for told in events:
        assert tell(told) == 200
    assert not RefundFailure.objects.exists()
    assert settlement.is_refunded(refunded)


def test_a_failure_that_nobody_told_of_is_found_by_the_hourly_task_once(
    fake: FakeStripe, refunded: Purchase
) -> None:
    fail(fake)
    assert list(reconciliation.failed()) == [refunded.checkout]
    reconciliation.reconcile()
    assert RefundFailure.objects.count() == 1
    assert not reconciliation.failed().exists()


def test_refunds_that_do_not_come_along_with_their_payment_are_asked_for(
    fake: FakeStripe, refunded: Purchase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake, "_with_refunds", dict)
    fail(fake)
    services.refresh(refunded.checkout)
    assert RefundFailure.objects.count() == 1


def test_a_refund_that_failed_before_it_was_known_ends_nothing(fake: FakeStripe, anna: User) -> None:
    opened = order(anna)
    fake.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    refund = fake.refund(str(fake.sessions[opened.session_id]["payment_intent"]))
    fake.fail_refund(refund["id"])
    services.refresh(checkout_of(opened))
    assert RefundFailure.objects.count() == 1
    assert access_of(anna, CODE)
    assert selectors.count_owed() == 1


def test_finance_sees_what_waits_and_refunds_again(fake: FakeStripe, anna: User, refunded: Purchase) -> None:
    client = client_of("finance")
    assert "Failed refunds" in client.get("/admin/").content.decode()
    assert selectors.count_owed() == 0
    assert refunded.checkout.number not in client.get(LIST).content.decode()
    fail(fake)
    services.refresh(refunded.checkout)
    assert selectors.count_owed() == 1
    start = client.get("/admin/").content.decode()
    assert LIST in start
    assert refunded.checkout.number in client.get(LIST).content.decode()
    shown = client.get(person.url_of(anna.pk)).content.decode()
    assert "Failed" in shown
    page = client.get(f"/admin/accounts/purchase/{refunded.pk}/change/").content.decode()
    assert "purchase.refund_failed" in page
    client.post(
        f"/admin/accounts/purchase/{refunded.pk}/refund/",
        {"reason": "Once more", "form_id": "7e36f430-611b-4a95-9baa-a5df44df8f09"},
    )
    assert Refund.objects.count() == 2
    assert settlement.is_refunded(refunded)
    assert selectors.count_owed() == 0
    assert not access_of(anna, CODE)


@pytest.mark.parametrize("role", ["support", "authors", "reviewers"])
def test_nobody_else_is_told_what_waits_for_finance(role: str) -> None:
    assert "Failed refunds" not in client_of(role).get("/admin/").content.decode()
