"""What follows from a payment, by the test card: the same road as that of every gateway."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.db.models import F
from django.test import override_settings

from accounts.access import entitlements, products
from accounts.access import selectors as access
from accounts.access.models import Entitlement, EntitlementEnd, Source
from accounts.access.policy import Reason, access_of
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.payments import gateways, reconciliation, selectors, services, settlement
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
from accounts.payments.settlement import Settled
from accounts.privacy import erasure
from accounts.users.models import User
from tests.accounts import selling
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
    assert (access_of(anna, CODE).reason, given.ends_at) == (Reason.ENTITLED, selling.after(given.starts_at))


def test_asking_again_gives_nothing_more(anna: User) -> None:
    opened = order(anna)
    card.pay(opened.session_id)
    assert len({services.refresh(checkout_of(opened)) for _ in range(4)}) == 1
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
            return_urls=services.ReturnUrls(paid=str, canceled=""),
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
    payment = gateways.Payment("whole", 2900, "EUR", fetched.payments[0].paid_at, money_back=[back])
    settlement.settle(
        checkout_of(opened), gateways.GatewayCheckout(is_open=False, payments=[payment]), entitlements.now()
    )
    assert Refund.objects.get().amount == 100
    assert access_of(anna, CODE)


def test_a_payment_of_another_order_is_never_given_twice(anna: User, bela: User) -> None:
    opened = order(anna)
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    fetched = card.TestCard().fetch(opened.session_id)
    with pytest.raises(ValueError):
        settlement.settle(checkout_of(order(bela)), fetched, entitlements.now())
    assert not access_of(bela, CODE)


def test_a_subscription_opens_everything_for_its_period(anna: User) -> None:
    opened = order(anna, "monthly")
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    purchase = Purchase.objects.get()
    given = Entitlement.objects.get()
    assert (given.code, given.source, given.source_id) == ("cert:*", Source.SUBSCRIPTION, purchase.payment_id)
    assert given.starts_at == purchase.period_starts_at
    assert purchase.period_ends_at
    assert given.ends_at == purchase.period_ends_at
    assert access_of(anna, CODE)


def aged(opened: gateways.GatewaySession, days: int) -> None:
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

    def fetch(self: card.TestCard, session_id: str) -> gateways.GatewayCheckout:
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


# --- What is told late, or not at all ---------------------------------------------------------------------
def subscribed(user: User) -> Checkout:
    """Return the order of a subscription that is paid."""
    opened = order(user, "monthly")
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    return checkout_of(opened)


def test_what_was_asked_for_before_a_cancellation_and_arrives_after_it_changes_nothing(anna: User) -> None:
    checkout = subscribed(anna)
    asked_at = entitlements.now()
    before = card.TestCard().fetch(checkout.session.session_id)
    services.cancel(checkout, anna)
    settlement.settle(checkout, before, asked_at)
    assert SubscriptionState.objects.latest("pk").ends_at
    # By a clock that has gone on it would be news: this is what the time of asking is for.
    settlement.settle(checkout, before, entitlements.now())
    assert SubscriptionState.objects.latest("pk").ends_at is None


def test_a_subscription_that_is_canceled_ends_for_all_pages_on_the_day_that_is_paid(anna: User) -> None:
    checkout = subscribed(anna)
    services.cancel(checkout, anna)
    until = Purchase.objects.get().period_ends_at
    assert access_of(anna, CODE).until == until
    (shown,) = access.open_now(anna)
    assert (shown.until, shown.renews) == (until, False)
    (renewed,) = selectors.subscriptions(anna, "en")
    assert renewed.ends_at == until
    (bought,) = selectors.purchases(anna, "en")
    assert bought.until == until


def test_a_subscription_that_was_canceled_is_still_ended_by_its_refund_once(anna: User, bela: User) -> None:
    checkout = subscribed(anna)
    services.cancel(checkout, anna)
    services.refund(Purchase.objects.get(), actor=bela, reason="asked for")
    assert not access_of(anna, CODE)
    ends = EntitlementEnd.objects.count()
    services.refresh(checkout)
    assert EntitlementEnd.objects.count() == ends


def test_a_refund_of_the_first_of_two_purchases_leaves_the_second_without_a_gap(
    anna: User, bela: User
) -> None:
    for opened in (order(anna), order(anna)):
        card.pay(opened.session_id)
        services.refresh(checkout_of(opened))
    first, second = Purchase.objects.order_by("pk")
    (waiting,) = settlement.entitlements_of(second)
    services.refund(first, actor=bela, reason="asked for")
    (moved,) = settlement.entitlements_of(second)
    assert moved.ends_at - moved.starts_at == waiting.ends_at - waiting.starts_at
    assert access_of(anna, CODE).until == moved.ends_at < waiting.ends_at
    assert {one.until for one in selectors.purchases(anna, "en")} >= {moved.ends_at}
    services.refund(second, actor=bela, reason="asked for")
    assert not access_of(anna, CODE)


def test_a_refund_that_nobody_told_of_is_found_by_the_hourly_task(anna: User, bela: User) -> None:
    opened = order(anna)
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    subscribed(bela)
    card.TestCard().refund(opened.session_id)
    report = reconciliation.reconcile()
    assert (report.found, report.failed) == (1, 0)
    assert not access_of(anna, CODE)
    assert access_of(bela, CODE)
    assert reconciliation.reconcile().found == 0


def test_new_orders_are_asked_for_first_and_what_is_paid_longest_last(anna: User, bela: User) -> None:
    later = subscribed(anna)
    sooner = order(bela, "monthly")
    card.pay(sooner.session_id)
    aged(sooner, 20)
    services.refresh(checkout_of(sooner))
    unpaid = [checkout_of(order(anna)) for _ in range(2)]
    assert list(reconciliation.due()) == [*reversed(unpaid), checkout_of(sooner), later]


def test_of_what_was_free_or_is_refunded_nothing_can_be_given_back(anna: User, bela: User) -> None:
    checkout = checkout_of(order(anna))
    free = gateways.Payment("free_1", 0, "EUR", entitlements.now())
    settlement.settle(checkout, gateways.GatewayCheckout(is_open=False, payments=[free]), entitlements.now())
    with pytest.raises(Refused) as refused:
        services.refund(Purchase.objects.get(), actor=bela, reason="asked for")
    assert (refused.value.code, refused.value.status) == ("nothing_to_refund", 409)
    assert not AuditEntry.objects.filter(action="purchase.refund").exists()


def test_a_subscription_that_has_ended_at_the_gateway_is_said_to_have_ended(anna: User) -> None:
    checkout = subscribed(anna)
    key = checkout.session.session_id.removeprefix(card.PREFIX)
    TestCardSession.objects.filter(pk=key).update(
        paid_at=F("paid_at") - timedelta(days=40), canceled_at=F("paid_at") - timedelta(days=30)
    )
    with pytest.raises(Refused) as refused:
        services.cancel(checkout, anna)
    assert refused.value.code == "not_running"


# --- Orders of a subscription -----------------------------------------------------------------------------
def test_a_new_order_of_a_subscription_closes_the_one_before_it(anna: User) -> None:
    first, second = order(anna, "monthly"), order(anna, "monthly")
    card.pay(first.session_id)
    assert services.refresh(checkout_of(first)) == Settled(is_paid=False, is_open=False)
    card.pay(second.session_id)
    assert services.refresh(checkout_of(second)).is_paid
    assert Purchase.objects.count() == 1


def test_an_order_that_was_paid_without_our_knowing_is_found_before_another_is_opened(anna: User) -> None:
    first = order(anna, "monthly")
    card.pay(first.session_id)
    with pytest.raises(Refused) as refused:
        order(anna, "monthly")
    assert refused.value.code == "already_subscribed"
    assert access_of(anna, CODE)


def test_other_orders_stay_open_beside_each_other_and_beside_a_subscription(anna: User) -> None:
    opened = [order(anna), order(anna), order(anna, "monthly")]
    order(anna)
    for one in opened:
        card.pay(one.session_id)
        assert services.refresh(checkout_of(one)).is_paid


@pytest.mark.parametrize("slug", ["mls-c01", "monthly"])
def test_an_order_in_flight_while_its_account_closes_is_never_payable(anna: User, slug: str) -> None:
    erasure.request_erasure(User.objects.get(pk=anna.pk), anna.email, "en")
    assert anna.is_active  # as its request still knows it
    with pytest.raises(Refused) as refused:
        order(anna, slug)
    assert refused.value.code == "account_closed"
    assert not Checkout.objects.exists()


@pytest.mark.parametrize("way", ["refunded", "revoked"])
def test_who_canceled_and_then_lost_access_subscribes_again_and_the_old_one_ends(
    anna: User, bela: User, way: str
) -> None:
    checkout = subscribed(anna)
    services.cancel(checkout, anna)
    with pytest.raises(Refused):
        order(anna, "monthly")
    if way == "refunded":
        services.refund(Purchase.objects.get(), actor=bela, reason="asked for")
    else:
        given = Entitlement.objects.get()
        entitlements.end_now(actor=bela, entitlement_id=given.pk, reason="asked for")
    opened = order(anna, "monthly")
    # It cannot be continued beside the new one.
    assert not services.running_subscriptions(anna)
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    assert access_of(anna, CODE)
    assert len(services.running_subscriptions(anna)) == 1


def test_who_lost_access_to_a_subscription_that_will_be_paid_again_orders_no_other(
    anna: User, bela: User
) -> None:
    subscribed(anna)
    entitlements.end_now(actor=bela, entitlement_id=Entitlement.objects.get().pk, reason="asked for")
    with pytest.raises(Refused) as refused:
        order(anna, "monthly")
    assert refused.value.code == "already_subscribed"


def test_nobody_orders_without_end(anna: User, bela: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "ORDERS_PER_HOUR", 3)
    for _ in range(3):
        order(anna)
    with pytest.raises(Refused) as refused:
        order(anna)
    assert (refused.value.code, refused.value.status) == ("too_many_requests", 429)
    assert Checkout.objects.count() == 3
    order(bela)


def test_before_an_account_is_deleted_its_open_orders_are_closed(anna: User) -> None:
    opened = order(anna)
    services.cancel_all(anna)
    card.pay(opened.session_id)
    assert services.refresh(checkout_of(opened)) == Settled(is_paid=False, is_open=False)


def test_the_subscription_of_an_account_that_is_closed_is_canceled_and_of_no_other(
    anna: User, bela: User
) -> None:
    for person in (anna, bela):
        opened = order(person, "monthly")
        card.pay(opened.session_id)
        services.refresh(checkout_of(opened))
    assert "within the hour" in services.before_closing(anna)[0]
    erasure.request_erasure(anna, anna.email, "en")
    for _ in range(2):
        reconciliation.reconcile()
    ends = {}
    for person in (anna, bela):
        ends[person] = (
            SubscriptionState.objects.filter(subscription__checkout__user=person).latest("pk").ends_at
        )
    assert ends == {anna: Purchase.objects.get(checkout__user=anna).period_ends_at, bela: None}
    assert AuditEntry.objects.filter(action="subscription.cancel").count() == 1


def test_a_subscription_that_was_paid_without_our_knowing_is_canceled_before_its_account_is_deleted(
    anna: User,
) -> None:
    card.pay(order(anna, "monthly").session_id)
    services.cancel_all(anna)
    assert SubscriptionState.objects.latest("pk").ends_at == Purchase.objects.get().period_ends_at


def test_a_subscription_of_a_deleted_person_is_not_paid_on_and_on(anna: User) -> None:
    opened = order(anna, "monthly")
    card.pay(opened.session_id)
    anna.delete()
    for _ in range(2):
        reconciliation.reconcile()
    assert SubscriptionState.objects.latest("pk").ends_at == Purchase.objects.get().period_ends_at
    assert AuditEntry.objects.filter(action="subscription.cancel").count() == 1
