"""Subscriptions canceled by staff: with a reason, once, and told when the gateway does not say so.

A refund and the end of access cancel nothing: who does it is told, and led to the form that cancels.
"""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.access.models import Entitlement, EntitlementEnd
from accounts.access.policy import access_of
from accounts.admin import person
from accounts.audit import services as audit
from accounts.audit.models import AuditEntry
from accounts.payments import services, stripe_gateway
from accounts.payments.gateways import GatewayDown
from accounts.payments.models import Checkout, Purchase, Refund, SubscriptionState
from accounts.payments.services import StaffAct
from accounts.payments.stripe_gateway import StripeGateway
from accounts.users import person_lock
from accounts.users.models import User
from tests import factories
from tests.exams.attempts.helpers import replace_sql
from tests.flows.crew import Crew
from tests.payments.fake_stripe import FakeStripe
from tests.payments.orders import checkout_of, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]

CODE = "cert:mls-c01"
REASON = "Asked by email"
CONTINUES = "Refunding or revoking does not cancel it"


def client_of(role: str) -> Client:
    """The browser of somebody with a role."""
    client = Client()
    client.force_login(factories.make_staff(role))
    return client


def subscribe(fake: FakeStripe, user: User) -> Purchase:
    """Pay a month of a subscription."""
    opened = order(user, "monthly")
    fake.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    return Purchase.objects.get(checkout=checkout_of(opened))


@pytest.fixture
def paid(fake: FakeStripe, anna: User) -> Purchase:
    """A month of a subscription that Anna paid at Stripe."""
    return subscribe(fake, anna)


def page_of(paid: Purchase, act: str = "cancel_subscription") -> str:
    return reverse(f"admin:accounts_purchase_{act}", args=[paid.pk])


def sent(when: str = "at_end", **more: Any) -> dict[str, Any]:
    """What fills the form."""
    return {"when": when, "reason": REASON, "form_id": uuid4(), **more}


def recorded(action: str = "subscription.cancel") -> int:
    return AuditEntry.objects.filter(action=action).count()


def is_untouched(fake: FakeStripe) -> bool:
    """Say whether the subscription takes its next payment, and nothing was recorded."""
    [subscription] = fake.subscriptions.values()
    goes_on = subscription["status"] == "active" and not subscription["cancel_at_period_end"]
    return goes_on and services.goes_on(Checkout.objects.get()) and not recorded()


@pytest.mark.parametrize("role", ["support", "finance", "admin"])
@pytest.mark.parametrize("when", ["at_end", "now"])
def test_staff_cancel_a_subscription_with_a_reason_and_what_is_paid_stays_open(
    fake: FakeStripe, anna: User, paid: Purchase, role: str, when: str
) -> None:
    client = client_of(role)
    shown = client.get(person.url_of(anna.pk)).content.decode()
    assert f"{page_of(paid)}?back=person" in shown
    assert "Renews" in shown
    form = client.get(page_of(paid)).content.decode()
    assert anna.email in form
    assert is_untouched(fake)
    reply = client.post(f"{page_of(paid)}?back=person", sent(when))
    assert reply.headers["Location"] == person.url_of(anna.pk)
    [subscription] = fake.subscriptions.values()
    assert subscription["cancel_at_period_end"] == (when == "at_end")
    assert subscription["status"] == ("active" if when == "at_end" else "canceled")
    assert SubscriptionState.objects.latest("pk").runs == (when == "at_end")
    assert not services.goes_on(paid.checkout)
    assert access_of(anna, CODE).until == paid.period_ends_at
    entry = AuditEntry.objects.get(action="subscription.cancel")
    assert (entry.subject_id, entry.reason) == (str(paid.checkout_id), REASON)
    assert entry.actor and entry.actor.email == f"{role}@example.org"
    assert entry.after["at_once"] == (when == "now")
    shown = client.get(person.url_of(anna.pk)).content.decode()
    assert page_of(paid) not in shown
    assert ("Canceled" if when == "at_end" else "Ended") in shown
    assert REASON in client.get(reverse("admin:accounts_purchase_change", args=[paid.pk])).content.decode()


def test_what_ends_with_its_period_can_still_be_ended_at_once(
    fake: FakeStripe, anna: User, paid: Purchase
) -> None:
    client = client_of("support")
    client.post(page_of(paid), sent("at_end"))
    client.post(page_of(paid), sent("now"))
    assert [one["status"] for one in fake.subscriptions.values()] == ["canceled"]
    assert recorded() == 2
    assert access_of(anna, CODE)


@pytest.mark.parametrize("role", ["authors", "reviewers"])
def test_nobody_else_cancels(fake: FakeStripe, paid: Purchase, role: str) -> None:
    client = client_of(role)
    assert client.get(page_of(paid)).status_code == 403
    assert client.post(page_of(paid), sent()).status_code == 403
    assert is_untouched(fake)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"when": ""}, "when"),
        ({"when": "later"}, "when"),
        ({"form_id": 1}, "form_id"),
    ],
)
def test_a_wrong_form_is_refused_at_its_field(
    fake: FakeStripe, paid: Purchase, wrong: dict[str, Any], field: str
) -> None:
    reply = client_of("support").post(page_of(paid), sent(**wrong))
    assert reply.status_code == 422
    assert field in reply.context["form"].errors
    assert is_untouched(fake)


# --- What Stripe does to it -------------------------------------------------------------------------------
TRIES = 1 + stripe_gateway.RETRIES


def fail_at(fake: FakeStripe, faults: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the cancellation itself meet these faults, not the question before it."""
    real = StripeGateway.cancel

    def cancel(self: StripeGateway, subscription_id: str, *, at_once: bool = False) -> None:
        fake.faults = list(faults)
        real(self, subscription_id, at_once=at_once)

    monkeypatch.setattr(StripeGateway, "cancel", cancel)


@pytest.mark.parametrize("when", ["at_end", "now"])
@pytest.mark.parametrize("fault", ["slow", "twice", "lost", "500"])
def test_a_fault_that_passes_is_not_noticed(
    fake: FakeStripe, paid: Purchase, monkeypatch: pytest.MonkeyPatch, fault: str, when: str
) -> None:
    fail_at(fake, [fault], monkeypatch)
    page = client_of("support").post(page_of(paid), sent(when), follow=True).content.decode()
    assert "Your reason was recorded" in page
    assert not services.goes_on(paid.checkout)
    assert recorded() == 1


@pytest.mark.parametrize("when", ["at_end", "now"])
@pytest.mark.parametrize("fault", ["500", "timeout"])
def test_a_cancellation_that_stripe_does_not_confirm_is_told_and_kept_and_can_be_sent_again(
    fake: FakeStripe, paid: Purchase, monkeypatch: pytest.MonkeyPatch, fault: str, when: str
) -> None:
    client = client_of("support")
    with monkeypatch.context() as faulty:
        # The last of them is for asking whether it has ended meanwhile.
        fail_at(fake, [fault] * (2 * TRIES), faulty)
        page = client.post(page_of(paid), sent(when), follow=True).content.decode()
    fake.faults = []
    assert "did not confirm the cancellation" in page
    assert "Your reason was recorded" not in page
    assert recorded() == 0
    entry = AuditEntry.objects.get(action="subscription.cancel_unsure")
    assert entry.reason.startswith(REASON)
    client.post(page_of(paid), sent(when))
    # What answered with an error has done it, and what is done needs no second cancellation.
    assert recorded() == (1 if fault == "timeout" else 0)
    assert not services.goes_on(paid.checkout)


def test_a_cancellation_that_was_taken_and_not_heard_of_is_recorded_and_shown_later(
    fake: FakeStripe, paid: Purchase, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = StripeGateway.fetch, iter([True])

    def silent(self: StripeGateway, session_id: str) -> Any:
        if next(calls, False):
            return real(self, session_id)
        raise GatewayDown("APIConnectionError")

    with monkeypatch.context() as broken:
        broken.setattr(StripeGateway, "fetch", silent)
        page = client_of("support").post(page_of(paid), sent(), follow=True).content.decode()
    assert "It is shown here within the hour" in page
    assert recorded() == 1
    services.refresh(paid.checkout)
    assert not services.goes_on(paid.checkout)


# --- Sent again -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("when", "said"), [("at_end", "already canceled"), ("now", "already ended")])
def test_a_form_that_is_sent_again_says_that_it_is_done(
    fake: FakeStripe, paid: Purchase, when: str, said: str
) -> None:
    client, form = client_of("support"), sent(when)
    client.post(page_of(paid), form)
    reply = client.post(page_of(paid), form, follow=True)
    assert reply.status_code == 200
    assert said in reply.content.decode()
    assert recorded() == 1


def test_a_purchase_without_a_subscription_has_none_to_cancel(fake: FakeStripe, anna: User) -> None:
    opened = order(anna)
    fake.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    paid, client = Purchase.objects.get(), client_of("support")
    assert page_of(paid) not in client.get(person.url_of(anna.pk)).content.decode()
    page = client.post(page_of(paid), sent(), follow=True).content.decode()
    assert "not a payment of a subscription" in page
    assert recorded() == 0


def canceled_at_once(fake: FakeStripe, paid: Purchase, actor: User) -> int:
    """Cancel twice by one form at the same moment; return how many acts were recorded."""
    act = StaffAct("subscription.cancel", actor, REASON, uuid4())
    with Crew(2) as crew:
        done = crew.together([partial(services.cancel_for, paid.checkout, act=act, at_once=True)] * 2)
    assert True in done, done
    return recorded()


@pytest.mark.django_db(transaction=True)
def test_a_form_that_is_sent_twice_at_once_cancels_and_is_recorded_once(
    fake: FakeStripe, anna: User, bela: User
) -> None:
    assert canceled_at_once(fake, subscribe(fake, anna), bela) == 1


@pytest.mark.controls
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_of_the_person_a_cancellation_is_recorded_twice(
    fake: FakeStripe, anna: User, bela: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid = subscribe(fake, anna)
    real = audit.of

    def late(subject: Any) -> Any:
        found = list(real(subject))  # as it was before either has recorded anything
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.3)")
        return real(subject).filter(pk__in=[one.pk for one in found])

    # Both have asked how it stands before either cancels.
    monkeypatch.setattr(services, "_running", lambda checkout: still_running(checkout))
    monkeypatch.setattr(audit, "of", late)
    replace_sql(monkeypatch, person_lock, "LOCK", " FOR NO KEY UPDATE", "")
    assert canceled_at_once(fake, paid, bela) == 2


def still_running(checkout: Checkout) -> Any:
    """Return the subscription as it was paid."""
    first = SubscriptionState.objects.filter(subscription__checkout=checkout).earliest("pk")
    return first.subscription, first


# --- Refund and revoke say that the subscription continues ------------------------------------------------
def refund(client: Client, paid: Purchase) -> Any:
    return client.post(page_of(paid, "refund"), {"reason": REASON, "form_id": uuid4()})


def revoke(client: Client, paid: Purchase) -> Any:
    given = Entitlement.objects.get(source_id=paid.payment_id)
    return client.post(reverse("admin:accounts_entitlement_end_now", args=[given.pk]), {"reason": REASON})


def form_of(paid: Purchase, act: Callable[..., Any]) -> str:
    if act is refund:
        return page_of(paid, "refund")
    given = Entitlement.objects.get(source_id=paid.payment_id)
    return reverse("admin:accounts_entitlement_end_now", args=[given.pk])


@pytest.mark.parametrize(("role", "act"), [("finance", refund), ("support", revoke)])
def test_who_refunds_or_revokes_is_told_that_the_subscription_continues_and_led_to_cancel_it(
    fake: FakeStripe, anna: User, paid: Purchase, role: str, act: Callable[..., Any]
) -> None:
    client = client_of(role)
    assert CONTINUES in client.get(form_of(paid, act)).content.decode()
    reply = act(client, paid)
    assert reply.headers["Location"] == f"{page_of(paid)}?back=person"
    page = client.get(reply.headers["Location"]).content.decode()
    assert "The subscription continues, and the next payment is charged" in page
    assert not access_of(anna, CODE)
    assert services.goes_on(paid.checkout)
    client.post(reply.headers["Location"], sent("now"))
    assert not services.goes_on(paid.checkout)
    assert not access_of(anna, CODE)


@pytest.mark.parametrize(("role", "act"), [("finance", refund), ("support", revoke)])
def test_who_refunds_or_revokes_what_is_canceled_already_is_led_nowhere_else(
    fake: FakeStripe, anna: User, paid: Purchase, role: str, act: Callable[..., Any]
) -> None:
    services.cancel(paid.checkout, anna)
    client = client_of(role)
    assert CONTINUES not in client.get(form_of(paid, act)).content.decode()
    assert act(client, paid).headers["Location"].endswith("/change/")


def test_a_refund_that_is_refused_leads_to_no_cancellation(
    fake: FakeStripe, paid: Purchase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake, "refund", lambda intent: None)
    reply = refund(client_of("finance"), paid)
    assert reply.headers["Location"].endswith(f"/purchase/{paid.pk}/change/")
    assert is_untouched(fake)


# --- Two presses of the other forms -----------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ["refund", "end_now"])
def test_of_one_form_sent_twice_at_once_both_lead_on_and_one_act_is_done(
    fake: FakeStripe, anna: User, act: str
) -> None:
    opened = order(anna)
    fake.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    paid, given, client = Purchase.objects.get(), Entitlement.objects.get(), client_of("admin")
    path = {
        "refund": page_of(paid, "refund"),
        "end_now": reverse("admin:accounts_entitlement_end_now", args=[given.pk]),
    }[act]
    form = {"reason": REASON, "form_id": str(uuid4())}
    client.get(path)
    browsers = [Client(), Client()]
    for browser in browsers:
        browser.cookies = client.cookies
    with Crew(2) as crew:
        replies = crew.together([partial(browser.post, path, form) for browser in browsers])
    assert [reply.status_code for reply in replies] == [302, 302], replies
    assert EntitlementEnd.objects.count() == 1
    assert Refund.objects.count() == recorded("purchase.refund") == (act == "refund")
    assert recorded("entitlement.end") == 1
