"""What may be kept by browsers and proxies: never a page that was made for one browser."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory

from accounts.web.middleware import ReaderLanguage
from accounts.web.rendering import kept_for_visitors
from tests.accounts.mails import delivered, path_in
from tests.accounts.signups import WAITING, sign_up


def answered(response: HttpResponse, *, with_token: bool = False) -> HttpResponse:
    """Return the response to a visitor, whose page asked for a token or not."""
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    if with_token:
        get_token(request)
    return kept_for_visitors(request, response, 60)


def test_the_same_page_for_every_visitor_is_kept_by_its_cookies() -> None:
    reply = answered(HttpResponse())
    assert (reply["Cache-Control"], reply["Vary"]) == ("public, max-age=60", "Cookie")


def test_a_page_with_a_token_a_cookie_or_a_fault_is_not_kept() -> None:
    with_cookie = HttpResponse()
    with_cookie.set_cookie("theme", "dark")
    replies = [
        answered(HttpResponse(), with_token=True),
        answered(with_cookie),
        answered(HttpResponse(status=404)),
    ]
    assert not any(reply.has_header("Cache-Control") for reply in replies)


def alone(method: str, language: str) -> HttpResponseBase:
    """Ask for `/` past every other middleware, which may set the same headers."""
    request = RequestFactory().generic(method, "/", headers={"accept-language": language})
    request.user = AnonymousUser()
    return ReaderLanguage(lambda _request: HttpResponse())(request)


@pytest.mark.parametrize("language", ["hu", "en"])
def test_the_home_page_itself_says_what_its_language_depends_on(language: str) -> None:
    assert set(alone("GET", language)["Vary"].split(", ")) == {"Accept-Language", "Cookie"}


def test_a_form_that_is_sent_to_the_home_page_is_led_nowhere() -> None:
    assert {method: alone(method, "hu").status_code for method in ("GET", "HEAD", "POST", "OPTIONS")} == {
        "GET": 302,
        "HEAD": 302,
        "POST": 200,
        "OPTIONS": 200,
    }


@pytest.mark.django_db
def test_the_pages_that_wait_for_a_code_or_a_press_are_never_kept(client: Client) -> None:
    sign_up(client)
    link = path_in(delivered()[0])
    replies = [
        *(browser.get(path) for browser in (client, Client()) for path in (WAITING, link)),
        *(browser.post(path, {}) for browser in (Client(), client) for path in (WAITING, link)),
        client.get("/accounts/confirm-email/nonsense/"),
    ]
    assert [reply.status_code for reply in replies if "no-store" not in reply.get("Cache-Control", "")] == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/metrics"])
def test_what_watches_the_site_is_never_kept(client: Client, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 200
    assert "no-store" in reply["Cache-Control"]
