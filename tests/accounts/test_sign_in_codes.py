"""Signing in by a code that is mailed: what it opens, and everything that it does not."""

import logging
import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from accounts.email_verification import codes, sign_in
from accounts.email_verification.models import SignInCode
from accounts.outbox.models import Mail
from accounts.privacy import cleanup, erasure
from accounts.users.models import BrowserSession, User
from accounts.web import sign_in_codes
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.accounts.mails import CODE, code_in, delivered, names, path_in
from tests.accounts.selling import give
from tests.accounts.signups import another_than, is_signed_in

pytestmark = pytest.mark.django_db

ASK = "/accounts/login/code/"
ENTER = "/accounts/login/code/confirm/"
STRANGER = "nobody@example.org"


def ask(client: Client, address: str = EMAIL, prefix: str = "", **query: str) -> Any:
    """Ask for a code."""
    path = f"{prefix}{ASK}" + (f"?next={query['next']}" if query else "")
    return client.post(path, {"email": address})


def enter(client: Client, code: str, prefix: str = "") -> Any:
    """Type a code; return the reply, or the page that says why it was refused."""
    reply = client.post(f"{prefix}{ENTER}", {"code": code, "action": "verify"})
    refused = reply.status_code == 302 and reply["Location"] == f"{prefix}{ENTER}"
    return client.get(reply["Location"]) if refused else reply


def newest() -> EmailMessage:
    return delivered()[-1]


def later() -> None:
    """Let a day pass for the limits."""
    cache.clear()


def at_the_field(reply: Any) -> str:
    """Return what is said at the field of the code."""
    page = reply.content.decode()
    assert 'aria-invalid="true"' in page
    return unescape(page.partition('id="id_code_error"')[2].partition(">")[2].partition("</p>")[0])


# --- What opens ---------------------------------------------------------------------------------------
def test_the_sign_in_page_leads_to_it_and_keeps_where_the_person_is_going(client: Client, anna: User) -> None:
    page = client.get("/accounts/login/?next=/accounts/sessions/").content.decode()
    assert f'href="{ASK}?next=%2Faccounts%2Fsessions%2F"' in page
    assert "Email me a code instead" in page


def test_a_code_signs_in_and_leads_where_the_person_was_going(client: Client, anna: User) -> None:
    reply = ask(client, next="/accounts/sessions/")
    assert (reply.status_code, reply["Location"]) == (302, ENTER)
    page = client.get(ENTER).content.decode()
    assert EMAIL in page
    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page
    assert not is_signed_in(client)
    reply = enter(client, code_in(newest()))
    assert (reply.status_code, reply["Location"]) == (302, "/accounts/sessions/")
    assert client.session["_auth_user_id"] == str(anna.pk)
    assert client.get("/accounts/sessions/").status_code == 200
    assert client.cookies["device"].value  # known from now on
    assert BrowserSession.objects.filter(user=anna).count() == 1


@pytest.mark.parametrize("typed", ["{a} {b}", "{a}-{b}", " {a}{b} "])
def test_however_the_digits_are_spaced_and_the_address_is_capitalized(
    client: Client, anna: User, typed: str
) -> None:
    ask(client, EMAIL.upper())
    code = code_in(newest())
    assert enter(client, typed.format(a=code[:3], b=code[3:]))["Location"] == "/dashboard/"
    assert is_signed_in(client)


def test_pages_and_mail_speak_hungarian(client: Client, anna: User) -> None:
    ask(client, prefix="/hu")
    mail = newest()
    assert "Passline-kódod" in mail.subject or "kód" in mail.subject
    assert "abban a böngészőben" in str(mail.body).lower()
    html = str(mail.alternatives[0][0])  # type: ignore[attr-defined]
    assert code_in(mail) in html
    assert "abban a böngészőben" in html.lower()
    said = at_the_field(enter(client, another_than(code_in(mail)), prefix="/hu"))
    assert said == "Hibás kód. Még 4 próbálkozásod van."
    assert enter(client, code_in(mail), prefix="/hu")["Location"].startswith("/hu/")


def test_a_session_by_code_is_a_new_one(client: Client, anna: User) -> None:
    ask(client)
    before = client.session.session_key
    enter(client, code_in(newest()))
    assert client.session.session_key != before


def test_who_is_signed_in_is_led_on(signed_in: Client) -> None:
    for path in (ASK, ENTER):
        assert signed_in.get(f"{path}?next=/accounts/email/")["Location"] == "/accounts/email/"
    assert ask(signed_in).status_code == 302
    assert not Mail.objects.exists()


def test_another_site_is_no_place_to_go_on(client: Client, anna: User) -> None:
    ask(client, next="https://evil.example/")
    assert enter(client, code_in(newest()))["Location"] == "/dashboard/"


def test_any_confirmed_address_of_the_account_signs_in(client: Client, anna: User) -> None:
    EmailAddress.objects.create(user=anna, email="second@example.org", verified=True)
    ask(client, "second@example.org")
    assert newest().to == ["second@example.org"]
    enter(client, code_in(newest()))
    assert client.session["_auth_user_id"] == str(anna.pk)


def test_the_code_confirms_the_address_of_an_account_that_has_no_confirmed_one(
    client: Client, anna: User
) -> None:
    EmailAddress.objects.all().delete()
    ask(client)
    enter(client, code_in(newest()))
    assert is_signed_in(client)
    own = EmailAddress.objects.get()
    assert (own.email, own.verified, own.primary) == (EMAIL, True, True)


# --- What stays closed --------------------------------------------------------------------------------
def test_a_further_address_that_was_never_confirmed_opens_nothing(client: Client, anna: User) -> None:
    EmailAddress.objects.create(user=anna, email="claimed@example.org", verified=False)
    ask(client, "claimed@example.org")
    assert not CODE.search(str(newest().body))
    assert enter(client, sign_in.code_of(SignInCode.objects.get())).status_code == 200
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "typed", ["m\N{LATIN SMALL LETTER DOTLESS I}ke@example.org", "mi\N{KELVIN SIGN}e@example.org"]
)
def test_a_look_alike_of_an_address_gets_no_code_of_its_owner(client: Client, typed: str) -> None:
    mike = User.objects.create_user("mike@example.org", PASSWORD)
    EmailAddress.objects.create(user=mike, email=mike.email, verified=True, primary=True)
    ask(client, typed)
    assert "mike@example.org" not in {to for mail in delivered() for to in mail.to}
    assert not [mail for mail in delivered() if CODE.search(str(mail.body))]


def test_a_closed_account_gets_no_code(client: Client, anna: User) -> None:
    User.objects.update(is_active=False)
    ask(client)
    text = str(newest().body)
    assert not CODE.search(text)
    assert "There's no open account" in text
    assert "If you closed yours a few days ago, the link in the email" in text


def test_an_account_that_was_closed_meanwhile_is_not_opened(client: Client, anna: User) -> None:
    ask(client)
    User.objects.update(is_active=False)
    assert enter(client, code_in(newest())).status_code == 200
    assert not is_signed_in(client)


def test_somebody_with_an_app_is_asked_for_the_second_factor(client: Client, anna: User) -> None:
    TOTP.activate(anna, "JBSWY3DPEHPK3PXP")
    recovery = RecoveryCodes.activate(anna).generate_codes()
    ask(client, next="/accounts/sessions/")
    reply = enter(client, code_in(newest()))
    assert reply["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_signed_in(client)
    assert client.get("/accounts/sessions/").status_code == 302
    reply = client.post("/accounts/2fa/authenticate/", {"code": recovery[0]})
    assert reply["Location"] == "/accounts/sessions/"
    assert is_signed_in(client)


def test_staff_still_need_their_second_factor_for_the_admin(client: Client, anna: User) -> None:
    User.objects.update(is_staff=True)
    with override_settings(STAFF_NEEDS_SECOND_FACTOR=True):
        ask(client, next="/admin/")
        enter(client, code_in(newest()))
        assert client.get("/admin/")["Location"] == "/accounts/2fa/totp/activate/"


def test_the_limit_of_browsers_counts_those_that_signed_in_by_code(anna: User) -> None:
    give(anna)
    browsers = [Client() for _ in range(4)]
    for browser in browsers:
        later()
        ask(browser)
        assert enter(browser, code_in(newest())).status_code == 302
    assert browsers[0].get("/accounts/profile/")["Location"].startswith("/accounts/sessions/confirm/")
    assert browsers[1].get("/accounts/profile/").status_code == 200
    assert BrowserSession.objects.exclude(asked_at=None).count() == 1
    assert BrowserSession.objects.count() == 4


# --- Codes that are refused ---------------------------------------------------------------------------
def test_a_wrong_code_says_at_the_field_how_many_tries_are_left(client: Client, anna: User) -> None:
    ask(client)
    wrong = another_than(code_in(newest()))
    assert [at_the_field(enter(client, wrong)) for _ in range(5)] == [
        "Incorrect code. You have 4 tries left.",
        "Incorrect code. You have 3 tries left.",
        "Incorrect code. You have 2 tries left.",
        "Incorrect code. You have 1 try left.",
        "Too many incorrect codes. Ask for a new one.",
    ]
    assert 'aria-invalid="true"' not in client.get(ENTER).content.decode()


def test_after_five_tries_the_right_code_is_worth_nothing_and_the_next_one_works(
    client: Client, anna: User
) -> None:
    ask(client)
    code = code_in(newest())
    for _ in range(codes.MOST_TRIES):
        enter(client, another_than(code))
    assert at_the_field(enter(client, code)) == "This code isn't valid anymore. Ask for a new one."
    assert not is_signed_in(client)
    later()
    client.post(ENTER, {"action": "resend"})
    assert code_in(newest()) != code
    enter(client, code_in(newest()))
    assert is_signed_in(client)


def test_a_code_that_has_expired_is_refused(client: Client, anna: User) -> None:
    ask(client)
    SignInCode.objects.update(code_expires_at=Now() - timedelta(seconds=1))
    said = at_the_field(enter(client, code_in(newest())))
    assert said == "This code isn't valid anymore. Ask for a new one."
    assert not is_signed_in(client)


def test_who_comes_back_after_an_hour_asks_anew_and_still_gets_where_they_were_going(
    client: Client, anna: User
) -> None:
    ask(client, next="/accounts/sessions/")
    SignInCode.objects.update(expires_at=Now() - timedelta(seconds=1))
    reply = client.post(ENTER, {"code": code_in(newest())})
    assert reply["Location"] == f"{ASK}?next=%2Faccounts%2Fsessions%2F"
    assert "used already, or it has expired" in client.get(reply["Location"]).content.decode()
    assert client.get(ENTER)["Location"] == ASK


def test_a_code_works_once(client: Client, anna: User) -> None:
    ask(client)
    code = code_in(newest())
    kept = client.session[sign_in_codes.SESSION_KEY]
    enter(client, code)
    client.post("/accounts/logout/")
    assert client.post(ENTER, {"code": code})["Location"] == ASK
    # Not even in a session that still names it.
    old = client.session
    old[sign_in_codes.SESSION_KEY] = kept
    old.save()
    assert client.post(ENTER, {"code": code})["Location"].startswith(ASK)
    assert not is_signed_in(client)


def test_a_code_works_only_in_the_browser_that_asked_for_it(client: Client, anna: User) -> None:
    ask(client)
    code = code_in(newest())
    other = Client()
    assert other.post(ENTER, {"code": code})["Location"] == ASK
    later()
    ask(other)
    assert code_in(newest()) != code
    assert "Incorrect code." in at_the_field(enter(other, code))
    assert not is_signed_in(other)


@pytest.mark.parametrize("typed", ["", "no code", "9" * 21, "\0", "१२३४५६"])
def test_nonsense_is_refused_at_the_field(client: Client, anna: User, typed: str) -> None:
    ask(client)
    assert at_the_field(enter(client, typed))
    assert not is_signed_in(client)


@pytest.mark.parametrize("address", ["", "nonsense", "a@b", f"{'a' * 250}@example.org", "a\0@example.org"])
def test_what_is_no_address_is_refused_at_its_field_and_stores_nothing(client: Client, address: str) -> None:
    reply = ask(client, address)
    assert reply.status_code == 422
    assert 'id="id_email_error"' in reply.content.decode()
    assert not SignInCode.objects.exists()
    assert not Mail.objects.exists()


# --- Whether there is an account ----------------------------------------------------------------------
def walk(address: str) -> list[tuple[int, str, str]]:
    """Return status, target and page of every step that needs no mail."""
    later()
    browser = Client()
    steps = [ask(browser, address), browser.get(ENTER)]
    for body in ({"code": "000000"}, {"action": "resend"}, *[{"code": "000000"}] * 5):
        steps += [browser.post(ENTER, body), browser.get(ENTER)]
    steps.append(ask(Client(), address))
    pages = [re.sub(r'value="[^"]{30,}"', "", step.content.decode()).replace(address, "") for step in steps]
    return [(one.status_code, one.get("Location", ""), page) for one, page in zip(steps, pages, strict=True)]


def test_an_address_without_an_account_sees_the_same_pages(anna: User) -> None:
    assert walk(EMAIL) == walk(STRANGER)


def test_an_address_without_an_account_costs_the_same_statements(anna: User) -> None:
    costs = []
    for address in ("warm@example.org", EMAIL, STRANGER):
        later()
        browser = Client()
        with CaptureQueriesContext(connection) as asked:
            ask(browser, address)
        with CaptureQueriesContext(connection) as tried:
            browser.post(ENTER, {"code": "000000"})
        costs.append((len(asked), len(tried)))
    assert costs[1] == costs[2]


def test_an_address_without_an_account_gets_a_mail_that_says_so(client: Client, anna: User) -> None:
    ask(client, STRANGER, next="/accounts/sessions/")
    mail = newest()
    assert mail.to == [STRANGER]
    assert "no open account" in str(mail.body)
    assert path_in(mail) == "/accounts/signup/?next=%2Faccounts%2Fsessions%2F"
    assert enter(client, sign_in.code_of(SignInCode.objects.get())).status_code == 200
    assert not is_signed_in(client)
    assert not User.objects.filter(email=STRANGER).exists()


# --- Mails --------------------------------------------------------------------------------------------
def test_a_second_mail_has_the_same_code_while_it_is_valid(client: Client, anna: User) -> None:
    ask(client)
    page = client.post(ENTER, {"action": "resend"}, follow=True).content.decode()
    assert "Wait a minute" in page
    assert len(delivered()) == 1
    later()
    client.post(ENTER, {"action": "resend"})
    first, second = delivered()
    assert code_in(first) == code_in(second)
    later()
    ask(client)
    assert code_in(newest()) == code_in(first)
    assert SignInCode.objects.count() == 1
    enter(client, code_in(first))
    assert is_signed_in(client)


def test_another_browser_within_a_minute_is_told_to_wait(client: Client, anna: User) -> None:
    ask(client)
    reply = ask(Client())
    assert reply.status_code == 429
    assert "Wait a minute before you ask for another." in reply.content.decode()
    assert SignInCode.objects.count() == 1


def test_a_mail_that_waits_longer_than_its_code_is_not_sent(client: Client, anna: User) -> None:
    ask(client)
    SignInCode.objects.update(code_expires_at=Now() - timedelta(seconds=1))
    Mail.objects.update(not_after=F("not_after") - sign_in.CODE_LIFETIME - timedelta(seconds=1))
    assert delivered() == []


# --- What is kept -------------------------------------------------------------------------------------
def test_no_table_shows_the_code_and_no_log_line_names_it(
    client: Client, anna: User, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ask(client)
    code = code_in(newest())
    enter(client, another_than(code))
    stored = ""
    with connection.cursor() as cursor:
        for table in ("accounts_signincode", "accounts_mail", "cache"):
            cursor.execute(f"SELECT coalesce(string_agg(row::text, ' '), '') FROM {table} AS row")
            stored += cursor.fetchone()[0]
    assert not names(code, stored)
    assert not names(code, str(dict(client.session)))
    assert EMAIL not in stored.partition("rates:")[2]
    enter(client, code)
    assert is_signed_in(client)
    assert not names(code, caplog.text)


def test_unused_codes_are_deleted_at_night(client: Client, anna: User) -> None:
    ask(client)
    assert cleanup.clean()["sign-in codes"] == 0
    SignInCode.objects.update(expires_at=Now() - timedelta(seconds=1))
    assert cleanup.clean()["sign-in codes"] == 1
    assert not SignInCode.objects.exists()


def test_an_erased_person_leaves_no_code(client: Client, anna: User) -> None:
    ask(client)
    erasure.erase(anna, actor=None, reason="asked")
    assert not SignInCode.objects.exists()
