"""A browser that is asked confirms by a passkey; and a passkey opens while others try wrong passwords."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.users.models import BrowserSession, User
from tests.accounts.selling import give
from tests.browser.test_passkeys import add, authenticator, sign_in, sign_out
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _no_limits_left() -> Iterator[None]:
    """Others come from the same address, and would be refused for what these tests did."""
    yield
    cache.clear()


@pytest.fixture
def site(live_server: Any) -> str:
    """The address of the site under the one name at which a browser gives passkeys without TLS."""
    return str(live_server.url).replace("127.0.0.1", "localhost")


@pytest.fixture
def known(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    yield context
    context.close()


def has_a_passkey(context: BrowserContext, site: str, user: User) -> tuple[Page, list[Any]]:
    """Sign in and add a passkey; return the page, and the passkey as a password manager would carry it on."""
    page = context.new_page()
    devtools, key = authenticator(page)
    sign_in(page, site, user)
    add(page, site, "My phone")
    page.wait_for_url("**/recovery-codes/**")
    kept = devtools.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]
    return page, kept


def sign_in_by_passkey(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/login/?next=/accounts/email/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/accounts/email/")


def flood(user: User) -> None:
    """Try wrong passwords from fifty addresses, until a stranger with the right one is refused."""
    for number in range(1, 51):
        wrong = {"login": user.email, "password": "wrong password"}
        Client(REMOTE_ADDR=f"192.0.2.{number}").post("/accounts/login/", wrong)
    right = {"login": user.email, "password": PASSWORD}
    refused = Client(REMOTE_ADDR="198.51.100.1").post("/accounts/login/", right)
    assert "Too many incorrect passwords." in refused.content.decode()


def test_the_oldest_browser_is_asked_and_confirms_by_its_passkey(
    known: BrowserContext, site: str, anna: User
) -> None:
    give(anna)
    page, _ = has_a_passkey(known, site, anna)
    sign_out(page, site)
    # So that nothing was proven again a moment ago.
    sign_in_by_passkey(page, site)
    for _ in range(3):
        Client().force_login(anna)
    page.goto(f"{site}/accounts/profile/")
    expect(page.get_by_role("heading", name="Confirm this browser")).to_be_visible()
    page.get_by_role("link", name="Devices and sessions").click()
    expect(page.get_by_role("heading", name="Devices and sessions")).to_be_visible()
    expect(page.locator("main button[name=session]")).to_have_count(3)
    page.go_back()
    page.get_by_role("button", name="Confirm it's you").click()
    page.get_by_role("link", name="Use a passkey").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: urlsplit(url).path == "/accounts/profile/")
    expect(page.get_by_text("This browser is confirmed.")).to_be_visible()
    mine = BrowserSession.objects.order_by("first_seen_at")[0]
    assert mine.asked_at is None
    assert BrowserSession.objects.exclude(asked_at=None).count() == 1


def test_a_passkey_opens_on_a_known_and_on_a_new_device_while_others_try_passwords(
    browser: Browser, known: BrowserContext, site: str, anna: User
) -> None:
    page, passkeys = has_a_passkey(known, site, anna)
    sign_out(page, site)
    flood(anna)
    sign_in_by_passkey(page, site)
    fresh = browser.new_context()
    new_page = fresh.new_page()
    devtools, key = authenticator(new_page)
    for passkey in passkeys:
        devtools.send("WebAuthn.addCredential", {"authenticatorId": key, "credential": passkey})
    sign_in_by_passkey(new_page, site)
    fresh.close()
