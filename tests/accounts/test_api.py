"""Tokens by the API, and the form of every refusal."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models.functions import Now
from django.test import Client, override_settings
from rest_framework.test import APIClient

from accounts.users import tokens
from accounts.users.models import ApiToken, User
from tests.accounts.conftest import EMAIL, PASSWORD

pytestmark = pytest.mark.django_db
URL = "/api/v1/auth/token/"
LIST = "/api/v1/auth/tokens/"
Told = list[tuple[int, str | None]]
GOOD = {"email": EMAIL, "password": PASSWORD}


def told(reply: Any, status: int, code: str) -> dict[str, Any]:
    """Check that the reply is a problem with this status and code; return it."""
    assert reply.status_code == status, reply.content
    assert reply["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = reply.json()
    assert {"type", "title", "status", "detail", "code"} <= body.keys()
    assert (body["status"], body["code"]) == (status, code)
    return body


def test_a_password_gives_a_token_that_opens_the_api(api: APIClient, anna: User) -> None:
    reply = api.post(URL, {**GOOD, "name": "my script"})
    assert reply.status_code == 201
    assert reply.json().keys() == {"token", "expires_at"}
    assert reply["Cache-Control"] == "no-store"
    api.credentials(HTTP_AUTHORIZATION=f"Token {reply.json()['token']}")
    listed = api.get(LIST).json()
    assert [token["name"] for token in listed] == ["my script"]
    assert reply.json()["token"] not in str(listed)


@pytest.mark.parametrize("header", ["", "Token", "Token x", "Token é", "Basic YTpi", "Bearer x"])
def test_an_absent_or_forged_token_is_401_with_a_challenge(api: APIClient, header: str) -> None:
    reply = api.get(LIST, headers={"authorization": header})
    code = "invalid_token" if header.startswith("Token") else "not_authenticated"
    told(reply, 401, code)
    assert reply["WWW-Authenticate"] == "Token"


def test_the_token_of_an_inactive_person_is_refused(api: APIClient, anna: User) -> None:
    plain = tokens.issue(anna)
    User.objects.update(is_active=False)
    told(api.get(LIST, headers={"authorization": f"Token {plain}"}), 401, "invalid_token")


def test_a_token_is_refused_once_its_owner_is_staff(api: APIClient, anna: User) -> None:
    plain = tokens.issue(anna)
    User.objects.update(is_staff=True)
    told(api.get(LIST, headers={"authorization": f"Token {plain}"}), 403, "mfa_required")


def test_wrong_password_unknown_account_and_closed_account_are_told_the_same(
    api: APIClient, anna: User, bela: User
) -> None:
    User.objects.filter(pk=bela.pk).update(is_active=False)
    replies = [
        told(api.post(URL, body), 401, "invalid_credentials")
        for body in (
            {"email": EMAIL, "password": "wrong password"},
            {"email": "nobody@example.org", "password": PASSWORD},
            {"email": bela.email, "password": PASSWORD},
        )
    ]
    assert replies[0] == replies[1] == replies[2]


def test_staff_and_accounts_with_a_second_factor_get_no_token(api: APIClient, anna: User, bela: User) -> None:
    User.objects.filter(pk=bela.pk).update(is_staff=True)
    told(api.post(URL, {**GOOD, "email": bela.email}), 403, "mfa_required")
    Authenticator.objects.create(user=anna, type="totp", data={"secret": "x"})
    told(api.post(URL, GOOD), 403, "mfa_required")
    assert not ApiToken.objects.exists()


@override_settings(DEVICES_PER_ACCOUNT=2)
def test_a_token_too_many_ends_the_one_that_was_used_longest_ago_and_what_it_held(
    api: APIClient, anna: User, ended: Told
) -> None:
    first, second = (api.post(URL, GOOD).json()["token"] for _ in range(2))
    program = tokens.issue_with_expiry(anna, "program", "authoring").token_text
    ApiToken.objects.filter(digest=tokens._digest(first)).update(last_used_at=Now())
    ApiToken.objects.filter(digest=tokens._digest(second)).update(last_used_at=Now() - timedelta(hours=2))
    idle = ApiToken.objects.get(digest=tokens._digest(second))
    third = api.post(URL, GOOD).json()["token"]
    assert [bool(tokens.find(one)) for one in (first, second, third, program)] == [True, False, True, True]
    assert ended == [(anna.pk, f"token:{idle.pk}")]


def test_an_unconfirmed_address_gets_no_token(api: APIClient, anna: User) -> None:
    EmailAddress.objects.update(verified=False)
    told(api.post(URL, GOOD), 403, "email_unverified")


def test_wrong_passwords_at_the_api_count_with_those_of_the_page(api: APIClient, anna: User) -> None:
    page = Client()
    for _ in range(3):
        page.post("/accounts/login/", {"login": EMAIL, "password": "wrong password"})
    told(api.post(URL, {**GOOD, "password": "wrong password"}), 401, "invalid_credentials")
    body = told(api.post(URL, {**GOOD, "password": "wrong password"}), 429, "too_many_attempts")
    assert body["detail"] == "Try again in 15 minutes."
    reply = api.post(URL, GOOD)
    told(reply, 429, "too_many_attempts")
    assert 0 < int(reply["Retry-After"]) <= 900
    assert page.post("/accounts/login/", {"login": EMAIL, "password": PASSWORD}).status_code == 429


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({**GOOD, "is_staff": True}, "unknown_field", "/is_staff"),
        ({**GOOD, "a/b~c": 1}, "unknown_field", "/a~1b~0c"),
        ({"email": EMAIL}, "invalid", "/password"),
        ({**GOOD, "email": "no address"}, "invalid", "/email"),
        ({**GOOD, "email": {"a": 1}}, "invalid", "/email"),
        ([], "invalid", ""),
        ([GOOD], "invalid", ""),
        ("text", "invalid", ""),
        ({}, "invalid", "/email"),
        ({**GOOD, "name": "x" * 81}, "invalid", "/name"),
    ],
)
def test_bad_input_is_422_and_points_at_the_place(
    api: APIClient, anna: User, body: object, code: str, pointer: str
) -> None:
    problem = told(api.post(URL, body), 422, code)
    assert problem["errors"][0]["pointer"] == pointer
    assert not ApiToken.objects.exists()


def test_a_body_of_null_is_422(api: APIClient) -> None:
    told(api.post(URL, b"null", content_type="application/json"), 422, "invalid")


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"\xff\xfe",
        b'{"email": "a@b.cc", "email": "c@d.ee", "password": "x"}',
        b'{"email": "a\\u0000@example.org", "password": "x"}',
        b'{"email": "a@example.org", "password": "x\\ud800"}',
        b'{"email": "\x00", "password": "x"}',
        b'{"email": NaN}',
        b'{"email": 1e999}',
        b'{"email": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b"[" * 40 + b"]" * 40,
    ],
)
def test_what_is_not_clean_json_is_400(api: APIClient, raw: bytes) -> None:
    told(api.post(URL, raw, content_type="application/json"), 400, "parse_error")


def test_a_body_that_is_too_large_is_413(api: APIClient) -> None:
    raw = b'{"email": "' + b"x" * (1024 * 1024) + b'"}'
    told(api.post(URL, raw, content_type="application/json"), 413, "too_large")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
def test_another_content_type_is_415(api: APIClient, kind: str) -> None:
    told(api.post(URL, b"email=a", content_type=kind), 415, "unsupported_media_type")


def test_another_method_is_405(api: APIClient) -> None:
    told(api.put(URL, GOOD), 405, "method_not_allowed")


def test_a_session_opens_the_api_but_changes_need_the_csrf_token(anna: User) -> None:
    token_id = ApiToken.objects.get(digest=tokens._digest(tokens.issue(anna))).pk
    browser = Client(enforce_csrf_checks=True)
    browser.get("/accounts/login/")
    csrf = browser.cookies["csrftoken"].value
    browser.force_login(anna)
    assert browser.get(LIST).status_code == 200
    told(browser.delete(f"{LIST}{token_id}/"), 403, "csrf")
    assert browser.delete(f"{LIST}{token_id}/", headers={"x-csrftoken": csrf}).status_code == 204
    assert ApiToken.objects.get().revoked_at is not None


def test_a_token_of_another_is_as_absent(api: APIClient, anna: User, bela: User) -> None:
    plain = tokens.issue(anna)
    tokens.issue(bela)
    foreign = ApiToken.objects.get(user=bela).pk
    api.credentials(HTTP_AUTHORIZATION=f"Token {plain}")
    missing = told(api.delete(f"{LIST}{foreign + 1000}/"), 404, "not_found")
    assert told(api.delete(f"{LIST}{foreign}/"), 404, "not_found") == missing


def test_the_api_answers_in_the_language_that_is_asked_for(api: APIClient) -> None:
    reply = api.get(LIST, headers={"accept-language": "hu"})
    assert reply["Content-Language"] == "hu"
    assert "Accept-Language" in reply["Vary"]
