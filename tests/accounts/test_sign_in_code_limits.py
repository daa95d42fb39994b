"""How often codes to sign in are mailed and tried, and that nobody can use up those of another person."""

import pytest
from django.db import connection
from django.test import Client

from accounts.email_verification import codes
from accounts.email_verification.models import SignInCode
from accounts.users.models import User
from accounts.web import sign_in_codes
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.accounts.mails import code_in
from tests.accounts.signups import is_signed_in
from tests.accounts.test_sign_in_codes import ENTER, STRANGER, ask, at_the_field, enter, later, newest

pytestmark = pytest.mark.django_db


def a_minute_passes() -> None:
    """Forget the limit of a minute, not those of a day."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM cache WHERE cache_key LIKE %s", ["rates:sign_in_code:mail:%"])


def exhaust(address: str = EMAIL) -> None:
    """Use up all codes that strangers may have tried for an address in a day."""
    for number in range(sign_in_codes.GUESSES_A_DAY // codes.MOST_TRIES + 1):
        stranger = Client(REMOTE_ADDR=f"198.51.100.{number}")
        a_minute_passes()
        ask(stranger, address)
        for _ in range(codes.MOST_TRIES):
            stranger.post(ENTER, {"code": "000000"})


def test_no_more_guesses_a_day_are_judged_whoever_makes_them(client: Client, anna: User) -> None:
    exhaust()
    tries = sum(SignInCode.objects.values_list("tries", flat=True))
    assert tries == sign_in_codes.GUESSES_A_DAY
    later()
    ask(client)
    code = code_in(newest())
    later()
    exhaust()
    said = at_the_field(enter(client, code))
    assert said.startswith("Too many codes were tried today.")
    assert not is_signed_in(client)


def test_strangers_cannot_use_up_the_tries_and_mails_of_a_known_browser(anna: User) -> None:
    known = Client()
    known.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    known.post("/accounts/logout/")
    exhaust()
    ask(known)
    enter(known, code_in(newest()))
    assert is_signed_in(known)


def test_strangers_who_use_up_the_codes_do_not_close_the_password(anna: User) -> None:
    exhaust()
    browser = Client()
    browser.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert is_signed_in(browser)


def test_wrong_passwords_of_strangers_do_not_close_the_way_by_code(anna: User) -> None:
    for number in range(31):
        wrong = {"login": EMAIL, "password": "wrong password"}
        Client(REMOTE_ADDR=f"192.0.2.{number}").post("/accounts/login/", wrong)
    browser = Client()
    ask(browser)
    enter(browser, code_in(newest()))
    assert is_signed_in(browser)


def test_one_network_may_not_ask_for_codes_of_everybody() -> None:
    replies = [ask(Client(), f"person{number}@example.org").status_code for number in range(21)]
    assert replies == [302] * 20 + [429]
    assert ask(Client(REMOTE_ADDR="192.0.2.1"), "person20@example.org").status_code == 302


def test_one_network_may_not_try_codes_of_everybody(
    client: Client, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_in_codes, "GUESSES_A_DAY_OF_NETWORK", 2)
    ask(Client(), STRANGER)
    for address in ("one@example.org", "two@example.org"):
        browser = Client()
        ask(browser, address)
        browser.post(ENTER, {"code": "000000"})
    ask(client)
    assert at_the_field(enter(client, code_in(newest()))).startswith("Too many codes")
    elsewhere = Client(REMOTE_ADDR="192.0.2.1")
    later()
    ask(elsewhere)
    enter(elsewhere, code_in(newest()))
    assert is_signed_in(elsewhere)


def test_mails_of_a_day_to_one_address_are_few(anna: User) -> None:
    statuses = []
    for number in range(sign_in_codes.MAILS_A_DAY + 1):
        a_minute_passes()
        statuses.append(ask(Client(REMOTE_ADDR=f"192.0.2.{number}")).status_code)
    assert statuses == [302] * sign_in_codes.MAILS_A_DAY + [429]
