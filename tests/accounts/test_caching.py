"""What may be kept by browsers and proxies: never a page that was made for one browser."""

from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.test import RequestFactory

from accounts.web.caching import kept_for_visitors


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
