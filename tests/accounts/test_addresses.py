"""One mailbox is one account, however its domain is written."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from rest_framework.test import APIClient

from accounts.users import addresses, services
from accounts.users.models import User
from tests.accounts.conftest import PASSWORD
from tests.accounts.mails import code_in, delivered

pytestmark = pytest.mark.django_db

PLAIN = "candidate@passline.example"
# A long s, wide letters, a soft hyphen, capitals.
LOOK_ALIKES = [
    "candidate@pa\u017fsline.example",
    "candidate@\uff30\uff21ssline.example",
    "candidate@pass\u00adline.example",
    "candidate@PASSLINE.Example",
]


@pytest.fixture
def candidate() -> User:
    return services.ensure(PLAIN, PASSWORD)


@pytest.mark.parametrize("typed", [*LOOK_ALIKES, "candidate@passline\u3002example"])
def test_a_look_alike_of_a_domain_is_that_domain(typed: str) -> None:
    assert addresses.normalized(typed) == PLAIN


@pytest.mark.parametrize("odd", ["", "no address", "a@b..example", f"a@{'x' * 70}.example", "a@"])
def test_what_is_no_domain_is_left_for_the_check_of_addresses(odd: str) -> None:
    assert addresses.normalized(odd) == odd


def test_the_part_before_the_at_is_left_as_it_is() -> None:
    assert addresses.normalized("Anna.Ő@example.org") == "Anna.Ő@example.org"


def test_an_international_domain_is_kept_as_mail_servers_know_it() -> None:
    assert addresses.normalized("anna@bücher.example") == "anna@xn--bcher-kva.example"


@pytest.mark.parametrize("typed", LOOK_ALIKES)
def test_signing_up_with_a_look_alike_makes_no_second_account(candidate: User, typed: str) -> None:
    Client().post("/accounts/signup/", {"email": typed, "password1": "quite another one"})
    assert User.objects.count() == 1
    assert [message.to for message in delivered()] == [[PLAIN]]
    assert "already" in delivered()[0].subject


def test_signing_up_by_a_look_alike_makes_the_account_of_the_mailbox(client: Client) -> None:
    client.post("/accounts/signup/", {"email": LOOK_ALIKES[0], "password1": PASSWORD})
    client.post("/accounts/confirm-email/", {"code": code_in(delivered()[0])})
    assert User.objects.get().email == PLAIN
    assert EmailAddress.objects.get().email == PLAIN


def test_signing_in_and_asking_for_a_new_password_know_the_look_alike(candidate: User) -> None:
    for typed in LOOK_ALIKES:
        reply = Client().post("/accounts/login/", {"login": typed, "password": PASSWORD})
        assert reply.status_code == 302, typed
    Client().post("/accounts/password/reset/", {"email": LOOK_ALIKES[0]})
    assert [message.to for message in delivered()] == [[PLAIN]]
    assert "/password/reset/key/" in str(delivered()[0].body)


def test_the_api_knows_the_look_alike(candidate: User) -> None:
    body = {"email": LOOK_ALIKES[0], "password": PASSWORD}
    assert APIClient().post("/api/v1/auth/token/", body).status_code == 201


def test_wrong_passwords_for_a_look_alike_count_for_the_account(candidate: User) -> None:
    for typed in [PLAIN, *LOOK_ALIKES]:
        Client().post("/accounts/login/", {"login": typed, "password": "wrong password"})
    assert Client().post("/accounts/login/", {"login": PLAIN, "password": PASSWORD}).status_code == 429


def test_a_person_made_in_the_admin_has_a_normalized_address(admin_client: Client) -> None:
    new = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    inline = {"profile-TOTAL_FORMS": "0", "profile-INITIAL_FORMS": "0"}
    for typed in ("anna@bücher.example", "anna@BÜCHER.example"):
        admin_client.post("/admin/accounts/user/add/", {**new, **inline, "email": typed})
    assert User.objects.get(email__startswith="anna").email == "anna@xn--bcher-kva.example"
