"""A passkey is added, signs in, and is removed, with Chromium's virtual authenticator."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.users.models import User
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server: Any) -> str:
    """The address of the site under the one name at which a browser gives passkeys without TLS."""
    return str(live_server.url).replace("127.0.0.1", "localhost")


def authenticator(page: Page, *, verifies: bool = True) -> tuple[Any, str]:
    """Put a device that keeps passkeys into the browser of this page."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": verifies,
        "automaticPresenceSimulation": True,
    }
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools, made["authenticatorId"]


def sign_in(page: Page, site: str, user: User) -> None:
    page.goto(f"{site}/accounts/login/")
    page.locator("input[name=login]").fill(user.email)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form:not([data-passkey]) button.primary").click()
    page.wait_for_url(lambda url: "/login/" not in url)


def sign_out(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/logout/")
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(lambda url: "/logout/" not in url)


def confirm(page: Page) -> None:
    """Confirm by the password that it is you, where the site asks."""
    if "/reauthenticate/" in page.url:
        page.locator("input[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(lambda url: "/reauthenticate/" not in url)


def add(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Add a passkey").click()
    page.wait_for_load_state()
    confirm(page)
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Add a passkey").click()


@pytest.fixture
def heard(browser: Browser) -> Any:
    """A browser profile, and what its console complained of."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    problems: list[str] = []
    context.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    context.on("weberror", lambda error: problems.append(str(error.error)))
    yield context
    context.close()
    assert not problems, problems


def test_a_passkey_is_added_signs_in_alone_and_after_a_password_and_is_removed(
    heard: BrowserContext, site: str, anna: User
) -> None:
    page = heard.new_page()
    authenticator(page)
    sign_in(page, site, anna)
    add(page, site, "My laptop")
    page.wait_for_url("**/recovery-codes/**")
    stored = Authenticator.objects.get(user=anna, type="webauthn")
    assert stored.wrap().name == "My laptop"
    sign_out(page, site)

    page.goto(f"{site}/accounts/login/?next=/accounts/2fa/webauthn/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/accounts/2fa/webauthn/")
    expect(page.get_by_role("heading", name="My laptop")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sign_out(page, site)

    sign_in(page, site, anna)
    assert page.url.endswith("/accounts/2fa/authenticate/")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/authenticate/" not in url)

    page.goto(f"{site}/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Rename").click()
    page.wait_for_load_state()
    confirm(page)
    page.get_by_label("Name").fill("Old laptop")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Old laptop")).to_be_visible()
    page.get_by_role("link", name="Remove").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("You don't have any passkeys yet.")).to_be_visible()
    assert not Authenticator.objects.filter(user=anna).exists()  # recovery codes go with the last one


def test_a_canceled_passkey_says_so_and_adds_nothing(heard: BrowserContext, site: str, anna: User) -> None:
    page = heard.new_page()
    devtools, key = authenticator(page)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    sign_in(page, site, anna)
    add(page, site, "My laptop")
    expect(page.get_by_role("alert")).to_contain_text("That didn't work, or you canceled it.")
    assert not Authenticator.objects.filter(user=anna).exists()


def test_without_script_the_pages_say_what_to_do_instead(browser: Browser, site: str, anna: User) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site, anna)
    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    confirm(page)
    expect(page.get_by_text("This needs JavaScript")).to_be_visible()
    expect(page.get_by_role("link", name="Set up an authenticator app")).to_be_visible()
    expect(page.get_by_role("button", name="Add a passkey")).to_have_count(0)
    context.close()
