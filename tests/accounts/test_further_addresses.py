"""Further addresses of an account: added, confirmed, and only acts that make sense for each."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client

from accounts.email_verification import sign_in
from accounts.email_verification.models import PendingConfirmation
from accounts.users.models import User
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.accounts.mails import code_in, delivered, path_in
from tests.accounts.signups import NEW, WAITING, enter, is_signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(client: Client, anna: User) -> Client:
    client.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_a_further_address_is_added_and_confirmed_by_its_code(member: Client, anna: User) -> None:
    reply = member.post("/accounts/email/", {"action_add": "", "email": NEW})
    assert reply["Location"] == WAITING
    assert "Wrong address?" not in member.get(WAITING).content.decode()
    assert enter(member, code_in(delivered()[0]))[:2] == (302, "/accounts/email/")
    addresses = dict(EmailAddress.objects.values_list("email", "primary"))
    assert addresses == {EMAIL: True, NEW: False}
    assert EmailAddress.objects.get(email=NEW).verified


def test_the_link_of_a_further_address_confirms_it_but_signs_nobody_in(member: Client, anna: User) -> None:
    member.post("/accounts/email/", {"action_add": "", "email": NEW})
    phone = Client()
    reply = phone.post(path_in(delivered()[0]), {"password": PASSWORD})
    assert reply["Location"] == "/accounts/login/"
    assert not is_signed_in(phone)
    assert EmailAddress.objects.get(email=NEW).verified


def buttons(page: str) -> list[str]:
    """Return the acts that the page of addresses offers."""
    return re.findall(r'name="(action_\w+)"', page)


def test_the_page_of_addresses_offers_only_what_makes_sense(member: Client, anna: User) -> None:
    page = member.get("/accounts/email/").content.decode()
    assert buttons(page) == ["action_add"]
    extra = EmailAddress.objects.create(user=anna, email=NEW, verified=False)
    page = member.get("/accounts/email/").content.decode()
    assert buttons(page) == ["action_send", "action_remove", "action_add"]
    EmailAddress.objects.filter(pk=extra.pk).update(verified=True)
    page = member.get("/accounts/email/").content.decode()
    assert buttons(page) == ["action_primary", "action_remove", "action_add"]


@pytest.mark.parametrize("act", ["action_primary", "action_send", "action_remove", "action_nothing"])
def test_an_act_without_sense_changes_nothing_and_sends_nothing(member: Client, act: str) -> None:
    reply = member.post("/accounts/email/", {act: "", "email": EMAIL}, follow=True)
    assert "Nothing was changed." in reply.content.decode()
    assert "Confirm it&#x27;s you" not in reply.content.decode()
    assert delivered() == []


def test_a_code_for_an_unconfirmed_address_is_sent_again(member: Client, anna: User) -> None:
    EmailAddress.objects.create(user=anna, email=NEW, verified=False)
    assert member.post("/accounts/email/", {"action_send": "", "email": NEW})["Location"] == WAITING
    assert enter(member, code_in(delivered()[0]))[0] == 302


def test_the_address_of_an_account_is_not_changed_where_its_code_is_typed(member: Client, anna: User) -> None:
    member.post("/accounts/email/", {"action_add": "", "email": NEW})
    reply = member.post(WAITING, {"action": "change", "email": "other@example.org"})
    assert reply.status_code == 422
    assert PendingConfirmation.objects.get().address == NEW
    assert len(delivered()) == 1


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/accounts/email/", "To add an address, turn off two-step sign-in first."),
        ("/hu/accounts/email/", "Új cím hozzáadásához előbb kapcsold ki a kétlépcsős belépést."),
    ],
)
def test_an_account_with_two_step_sign_in_is_told_what_to_do_before_an_address_is_added(
    member: Client, anna: User, path: str, said: str
) -> None:
    TOTP.activate(anna, "JBSWY3DPEHPK3PXP")
    page = member.post(path, {"action_add": "", "email": NEW}).content.decode()
    assert said in page
    assert not EmailAddress.objects.filter(email=NEW).exists()


def test_an_address_that_staff_replace_signs_nobody_in_anymore(anna: User, admin_client: Client) -> None:
    sent = {"email": NEW, "is_active": "on", "profile-TOTAL_FORMS": "0", "profile-INITIAL_FORMS": "0"}
    assert admin_client.post(f"/admin/accounts/user/{anna.pk}/change/", sent).status_code == 302
    assert User.objects.get(pk=anna.pk).email == NEW
    assert sign_in.account_of(EMAIL) is None
    old = Client()
    old.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert not is_signed_in(old)
    owner = Client()
    assert owner.post("/accounts/login/", {"login": NEW, "password": PASSWORD})["Location"] == WAITING
    assert delivered()[-1].to == [NEW]
    enter(owner, code_in(delivered()[-1]))
    assert is_signed_in(owner)
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(NEW, True, True)]
