"""People and clients for the tests of accounts."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from rest_framework.test import APIClient

from accounts.users import services
from accounts.users.models import User
from tests.hooked import register_only

PASSWORD = "correct horse battery"
EMAIL = "anna@example.org"


@pytest.fixture(autouse=True)
def _fresh_limits(db: None) -> None:
    cache.clear()


@pytest.fixture
def anna() -> User:
    return services.ensure(EMAIL, PASSWORD)


@pytest.fixture
def bela() -> User:
    return services.ensure("bela@example.org", PASSWORD)


@pytest.fixture
def signed_in(client: Client, anna: User) -> Client:
    client.force_login(anna)
    return client


@pytest.fixture
def api() -> APIClient:
    return APIClient(enforce_csrf_checks=True)


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[int, str | None]]]:
    """What the hooks for the end of a session were told."""
    told: list[tuple[int, str | None]] = []
    register_only(monkeypatch, "session_ended", lambda user_id, key: told.append((user_id, key)))
    yield told
