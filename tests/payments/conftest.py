"""What is for sale in the tests of payments, a page's reader, and a Stripe of our own."""

from collections.abc import Iterator

import pytest
import stripe
from django.test import Client, override_settings

from accounts.payments import stripe_gateway
from accounts.users.models import User
from tests.payments import fake_server, orders
from tests.payments.fake_stripe import KEY, SECRET, FakeStripe


@pytest.fixture
def shop(db: None) -> None:
    """Three products with prices in two currencies."""
    orders.make_products()


@pytest.fixture
def reader(client: Client, anna: User) -> Client:
    """Anna, signed in."""
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStripe]:
    """A Stripe that runs, with our settings pointing to it. A page gives it up after half a second."""
    monkeypatch.setattr(stripe_gateway, "TIMEOUT_SECONDS", 0.6)
    # How long Stripe's library rests before it tries again: by itself half a second.
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.02)
    stripe_gateway._client.cache_clear()
    with (
        fake_server.running() as served,
        override_settings(STRIPE_SECRET_KEY=KEY, STRIPE_WEBHOOK_SECRET=SECRET, STRIPE_API_BASE=served.base),
    ):
        yield served
    stripe_gateway._client.cache_clear()
