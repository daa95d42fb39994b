"""Confirming an address: by code or link, once, in time, with few guesses; where it leads afterwards."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.core.cache import cache
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts.base import destinations
from accounts.email_verification import codes, services
from accounts.email_verification.models import PendingConfirmation
from accounts.profile.models import Profile
from accounts.users.models import User
from tests import factories
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.accounts.mails import code_in, delivered, names, path_in
from tests.accounts.signups import NEW, SIGN_UP, WAITING, another_than, enter, is_signed_in, sign_up

pytestmark = pytest.mark.django_db


# --- The way ------------------------------------------------------------------------------------------
def test_the_code_confirms_signs_in_and_goes_where_the_person_was_going(client: Client) -> None:
    assert sign_up(client, next="/mls-c01/exams/1/?a=1") == WAITING
    assert not User.objects.exists()
    assert enter(client, code_in(delivered()[0]))[:2] == (302, "/mls-c01/exams/1/?a=1")
    assert is_signed_in(client)
    person = User.objects.get()
    assert person.check_password(PASSWORD)
    address = EmailAddress.objects.get()
    assert (address.user, address.email, address.verified, address.primary) == (person, NEW, True, True)
    assert not PendingConfirmation.objects.exists()
    assert (
        f"{NEW} is confirmed, and you&#x27;re signed in." in client.get("/accounts/profile/").content.decode()
    )


def test_the_link_does_the_same_in_another_browser_but_only_when_the_button_is_pressed(
    client: Client,
) -> None:
    sign_up(client, next="/mls-c01/exams/1/")
    path = path_in(delivered()[0])
    scanner, phone = Client(), Client(enforce_csrf_checks=True)
    for _ in range(3):
        assert scanner.get(path).status_code == 200
        scanner.head(path)
    assert not User.objects.exists()
    page = phone.get(path).content.decode()
    assert NEW in page
    assert phone.post(path, {"password": PASSWORD}).status_code == 403
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]
    reply = phone.post(path, {"csrfmiddlewaretoken": token, "password": PASSWORD})
    assert (reply.status_code, reply["Location"]) == (302, "/mls-c01/exams/1/")
    assert is_signed_in(phone)
    assert not is_signed_in(client)


def test_the_window_that_waits_leads_on_when_another_one_has_confirmed(client: Client) -> None:
    sign_up(client, next="/mls-c01/exams/1/")
    path = path_in(delivered()[0])
    client.post(path, {"password": PASSWORD})
    assert is_signed_in(client)
    for reply in (client.get(WAITING), client.post(WAITING, {"action": "verify", "code": "123456"})):
        assert (reply.status_code, reply["Location"]) == (302, "/mls-c01/exams/1/")


def test_the_browser_that_waits_signs_in_and_goes_on_when_another_one_has_confirmed(client: Client) -> None:
    sign_up(client, next="/mls-c01/exams/1/")
    Client().post(path_in(delivered()[0]), {"password": PASSWORD})
    page = client.get(WAITING).content.decode()
    assert f"{reverse('account_login')}?next=%2Fmls-c01%2Fexams%2F1%2F" in page


@pytest.mark.parametrize(
    ("target", "leads_to"),
    [
        ("/hu/mls-c01/", "/mls-c01/"),
        ("http://testserver/attempts/", "/attempts/"),
        ("", "/dashboard/"),
        ("//evil.example/", "/dashboard/"),
        ("https://evil.example/", "/dashboard/"),
        ("http://testserver//evil.example/", "/dashboard/"),
        ("/\\evil.example/", "/dashboard/"),
        ("javascript:alert(1)", "/dashboard/"),
        ("evil", "/dashboard/"),
        ("/" + "x" * 1000, "/dashboard/"),
    ],
)
def test_the_way_leads_only_to_pages_of_the_site(client: Client, target: str, leads_to: str) -> None:
    client.cookies["django_language"] = "en"
    sign_up(client, next=target)
    assert enter(client, code_in(delivered()[0]))[1] == leads_to


@pytest.mark.parametrize("target", ["http://[", "//[", "/mls-c01/\0"])
@pytest.mark.parametrize("page", [SIGN_UP, "/accounts/login/", "/accounts/logout/"])
def test_what_is_no_address_leads_nowhere(client: Client, target: str, page: str) -> None:
    assert client.get(page, {"next": target}).status_code in (200, 302)
    cache.clear()
    assert sign_up(client, next=target) == WAITING
    assert PendingConfirmation.objects.get().next_path == ""


def test_the_whole_way_keeps_the_language_of_its_pages(client: Client) -> None:
    assert sign_up(client, prefix="/hu", next="/hu/mls-c01/exams/1/") == f"/hu{WAITING}"
    (mail,) = delivered()
    assert "a Passline-kódod" in mail.subject
    assert path_in(mail).startswith("/hu/accounts/confirm-email/")
    assert enter(client, code_in(mail), prefix="/hu")[1] == "/hu/mls-c01/exams/1/"
    assert Profile.objects.get().ui_language == "hu"


@pytest.mark.parametrize(
    ("sent", "prefix", "stored"),
    [
        ("America/New_York", "", "America/New_York"),
        ("", "", "UTC"),
        ("", "/hu", "Europe/Budapest"),
        ("Mars/Base", "/hu", "Europe/Budapest"),
        ("../../etc/passwd", "", "UTC"),
    ],
)
def test_the_time_zone_is_that_of_the_browser_or_of_the_language(
    client: Client, sent: str, prefix: str, stored: str
) -> None:
    sign_up(client, prefix=prefix, time_zone=sent)
    enter(client, code_in(delivered()[0]), prefix)
    assert Profile.objects.get().time_zone == stored


def test_the_mail_names_what_the_person_wants_to_do(client: Client, form: factories.Form) -> None:
    code, number = form.form.certification.code, form.form.number
    start = reverse("exams:start", args=[code, number])
    sign_up(client, next=start)
    title = f"{code.upper()} Practice Exam {number}"
    assert title in str(delivered()[0].body)
    assert title in client.get(WAITING).content.decode()
    assert destinations.name_of(f"/hu{start}?a=1") == title
    assert destinations.name_of("/mls-c01/exams/99/") == destinations.name_of("/nowhere/at/all/") == ""


def test_signing_in_with_an_unconfirmed_address_of_an_account_goes_the_same_way(
    client: Client, anna: User
) -> None:
    EmailAddress.objects.update(verified=False)
    reply = client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD, "next": "/attempts/"})
    assert reply["Location"] == WAITING
    assert enter(client, code_in(delivered()[0]))[:2] == (302, "/attempts/")
    assert client.session["_auth_user_id"] == str(anna.pk)


def test_a_second_factor_is_asked_for_after_code_and_link_alike(client: Client, anna: User) -> None:
    TOTP.activate(anna, "JBSWY3DPEHPK3PXP")
    EmailAddress.objects.update(verified=False)
    client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    phone = Client()
    assert (
        phone.post(path_in(delivered()[0]), {"password": PASSWORD})["Location"]
        == "/accounts/2fa/authenticate/"
    )
    assert not is_signed_in(phone)


# --- Limits -------------------------------------------------------------------------------------------
def test_the_link_asks_for_the_password_of_the_sign_up_in_another_browser(client: Client) -> None:
    """Else whoever signs up with another person's address would know the password of their account."""
    sign_up(client)
    path = path_in(delivered()[0])
    other = Client()
    assert 'name="password"' in other.get(path).content.decode()
    assert 'name="password"' not in client.get(path).content.decode()
    for typed in ({}, {"password": "another password 55"}):
        reply = other.post(path, typed)
        assert reply.status_code == 422
        assert not User.objects.exists()
    assert other.post(path, {"password": PASSWORD}).status_code == 302
    assert User.objects.get().check_password(PASSWORD)


def test_guesses_of_the_password_behind_a_link_are_counted(client: Client) -> None:
    sign_up(client)
    path = path_in(delivered()[0])
    other = Client()
    for _ in range(31):
        reply = other.post(path, {"password": "another password 55"})
    assert "Too many incorrect passwords" in reply.content.decode()
    assert other.post(path, {"password": PASSWORD}).status_code == 422
    assert client.post(path).status_code == 302


def test_a_second_sign_up_within_a_minute_is_told_that_no_mail_was_sent(client: Client) -> None:
    sign_up(client)
    sign_up(Client())
    other = Client()
    sign_up(other)
    assert len(delivered()) == 1
    assert "We sent an email a moment ago" in other.get(WAITING).content.decode()


def test_five_wrong_codes_end_the_code_and_a_new_one_is_sent(client: Client) -> None:
    sign_up(client)
    code = code_in(delivered()[0])
    pages = [enter(client, another_than(code)) for _ in range(5)]
    assert [page[:2] for page in pages] == [(302, WAITING)] * 5
    assert "Incorrect code." in pages[0][2]
    assert "Too many incorrect codes." in pages[4][2]
    assert enter(client, code)[1] == WAITING
    assert not User.objects.exists()
    cache.clear()  # a minute later
    client.post(WAITING, {"action": "resend"})
    renewed = code_in(delivered()[1])
    assert renewed != code
    assert enter(client, renewed)[0] == 302


def test_the_link_stays_valid_when_the_codes_are_used_up(client: Client) -> None:
    sign_up(client)
    path = path_in(delivered()[0])
    for _ in range(services.MOST_CODES * codes.MOST_TRIES + 5):
        cache.clear()
        enter(client, "000000")
        client.post(WAITING, {"action": "resend"})
    pending = PendingConfirmation.objects.get()
    assert (pending.code_number, pending.tries) == (services.MOST_CODES, codes.MOST_TRIES)
    assert enter(client, services.code_of(pending))[1] == WAITING
    assert Client().post(path, {"password": PASSWORD}).status_code == 302


def test_guesses_are_counted_for_the_address_however_often_it_signs_up() -> None:
    refused = 0
    for _ in range(8):
        browser = Client()
        sign_up(browser)
        pages = [enter(browser, "000000")[2] for _ in range(4)]
        refused += sum("wait an hour" in page for page in pages)
    assert refused == 2


def test_an_expired_code_is_refused_and_the_link_still_works(client: Client) -> None:
    sign_up(client)
    (mail,) = delivered()
    PendingConfirmation.objects.update(code_expires_at=Now() - timedelta(seconds=1))
    assert "valid anymore" in enter(client, code_in(mail))[2]
    assert Client().post(path_in(mail), {"password": PASSWORD}).status_code == 302


def test_an_expired_link_and_a_forged_one_confirm_nothing(client: Client) -> None:
    sign_up(client)
    path = path_in(delivered()[0])
    PendingConfirmation.objects.update(expires_at=Now() - timedelta(seconds=1))
    for address in (path, f"{path[:-5]}AAAA/", "/accounts/confirm-email/nonsense/"):
        reply = client.post(address)
        assert (reply.status_code, "valid anymore" in reply.content.decode()) == (200, True)
    assert not User.objects.exists()
    assert "used already, or it has expired" in client.get(WAITING).content.decode()
    assert "Have you just signed up?" in Client().get(WAITING).content.decode()


def test_a_code_is_worth_nothing_in_a_browser_that_did_not_sign_up(client: Client) -> None:
    sign_up(client)
    stranger = Client()
    assert enter(stranger, code_in(delivered()[0]))[0] == 200
    assert not User.objects.exists()


def test_a_code_and_a_link_work_once(client: Client) -> None:
    sign_up(client)
    (mail,) = delivered()
    assert enter(client, code_in(mail))[0] == 302
    for browser in (Client(), client):
        reply = browser.post(path_in(mail), {"password": PASSWORD})
        assert "valid anymore" in reply.content.decode()
    assert User.objects.count() == 1


def test_resending_is_limited_and_sends_the_same_code_while_it_is_valid(client: Client) -> None:
    sign_up(client)
    page = client.post(WAITING, {"action": "resend"}, follow=True).content.decode()
    assert "Wait a minute" in page
    for _ in range(2):
        cache.clear()
        page = client.post(WAITING, {"action": "resend"}, follow=True).content.decode()
        assert "sent the email again" in page
    mails = delivered()
    assert len(mails) == 3
    assert len({code_in(mail) for mail in mails}) == 1


# --- Mending the address ------------------------------------------------------------------------------
def test_a_wrong_address_is_mended_before_it_is_confirmed(client: Client) -> None:
    sign_up(client, "wrong@example.org", next="/attempts/")
    reply = client.post(WAITING, {"action": "change", "email": NEW}, follow=True)
    assert NEW in reply.content.decode()
    wrong, right = delivered()
    assert (wrong.to, right.to) == (["wrong@example.org"], [NEW])
    assert enter(client, code_in(wrong))[1] == WAITING
    assert "valid anymore" in Client().post(path_in(wrong), {"password": PASSWORD}).content.decode()
    assert enter(client, code_in(right))[:2] == (302, "/attempts/")
    assert User.objects.get().email == NEW
    assert User.objects.get().check_password(PASSWORD)


def test_mending_looks_the_same_whether_the_address_has_an_account(client: Client, anna: User) -> None:
    pages = []
    for browser, address in ((client, EMAIL), (Client(), NEW)):
        sign_up(browser, f"wrong-{address}")
        reply = browser.post(WAITING, {"action": "change", "email": address}, follow=True)
        page = re.sub(r'value="[^"]{30,}"', "", reply.content.decode()).replace(address, "")
        pages.append((reply.redirect_chain, page))
    assert pages[0] == pages[1]
    subjects = {mail.to[0]: mail.subject for mail in delivered()}
    assert subjects[EMAIL] == "You already have an account"


def test_from_a_known_address_one_can_still_change_to_the_right_one(client: Client, anna: User) -> None:
    sign_up(client, EMAIL)
    client.post(WAITING, {"action": "change", "email": NEW})
    assert enter(client, code_in(delivered()[1]))[0] == 302
    assert sorted(User.objects.values_list("email", flat=True)) == [EMAIL, NEW]


@pytest.mark.parametrize(
    "address", ["", "nonsense", "a@b..example", f"{'a' * 60}@{'b' * 60}.{'c' * 140}.example"]
)
def test_a_bad_address_is_refused_at_its_field(client: Client, address: str) -> None:
    sign_up(client)
    reply = client.post(WAITING, {"action": "change", "email": address})
    assert reply.status_code == 422
    assert 'id="id_email_error"' in reply.content.decode()
    assert PendingConfirmation.objects.get().address == NEW


TOO_LONG = [f"{'a' * 64}@{'.'.join(['b' * 60] * 3)}.example", f"a@{'.'.join(['ő' * 57] * 4)}.example"]


@pytest.mark.parametrize("address", TOO_LONG)
@pytest.mark.parametrize("page", ["sign-up", "change", "add"])
def test_an_address_that_is_too_long_is_refused_at_its_field(
    client: Client, anna: User, address: str, page: str
) -> None:
    if page == "sign-up":
        reply = client.post(SIGN_UP, {"email": address, "password1": PASSWORD})
    elif page == "change":
        sign_up(client)
        reply = client.post(WAITING, {"action": "change", "email": address})
    else:
        client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        reply = client.post("/accounts/email/", {"action_add": "", "email": address})
    assert reply.status_code in (200, 422)
    assert 'aria-invalid="true"' in reply.content.decode()
    assert not PendingConfirmation.objects.filter(address__startswith="a").exists()


@pytest.mark.parametrize("address", TOO_LONG)
@pytest.mark.parametrize(
    ("page", "field"), [("/accounts/login/", "login"), ("/accounts/password/reset/", "email")]
)
def test_nobody_has_an_address_that_is_too_long(client: Client, address: str, page: str, field: str) -> None:
    reply = client.post(page, {field: address, "password": PASSWORD})
    assert reply.status_code in (200, 302, 422)


def test_an_address_is_changed_a_few_times_only(client: Client) -> None:
    sign_up(client)
    statuses = [
        client.post(WAITING, {"action": "change", "email": f"new{number}@example.org"}).status_code
        for number in range(4)
    ]
    assert statuses == [302, 302, 302, 422]


# --- Strangers ----------------------------------------------------------------------------------------
def test_the_right_code_for_an_address_with_an_account_opens_nothing(client: Client, anna: User) -> None:
    sign_up(client, EMAIL)
    code = services.code_of(PendingConfirmation.objects.get())
    assert enter(client, code)[1] == WAITING
    assert not is_signed_in(client)
    assert User.objects.count() == 1


def test_of_two_sign_ups_with_one_address_the_first_confirmed_has_the_account(client: Client) -> None:
    sign_up(client)
    cache.clear()
    other = Client()
    other.post(SIGN_UP, {"email": NEW, "password1": "quite another one"})
    first, second = delivered()
    assert enter(other, code_in(second))[0] == 302
    reply = client.post(path_in(first), {"password": PASSWORD})
    assert reply.status_code == 409
    assert "You already have an account" in reply.content.decode()
    assert User.objects.get().check_password("quite another one")


def test_the_waiting_sign_up_holds_no_password_and_no_code_in_plain(client: Client) -> None:
    sign_up(client)
    code = code_in(delivered()[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(row) ::text FROM accounts_pendingconfirmation AS row")
        stored = str(cursor.fetchone()[0])
    assert PASSWORD not in stored
    assert not names(code, stored)


def test_whoever_is_signed_in_elsewhere_is_told_and_signed_out_only_by_the_press(
    client: Client, anna: User
) -> None:
    sign_up(client)
    path = path_in(delivered()[0])
    browser = Client()
    browser.force_login(anna)
    assert EMAIL in browser.get(path).content.decode().partition("<main")[2]
    assert browser.session["_auth_user_id"] == str(anna.pk)
    browser.post(path, {"password": PASSWORD})
    assert browser.session["_auth_user_id"] == str(User.objects.get(email=NEW).pk)
