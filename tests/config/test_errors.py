"""Refusals outside of any view: pages for people, problems for programs."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import OperationalError
from django.test import Client

from accounts.base import searches
from accounts.users.models import User
from config import gate, metrics, server


def _fail(*_: object) -> None:
    raise OperationalError("the database went away")


@pytest.mark.parametrize("path", ["/api/nothing", "/api/v1/nothing/", "/api/v1/attempts/1/"])
def test_a_program_gets_a_problem_for_an_unknown_address(client: Client, db: None, path: str) -> None:
    reply = client.get(path)
    assert (reply.status_code, reply["Content-Type"]) == (404, "application/problem+json")
    assert reply.json()["code"] == "not_found"


def test_a_person_gets_a_page_for_an_unknown_address(client: Client, db: None) -> None:
    reply = client.get("/no/such/page/")
    assert (reply.status_code, reply["Content-Type"]) == (404, "text/html; charset=utf-8")


def test_a_database_that_went_away_is_503_with_a_time_to_try_again(
    client: Client, anna: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(anna)
    client.raise_request_exception = False
    monkeypatch.setattr("exams.attempts.selectors.own_attempts", _fail)
    for path, kind in (
        ("/api/v1/attempts/", "application/problem+json"),
        ("/attempts/", "text/html; charset=utf-8"),
    ):
        reply = client.get(path)
        assert (reply.status_code, reply["Retry-After"]) == (503, "5")
        assert reply["Content-Type"] == kind


def test_the_docs_page_is_ours_and_has_a_policy_of_its_own(client: Client, db: None) -> None:
    reply = client.get("/api/v1/docs/")
    page = reply.content.decode()
    assert reply.status_code == 200
    assert "://" not in page
    policy = reply.headers["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self';" in policy
    script = client.get("/api/v1/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")


@pytest.mark.parametrize("query", ["year=99999999999", "year=0", "year=2026&started_at__month=99"])
def test_a_date_that_cannot_be_in_the_address_of_a_list_of_the_admin_is_400(
    client: Client, anna: User, query: str
) -> None:
    anna.is_staff = anna.is_superuser = True
    anna.save()
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    client.raise_request_exception = False
    assert client.get("/admin/exams/attempt/").status_code == 200
    assert client.get(f"/admin/exams/attempt/?started_at__{query}").status_code == 400
    assert client.get("/admin/exams/attempt/?started_at__year=2026").status_code == 200


def refused(client: Client, code: str, path: str = "/attempts/", **headers: str) -> Any:
    environ: Any = {server.REFUSED: code}
    return client.get(path, headers=headers, **environ)


@pytest.mark.parametrize(("code", "status"), [(gate.TOO_MANY_AT_ONCE, 429), (gate.BUSY, 503)])
def test_who_is_refused_at_the_gate_is_told_in_their_language_without_a_statement(
    client: Client, code: str, status: int
) -> None:
    """No database in this test: a statement would fail it."""
    page = refused(client, code)
    assert (page.status_code, page["Retry-After"], page["Cache-Control"]) == (status, "5", "no-store")
    # A large body may be left unread.
    assert page["Connection"] == "close"
    assert "Nothing was changed." in page.content.decode()
    assert "Semmi sem változott." in refused(client, code, "/hu/attempts/").content.decode()
    program = refused(client, code, "/api/v1/attempts/", accept_language="hu")
    assert (program.status_code, program["Content-Type"]) == (status, "application/problem+json")
    assert (program.json()["code"], program["Retry-After"]) == (code, "5")
    assert "Semmi sem változott." in program.json()["detail"]


def test_a_part_of_a_page_that_is_refused_says_so_below_what_is_there(client: Client) -> None:
    reply = refused(client, gate.TOO_MANY_AT_ONCE, hx_request="true")
    below = (reply.status_code, reply["HX-Reswap"], reply["Retry-After"])
    assert below == (429, "beforeend show:bottom", "5")
    assert reply.content.decode().startswith('<p class="tag" data-tone="wrong" role="alert">You have several')


def test_each_refused_request_is_counted_by_its_reason(client: Client) -> None:
    counter = metrics.REQUESTS_REFUSED.labels(reason=gate.TOO_MANY_AT_ONCE)
    before = counter._value.get()
    refused(client, gate.TOO_MANY_AT_ONCE)
    assert counter._value.get() == before + 1


SEARCHED = [
    f"/admin/{model._meta.app_label}/{model._meta.model_name}/?q="
    for model, listed in admin.site._registry.items()
    if listed.search_fields
]


@pytest.mark.parametrize(
    "address",
    [
        *SEARCHED,
        "/admin/search/?s=",
        "/admin/autocomplete/?app_label=exams&model_name=draft&field_name=x&term=",
    ],
)
def test_a_search_of_the_admin_that_is_too_long_is_refused_with_the_limits(
    client: Client, anna: User, address: str
) -> None:
    anna.is_staff = anna.is_superuser = True
    anna.save()
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    for query in ("ab+" * (searches.MOST_WORDS + 1), "a" * (searches.LONGEST + 1)):
        reply = client.get(address + query)
        assert reply.status_code == 422
        assert "at most 200 characters and 32 words" in reply.content.decode()
    if address in SEARCHED:
        assert client.get(address + "ab+" * searches.MOST_WORDS).status_code == 200
