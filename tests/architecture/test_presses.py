"""What can be pressed: no primary button leads to a locked page, and nothing of a course is far."""

import re
from html import unescape
from itertools import product
from typing import Any, Final

import pytest
from django.test import Client

from tests.accounts import selling
from tests.accounts.mails import code_in, delivered
from tests.accounts.signups import enter, sign_up
from tests.architecture.cast import ADDRESSES, PEOPLE, Cast, browser_of, parts_of, taken_back
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
PRESS: Final = re.compile(r'<(?:a|form)\b[^>]* (?:href|action)="([^"#?]*)')
OF_A_COURSE: Final = [
    name for name in ADDRESSES if name.startswith(("exams:", "flashcards:")) and "code" in parts_of(name)
]
# Between two pages of a course there may be one of the site. Own cards are changed from their list, and the
# sample and the check are for who has no exam yet.
BETWEEN: Final = "exams:how_scoring_works"
FURTHER: Final = {
    *("flashcards:own_card_edit", "flashcards:own_cards_import", "exams:sample", "exams:check", BETWEEN)
}
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


def pressed(page: str) -> set[str]:
    """Return where the links and the buttons of a page lead."""
    return {unescape(address) for address in PRESS.findall(page)}


def test_from_every_page_of_a_course_to_every_other_it_is_two_presses_at_most(cast: Cast) -> None:
    names, leads = dict[str, str](), dict[str, set[str]]()
    for name in (*OF_A_COURSE, BETWEEN):
        path = cast.address(name, "with")
        reply = cast.ask("with", path)
        if reply.status_code == 200 and reply.headers["Content-Type"].startswith("text/html"):
            names[path], leads[path] = name, pressed(reply.content.decode())
    assert len(leads) > 15
    two = {path: found.union(*(leads.get(one, ()) for one in found), [path]) for path, found in leads.items()}
    far = [
        (names[path], name)
        for path, other in product(leads, leads)
        if names[path] != BETWEEN and (name := names[other]) not in FURTHER and other not in two[path]
    ]
    assert not far, far


def test_from_the_confirmed_address_to_the_first_card_it_is_three_presses_at_most(cast: Cast) -> None:
    client = Client()
    with taken_back():
        sign_up(client)
        location = enter(client, code_in(delivered()[-1]))[1]
        places, seen = {location}, set[str]()
        for _ in range(4):
            pages = [client.get(place, follow=True).content.decode() for place in sorted(places)]
            if found := any('class="turn' in page for page in pages):
                break
            seen |= places
            places = {to for page in pages for to in pressed(page.partition("<main")[2])} - seen
    assert found, location
