"""What every reply says to browsers, address by address: policies, and how cookies are kept."""

from http.cookies import Morsel, SimpleCookie
from typing import Any

import pytest
from django.test import Client

from tests.architecture.cast import Cast, browser_of, taken_back
from tests.architecture.test_addresses import API, MATRIX

pytestmark = pytest.mark.django_db

STRICT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'"
)
# Swagger's own page sets styles and has pictures in its style sheet.
DOCS = STRICT.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'").replace(
    "img-src 'self'", "img-src 'self' data:"
)
PROBE = "default-src 'none'; frame-ancestors 'none'"
PROBES = {"health_live", "health_ready", "metrics", "image"}
ALWAYS = {"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff"}
PAGES = {"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin"}
# What tells which software answers helps nobody but attackers.
NEVER = ("Server", "X-Powered-By", "Access-Control-Allow-Origin")
JSON = {"content_type": "application/json"}
# Whether scripts may read it. A page's script sends the token of its forms.
COOKIES = {
    "sessionid": False,
    "device": False,
    "question": False,
    "copy": True,
    "csrftoken": True,
    "messages": False,
}


def faults_of(name: str, reply: Any, method: str = "get") -> list[str]:
    """Return what is wrong with the headers and cookies of a reply."""
    # Machines' pages, and the save of an answer: they are no documents, and may do nothing at all.
    probe = name in PROBES or (name, method) == ("api:answers", "post")
    policy = PROBE if probe else DOCS if name == "api_docs" else STRICT
    expected = {**ALWAYS, "Content-Security-Policy": policy, **({} if probe else PAGES)}
    wrong = [f"{key}: {reply.get(key)}" for key, value in expected.items() if reply.get(key) != value]
    wrong += [f"{key}: {reply[key]}" for key in NEVER if key in reply]
    return wrong + [fault for morsel in reply.cookies.values() for fault in _cookie_faults(morsel)]


def _cookie_faults(morsel: "Morsel[str]") -> list[str]:
    if morsel["max-age"] == 0:
        return []  # is being deleted
    name = morsel.key.partition("_")[0]  # the rest names an attempt
    if name not in COOKIES:
        return [f"cookie {morsel.key} is not listed"]
    wrong = []
    if morsel["samesite"] != "Lax":
        wrong.append(f"{morsel.key} goes along with requests from other sites")
    if bool(morsel["httponly"]) is COOKIES[name]:
        wrong.append(f"{morsel.key} is readable by scripts")
    # The place in an exam is a matter of the exam's own pages.
    if morsel["domain"] or not (morsel["path"] == "/" or morsel.key == "question"):
        wrong.append(f"{morsel.key} is not for exactly this host")
    return wrong


def test_every_address_sends_the_policies_and_keeps_its_cookies_safe(cast: Cast) -> None:
    """A visitor who only looks gets no session, which would be one to fixate, but the token of forms."""
    wrong: list[str] = []
    for who in ("visitor", "with"):
        client = browser_of(cast.people[who])
        kept = client.cookies.output(header="")
        for name in sorted(MATRIX):
            path = cast.address(name, who)
            client.cookies = SimpleCookie(kept)  # so that each address sets its cookies anew
            ways: dict[str, dict[str, str]] = {"get": {}, "post": JSON if name.startswith(API) else {}}
            for method, sent in ways.items():
                with taken_back():
                    reply = getattr(client, method)(path, **sent)
                faults = faults_of(name, reply, method)
                if (who, method) == ("visitor", "get"):
                    faults += [f"gives {one}" for one in set(reply.cookies) - {"csrftoken"}]
                wrong += [f"{who} {method} {path}: {fault}" for fault in faults]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", ["/accounts/login/code/", "/accounts/login/code/confirm/"])
def test_no_cache_keeps_a_page_of_signing_in_by_code(cast: Cast, path: str) -> None:
    client = Client()
    with taken_back():
        client.post("/accounts/login/code/", {"email": "nobody@example.org"})
        assert client.get(path).status_code == 200
        for method in (client.get, client.post):
            reply = method(path)
            assert reply.status_code in {200, 302, 422}, path
            assert "no-store" in reply.get("Cache-Control", ""), path


@pytest.mark.parametrize("path", ["/no/such/page/", "/api/v1/nothing/", "/static/none.css", "/accounts/x/"])
def test_pages_that_are_not_there_send_them_too(path: str) -> None:
    assert faults_of(path, Client().get(path)) == []
