"""What follows from a payment, by the test card: the same road as that of every gateway."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F
from django.test import override_settings

from accounts.access import products
from accounts.access.models import Entitlement, EntitlementEnd, Source
from accounts.access.policy import Reason, access_of
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.payments import gateways, reconciliation, services, settlement
from accounts.payments import test_card as card
from accounts.payments.checks import check_gateways
from accounts.payments.gateways import GatewayDown
from accounts.payments.models import (
    Checkout,
    CheckoutSession,
    Purchase,
    Refund,
    SubscriptionState,
    TestCardSession,
)
from accounts.payments.settlement import GRACE, Settled
from accounts.users.models import User
from tests.payments.orders import checkout_of, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
CODE = "cert:mls-c01"


def test_an_order_alone_gives_nothing(anna: User) -> None:
    checkout = checkout_of(order(anna))
    assert services.refresh(checkout) == Settled(is_paid=False, is_open=True)
    assert not access_of(anna, CODE)
    assert not Purchase.objects.exists()


def test_what_was_paid_opens_the_certification_for_its_months(anna: User) -> None:
    opened = order(anna)
    card.pay(opened.session_id)
    assert services.refresh(checkout_of(opened)) == Settled(is_paid=True, is_open=False)
    given = Entitlement.objects.get()
    assert (given.source, given.source_id) == (Source.PURCHASE, opened.session_id)
    assert access_of(anna, CODE).reason == Reason.ENTITLED
    assert (given.ends_at - given.starts_at).days >= 89


def test_asking_again_gives_nothing_more(anna: User) -> None:
    opened = order(anna)
    card.pay(opened.session_id)
    for _ in range(4):
        services.refresh(checkout_of(opened))
    assert Entitlement.objects.count() == Purchase.objects.count() == 1


def test_two_purchases_are_six_months(anna: User) -> None:
    for opened in (order(anna), order(anna)):
        card.pay(opened.session_id)
        services.refresh(checkout_of(opened))
    second, first = Entitlement.objects.all()
    assert second.starts_at == first.ends_at


def test_an_order_stores_what_was_agreed_to_and_shown(anna: User) -> None:
    checkout = checkout_of(order(anna, currency="HUF", language="hu"))
    assert (checkout.currency, checkout.amount, checkout.language) == ("HUF", 990000, "hu")
    assert checkout.terms_version == "2026-11-26"
    assert checkout.consent_at == checkout.created_at


def test_a_price_that_was_not_shown_is_refused_and_nothing_is_stored(anna: User) -> None:
    offer = next(one for one in products.on_sale() if one.slug == "mls-c01")
    with pytest.raises(Refused) as refused:
        services.order(
            anna,
            offer,
            amount=1,
            currency="EUR",
            agreement=services.Agreement("2026-11-26", "en"),
            ways=services.Ways(paid=str, canceled=""),
        )
    assert (refused.value.code, refused.value.status) == ("price_changed", 409)
    assert not Checkout.objects.exists()


def test_a_refund_ends_what_the_payment_gave_and_is_in_the_audit(anna: User, bela: User) -> None:
    opened = order(anna)
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    services.refund(Purchase.objects.get(), actor=bela, reason="Asked within a day.")
    assert not access_of(anna, CODE)
    assert Refund.objects.get().amount == 2900
    entry = AuditEntry.objects.get(action="purchase.refund")
    assert (entry.actor, entry.reason) == (bela, "Asked within a day.")
    services.refresh(checkout_of(opened))
    assert EntitlementEnd.objects.count() == Refund.objects.count() == 1


def test_a_refund_that_is_heard_of_before_the_payment_leaves_no_access(anna: User) -> None:
    opened = order(anna)
    card.pay(opened.session_id)
    card.TestCard().refund(opened.session_id)
    services.refresh(checkout_of(opened))
    assert not access_of(anna, CODE)
    assert EntitlementEnd.objects.count() == 1


def test_a_part_of_the_money_back_ends_nothing(anna: User) -> None:
    opened = order(anna)
    card.pay(opened.session_id)
    fetched = card.TestCard().fetch(opened.session_id)
    back = gateways.MoneyBack("part", 100, fetched.payments[0].paid_at)
    payment = gateways.Payment("whole", 2900, "EUR", fetched.payments[0].paid_at, back=[back])
    settlement.settle(checkout_of(opened), gateways.Fetched(is_open=False, payments=[payment]))
    assert Refund.objects.get().amount == 100
    assert access_of(anna, CODE)


def test_a_payment_of_another_order_is_never_given_twice(anna: User, bela: User) -> None:
    opened = order(anna)
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    fetched = card.TestCard().fetch(opened.session_id)
    with pytest.raises(ValueError):
        settlement.settle(checkout_of(order(bela)), fetched)
    assert not access_of(bela, CODE)


def test_a_subscription_opens_everything_for_its_period_and_a_day(anna: User) -> None:
    opened = order(anna, "monthly")
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    purchase = Purchase.objects.get()
    given = Entitlement.objects.get()
    assert (given.code, given.source, given.source_id) == ("cert:*", Source.SUBSCRIPTION, purchase.payment_id)
    assert given.starts_at == purchase.period_starts_at
    assert purchase.period_ends_at
    assert given.ends_at == purchase.period_ends_at + GRACE
    assert access_of(anna, CODE)


def aged(opened: gateways.Opened, days: int) -> None:
    """Let a payment by test card have been made that long ago."""
    key = opened.session_id.removeprefix(card.PREFIX)
    TestCardSession.objects.filter(pk=key).update(paid_at=F("paid_at") - timedelta(days=days))


def test_a_subscription_goes_on_by_the_hourly_task_alone(anna: User) -> None:
    opened = order(anna, "monthly")
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    aged(opened, 65)
    assert reconciliation.reconcile().asked == 1
    assert Purchase.objects.count() == 3
    assert Entitlement.objects.count() == 3
    assert access_of(anna, CODE)


def test_a_canceled_subscription_runs_to_its_end_and_no_further(anna: User) -> None:
    opened = order(anna, "monthly")
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    services.cancel(checkout_of(opened), anna)
    state = SubscriptionState.objects.latest("pk")
    assert state.runs
    assert state.ends_at == Purchase.objects.get().period_ends_at
    assert access_of(anna, CODE)
    key = opened.session_id.removeprefix(card.PREFIX)
    TestCardSession.objects.filter(pk=key).update(
        paid_at=F("paid_at") - timedelta(days=40), canceled_at=F("canceled_at") - timedelta(days=40)
    )
    reconciliation.reconcile()
    assert not services.running_subscriptions(anna)
    assert not reconciliation.due().exists()
    with pytest.raises(Refused):
        services.cancel(checkout_of(opened), anna)


def test_who_has_a_subscription_cannot_order_another(anna: User) -> None:
    opened = order(anna, "monthly")
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    with pytest.raises(Refused) as refused:
        order(anna, "monthly")
    assert refused.value.code == "already_subscribed"


def test_all_subscriptions_of_a_person_can_be_canceled_at_once(anna: User) -> None:
    opened = order(anna, "monthly")
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    services.cancel_all(anna)
    assert SubscriptionState.objects.latest("pk").ends_at


def test_what_a_deleted_person_paid_stays_and_opens_nothing(anna: User) -> None:
    opened = order(anna)
    card.pay(opened.session_id)
    checkout = checkout_of(opened)
    anna.delete()
    services.refresh(checkout)
    assert Purchase.objects.get().checkout.user is None
    assert not Entitlement.objects.exists()


def test_access_comes_within_one_pass_when_nobody_told_of_the_payment(anna: User) -> None:
    opened = order(anna)
    order(anna)
    card.pay(opened.session_id)
    report = reconciliation.reconcile()
    assert (report.asked, report.found, report.failed) == (2, 1, 0)
    assert access_of(anna, CODE)
    assert reconciliation.reconcile().asked == 1


def test_one_that_cannot_be_asked_for_stops_no_other(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = order(anna), order(anna)
    card.pay(second.session_id)
    whole = card.TestCard.fetch

    def fetch(self: card.TestCard, session_id: str) -> gateways.Fetched:
        if session_id == first.session_id:
            raise GatewayDown
        return whole(self, session_id)

    monkeypatch.setattr(card.TestCard, "fetch", fetch)
    report = reconciliation.reconcile()
    assert (report.asked, report.found, report.failed) == (2, 1, 1)
    assert access_of(anna, CODE)


@pytest.mark.parametrize("model", [Checkout, CheckoutSession, Purchase, Refund, SubscriptionState])
def test_rows_of_money_cannot_be_deleted(anna: User, model: type[Checkout]) -> None:
    opened = order(anna, "monthly")
    card.pay(opened.session_id)
    card.TestCard().refund(opened.session_id)
    services.refresh(checkout_of(opened))
    assert model.objects.exists()
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all().delete()


def test_in_production_there_is_no_test_card_whatever_the_settings_say(anna: User) -> None:
    opened = order(anna)
    with override_settings(PRODUCTION=True, TEST_CARD=True):
        assert not gateways.available()
        with pytest.raises(Refused):
            order(anna)
        with pytest.raises(Refused):
            card.pay(opened.session_id)
        with pytest.raises(Refused):
            services.refresh(checkout_of(opened))
        assert [one.id for one in check_gateways()] == ["accounts.E010"]
    assert not Purchase.objects.exists()


def test_a_check_refuses_a_key_without_its_webhook_and_another_server_than_stripes() -> None:
    with override_settings(PRODUCTION=True, TEST_CARD=False, STRIPE_SECRET_KEY="sk_live_x"):
        assert [one.id for one in check_gateways()] == ["accounts.E011"]
        with override_settings(STRIPE_WEBHOOK_SECRET="whsec_x"):
            assert check_gateways() == []
            with override_settings(STRIPE_API_BASE="http://127.0.0.1:1"):
                assert [one.id for one in check_gateways()] == ["accounts.E012"]
