"""What is for sale in the tests of payments, and a page's reader."""

import pytest
from django.test import Client

from accounts.users.models import User
from tests.payments import orders


@pytest.fixture
def shop(db: None) -> None:
    """Three products with prices in two currencies."""
    orders.make_products()


@pytest.fixture
def reader(client: Client, anna: User) -> Client:
    """Anna, signed in."""
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
