"""Stripe slow, down, or answering twice: nobody pays twice, nothing is lost, and the buyer is told."""

import time

import pytest
from django.db import transaction
from django.test import Client

from accounts.access import entitlements
from accounts.access.models import Entitlement, EntitlementEnd
from accounts.access.policy import access_of
from accounts.payments import gateways, services, settlement, stripe_gateway
from accounts.payments.gateways import GatewayDown
from accounts.payments.models import (
    CheckoutSession,
    Purchase,
    PurchaseEvent,
    Refund,
    SubscriptionState,
)
from accounts.users.models import User
from tests import factories
from tests.flows.crew import Crew, waiting_for_locks
from tests.payments.fake_stripe import FakeStripe
from tests.payments.orders import checkout_of, order
from tests.payments.test_stripe import answer_of, tell

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
WEBHOOK = "/payments/stripe/webhook/"
CODE = "cert:mls-c01"


@pytest.mark.parametrize("fault", ["500", "timeout"])
def test_an_event_that_cannot_be_looked_up_is_sent_again_and_then_applied(
    fake: FakeStripe, anna: User, fault: str
) -> None:
    (told,) = fake.pay(order(anna).session_id)
    fake.faults = [fault] * 2
    assert tell(told) == 503
    assert not PurchaseEvent.objects.exists()
    assert tell(told) == 200
    assert access_of(anna, CODE)


@pytest.mark.parametrize("fault", ["slow", "500", "timeout", "twice", "lost"])
def test_one_failure_of_stripe_is_not_seen_by_the_buyer(fake: FakeStripe, anna: User, fault: str) -> None:
    fake.faults = [fault]
    opened = order(anna)
    assert list(fake.sessions) == [opened.session_id]


@pytest.mark.parametrize("fault", ["twice", "lost"])
def test_a_refund_whose_reply_is_lost_or_that_arrives_twice_is_made_once(
    fake: FakeStripe, anna: User, bela: User, fault: str
) -> None:
    opened = order(anna)
    fake.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    fake.faults = [fault]
    services.refund(Purchase.objects.get(), actor=bela, reason="asked for")
    assert len([one for one in fake.requests if one[:2] == ("POST", "/v1/refunds")]) == 2
    assert len(fake.refunds) == Refund.objects.count() == EntitlementEnd.objects.count() == 1


@pytest.mark.controls
def test_without_the_key_of_the_order_a_lost_reply_makes_two_sessions(fake: FakeStripe, anna: User) -> None:
    fake.forgets = True
    fake.faults = ["lost"]
    order(anna)
    assert len(fake.sessions) == 2


@pytest.mark.django_db(transaction=True)
def test_an_event_that_waits_too_long_for_the_person_is_answered_with_503_and_stored_whole_later(
    fake: FakeStripe, anna: User
) -> None:
    opened = order(anna)
    (told,) = fake.pay(opened.session_id)
    browser = Client(raise_request_exception=False)
    browser.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = f"/payments/{checkout_of(opened).pk}/"
    with waiting_for_locks(0.4), Crew(2) as crew, transaction.atomic():
        User.objects.select_for_update().get(pk=anna.pk)
        began = time.monotonic()
        replies = crew.together([lambda: answer_of(told), lambda: browser.get(page)])
        assert time.monotonic() - began < 5
    assert [(one.status_code, one["Retry-After"]) for one in replies] == [(503, "5")] * 2
    assert not Purchase.objects.exists()
    assert not PurchaseEvent.objects.exists()
    assert tell(told) == 200
    assert Purchase.objects.count() == Entitlement.objects.count() == PurchaseEvent.objects.count() == 1


def test_when_stripe_is_down_the_order_page_says_so_and_charges_nothing(
    fake: FakeStripe, client: Client, anna: User
) -> None:
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    factories.make_certification()
    fake.faults = ["500"] * 2
    reply = client.post("/pricing/mls-c01/", {"amount": 2900, "consent": "on", "terms": "on"})
    assert reply.status_code == 503
    assert "Nothing was charged" in reply.content.decode()
    assert not CheckoutSession.objects.exists()


def test_a_session_that_was_made_but_not_stored_is_found_by_its_event(fake: FakeStripe, anna: User) -> None:
    opened = order(anna)
    checkout = checkout_of(opened)
    (told,) = fake.pay(opened.session_id)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CheckoutSession.objects, "filter", lambda **_: CheckoutSession.objects.none())
        assert services.refresh(checkout).is_paid is False
        assert tell(told) == 200
    assert access_of(anna, CODE)


def test_a_refusal_of_stripe_is_no_error_of_ours(fake: FakeStripe) -> None:
    with pytest.raises(GatewayDown):
        stripe_gateway.StripeGateway().fetch("cs_absent")


def test_a_slow_reply_does_not_undo_newer_news_that_changed_nothing(fake: FakeStripe, anna: User) -> None:
    opened = order(anna, "monthly")
    fake.pay(opened.session_id)
    checkout = checkout_of(opened)
    services.refresh(checkout)
    key = fake.sessions[opened.session_id]["subscription"]
    fake.subscriptions[key]["cancel_at_period_end"] = True
    asked_at = entitlements.now()
    slow = gateways.named(checkout.gateway).fetch(opened.session_id)
    assert slow.subscription
    assert slow.subscription.ends_at
    # Continued at Stripe before anybody here knew of the cancellation.
    fake.subscriptions[key]["cancel_at_period_end"] = False
    services.refresh(checkout)
    settlement.settle(checkout, slow, asked_at)
    assert services.goes_on(checkout)
    assert SubscriptionState.objects.count() == 1
