"""Limits of sign-in hold whatever else is going on."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.base.cache import UnevictedDatabaseCache
from accounts.users.models import User
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.accounts.signups import code_for

pytestmark = pytest.mark.django_db

REFUSED = "Too many incorrect passwords."
SECRET = "JBSWY3DPEHPK3PXP"


def sign_in(browser: Client, password: str, **extra: str) -> str:
    """Send the sign-in form; return the page that follows, or where it leads."""
    reply = browser.post("/accounts/login/", {"login": EMAIL, "password": password}, **extra)  # type: ignore[arg-type]
    return reply.get("Location", "") or reply.content.decode()


def use_up_passwords() -> None:
    """Try as many wrong passwords as one account may have, each few from another address."""
    for number in range(31):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number // 4}"), "wrong password")
    assert REFUSED in sign_in(Client(REMOTE_ADDR="192.0.2.200"), PASSWORD)


def test_a_network_of_ipv6_has_as_many_wrong_passwords_as_one_address(anna: User) -> None:
    for number in range(5):
        sign_in(Client(REMOTE_ADDR=f"2001:db8:1:2::{number}"), "wrong password")
    form = {"login": EMAIL, "password": PASSWORD}
    neighbor, stranger = (Client(REMOTE_ADDR=f"2001:db8:1:{net}::9") for net in (2, 3))
    assert neighbor.post("/accounts/login/", form).status_code == 429
    assert stranger.post("/accounts/login/", form).status_code == 302


def fill_cache(count: int = 1000) -> None:
    """Store as many other rows as an evening of sign-ins."""
    for number in range(count):
        cache.set(f"filler:{number}", number, 900)


def test_a_thousand_other_rows_do_not_lift_the_limit_of_passwords(anna: User) -> None:
    use_up_passwords()
    fill_cache()
    assert REFUSED in sign_in(Client(REMOTE_ADDR="192.0.2.201"), PASSWORD)


def test_four_hundred_resets_for_invented_addresses_do_not_lift_the_limit_of_passwords(anna: User) -> None:
    use_up_passwords()
    for number in range(400):
        stranger = Client(REMOTE_ADDR=f"198.51.100.{number // 16}")
        stranger.post("/accounts/password/reset/", {"email": f"nobody{number}@example.org"})
    assert REFUSED in sign_in(Client(REMOTE_ADDR="192.0.2.201"), PASSWORD)


def test_a_thousand_other_rows_do_not_lift_the_limit_of_codes(anna: User) -> None:
    TOTP.activate(anna, SECRET)
    browser = Client()
    assert sign_in(browser, PASSWORD) == "/accounts/2fa/authenticate/"

    def enter(code: str, address: str) -> str:
        reply = browser.post("/accounts/2fa/authenticate/", {"code": code}, REMOTE_ADDR=address)
        return reply.get("Location", "") or reply.content.decode()

    for number in range(30):
        assert "Incorrect code." in enter("000000", f"192.0.2.{number // 10}")
    assert REFUSED in enter(code_for(SECRET), "192.0.2.50")
    fill_cache()
    assert REFUSED in enter(code_for(SECRET), "192.0.2.51")


def test_a_full_cache_gives_up_expired_rows_and_keeps_the_others() -> None:
    full = UnevictedDatabaseCache("cache", {"OPTIONS": {"MAX_ENTRIES": 3}})
    full.set("gone", 1, -10)
    for number in range(9):
        full.set(f"kept:{number}", number, 900)
    assert sorted(rows()) == [f":1:kept:{number}" for number in range(9)]


def rows() -> list[str]:
    """The keys that stand in the table, expired ones included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM cache")
        return [key for (key,) in cursor.fetchall()]


def test_another_port_in_the_host_header_is_no_way_around_the_limit(anna: User) -> None:
    for number in range(31):
        browser = Client(REMOTE_ADDR=f"192.0.2.{number // 4}", HTTP_HOST=f"localhost:{8000 + number}")
        sign_in(browser, "wrong password")
    assert REFUSED in sign_in(Client(REMOTE_ADDR="192.0.2.200", HTTP_HOST="localhost:9000"), PASSWORD)
