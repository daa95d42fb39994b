"""What is no passkey is refused like a wrong one, and a passkey counts as a second factor."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.test import Client, override_settings

from accounts.profile import services as profiles
from accounts.users.models import User
from accounts.web import forms, recovery
from tests.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db

ADD = "/accounts/2fa/webauthn/add/"
LOGIN = "/accounts/2fa/webauthn/login/"
NONSENSE: list[Any] = [
    None,
    1,
    "x",
    [],
    {},
    {"id": "a"},
    {"id": "a", "rawId": "a", "type": "public-key", "response": {}},
    {"id": "YQ", "rawId": "YQ", "type": "public-key", "response": {"clientDataJSON": "YQ"}},
    {
        "id": "YQ",
        "rawId": "YQ",
        "type": "public-key",
        "clientExtensionResults": {},
        "response": {"clientDataJSON": "e30", "attestationObject": "oA", "userHandle": "MQ"},
    },
    {
        "id": "YQ",
        "rawId": "YQ",
        "type": "public-key",
        "clientExtensionResults": {},
        "response": {
            "clientDataJSON": "e30",
            "authenticatorData": "YQ",
            "signature": "YQ",
            "userHandle": "MQ",
        },
    },
]


@pytest.fixture
def sure(anna: User) -> Client:
    """A browser in which Anna has just typed her password."""
    client = Client()
    client.force_login(anna)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.mark.parametrize("sent", NONSENSE)
def test_nonsense_adds_no_passkey_and_the_form_says_so(sure: Client, sent: Any) -> None:
    assert sure.get(ADD).status_code == 200
    reply = sure.post(ADD, {"name": "x", "credential": json.dumps(sent)})
    assert reply.status_code == 200
    assert 'data-tone="wrong"' in reply.content.decode()
    assert not Authenticator.objects.exists()


def test_what_could_not_be_read_is_in_the_log(sure: Client, caplog: pytest.LogCaptureFixture) -> None:
    broken = {"id": "a", "rawId": "a", "type": "public-key", "response": {}}
    sure.get(ADD)
    sure.post(ADD, {"name": "x", "credential": json.dumps(broken)})
    lines = [one.__dict__ for one in caplog.records if one.message == "A passkey could not be read"]
    assert lines
    assert all("base64" in line["error"] and ".py:" in line["place"] for line in lines)


def test_the_log_keeps_no_more_than_the_beginning_of_what_was_sent(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ValidationError), forms._refused_if_unreadable():
        raise ValueError("x" * 5000)
    assert len(caplog.records[-1].__dict__["error"]) <= 200


@pytest.mark.parametrize("sent", NONSENSE)
def test_nonsense_signs_nobody_in(anna: User, sent: Any) -> None:
    browser = Client()
    options = browser.get(LOGIN, headers={"accept": "application/json"}).json()["request_options"]
    assert options["publicKey"]["userVerification"] == "required"
    reply = browser.post(LOGIN, {"credential": json.dumps(sent)})
    assert (reply.status_code, reply["Location"]) == (302, "/accounts/login/")
    assert "_auth_user_id" not in browser.session


def test_what_is_no_json_is_refused_too(sure: Client) -> None:
    sure.get(ADD)
    for sent in ("", "{", "\0", "[" * 5000):
        assert sure.post(ADD, {"credential": sent}).status_code == 200
    assert not Authenticator.objects.exists()


def test_a_passkey_is_added_only_after_the_password_was_typed_again(client: Client, anna: User) -> None:
    client.force_login(anna)
    reply = client.get(ADD)
    assert reply.status_code == 302
    assert "/reauthenticate/" in reply["Location"]


def test_a_passkey_of_somebody_else_is_absent(sure: Client, bela: User) -> None:
    theirs = Authenticator.objects.create(user=bela, type="webauthn", data={"name": "x", "credential": {}})
    for act in ("edit", "remove"):
        assert sure.get(f"/accounts/2fa/webauthn/keys/{theirs.pk}/{act}/").status_code == 404
        assert sure.post(f"/accounts/2fa/webauthn/keys/{theirs.pk}/{act}/").status_code == 404
    assert Authenticator.objects.filter(pk=theirs.pk).exists()


@override_settings(STAFF_NEEDS_SECOND_FACTOR=True)
def test_a_passkey_is_a_second_factor_of_staff(client: Client) -> None:
    chief = User.objects.create_superuser("chief@example.org", PASSWORD)
    client.force_login(chief)
    assert client.get("/admin/")["Location"] == "/accounts/2fa/totp/activate/"
    key = Authenticator.objects.create(user=chief, type="webauthn", data={"name": "x", "credential": {}})
    client.force_login(chief)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": key.type, "at": 1}]
    session["account_authentication_methods_user"] = str(chief.pk)
    session.save()
    assert client.get("/admin/").status_code == 200


def test_who_has_a_passkey_only_is_warned_of_missing_recovery_codes(anna: User) -> None:
    assert recovery.codes_left(anna) is None
    Authenticator.objects.create(user=anna, type="webauthn", data={"name": "x", "credential": {}})
    assert recovery.codes_left(anna) == 0


def test_a_passkey_was_added_and_used_on_a_day_of_its_owners_zone(client: Client, anna: User) -> None:
    at = datetime(2026, 11, 28, 3, tzinfo=UTC)
    data = {"name": "x", "credential": {}}
    Authenticator.objects.create(user=anna, type="webauthn", data=data, created_at=at, last_used_at=at)
    profiles.update(anna, time_zone="America/New_York")
    client.force_login(anna)
    page = client.get("/accounts/2fa/webauthn/").content.decode()
    assert "Added: November 27, 2026" in page
    assert "Last used: November 27, 2026" in page
