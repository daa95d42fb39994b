"""A forgotten password: the way through the mail ends where the person was going."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.users.models import User
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.accounts.mails import delivered, path_in
from tests.accounts.signups import is_signed_in, sign_up

pytestmark = pytest.mark.django_db

GOAL = "/mls-c01/exams/1/?a=1&b=2"
NEW_PASSWORD = "four quiet harbors 77"
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "javascript:alert(1)",
    "http://[",
]


def link_to(page: str, path: str) -> str:
    """Return the link of a page, below its header, that leads to a path, with its query."""
    main = page.partition("<main")[2].partition("</main>")[0]
    found = [unescape(link) for link in re.findall(r'href="([^"]*)"', main)]
    return next(link for link in found if urlsplit(link).path == path)


def next_in(link: str) -> str:
    return parse_qs(urlsplit(link).query).get("next", [""])[0]


def form_of(page: str) -> dict[str, str]:
    """Return the hidden `next` of the form in the main part."""
    main = page.partition("<main")[2].partition("</main>")[0]
    found = re.search(r'name="next" value="([^"]*)"', main)
    return {"next": unescape(found[1])} if found else {}


@pytest.mark.parametrize("prefix", ["", "/hu"])
def test_a_forgotten_password_ends_where_the_person_was_going(
    client: Client, anna: User, prefix: str
) -> None:
    client.cookies["django_language"] = prefix.strip("/") or "en"
    goal = prefix + GOAL
    page = client.get(f"{prefix}/accounts/login/", {"next": goal}).content.decode()
    asked = client.get(link_to(page, f"{prefix}/accounts/password/reset/")).content.decode()
    reply = client.post(f"{prefix}/accounts/password/reset/", {"email": EMAIL, **form_of(asked)})
    assert urlsplit(reply["Location"]).path == f"{prefix}/accounts/password/reset/done/"
    assert "Location" not in client.get(reply["Location"])
    phone = Client()
    phone.cookies["django_language"] = prefix.strip("/") or "en"
    shown = phone.get(path_in(delivered()[0]), follow=True)
    typed = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    reply = phone.post(shown.request["PATH_INFO"], {**typed, **form_of(shown.content.decode())})
    assert reply["Location"] == goal
    assert is_signed_in(phone)


def test_a_new_password_by_the_link_does_not_replace_the_second_step(client: Client, anna: User) -> None:
    Authenticator.objects.create(user=anna, type=Authenticator.Type.TOTP, data={})
    client.post("/accounts/password/reset/", {"email": EMAIL})
    page = client.get(path_in(delivered()[0]), follow=True).request["PATH_INFO"]
    reply = client.post(page, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert reply["Location"].startswith("/accounts/2fa/authenticate/")
    assert not is_signed_in(client)


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_forgotten_password_leads_to_no_other_site(client: Client, anna: User, target: str) -> None:
    page = client.get("/accounts/login/", {"next": target}).content.decode()
    assert next_in(link_to(page, "/accounts/password/reset/")) == ""
    reply = client.post("/accounts/password/reset/", {"email": EMAIL, "next": target})
    assert reply["Location"] == "/accounts/password/reset/done/"
    link = path_in(delivered()[0])
    assert "?" not in link
    set_page = client.get(f"{link}?next={target}")
    assert "evil" not in set_page["Location"]
    typed = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "next": target}
    reply = client.post(set_page["Location"], typed)
    assert reply["Location"] == "/dashboard/"
    done = Client().get("/accounts/password/reset/key/done/", {"next": target}).content.decode()
    assert link_to(done, "/accounts/login/") == "/accounts/login/"


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("password/reset/", "login/"),
        ("password/reset/done/", "password/reset/"),
        ("password/reset/key/1-nonsense/", "password/reset/"),
        ("password/reset/key/done/", "login/"),
    ],
)
def test_every_turn_of_that_way_keeps_where_the_person_was_going(
    client: Client, page: str, link: str
) -> None:
    shown = client.get(f"/accounts/{page}", {"next": GOAL}).content.decode()
    assert next_in(link_to(shown, f"/accounts/{link}")) == GOAL


def test_a_wrong_password_offers_a_new_one_on_the_same_way(client: Client, anna: User) -> None:
    form = {"login": EMAIL, "password": "wrong password", "next": GOAL}
    page = client.post("/accounts/login/", form).content.decode()
    assert page.count("/accounts/password/reset/?next=") == 2


def test_the_mail_that_there_is_an_account_leads_on_through_a_new_password(
    client: Client, anna: User
) -> None:
    sign_up(client, EMAIL, next=GOAL)
    links = re.findall(r"https?://\S+", str(delivered()[0].body))
    assert [next_in(link) for link in links if "/accounts/" in link] == [GOAL, GOAL]
    assert anna.check_password(PASSWORD)
