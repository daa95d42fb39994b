"""A browser that has signed in before is not locked out by what others try."""

import re
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.core import signing
from django.core.signing import TimestampSigner
from django.test import Client
from rest_framework.test import APIClient

from accounts.users import lockout
from accounts.users.lockout import SALT
from accounts.users.models import User
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.accounts.mails import delivered
from tests.architecture.cast import taken_back

pytestmark = pytest.mark.django_db

COOKIE = "device"
TOKEN_URL = "/api/v1/auth/token/"
GOOD = {"email": EMAIL, "password": PASSWORD}


def sign_in(browser: Client, password: str = PASSWORD, email: str = EMAIL, **extra: Any) -> Any:
    """Send the sign-in form; 302 is a success."""
    return browser.post("/accounts/login/", {"login": email, "password": password}, **extra)


def known(email: str = EMAIL, address: str = "203.0.113.5") -> Client:
    """A browser that has signed in, and out again."""
    browser = Client(REMOTE_ADDR=address)
    assert sign_in(browser, email=email).status_code == 302
    browser.post("/accounts/logout/")
    return browser


def attack(count: int = 31) -> None:
    """Try wrong passwords from eight addresses."""
    for number in range(count):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number // 4}"), "wrong password")
    assert sign_in(Client(REMOTE_ADDR="192.0.2.200")).status_code == 200


def test_the_owner_gets_in_with_a_known_browser_while_others_try(anna: User) -> None:
    browser = known()
    attack()
    assert sign_in(browser).status_code == 302


def test_the_owner_gets_in_with_a_known_browser_from_an_address_that_has_used_up_its_tries(
    anna: User,
) -> None:
    browser = known()
    for _ in range(5):
        sign_in(Client(REMOTE_ADDR="203.0.113.5"), "wrong password")
    assert sign_in(Client(REMOTE_ADDR="203.0.113.5")).status_code == 429
    assert sign_in(browser).status_code == 302


def test_a_program_that_keeps_cookies_gets_a_token_while_others_try(anna: User) -> None:
    program = APIClient(REMOTE_ADDR="203.0.113.6")
    assert program.post(TOKEN_URL, GOOD).status_code == 201
    attack()
    assert APIClient(REMOTE_ADDR="203.0.113.7").post(TOKEN_URL, GOOD).status_code == 429
    assert program.post(TOKEN_URL, GOOD).status_code == 201


def test_a_script_that_signs_in_in_place_makes_its_browser_known(anna: User) -> None:
    browser = Client(REMOTE_ADDR="203.0.113.5")
    assert sign_in(browser, headers={"x-requested-with": "XMLHttpRequest"}).status_code == 200
    browser.post("/accounts/logout/")
    attack()
    assert sign_in(browser).status_code == 302


def test_a_known_browser_has_a_limit_of_its_own(anna: User) -> None:
    browser = known()
    replies = [sign_in(browser, "wrong password").status_code for _ in range(5)]
    assert replies == [200, 200, 200, 200, 429]
    assert sign_in(browser).status_code == 429
    assert sign_in(Client(REMOTE_ADDR="198.51.100.1")).status_code == 302


def test_a_stolen_cookie_gives_thirty_tries_from_wherever_it_is_used(anna: User) -> None:
    browser = known()
    for number in range(31):
        sign_in(browser, "wrong password", REMOTE_ADDR=f"192.0.2.{number // 4}")
    assert sign_in(browser, REMOTE_ADDR="192.0.2.99").status_code == 200
    assert sign_in(Client(REMOTE_ADDR="198.51.100.1")).status_code == 302


def test_the_cookie_of_one_account_is_worth_nothing_for_another(anna: User, bela: User) -> None:
    browser = known(bela.email)
    attack()
    assert sign_in(browser).status_code == 200


def test_a_browser_of_two_people_is_known_for_both(anna: User, bela: User) -> None:
    browser = known()
    assert sign_in(browser, email=bela.email).status_code == 302
    browser.post("/accounts/logout/")
    attack()
    assert sign_in(browser).status_code == 302


FORGED = {
    "empty": "",
    "a letter": "x",
    "nothing signed": "e30:1tabcd:x",
    "a list": "[]",
    "long": "é" * 3000,
    "a foreign salt": signing.dumps({"a": 1}),
    "no mapping": signing.dumps([1], salt=SALT),
}


def test_a_forged_cookie_is_as_none(anna: User) -> None:
    own = known()
    attack()
    for name, forged in FORGED.items():
        with taken_back():
            browser = Client(REMOTE_ADDR="203.0.113.5")
            browser.cookies[COOKIE] = forged
            assert sign_in(browser).status_code == 200, name
    assert sign_in(own).status_code == 302


def test_a_cookie_that_is_older_than_a_year_is_as_none(anna: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TimestampSigner, "timestamp", lambda self: "1hZ5jm")
    browser = known()
    monkeypatch.undo()
    attack()
    assert sign_in(browser).status_code == 200


def test_a_wrong_password_makes_no_browser_known_and_neither_does_half_a_sign_in(anna: User) -> None:
    browser = Client()
    sign_in(browser, "wrong password")
    assert COOKIE not in browser.cookies
    Authenticator.objects.create(user=anna, type="totp", data={"secret": "x"})
    assert sign_in(browser)["Location"] == "/accounts/2fa/authenticate/"
    assert COOKIE not in browser.cookies


def test_the_cookie_is_for_the_server_only_and_tells_no_address(anna: User, settings: Any) -> None:
    cookie = known().cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert int(cookie["max-age"]) == 365 * 24 * 3600
    assert EMAIL not in str(signing.loads(cookie.value, salt=SALT))
    settings.SESSION_COOKIE_SECURE = True
    assert known().cookies[COOKIE]["secure"]


def test_a_new_password_by_mail_forgets_the_tries_of_known_browsers_too(anna: User) -> None:
    browser = known()
    for _ in range(5):
        sign_in(browser, "wrong password")
    assert AccessAttempt.objects.exists()
    get_adapter().set_password(anna, "quite another one")
    assert not AccessAttempt.objects.exists()


def test_a_device_is_known_to_the_last_five_accounts_only() -> None:
    value = ""
    for number in range(6):
        value = lockout.remember(value, f"person{number}@example.org")
    known_to = [number for number in range(6) if lockout.device_of(value, f"person{number}@example.org")]
    assert known_to == [1, 2, 3, 4, 5]
    assert len(value) < lockout.LONGEST_COOKIE


def test_each_sign_in_gives_the_device_a_new_number() -> None:
    first = lockout.remember("", EMAIL)
    second = lockout.remember(first, EMAIL)
    assert lockout.device_of(first, EMAIL) != lockout.device_of(second, EMAIL)


def test_a_new_password_set_from_a_known_browser_lets_other_browsers_in_too(anna: User) -> None:
    browser = known()
    attack()
    browser.post("/accounts/password/reset/", {"email": EMAIL})
    link = re.search(r"/accounts/password/reset/key/\S+", str(delivered()[0].body))
    assert link
    new = {"password1": "quite another one", "password2": "quite another one"}
    assert browser.post(browser.get(link[0])["Location"], new).status_code == 302
    assert sign_in(Client(REMOTE_ADDR="198.51.100.9"), "quite another one").status_code == 302
