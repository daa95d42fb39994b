"""The API of access: what one was given, and redeeming a code."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.access import vouchers
from accounts.access.models import Entitlement
from accounts.users import tokens
from accounts.users.models import User
from tests.accounts.vouchers import CODE, UNKNOWN, make_codes, make_expired_code, make_version

pytestmark = pytest.mark.django_db

ACCESS, REDEEM = "/api/v1/access/", "/api/v1/vouchers/redeem/"


@pytest.fixture
def caller(api: APIClient, anna: User) -> APIClient:
    """Anna by token."""
    api.credentials(HTTP_AUTHORIZATION=f"Token {tokens.issue(anna)}")
    return api


def test_a_code_is_redeemed_and_listed_then(caller: APIClient) -> None:
    assert caller.get(ACCESS).json() == {"entitlements": []}
    [code] = make_codes(make_version())
    reply = caller.post(REDEEM, {"code": code.lower()}, format="json")
    assert reply.status_code == 200
    assert reply.json()["again"] is False
    [given] = reply.json()["entitlements"]
    assert (given["code"], given["source"], given["state"]) == (CODE, "voucher", "running")
    assert caller.get(ACCESS).json() == {"entitlements": [given]}
    again = caller.post(REDEEM, {"code": code}, format="json").json()
    assert again == {"again": True, "entitlements": [given]}
    assert Entitlement.objects.count() == 1


def test_only_ones_own_access_is_listed(caller: APIClient, bela: User) -> None:
    [code] = make_codes(make_version())
    vouchers.redeem(user=bela, voucher_code=code)
    assert caller.get(ACCESS).json() == {"entitlements": []}


def test_refusals_are_problems_that_do_not_differ(caller: APIClient, bela: User) -> None:
    version = make_version()
    replies = [
        caller.post(REDEEM, {"code": code}, format="json")
        for code in (UNKNOWN, make_expired_code(version), "x")
    ]
    assert {reply.status_code for reply in replies} == {422}
    assert {reply.json()["code"] for reply in replies} == {"invalid_voucher"}
    assert len({reply.content for reply in replies}) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [({}, "invalid"), ({"code": ""}, "invalid"), ({"code": "x", "uses": 9}, "unknown_field")],
)
def test_a_wrong_body_is_refused(caller: APIClient, body: dict[str, object], code: str) -> None:
    reply = caller.post(REDEEM, body, format="json")
    assert (reply.status_code, reply.json()["code"]) == (422, code)


def test_tries_are_limited_together_with_those_on_the_page(caller: APIClient, signed_in: Client) -> None:
    for _ in range(5):
        assert signed_in.post("/redeem/", {"code": UNKNOWN}).status_code == 422
        assert caller.post(REDEEM, {"code": UNKNOWN}, format="json").status_code == 422
    [code] = make_codes(make_version())
    reply = caller.post(REDEEM, {"code": code}, format="json")
    assert (reply.status_code, reply.json()["code"]) == (429, "too_many_attempts")
    assert 3500 < int(reply.headers["Retry-After"]) <= 3600
    assert not Entitlement.objects.exists()


def test_nobody_is_asked_to_sign_in(api: APIClient) -> None:
    assert api.get(ACCESS).status_code == 401
    assert api.post(REDEEM, {"code": UNKNOWN}, format="json").status_code == 401


def test_a_session_needs_its_token_against_forgery(api: APIClient, anna: User) -> None:
    api.force_login(anna)
    reply = api.post(REDEEM, {"code": UNKNOWN}, format="json")
    assert (reply.status_code, reply.json()["code"]) == (403, "csrf")
