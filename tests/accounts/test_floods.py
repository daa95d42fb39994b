"""Wrong passwords from everywhere lock nobody out: not from a browser they know, nor from a new one."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client
from rest_framework.test import APIClient

from accounts.users.models import User
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.accounts.mails import delivered

pytestmark = pytest.mark.django_db

ADDRESSES = [f"192.0.2.{number}" for number in range(1, 51)]
NEW = "quite another one"


def sign_in(browser: Client, password: str = PASSWORD, email: str = EMAIL) -> Any:
    """Send the sign-in form; 302 is a success."""
    return browser.post("/accounts/login/", {"login": email, "password": password})


def flood() -> None:
    """Try wrong passwords from fifty addresses, until a stranger with the right one is refused."""
    for number, address in enumerate(ADDRESSES):
        if number % 2:
            sign_in(Client(REMOTE_ADDR=address), "wrong password")
        else:
            wrong = {"email": EMAIL, "password": "wrong password"}
            APIClient(REMOTE_ADDR=address).post("/api/v1/auth/token/", wrong)
    assert sign_in(Client(REMOTE_ADDR="198.51.100.77")).status_code == 200


def flood_resets() -> None:
    """Ask for new passwords from fifty addresses, until nobody can."""
    for address in ADDRESSES:
        Client(REMOTE_ADDR=address).post("/accounts/password/reset/", {"email": EMAIL})
    late = Client(REMOTE_ADDR="198.51.100.78").post("/accounts/password/reset/", {"email": EMAIL})
    assert late.status_code == 429


def known() -> Client:
    """A browser that has signed in, and out again."""
    browser = Client(REMOTE_ADDR="203.0.113.5")
    assert sign_in(browser).status_code == 302
    browser.post("/accounts/logout/")
    return browser


def newest_link() -> str:
    """Return the link to set a new password in the newest mail."""
    links = [re.search(r"/accounts/password/reset/key/\S+", str(mail.body)) for mail in delivered()]
    return [found[0] for found in links if found][-1]


def set_password(browser: Client, link: str) -> Any:
    form = browser.get(link)["Location"]
    return browser.post(form, {"password1": NEW, "password2": NEW})


def is_in(browser: Client) -> bool:
    return browser.get("/accounts/profile/").status_code == 200


def test_on_a_known_device_the_password_opens(anna: User) -> None:
    browser = known()
    flood()
    assert sign_in(browser).status_code == 302
    assert is_in(browser)


def test_on_a_known_device_the_password_opens_from_an_address_of_the_flood(anna: User) -> None:
    browser = known()
    flood()
    assert (
        browser.post(
            "/accounts/login/", {"login": EMAIL, "password": PASSWORD}, REMOTE_ADDR=ADDRESSES[0]
        ).status_code
        == 302
    )


def test_on_a_known_device_the_password_opens_where_all_tries_of_its_address_are_used_up(
    anna: User, bela: User
) -> None:
    browser = known()
    for number in range(61):
        sign_in(Client(REMOTE_ADDR="203.0.113.5"), "wrong password", email=f"nobody{number}@example.org")
    assert sign_in(Client(REMOTE_ADDR="203.0.113.5"), email=bela.email).status_code == 429
    assert sign_in(browser).status_code == 302


def test_a_known_device_has_no_more_tries_than_others(anna: User) -> None:
    browser = known()
    replies = [sign_in(browser, "wrong password").status_code for _ in range(6)]
    assert replies == [200, 200, 200, 200, 429, 429]


def test_who_signed_in_by_another_address_is_known_by_the_first_one_too(anna: User) -> None:
    EmailAddress.objects.create(user=anna, email="anna@second.example", verified=True)
    browser = Client(REMOTE_ADDR="203.0.113.5")
    assert sign_in(browser, email="anna@second.example").status_code == 302
    flood()
    # To prove who it is takes the password of the account, which others try by its first address.
    reply = browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert reply.status_code == 302
    browser.post("/accounts/logout/")
    assert sign_in(browser).status_code == 302


def test_on_a_known_device_the_code_of_a_mail_opens_an_address_that_is_not_confirmed_yet(anna: User) -> None:
    browser = known()
    EmailAddress.objects.filter(user=anna).update(verified=False)
    flood()
    assert sign_in(browser)["Location"] == "/accounts/confirm-email/"
    found = re.search(r"^\d{6}$", str(delivered()[-1].body), re.MULTILINE)
    assert found
    assert browser.post("/accounts/confirm-email/", {"code": found[0]}).status_code == 302
    assert is_in(browser)


def test_on_a_known_device_a_link_by_mail_sets_a_new_password_that_opens(anna: User) -> None:
    browser = known()
    flood()
    flood_resets()
    set_password(browser, newest_link())
    flood_with_new()
    assert sign_in(browser, NEW).status_code == 302
    assert is_in(browser)


def flood_with_new() -> None:
    """Go on with the flood after the password was changed."""
    for address in ADDRESSES:
        sign_in(Client(REMOTE_ADDR=address), "wrong password")
    assert sign_in(Client(REMOTE_ADDR="198.51.100.79"), NEW).status_code == 200


def test_a_new_device_gets_in_by_a_link_that_the_flood_cannot_close(anna: User) -> None:
    """Also where others use up how often a link can be asked for: their links are in the owner's mailbox."""
    flood()
    flood_resets()
    browser = Client(REMOTE_ADDR="203.0.113.99")
    assert set_password(browser, newest_link()).status_code == 302
    flood_with_new()
    assert sign_in(browser, NEW).status_code == 302
    assert is_in(browser)


@pytest.mark.parametrize("sent", ["wrong link", "no password"])
def test_without_the_link_or_a_password_no_browser_becomes_known(anna: User, sent: str) -> None:
    Client().post("/accounts/password/reset/", {"email": EMAIL})
    browser, link = Client(), newest_link()
    if sent == "wrong link":
        browser.post(re.sub(r"key/(\w+)-\S+", r"key/\1-set-password/", link), {"password1": NEW})
    else:
        browser.post(browser.get(link)["Location"], {"password1": "x", "password2": "x"})
    assert "device" not in browser.cookies


def test_forged_passkeys_use_up_nothing_of_the_owner(anna: User) -> None:
    """A passkey is not tried by account, so strangers who name one cannot use up its tries."""
    Authenticator.objects.create(user=anna, type="webauthn", data={"name": "x", "credential": {}})
    forged = (
        '{"id": "YQ", "rawId": "YQ", "type": "public-key", "clientExtensionResults": {}, "response":'
        ' {"clientDataJSON": "e30", "authenticatorData": "YQ", "signature": "YQ", "userHandle": "MQ"}}'
    )
    for address in ADDRESSES:
        stranger = Client(REMOTE_ADDR=address)
        stranger.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
        stranger.post("/accounts/2fa/webauthn/login/", {"credential": forged})
    browser = Client(REMOTE_ADDR="203.0.113.99")
    assert sign_in(browser)["Location"] == "/accounts/2fa/authenticate/"
