"""Refusals outside of any view: pages for people, problems for programs."""

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.users.models import User


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
