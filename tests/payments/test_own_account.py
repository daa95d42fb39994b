"""Nobody acts on their own access or money as staff, whatever their rights: a colleague does."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import entitlements
from accounts.access.models import Entitlement, EntitlementEnd, Product
from accounts.admin import person
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.payments import services
from accounts.payments import test_card as card
from accounts.payments.models import Purchase, Refund
from accounts.payments.services import StaffAct
from accounts.users.models import User
from tests import factories
from tests.payments.orders import checkout_of, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]

REASON = "I would like to"
SAID = "This is your own account. Ask a colleague to do it."
MAY = {
    "grant": ("support", "admin"),
    "extend": ("support", "admin"),
    "end_now": ("support", "admin"),
    "refund": ("finance", "admin"),
    "cancel_subscription": ("support", "finance", "admin"),
}
CASES = [(act, role) for act, roles in MAY.items() for role in roles]


def buy(user: User) -> Purchase:
    """Pay a month of a subscription."""
    opened = order(user, "monthly")
    card.pay(opened.session_id)
    services.refresh(checkout_of(opened))
    return Purchase.objects.get(checkout=checkout_of(opened))


def give(user: User) -> Entitlement:
    """Give three months."""
    version = Product.objects.get(slug="mls-c01").versions.get()
    return entitlements.grant(
        actor=None, user=user, version=version, months=3, reason="A gift", grant_id=uuid4()
    )[0]


def path_of(act: str, paid: Purchase, given: Entitlement) -> str:
    if act == "grant":
        return reverse("admin:accounts_entitlement_grant")
    on_access = act in {"extend", "end_now"}
    model, key = ("entitlement", given.pk) if on_access else ("purchase", paid.pk)
    return reverse(f"admin:accounts_{model}_{act}", args=[key])


def sent(user: User) -> dict[str, Any]:
    """What fills every form."""
    product = Product.objects.get(slug="mls-c01").pk
    forms = {"grant_id": uuid4(), "form_id": uuid4(), "when": "now"}
    return {"user": user.email, "product": product, "months": 1, "days": 5, "reason": REASON, **forms}


@pytest.mark.parametrize(("act", "role"), CASES)
def test_nobody_acts_on_their_own_access_or_money(act: str, role: str) -> None:
    staff = factories.make_staff(role)
    paid, given, client = buy(staff), give(staff), Client()
    client.force_login(staff)
    before = Entitlement.objects.count()
    reply = client.post(path_of(act, paid, given), sent(staff), follow=True)
    assert reply.status_code == 200
    assert SAID in reply.content.decode()
    assert Entitlement.objects.count() == before
    assert not EntitlementEnd.objects.exists()
    assert not Refund.objects.exists()
    assert services.goes_on(paid.checkout)
    assert not AuditEntry.objects.filter(actor=staff).exists()
    # Nor is it offered.
    shown = client.get(person.url_of(staff.pk)).content.decode()
    assert path_of(act, paid, given) not in shown


ACTS: dict[str, Callable[[User, Purchase, Entitlement], object]] = {
    "grant": lambda user, paid, given: entitlements.grant(
        actor=user,
        user=user,
        version=paid.checkout.version,
        months=1,
        reason=REASON,
        grant_id=uuid4(),
    ),
    "extend": lambda user, paid, given: entitlements.extend(
        actor=user, entitlement_id=given.pk, days=1, reason=REASON, grant_id=uuid4()
    ),
    "end_now": lambda user, paid, given: entitlements.end_now(
        actor=user, entitlement_id=given.pk, reason=REASON
    ),
    "refund": lambda user, paid, given: services.refund(paid, actor=user, reason=REASON),
    "cancel_subscription": lambda user, paid, given: services.cancel_for(
        paid.checkout, act=StaffAct("subscription.cancel", user, REASON)
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_the_act_itself_refuses_whoever_gets_past_the_page(act: str, anna: User) -> None:
    paid, given = buy(anna), give(anna)
    with pytest.raises(Refused) as refused:
        ACTS[act](anna, paid, given)
    assert refused.value.code == "own_account"
    assert not AuditEntry.objects.filter(actor=anna).exists()
