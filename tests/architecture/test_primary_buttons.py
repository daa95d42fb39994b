"""No primary button leads to a locked page, whoever presses it on whatever page."""

import re
from html import unescape
from typing import Any, Final

import pytest

from tests.accounts import selling
from tests.architecture.cast import PEOPLE, Cast, browser_of, taken_back
from tests.exams.attempts.practice import check, finish_check
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PAGES: Final = (
    *("/", "/pricing/", "/how-scoring-works/", "/mls-c01/", "/mls-c01/about/", "/mls-c01/exams/"),
    *("/mls-c01/practice/", "/mls-c01/flashcards/", "/mls-c01/cheatsheet/", "/mls-c01/sample/"),
    *("/mls-c01/sample/?a=" + ".".join("-" * 10), "/mls-c01/dashboard/", "/dashboard/", "/attempts/"),
)
LINK: Final = re.compile(r'<a class="button primary" href="([^"]*)"')
FORM: Final = re.compile(
    r'<form method="post" action="([^"]*)"(?:(?!</form>).)*?<button class="primary"', re.S
)
NEW: Final = ("unconfirmed", "after the check")


def person_of(cast: Cast, who: str) -> None:
    """Put somebody who is new beside the cast."""
    cast.people[who] = user = make_user(f"{who.replace(' ', '-')}@example.org", verified=who != "unconfirmed")
    if who == "after the check":
        finish_check(user, check(user, cast.form), range(1, 21))
    cast.browsers[who] = browser_of(user)


def followed(cast: Cast, who: str, path: str, method: str = "GET") -> Any:
    """Return the page at which an address ends."""
    reply = cast.ask(who, path, method)
    for _ in range(5):
        if reply.status_code not in (301, 302):
            return reply
        reply = cast.ask(who, reply.headers["Location"])
    raise AssertionError(path)


def is_locked(reply: Any) -> bool:
    return reply.status_code >= 400 or b'aria-labelledby="locked"' in reply.content


@pytest.mark.parametrize("who", [*PEOPLE, *NEW])
def test_no_primary_button_leads_to_a_locked_page(cast: Cast, who: str) -> None:
    pressed = 0
    with taken_back(), selling.gateway():
        if who in NEW:
            person_of(cast, who)
        for path in PAGES:
            page = unescape(followed(cast, who, path).content.decode()).partition("<main")[2]
            for address in LINK.findall(page):
                assert not is_locked(followed(cast, who, address)), (path, address)
                pressed += 1
            for address in FORM.findall(page):
                if address.endswith("/check/"):
                    with taken_back():
                        assert not is_locked(followed(cast, who, address, "POST")), (path, address)
                        pressed += 1
    assert pressed


def test_a_button_to_a_locked_page_would_be_found(cast: Cast) -> None:
    assert is_locked(followed(cast, "without", "/mls-c01/exams/1/"))
    assert not is_locked(followed(cast, "with", "/mls-c01/exams/4/"))
