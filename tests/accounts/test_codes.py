"""After a wrong code: the page that follows, the last code, and the limits that mending an address shares."""

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.db.models.functions import Now
from django.test import Client

from accounts.email_verification import codes, services
from accounts.email_verification.models import PendingConfirmation
from accounts.users.models import User
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.accounts.mails import CODE, code_in, delivered, path_in
from tests.accounts.signups import NEW, SIGN_UP, WAITING, another_than, enter, is_signed_in, sign_up

pytestmark = pytest.mark.django_db


def use_up_codes() -> None:
    """Let the last code that a sign-up may have be typed wrong too often."""
    PendingConfirmation.objects.update(code_number=services.MOST_CODES, tries=codes.MOST_TRIES)
    cache.clear()  # a minute later


# --- The page after a wrong code ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "required"), ("9" * 21, "at most 20"), ("12345", "all 6 digits"), ("no code", "all 6 digits")],
)
@pytest.mark.parametrize("prefix", ["", "/hu"])
def test_a_wrong_code_is_answered_by_a_redirect_whose_page_says_it_at_the_field(
    client: Client, typed: str, said: str, prefix: str
) -> None:
    sign_up(client, prefix=prefix)
    reply = client.post(f"{prefix}{WAITING}", {"code": typed, "action": "verify"})
    assert (reply.status_code, reply["Location"]) == (302, f"{prefix}{WAITING}")
    shown = client.get(reply["Location"])
    page = shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    field = page[page.index('name="code"') - 200 : page.index('id="id_code_error"')]
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="id_code_error"' in field
    assert prefix or said in page.partition('id="id_code_error"')[2].partition("</p>")[0]
    assert "9" * 21 not in page


def test_a_part_of_a_code_costs_no_try(client: Client) -> None:
    sign_up(client)
    code = code_in(delivered()[0])
    for typed in (code[:2], code[:5], f"{code}0", "no code"):
        enter(client, typed)
    assert PendingConfirmation.objects.get().tries == 0
    assert enter(client, f" {code[:3]}-{code[3:]} ")[:2] == (302, "/dashboard/")


def test_a_wrong_code_is_said_once(client: Client) -> None:
    sign_up(client)
    assert "Incorrect code." in enter(client, another_than(code_in(delivered()[0])))[2]
    assert 'aria-invalid="true"' not in client.get(WAITING).content.decode()


def test_the_number_of_digits_does_not_break_from_its_noun(client: Client) -> None:
    sign_up(client)
    page = client.get(WAITING).content.decode()
    assert "6\N{NON-BREAKING HYPHEN}digit" in page
    assert "6-digit" not in page


# --- The last code ------------------------------------------------------------------------------------
def test_the_mail_after_the_last_code_shows_none_and_its_link_works(client: Client) -> None:
    sign_up(client)
    use_up_codes()
    client.post(WAITING, {"action": "resend"})
    mail = delivered()[1]
    assert not CODE.search(str(mail.body))
    assert "code" not in f"{mail.subject} {mail.body}".replace("accounts/confirm-email", "").lower()
    code = services.code_of(PendingConfirmation.objects.get())
    assert isinstance(mail, EmailMultiAlternatives)
    assert code not in f"{mail.subject} {mail.body} {mail.alternatives}"
    assert Client().post(path_in(mail), {"password": PASSWORD}).status_code == 302


def test_the_page_after_the_last_code_asks_for_none_and_names_the_link(client: Client) -> None:
    sign_up(client)
    PendingConfirmation.objects.update(code_number=services.MOST_CODES, tries=codes.MOST_TRIES - 1)
    page = enter(client, "000000")[2]
    assert "You can't get another code. Use the link in our email instead." in page
    assert 'name="code"' not in page
    assert "Ask for a new one" not in page


def test_the_last_code_can_be_typed_while_it_is_valid(client: Client) -> None:
    sign_up(client)
    PendingConfirmation.objects.update(code_number=services.MOST_CODES)
    cache.clear()
    client.post(WAITING, {"action": "resend"})
    assert enter(client, code_in(delivered()[1]))[0] == 302
    assert is_signed_in(client)


def test_the_last_code_that_has_expired_is_in_no_mail(client: Client, anna: User) -> None:
    EmailAddress.objects.update(verified=False)
    client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    PendingConfirmation.objects.update(code_number=services.MOST_CODES, code_expires_at=Now())
    cache.clear()
    Client().post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    first, second = delivered()
    assert CODE.search(str(first.body))
    assert not CODE.search(str(second.body))
    assert client.post(path_in(second))["Location"] == "/dashboard/"


# --- Limits -------------------------------------------------------------------------------------------
def test_mending_the_address_shares_the_limit_of_sign_up() -> None:
    browser = Client()
    sign_up(browser)
    for number in range(19):
        Client().post(SIGN_UP, {"email": f"new{number}@example.org", "password1": PASSWORD})
    change = {"action": "change", "email": "right@example.org"}
    assert browser.post(WAITING, change).status_code == 429
    assert PendingConfirmation.objects.filter(address=NEW).exists()
    assert browser.post(WAITING, change, REMOTE_ADDR="192.0.2.1").status_code == 302


def test_changes_of_address_count_for_the_limit_of_sign_up() -> None:
    browser = Client()
    sign_up(browser)
    for number in range(19):
        PendingConfirmation.objects.update(address_number=1, code_number=1)
        browser.post(WAITING, {"action": "change", "email": f"new{number}@example.org"})
    reply = Client().post(SIGN_UP, {"email": "another@example.org", "password1": PASSWORD})
    assert reply.status_code == 429
