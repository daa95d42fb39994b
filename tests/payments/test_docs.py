"""`docs/payments.md` by its own words, against the fake Stripe."""

import logging
import re
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Final

import pytest
import stripe
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse

from accounts.access.policy import access_of
from accounts.payments import services, stripe_gateway
from accounts.payments.checks import check_gateways
from accounts.payments.models import Purchase
from accounts.payments.services import StaffAct
from accounts.users.models import User
from tests import factories
from tests.payments.conforming import all_conform
from tests.payments.fake_stripe import FakeStripe
from tests.payments.orders import checkout_of, order

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
DOCS: Final = Path(__file__).resolve().parents[2] / "docs" / "payments.md"
TEXT: Final = DOCS.read_text(encoding="utf-8")
FLAT: Final = " ".join(TEXT.split())
# Whose permission a path belongs to, in the words of Stripe's page of restricted keys.
RESOURCES: Final = {
    "checkout": "Checkout Sessions",
    "billing_portal": "Customer Portal",
    "refunds": "Refunds",
    "subscriptions": "Subscriptions",
    "charges": "Charges",
    "disputes": "Disputes",
    "invoices": "Invoices",
    "invoice_payments": "Invoices",
    "payment_intents": "Payment Intents",
}


def test_the_events_of_the_page_are_those_that_are_taken() -> None:
    step = FLAT.partition("with these events:")[2].partition("6. **Keys**")[0]
    assert set(re.findall(r"`([a-z_.]+)`", step)) == stripe_gateway.TAKEN


def test_its_command_prints_the_version_of_the_library_and_its_address_is_that_of_the_webhook() -> None:
    code = re.search(r'\.venv/bin/python -c "([^"]+)"', FLAT)
    assert code
    said = subprocess.run([sys.executable, "-c", code[1]], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == stripe.api_version
    assert f"`https://YOUR-SITE{reverse('stripe_webhook')}`" in FLAT


def test_the_settings_of_its_table_are_enough_and_each_is_needed() -> None:
    names = re.findall(r"^   \| `([A-Z_]+)` \|", TEXT, re.MULTILINE)
    assert names == ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"]
    keys = dict(zip(names, ["rk_live_x", "whsec_x"], strict=True))
    with override_settings(PRODUCTION=True, TEST_CARD=False, STRIPE_API_BASE="", **keys):
        assert check_gateways() == []
        with override_settings(STRIPE_WEBHOOK_SECRET=""):
            assert [one.id for one in check_gateways()] == ["accounts.E011"]
    assert "`accounts.E010` to `E012`" in FLAT


def permissions() -> set[tuple[str, str]]:
    """Return what a restricted key may do, by the page."""
    written, read = re.search(r"may write ([^|]+?) and read ([^|]+?) \|", FLAT).groups()  # type: ignore[union-attr]
    ways = (("POST", written), ("GET", written), ("GET", read))
    return {(method, name.strip()) for method, names in ways for name in names.split(",")}


def test_a_restricted_key_with_its_permissions_can_do_all_that_the_site_does(
    fake: FakeStripe, anna: User, bela: User
) -> None:
    order(anna, "monthly")
    monthly = order(anna, "monthly")
    once = order(bela)
    for opened in (once, monthly):
        fake.pay(opened.session_id)
        services.refresh(checkout_of(opened))
        assert services.portal(checkout_of(opened), return_url="https://passline.example/")
    services.cancel(checkout_of(monthly), anna)
    staff = factories.make_staff("finance")
    act = StaffAct("subscription.cancel", staff, "asked for")
    services.cancel_for(checkout_of(monthly), act=act, at_once=True)
    for purchase in Purchase.objects.all():
        services.refund(purchase, actor=staff, reason="asked for")
    (invoice,) = fake.invoices.values()
    intent = invoice["payments"]["data"][0]["payment"]["payment_intent"]
    assert stripe_gateway.checkout_of(intent) == checkout_of(monthly).pk
    fake.lose_dispute(intent)
    call_command("reconcile_payments", stdout=StringIO())
    # Who may write may delete.
    used = {
        ("POST" if method == "DELETE" else method, RESOURCES[path.split("/")[2]])
        for method, path, _values in fake.requests
    }
    assert "DELETE" in {method for method, _path, _values in fake.requests}
    assert used <= permissions(), used - permissions()
    # What comes with a session belongs to permissions of its own; nothing else is allowed for nothing.
    within_a_session = {("GET", "Charges"), ("GET", "Subscriptions"), ("GET", "Customer Portal")}
    assert permissions() - used <= within_a_session | {("GET", "Refunds"), ("GET", "Payment Intents")}


def test_its_commands_show_what_waits_and_fetch_what_no_webhook_told(
    fake: FakeStripe, anna: User, caplog: pytest.LogCaptureFixture
) -> None:
    opened = order(anna)
    fake.pay(opened.session_id)
    shown = StringIO()
    call_command("reconcile_payments", "--dry-run", stdout=shown)
    assert str(checkout_of(opened).pk) in shown.getvalue()
    assert not access_of(anna, "cert:mls-c01")
    with caplog.at_level(logging.WARNING):
        call_command("reconcile_payments", stdout=StringIO())
    assert access_of(anna, "cert:mls-c01")
    (line,) = re.findall(r"A log line `([^`]+)`", FLAT)
    assert line in caplog.messages


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"object": "charge", "amount_of_it": 1}, "Charge has no field amount_of_it"),
        ({"object": "charge", "amount": "29.00"}, "Charge.amount is"),
        ({"object": "checkout.session", "status": "done"}, "Session.status is"),
        ({"object": "receipt"}, "knows no object 'receipt'"),
        ({"object": "list", "data": [{"object": "refund", "sum": 1}]}, "Refund has no field sum"),
    ],
)
def test_an_object_that_the_library_does_not_know_is_noticed(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(said)):
        all_conform(wrong)
