"""Logs: one line a request, and nothing in it that opens anything."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.test import Client

from accounts.users import tokens
from accounts.users.models import User
from config import logging as logs
from exams.attempts.leases import Lease, issue
from tests import factories


@pytest.fixture
def lines() -> Iterator[Any]:
    """What production would write, as a function that returns (text, parsed lines)."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.formatter(readable=False))
    root = logging.getLogger()
    root.addHandler(handler)

    def read() -> tuple[str, list[dict[str, Any]]]:
        text = stream.getvalue()
        return text, [json.loads(line) for line in text.splitlines()]

    yield read
    root.removeHandler(handler)


def test_a_request_writes_one_line_with_route_status_time_and_person(
    client: Client, anna: User, form: factories.Form, lines: Any
) -> None:
    client.force_login(anna)
    client.get("/attempts/", headers={"X-Request-ID": "from-the-proxy-1"})
    text, parsed = lines()
    (line,) = [one for one in parsed if one["event"] == "request"]
    assert (line["method"], line["route"], line["status"]) == ("GET", "exams:attempts", 200)
    assert (line["user_id"], line["request_id"], line["level"]) == (anna.pk, "from-the-proxy-1", "info")
    assert line["ms"] > 0
    assert "anna@example.org" not in text


def test_a_token_is_told_as_its_owner_and_never_itself(client: Client, anna: User, lines: Any) -> None:
    plain = tokens.issue(anna)
    client.get("/api/v1/attempts/", headers={"Authorization": f"Token {plain}"})
    text, parsed = lines()
    assert plain not in text
    assert [one["user_id"] for one in parsed if one["event"] == "request"] == [anna.pk]


def test_a_failure_with_secrets_in_it_is_logged_without_them(
    client: Client, anna: User, lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lease = issue(Lease(attempt_id=__import__("uuid").uuid4(), paper_id=1, number=1))
    secret = tokens.issue(anna)

    def fail(*_: object) -> None:
        raise RuntimeError(
            f"lease={lease} sessionid={'s1' * 16} Authorization: Token {secret} anna@example.org"
        )

    monkeypatch.setattr("exams.attempts.selectors.own_attempts", fail)
    client.raise_request_exception = False
    client.force_login(anna)
    reply = client.get("/api/v1/attempts/")
    text, parsed = lines()
    assert reply.status_code == 500
    assert "RuntimeError" in text
    for planted in (lease, secret, "s1" * 16, "anna@example.org", client.cookies["sessionid"].value):
        assert planted not in text
    assert {one["request_id"] for one in parsed if "request_id" in one} == {reply["X-Request-ID"]}
    assert reply.json()["error_id"] == reply["X-Request-ID"]


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "lease",
        "cookie",
        "Authorization",
        "password",
        "email",
        "session_key",
        "csrftoken",
        "HTTP_COOKIE",
    ],
)
def test_values_under_known_names_are_hidden_at_any_depth(name: str, lines: Any) -> None:
    structlog.stdlib.get_logger("passline.test").warning("told", body={"deep": [{name: "planted-value"}]})
    logging.getLogger("passline.test").warning("told", extra={name: "planted-value"})
    text, _ = lines()
    assert "planted-value" not in text
    assert text.count(logs.HIDDEN) == 2


def test_what_is_harmless_stays_readable() -> None:
    uuid = "0b7a2f1e-5c1d-4c7e-9a53-3c8a4f6d2e10"
    assert logs.clean(f"attempt {uuid} of exams/attempts/lifecycle.py, line 12") == (
        f"attempt {uuid} of exams/attempts/lifecycle.py, line 12"
    )


def test_a_strange_request_id_is_replaced(client: Client) -> None:
    reply = client.get("/health/live", headers={"X-Request-ID": "a b\tc"})
    assert len(reply["X-Request-ID"]) == 32


@pytest.mark.django_db
def test_the_error_page_shows_the_number_under_which_it_is_logged(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("exams.catalog.selectors.certifications", fail)
    client.raise_request_exception = False
    reply = client.get("/")
    assert reply.status_code == 500
    assert reply["X-Request-ID"] in reply.content.decode()


def test_a_line_of_a_megabyte_is_cleaned_like_any_other() -> None:
    # With a pattern that is tried at each character this would take hours.
    text = f"{'x' * 1_000_000} anna@example.org, <bela.b+1@mail.example.org>"
    assert logs.clean(text)[1_000_000:] == " [hidden], <[hidden]>"


CODE = "PASS-7K3M-Q2XD-94TB-HN6W"


@pytest.mark.parametrize(
    "said",
    [
        f"Forbidden (CSRF cookie not set.): /redeem/{CODE}/",
        "Forbidden: /hu/redeem/7k3mq2xd94tbhn6w/",
        "Not Found: /redeem/PASS%207K3M%20Q2XD%2094TB%20HN6W/?x=1",
        f"/accounts/login/?next=/redeem/{CODE}/",
        f"/accounts/login/?next=%2Fredeem%2F{CODE}%2F",
        f"somebody typed {CODE.lower()}, and it failed",
        f"key (code)=({CODE.replace('-', '')}) is wrong",
    ],
)
def test_no_line_has_the_code_of_a_voucher(said: str, lines: Any) -> None:
    logging.getLogger("django.security.csrf").warning(said)
    text, (line,) = lines()
    for part in ("7k3m", "q2xd", "94tb", "hn6w"):
        assert part not in text.lower()
    assert logs.HIDDEN in line["event"]


def test_a_form_without_its_token_leaves_no_code_in_the_log(anna: User, lines: Any) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(anna)
    assert browser.post(f"/redeem/{CODE}/", {"code": CODE}).status_code == 403
    text, parsed = lines()
    assert any(one["logger"] == "django.security.csrf" for one in parsed)
    assert "HN6W" not in text


def test_ordinary_words_and_routes_stay(lines: Any) -> None:
    said = "PASS mark of 750 for /redeem/ and passline-vouchers-12.csv, passed 1234-5678"
    logging.getLogger("x").warning(said)
    _text, (line,) = lines()
    assert line["event"] == said
