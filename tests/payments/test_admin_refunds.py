"""Refunds in the admin: by finance with a reason, once, and nothing has changed when the gateway refuses."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.access.models import EntitlementEnd
from accounts.access.policy import access_of
from accounts.admin import person
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.payments import services, stripe_gateway
from accounts.payments import test_card as card
from accounts.payments.gateways import GatewayDown
from accounts.payments.models import Purchase, Refund, TestCardSession
from accounts.users.models import User
from tests import factories
from tests.payments.fake_stripe import FakeStripe
from tests.payments.orders import checkout_of, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]

CODE = "cert:mls-c01"
REASON = "Asked within a day"


@pytest.fixture
def bought(anna: User) -> Purchase:
    """Three months that Anna paid."""
    opened = order(anna)
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    return Purchase.objects.get()


def client_of(role: str) -> Client:
    """The browser of somebody with a role."""
    client = Client()
    client.force_login(factories.make_staff(role))
    return client


def address(bought: Purchase, page: str = "refund") -> str:
    """The page of the act, or another of the purchase."""
    return f"/admin/accounts/purchase/{bought.pk}/{page}/"


def sent(**more: Any) -> dict[str, Any]:
    """What fills the form."""
    return {"reason": REASON, "form_id": uuid4(), **more}


def unchanged(anna: User) -> bool:
    """Say whether Anna still has what she paid for, and nothing was recorded."""
    recorded = AuditEntry.objects.filter(action="purchase.refund")
    changed = (Refund.objects, EntitlementEnd.objects, recorded)
    return bool(access_of(anna, CODE)) and not any(rows.exists() for rows in changed)


@pytest.mark.parametrize("role", ["finance", "admin"])
def test_a_refund_is_confirmed_made_and_recorded_once(anna: User, bought: Purchase, role: str) -> None:
    client = client_of(role)
    form = client.get(address(bought)).content.decode()
    for text in (anna.email, "29.00", CODE, "Refund the payment"):
        assert text in form
    assert unchanged(anna)
    reply = client.post(f"{address(bought)}?back=person", sent())
    assert reply.headers["Location"] == person.url_of(anna.pk)
    assert not access_of(anna, CODE)
    assert Refund.objects.get().amount == bought.amount
    entry = AuditEntry.objects.get(action="purchase.refund")
    assert (entry.subject_id, entry.reason) == (str(bought.pk), REASON)
    assert entry.actor and entry.actor.email == f"{role}@example.org"
    page = client.get(address(bought, "change")).content.decode()
    assert REASON in page
    assert address(bought) not in page
    again = client.post(address(bought), sent(), follow=True)
    assert again.status_code == 200
    assert "This payment was refunded already" in again.content.decode()
    assert AuditEntry.objects.filter(action="purchase.refund").count() == 1


@pytest.mark.parametrize(
    ("address_of", "text"),
    [
        (address, "February 1, 2026, 00:30"),
        (lambda bought: address(bought, "change"), "February 1, 2026, 00:30"),
        (lambda bought: person.url_of(bought.checkout.user_id), "February 1, 2026, 00:30"),
        (lambda bought: person.url_of(bought.checkout.user_id), "Times are in the zone Europe/Budapest."),
        (lambda bought: "/admin/accounts/purchase/", "February 1, 2026, 00:30"),
    ],
)
def test_the_admin_shows_moments_in_the_zone_of_the_site(anna: User, address_of: Any, text: str) -> None:
    opened = order(anna)
    card.pay(opened.session_id)
    TestCardSession.objects.update(paid_at=datetime(2026, 1, 31, 23, 30, tzinfo=UTC))
    services.refresh(checkout_of(opened))
    assert text in client_of("finance").get(address_of(Purchase.objects.get())).content.decode()


def test_other_pages_keep_the_zone_of_their_reader(anna: User, bought: Purchase) -> None:
    client_of("finance").get("/admin/")
    assert timezone.get_current_timezone_name() == "UTC"


@pytest.mark.parametrize("role", ["support", "authors", "reviewers"])
def test_nobody_else_gives_money_back(anna: User, bought: Purchase, role: str) -> None:
    client = client_of(role)
    assert client.get(address(bought)).status_code == 403
    assert client.post(address(bought), sent()).status_code == 403
    assert unchanged(anna)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"reason": ""}, "reason"), ({"reason": "no"}, "reason"), ({"form_id": "x"}, "form_id")],
)
def test_a_refund_without_a_reason_is_refused_at_its_field(
    anna: User, bought: Purchase, wrong: dict[str, Any], field: str
) -> None:
    reply = client_of("finance").post(address(bought), sent(**wrong))
    assert reply.status_code == 422
    assert field in reply.context["form"].errors
    assert unchanged(anna)


def test_a_refund_that_the_gateway_refuses_is_told_and_changes_nothing(
    anna: User, bought: Purchase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: card.TestCard, payment_id: str) -> None:
        raise GatewayDown("InvalidRequestError charge_disputed")

    monkeypatch.setattr(card.TestCard, "refund", refuse)
    page = client_of("finance").post(address(bought), sent(), follow=True).content.decode()
    assert "did not confirm the refund (InvalidRequestError charge_disputed)" in page
    assert "Your reason was recorded" not in page
    assert unchanged(anna)


@pytest.mark.parametrize("how", ["refused", "broken"])
def test_a_refund_that_stripe_does_not_take_is_told_and_changes_nothing(
    fake: FakeStripe, anna: User, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    opened = order(anna)
    fake.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    bought, client = Purchase.objects.get(), client_of("finance")
    with monkeypatch.context() as faulty:
        if how == "refused":
            faulty.setattr(fake, "refund", lambda intent: None)
        else:
            fake.faults = ["500"] * (1 + stripe_gateway.RETRIES)
        page = client.post(address(bought), sent(), follow=True).content.decode()
    said = {"refused": "InvalidRequestError", "broken": "APIError"}
    assert f"did not confirm the refund ({said[how]})" in page
    assert unchanged(anna)
    # One that broke may have been made all the same: a second try is the same one to Stripe.
    client.post(address(bought), sent())
    assert len(fake.refunds) == Refund.objects.count() == 1
    assert not access_of(anna, CODE)


def test_a_refund_that_was_made_and_not_heard_of_is_recorded_and_settled_later(
    anna: User, bought: Purchase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(self: card.TestCard, session_id: str) -> None:
        raise GatewayDown("APIConnectionError")

    with monkeypatch.context() as broken:
        broken.setattr(card.TestCard, "fetch", silent)
        page = client_of("finance").post(address(bought), sent(), follow=True).content.decode()
    assert "Access ends once it confirms this" in page
    assert AuditEntry.objects.filter(action="purchase.refund", reason=REASON).count() == 1
    assert access_of(anna, CODE)
    services.refresh(bought.checkout)
    assert not access_of(anna, CODE)


def test_two_presses_of_one_form_are_recorded_once(
    anna: User, bela: User, bought: Purchase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second began before the first was settled."""
    form_id = uuid4()
    with monkeypatch.context() as both_see_it_paid:
        both_see_it_paid.setattr(services, "is_refunded", lambda purchase: False)
        for _ in range(2):
            services.refund(bought, actor=bela, reason=REASON, form_id=form_id)
    assert AuditEntry.objects.filter(action="purchase.refund").count() == Refund.objects.count() == 1


def test_what_was_given_back_is_not_given_back_again(bela: User, bought: Purchase) -> None:
    services.refund(bought, actor=bela, reason=REASON)
    with pytest.raises(Refused) as refused:
        services.refund(bought, actor=bela, reason=REASON)
    assert refused.value.code == "nothing_to_refund"


def test_purchases_are_found_by_address(bought: Purchase, bela: User) -> None:
    for _ in range(3):
        opened = order(bela)
        card.pay(opened.session_id)
        services.refresh(checkout_of(opened))
    client = client_of("support")
    page = client.get("/admin/accounts/purchase/?q=bela@").content.decode()
    assert page.count("bela@example.org") == 3
    assert "anna@example.org" not in page
