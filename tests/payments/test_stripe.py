"""Stripe by its own library, against a fake of our own: what is sent, what is fetched, what is told."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings

from accounts.access.models import Entitlement, EntitlementEnd
from accounts.access.policy import access_of
from accounts.access.selectors import open_now
from accounts.base.errors import Refused
from accounts.payments import reconciliation, services, stripe_gateway, webhook
from accounts.payments.gateways import GatewaySession
from accounts.payments.models import (
    CheckoutEnd,
    Purchase,
    PurchaseEvent,
    Refund,
    SubscriptionState,
)
from accounts.payments.stripe_gateway import StripeGateway
from accounts.users.models import User
from tests.payments.conforming import Object
from tests.payments.fake_stripe import FakeStripe, event, signature
from tests.payments.orders import checkout_of, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
WEBHOOK = "/payments/stripe/webhook/"
CODE = "cert:mls-c01"


def tell(told: Object, **how: Any) -> int:
    """Deliver an event as Stripe does; return the status of the reply."""
    return int(answer_of(told, **how).status_code)


def answer_of(told: Object, **how: Any) -> Any:
    """Deliver an event as Stripe does; return the reply."""
    body = json.dumps(told).encode()
    header = signature(body, **how)
    # Not raised: the client hears of what fails in other threads, too.
    return Client(enforce_csrf_checks=True, raise_request_exception=False).post(
        WEBHOOK, body, content_type="application/json", headers={"Stripe-Signature": header}
    )


def intent_of(fake: FakeStripe, opened: GatewaySession) -> str:
    return str(fake.sessions[opened.session_id]["payment_intent"])


def outcome() -> tuple[Any, ...]:
    """All that events may change, without the moment at which they did."""
    return (
        sorted(Purchase.objects.values_list("payment_id", "amount", "currency")),
        sorted(Refund.objects.values_list("refund_id", "amount")),
        sorted(
            (entitlement.source, entitlement.source_id, entitlement.code)
            for entitlement in Entitlement.objects.all()
        ),
        EntitlementEnd.objects.count(),
        [state.runs for state in SubscriptionState.objects.order_by("pk")][-1:],
    )


# --- What is sent -----------------------------------------------------------------------------------------
def test_9900_forints_are_sent_as_990000_with_tax_and_promotion_codes(fake: FakeStripe, anna: User) -> None:
    opened = order(anna, currency="HUF", language="hu")
    assert opened.url.startswith("https://checkout.stripe.com/")
    _method, _path, sent = fake.requests[-1]
    price = sent["line_items"]["0"]["price_data"]
    assert (price["unit_amount"], price["currency"], price["tax_behavior"]) == ("990000", "huf", "inclusive")
    assert (sent["mode"], sent["locale"], sent["customer_email"]) == ("payment", "hu", "anna@example.org")
    assert sent["automatic_tax"] == {"enabled": "true"}
    assert sent["allow_promotion_codes"] == "true"
    assert sent["client_reference_id"] == str(checkout_of(opened).pk)


def test_a_subscription_is_sent_as_one_that_repeats_by_the_month(fake: FakeStripe, anna: User) -> None:
    order(anna, "monthly")
    _method, _path, sent = fake.requests[-1]
    assert sent["mode"] == "subscription"
    assert sent["line_items"]["0"]["price_data"]["recurring"] == {"interval": "month", "interval_count": "1"}
    assert sent["subscription_data"]["metadata"] == sent["metadata"]


# --- What is told -----------------------------------------------------------------------------------------
def test_the_webhook_gives_what_was_paid_once_however_often_it_is_told(fake: FakeStripe, anna: User) -> None:
    opened = order(anna)
    assert not access_of(anna, CODE)
    (told,) = fake.pay(opened.session_id)
    assert [tell(told) for _ in range(3)] == [200, 200, 200]
    assert access_of(anna, CODE)
    assert Purchase.objects.get().payment_id == intent_of(fake, opened)
    stored = PurchaseEvent.objects.get()
    assert (stored.event_id, stored.kind, stored.object_id) == (told["id"], told["type"], opened.session_id)


def test_what_an_event_says_gives_nothing_when_stripe_says_otherwise(fake: FakeStripe, anna: User) -> None:
    opened = order(anna)
    session = fake.sessions[opened.session_id]
    lie = {**session, "status": "complete", "payment_status": "paid"}
    assert tell(event("checkout.session.completed", lie)) == 200
    assert not access_of(anna, CODE)


@pytest.mark.parametrize("how", [{"secret": "whsec_of_somebody_else"}, {"age": 301}], ids=["forged", "old"])
def test_a_forged_or_old_event_is_400_and_stores_nothing(
    fake: FakeStripe, anna: User, how: dict[str, Any]
) -> None:
    (told,) = fake.pay(order(anna).session_id)
    assert tell(told, **how) == 400
    assert not PurchaseEvent.objects.exists()
    assert not Purchase.objects.exists()
    assert tell(told, age=290) == 200


WITHOUT_OBJECT = {"id": "evt_1", "object": "event", "type": "invoice.paid", "livemode": False, "data": {}}


def with_object(about: object, **changes: object) -> dict[str, object]:
    return {**WITHOUT_OBJECT, "data": {"object": about}, **changes}


@pytest.mark.parametrize(
    "body",
    [
        [],
        "evt_1",
        1,
        None,
        {},
        WITHOUT_OBJECT,
        with_object("ch_1"),
        with_object({"object": "invoice", "metadata": "text"}),
        with_object({"object": "invoice", "parent": [1]}),
        with_object({"object": "invoice", "id": "in_\0"}),
        with_object({"object": "invoice"}, id="x" * 300),
        with_object({"object": "invoice"}, id=None),
        with_object({"object": "invoice"}, type=None),
        with_object({"object": "invoice"}, type="invoice\0"),
    ],
    ids=lambda body: json.dumps(body)[:120],
)
def test_what_is_signed_but_no_event_is_400_and_stores_nothing(fake: FakeStripe, body: Any) -> None:
    assert tell(body) == 400
    assert not PurchaseEvent.objects.exists()


def test_an_event_whose_body_was_changed_or_that_is_not_signed_is_400(fake: FakeStripe, anna: User) -> None:
    (told,) = fake.pay(order(anna).session_id)
    body = json.dumps(told).encode()
    for sent, header in ((body + b" ", signature(body)), (body, ""), (b"{", signature(b"{"))):
        reply = Client().post(
            WEBHOOK, sent, content_type="application/json", headers={"Stripe-Signature": header}
        )
        assert reply.status_code == 400
    assert not PurchaseEvent.objects.exists()


def test_an_event_of_the_other_mode_is_400_and_stores_nothing(fake: FakeStripe, anna: User) -> None:
    opened = order(anna)
    fake.pay(opened.session_id)
    live = event("checkout.session.completed", fake.sessions[opened.session_id], livemode=True)
    assert tell(live) == 400
    with override_settings(STRIPE_SECRET_KEY="sk_live_x"):
        assert tell(event("checkout.session.completed", fake.sessions[opened.session_id])) == 400
    assert not PurchaseEvent.objects.exists()


def test_a_body_that_is_too_long_is_refused(fake: FakeStripe) -> None:
    reply = Client().post(WEBHOOK, b"x" * 300_000, content_type="application/json")
    assert reply.status_code == 413
    assert not PurchaseEvent.objects.exists()


def test_without_a_key_there_is_no_webhook() -> None:
    assert Client().post(WEBHOOK, b"{}", content_type="application/json").status_code == 404


def test_unknown_kinds_and_the_sales_of_others_are_noted_and_ignored(fake: FakeStripe) -> None:
    assert tell(event("customer.created", {"id": "cus_1", "object": "customer"})) == 200
    foreign = {"id": "cs_1", "object": "checkout.session", "metadata": {}}
    assert tell(event("checkout.session.completed", foreign)) == 200
    assert [event.checkout for event in PurchaseEvent.objects.all()] == [None, None]
    assert not fake.requests


# --- Any order, any number --------------------------------------------------------------------------------
def paid_and_refunded(fake: FakeStripe, anna: User) -> list[Object]:
    opened = order(anna)
    told = fake.pay(opened.session_id)
    told += fake.refunded(intent_of(fake, opened))
    return [*told, *fake.lose_dispute(intent_of(fake, opened))]


def subscribed(fake: FakeStripe, anna: User) -> list[Object]:
    opened = order(anna, "monthly")
    told = fake.pay(opened.session_id)[:2]
    key = fake.sessions[opened.session_id]["subscription"]
    return [*told, *fake.renew(key), *fake.end(key)]


@pytest.mark.parametrize("story", [paid_and_refunded, subscribed])
def test_every_order_of_events_and_every_repeat_ends_in_one_state(
    fake: FakeStripe, anna: User, story: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = story(fake, anna)
    # All has happened: what is fetched is the same each time, and is fetched once.
    monkeypatch.setattr(StripeGateway, "fetch", staticmethod(cache(StripeGateway().fetch)))
    monkeypatch.setattr(stripe_gateway, "checkout_of", cache(stripe_gateway.checkout_of))
    assert 4 <= len(events) <= 5
    found = set(every_outcome(events))
    assert len(found) == 1
    assert "cert:" in found.pop()


def every_outcome(events: list[Object]) -> Iterator[str]:
    """Tell the events in every order, each twice; yield what each order ends in."""
    if not events:
        yield repr(outcome())
    for told in events:
        body = json.dumps(told).encode()
        before = transaction.savepoint_create()
        webhook.handle_event(body, signature(body))
        webhook.handle_event(body, signature(body))
        yield from every_outcome([event for event in events if event is not told])
        transaction.savepoint_rollback(before)


@pytest.mark.parametrize("kept", range(4))
def test_any_one_event_of_a_refunded_payment_is_enough(fake: FakeStripe, anna: User, kept: int) -> None:
    assert tell(paid_and_refunded(fake, anna)[kept]) == 200
    assert Purchase.objects.count() == 1
    assert not access_of(anna, CODE)


def test_when_no_event_arrives_one_pass_gives_access(fake: FakeStripe, anna: User, bela: User) -> None:
    first, second = order(anna), order(bela, "monthly")
    third = order(bela)
    fake.pay(first.session_id)
    fake.pay(second.session_id)
    fake.expire(third.session_id)
    report = reconciliation.reconcile()
    assert (report.asked, report.found, report.failed) == (3, 2, 0)
    assert access_of(anna, CODE)
    assert access_of(bela, CODE)
    assert CheckoutEnd.objects.get().checkout == checkout_of(third)
    assert list(reconciliation.due()) == [checkout_of(second)]


def test_a_transfer_that_takes_days_is_asked_for_until_it_arrives(fake: FakeStripe, anna: User) -> None:
    opened = order(anna)
    fake.sessions[opened.session_id].update(status="complete")
    assert reconciliation.reconcile().found == 0
    assert services.refresh(checkout_of(opened)).is_open
    assert not CheckoutEnd.objects.exists()
    fake.pay(opened.session_id)
    assert reconciliation.reconcile().found == 1
    assert access_of(anna, CODE)


def test_the_page_after_paying_asks_stripe_itself(fake: FakeStripe, client: Client, anna: User) -> None:
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    opened = order(anna)
    path = f"/payments/{checkout_of(opened).pk}/"
    assert "have your payment yet" in client.get(path).content.decode()
    fake.pay(opened.session_id)
    assert "Access until" in client.get(path).content.decode()
    assert access_of(anna, CODE)


# --- Subscriptions and money back -------------------------------------------------------------------------
def test_each_invoice_is_one_period_from_its_lines(fake: FakeStripe, anna: User) -> None:
    opened = order(anna, "monthly")
    for told in fake.pay(opened.session_id):
        tell(told)
    for told in fake.renew(fake.sessions[opened.session_id]["subscription"]):
        tell(told)
    second, first = Entitlement.objects.all()
    assert second.starts_at == first.ends_at
    assert {first.source_id, second.source_id} == set(fake.invoices)


def test_a_subscription_is_canceled_at_stripe_and_stays_open_until_its_end(
    fake: FakeStripe, anna: User
) -> None:
    opened = order(anna, "monthly")
    fake.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    services.cancel(checkout_of(opened), anna)
    method, _path, sent = next(request for request in fake.requests if "subscriptions" in request[1])
    assert (method, sent) == ("POST", {"cancel_at_period_end": "true"})
    state = SubscriptionState.objects.latest("pk")
    assert (state.runs, state.ends_at) == (True, Purchase.objects.get().period_ends_at)
    assert access_of(anna, CODE)


@pytest.mark.parametrize("slug", ["mls-c01", "monthly"])
def test_a_refund_is_made_at_stripe_once_and_ends_access(
    fake: FakeStripe, anna: User, bela: User, slug: str
) -> None:
    opened = order(anna, slug)
    fake.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    services.refund(Purchase.objects.get(), actor=bela, reason="asked for")
    with pytest.raises(Refused, match="nothing left to refund"):
        services.refund(Purchase.objects.get(), actor=bela, reason="asked for")
    assert len(fake.refunds) == Refund.objects.count() == EntitlementEnd.objects.count() == 1
    assert not access_of(anna, CODE)


def test_a_part_of_the_money_back_ends_nothing_and_the_rest_does(fake: FakeStripe, anna: User) -> None:
    opened = order(anna)
    fake.pay(opened.session_id)
    for told in fake.refunded(intent_of(fake, opened), 900):
        tell(told)
    assert access_of(anna, CODE)
    for told in fake.refunded(intent_of(fake, opened), 2000):
        tell(told)
    assert not access_of(anna, CODE)


def test_a_promotion_code_that_makes_it_free_gives_access(fake: FakeStripe, anna: User) -> None:
    opened = order(anna)
    (told,) = fake.make_free(opened.session_id)
    assert tell(told) == 200
    assert access_of(anna, CODE)
    assert (Purchase.objects.get().amount, Purchase.objects.get().payment_id[:5]) == (0, "free_")


def test_the_portal_of_the_payer_is_opened(fake: FakeStripe, anna: User) -> None:
    opened = order(anna)
    assert services.portal(checkout_of(opened), return_url="https://passline.example/") == ""
    fake.pay(opened.session_id)
    address = services.portal(checkout_of(opened), return_url="https://passline.example/")
    assert address.startswith("https://billing.stripe.com/")


def test_the_invoice_of_a_payment_is_offered_among_the_purchases(fake: FakeStripe, anna: User) -> None:
    opened = order(anna)
    fake.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    client = Client()
    client.force_login(anna)
    assert "Invoice<span" in client.get("/accounts/purchases/").content.decode()


# --- What a gateway says late, or never -------------------------------------------------------------------
def test_two_orders_of_a_subscription_are_one_that_can_be_paid(fake: FakeStripe, anna: User) -> None:
    first, second = order(anna, "monthly"), order(anna, "monthly")
    assert fake.sessions[first.session_id]["status"] == "expired"
    assert CheckoutEnd.objects.get().checkout == checkout_of(first)
    fake.pay(second.session_id)
    with pytest.raises(Refused, match="already have a subscription"):
        order(anna, "monthly")
    assert Purchase.objects.count() == 1
    assert len(fake.sessions) == 2


def test_refunds_and_lost_disputes_without_an_event_are_found_by_the_hourly_task(
    fake: FakeStripe, anna: User, bela: User
) -> None:
    once, monthly = order(anna), order(bela, "monthly")
    for opened in (once, monthly):
        fake.pay(opened.session_id)
        services.refresh(checkout_of(opened))
    fake.lose_dispute(intent_of(fake, once))
    (invoice,) = fake.invoices.values()
    fake.refund(invoice["payments"]["data"][0]["payment"]["payment_intent"])
    # That of the subscription runs, and would be asked for anyway.
    fake.end(fake.sessions[monthly.session_id]["subscription"])
    services.refresh(checkout_of(monthly))
    assert reconciliation.reconcile().failed == 0
    assert not access_of(anna, CODE)
    assert not access_of(bela, CODE)
    assert reconciliation.reconcile().asked == 0


def test_when_refunds_cannot_be_listed_payments_are_still_asked_for(fake: FakeStripe, anna: User) -> None:
    fake.pay(order(anna).session_id)
    fake.broken = {"/v1/refunds"}
    report = reconciliation.reconcile()
    # Neither new ones nor those that failed.
    assert (report.asked, report.found, report.failed) == (1, 1, 2)
    assert access_of(anna, CODE)


def test_a_transfer_that_failed_is_not_waited_for(fake: FakeStripe, anna: User) -> None:
    opened = order(anna)
    told = fake.fail_transfer(opened.session_id)
    assert [tell(one) for one in told] == [200]
    assert CheckoutEnd.objects.get().checkout == checkout_of(opened)
    assert not reconciliation.due().exists()


def test_a_canceled_subscription_is_resumed_at_stripe(fake: FakeStripe, anna: User) -> None:
    opened = order(anna, "monthly")
    fake.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    services.cancel(checkout_of(opened), anna)
    assert not services.goes_on(checkout_of(opened))
    services.resume(checkout_of(opened), anna)
    assert services.goes_on(checkout_of(opened))
    [subscription] = fake.subscriptions.values()
    assert not subscription["cancel_at_period_end"]


def test_a_subscription_whose_payment_failed_can_still_be_canceled_and_goes_on_when_it_is_paid(
    fake: FakeStripe, anna: User
) -> None:
    opened = order(anna, "monthly")
    fake.pay(opened.session_id)
    key = fake.sessions[opened.session_id]["subscription"]
    fake.subscriptions[key]["status"] = "unpaid"
    services.refresh(checkout_of(opened))
    assert services.running_subscriptions(anna)
    fake.subscriptions[key]["status"] = "active"
    for told in fake.renew(key):
        assert tell(told) == 200
    assert Purchase.objects.count() == 2
    services.cancel(checkout_of(opened), anna)
    assert fake.subscriptions[key]["cancel_at_period_end"]


def test_a_subscription_that_ended_at_stripe_is_not_said_to_be_unreachable(
    fake: FakeStripe, anna: User
) -> None:
    opened = order(anna, "monthly")
    fake.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    fake.end(fake.sessions[opened.session_id]["subscription"])
    with pytest.raises(Refused, match="already ended"):
        services.cancel(checkout_of(opened), anna)


def test_a_subscription_that_is_continued_at_stripe_renews_again(fake: FakeStripe, anna: User) -> None:
    opened = order(anna, "monthly")
    fake.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    services.cancel(checkout_of(opened), anna)
    assert not open_now(anna)[0].renews
    (subscription,) = fake.subscriptions.values()
    subscription.update(cancel_at_period_end=False, cancel_at=None)
    assert tell(event("customer.subscription.updated", subscription)) == 200
    (shown,) = open_now(anna)
    assert (shown.renews, shown.until) == (True, Purchase.objects.get().period_ends_at)


def test_a_refund_that_support_has_already_made_at_stripe_is_taken_as_done(
    fake: FakeStripe, anna: User, bela: User
) -> None:
    opened = order(anna)
    fake.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    fake.refund(intent_of(fake, opened))
    services.refund(Purchase.objects.get(), actor=bela, reason="asked for")
    assert Refund.objects.count() == len(fake.refunds) == 1
    assert not access_of(anna, CODE)
