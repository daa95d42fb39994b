"""The search by Ctrl+K: people, questions and lines of the menu, each for who may see them."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.users.models import User
from tests import factories
from tests.factories import Form

pytestmark = pytest.mark.django_db


def client_of(role: str) -> Client:
    """The browser of somebody with a role."""
    client = Client()
    client.force_login(factories.make_staff(role))
    return client


def search_results(client: Client, term: str) -> dict[str, str]:
    """Return the addresses of what is found, by title."""
    cache.clear()
    page = client.get("/admin/search/", {"s": term}).content.decode()
    rows = re.findall(r'href="([^"]*)"\s+data-title="([^"]*)"', page)
    return {title: address for address, title in rows}


@pytest.mark.parametrize("term", ["anna", "anna@example.org", "ANNA@Example.org", " anna@example.org "])
def test_support_finds_a_person_by_address(anna: User, bela: User, term: str) -> None:
    assert search_results(client_of("support"), term) == {
        anna.email: f"/admin/accounts/user/{anna.pk}/person/"
    }


def test_who_may_see_no_person_finds_none(anna: User) -> None:
    assert search_results(client_of("authors"), anna.email) == {}


def test_lines_of_the_menu_are_found_for_who_may_use_them() -> None:
    support, authors = client_of("support"), client_of("authors")
    assert search_results(support, "purchases") == {"Purchases": "/admin/accounts/purchase/"}
    assert search_results(authors, "work queue")["Work queue"].startswith("/admin/")
    assert search_results(authors, "purchases") == {}
    assert "Work queue" not in search_results(support, "work queue")


def test_a_list_with_the_name_of_its_line_is_found_once(form: Form) -> None:
    cache.clear()
    page = client_of("authors").get("/admin/search/", {"s": "drafts"}).content.decode()
    assert page.count('href="/admin/exams/draft/"') == 1


def test_the_box_says_what_it_searches() -> None:
    support = client_of("support").get("/admin/").content.decode()
    authors = client_of("authors").get("/admin/").content.decode()
    assert "Search menu, people by email address" in support
    assert "Search menu, questions" in authors
    assert "people by email" not in authors


@pytest.mark.parametrize(("line", "model"), [("Users", "user"), ("Access", "entitlement")])
def test_a_line_of_the_menu_and_its_list_have_one_name(line: str, model: str) -> None:
    page = client_of("support").get(f"/admin/accounts/{model}/")
    titles = {str(item["title"]) for group in page.context["sidebar_navigation"] for item in group["items"]}
    assert line in titles
    assert str(page.context["cl"].opts.verbose_name_plural).capitalize() == line
