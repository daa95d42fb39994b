"""The ways to an account from the pages of a visitor, and back to where they were."""

import re
from html import unescape

import pytest
from django.test import Client

from tests import factories


def head(client: Client, path: str) -> str:
    """Return the head of a page, with its addresses as a browser reads them."""
    page = client.get(path).content.decode()
    return unescape(page.partition("<header")[2].partition("</header>")[0])


@pytest.mark.parametrize("path", ["/mls-c01/", "/hu/mls-c01/", "/mls-c01/exams/1/"])
def test_signing_in_from_a_page_of_a_certification_leads_back_to_it(
    client: Client, form: factories.Form, path: str
) -> None:
    language = "/hu" if path.startswith("/hu") else ""
    assert f'href="{language}/accounts/login/?next={path}"' in head(client, path + "?from=mail")


@pytest.mark.parametrize(
    "path", ["/", "/how-scoring-works/", "/accounts/login/", "/accounts/signup/", "/absent/"]
)
def test_from_other_pages_signing_in_leads_where_it_always_does(
    client: Client, form: factories.Form, path: str
) -> None:
    assert 'href="/accounts/login/"' in head(client, path)


@pytest.mark.parametrize(("path", "catalog"), [("/", "/"), ("/pricing/", "/"), ("/hu/", "/hu/")])
def test_the_head_leads_a_visitor_to_the_certifications_and_not_to_the_top(
    client: Client, form: factories.Form, path: str, catalog: str
) -> None:
    assert head(client, path).count(f'href="{catalog}#catalog"') == 2
    assert 'id="catalog"' in client.get(catalog).content.decode()


def test_a_visitor_can_sign_up_from_the_home_page(client: Client, form: factories.Form) -> None:
    page = client.get("/").content.decode()
    assert 'href="/accounts/signup/?next=/mls-c01/">Create a free account</a>' in page


def test_the_home_page_ends_with_the_check_it_begins_with(client: Client, form: factories.Form) -> None:
    factories.make_sample(form.form.certification, domains=(1, 2, 3, 4) * 5)
    page = " ".join(client.get("/").content.decode().split())
    button = (
        '<a class="button primary" href="/accounts/signup/?next=/mls-c01/check/">Start with 20 free questions'
    )
    assert page.count(button) == 2
    assert button in page[page.index('id="go"') :]


def test_who_is_signed_in_is_offered_no_account(client: Client, form: factories.Form) -> None:
    client.force_login(factories.make_user("somebody@example.org"))
    assert "Create a free account" not in client.get("/").content.decode()


def test_what_one_agrees_to_is_read_before_the_button_is_met(client: Client, db: None) -> None:
    page = client.get("/accounts/signup/").content.decode()
    terms, button = page.index("By creating an account"), re.search(r"<button[^>]*>Create account", page)
    assert button
    assert terms < button.start()


def test_the_head_of_a_course_leads_whoever_is_signed_in_to_the_search(
    client: Client, form: factories.Form
) -> None:
    search = 'href="/mls-c01/search/"'
    assert search not in head(client, "/mls-c01/exams/")
    client.force_login(factories.make_user("somebody@example.org"))
    # Beside the menu where there is room, and in it.
    assert head(client, "/mls-c01/exams/").count(search) == 2
    assert search not in head(client, "/pricing/")
