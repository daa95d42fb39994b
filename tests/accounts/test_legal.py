"""The legal pages: in both languages, true to what the software does, kept by browsers, complete."""

import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils.translation import override
from pytest_django.fixtures import Settings

from accounts.users.models import User
from accounts.web import legal
from config import errors
from i18n import languages
from i18n.context import THEME_COOKIE
from tests import factories
from tests.accounts import selling
from tests.accounts.conftest import PASSWORD
from tests.accounts.test_operator import FACTS

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("privacy", "terms", "refunds", "imprint", "contact", "accessibility")
ADDRESSES = [f"{prefix}/{page}/" for prefix in ("", "/hu") for page in (*PAGES, "how-scoring-works")]
HREF = re.compile(r'href="(/[^"#]*)"')


@pytest.fixture
def operated(settings: Settings) -> Settings:
    """A site whose operator gave all facts that must be given."""
    for name, value in FACTS.items():
        setattr(settings, name, value)
    return settings


def text_of(client: Client, path: str) -> str:
    """Return the main part of a page, its spaces made one."""
    page = client.get(path).content.decode()
    return " ".join(page.partition("<main")[2].partition("</main>")[0].split())


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_page_is_there_in_its_language(client: Client, path: str) -> None:
    reply = client.get(path)
    assert reply.status_code == 200
    assert f'<html lang="{"hu" if path.startswith("/hu") else "en"}">' in reply.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_the_languages_say_different_things(client: Client, page: str) -> None:
    assert text_of(client, f"/{page}/") != text_of(client, f"/hu/{page}/")


@pytest.mark.parametrize("path", ADDRESSES)
def test_visitors_may_keep_the_page_and_get_no_cookie(client: Client, path: str) -> None:
    reply = client.get(path)
    assert reply["Cache-Control"] == "public, max-age=300"
    assert "Cookie" in reply["Vary"]
    assert not reply.cookies


@pytest.mark.parametrize("path", ["/", "/hu/", "/absent/"])
def test_reading_other_public_pages_sets_no_cookie_either(client: Client, path: str) -> None:
    assert not client.get(path).cookies


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_page_for_somebody_is_not_kept(signed_in: Client, path: str) -> None:
    assert signed_in.get(path)["Cache-Control"] == "no-store, private"


def test_a_page_that_shows_a_message_is_not_kept(client: Client, anna: User) -> None:
    client.post("/accounts/login/", {"login": anna.email, "password": PASSWORD})
    client.post("/accounts/logout/")
    reply = client.get("/contact/")
    assert 'role="status"' in reply.content.decode()
    assert "Cache-Control" not in reply


def test_pages_cannot_be_posted_to(client: Client) -> None:
    assert {client.post(f"/{page}/").status_code for page in (*PAGES, "how-scoring-works")} == {405}


@pytest.mark.parametrize("path", ["/imprint/", "/hu/imprint/"])
def test_the_imprint_names_the_operator(client: Client, operated: Settings, path: str) -> None:
    operated.OPERATOR_REGISTER = "Register of Town, 12-34"
    operated.OPERATOR_VAT_ID = "HU12345678"
    text = text_of(client, path)
    for value in (
        "Example Ltd.",
        "1 Example Street, 1234 Town",
        "Example Hosting",
        "Register of Town, 12-34",
    ):
        assert value in text
    assert "HU12345678" in text
    assert '<a href="mailto:hello@example.org">hello@example.org</a>' in text


@pytest.mark.parametrize("setting", [*FACTS, "OPERATOR_VAT_ID", "OPERATOR_REGISTER"])
def test_development_says_which_setting_is_missing(client: Client, setting: str) -> None:
    page = "privacy" if setting == "MAIL_PROVIDER" else "imprint"
    assert f"missing: set {setting}" in text_of(client, f"/{page}/")
    assert f"hiányzik: {setting}" in text_of(client, f"/hu/{page}/")


def test_production_leaves_out_what_an_operator_need_not_have(client: Client, operated: Settings) -> None:
    operated.PRODUCTION = True
    text = text_of(client, "/imprint/")
    assert "missing" not in text
    assert "VAT ID" not in text


@pytest.mark.parametrize("page", PAGES)
def test_what_an_operator_wrote_is_shown_and_never_run(client: Client, operated: Settings, page: str) -> None:
    operated.OPERATOR_NAME = "A & B <script>alert(1)</script>"
    assert "<script>alert" not in text_of(client, f"/{page}/")


def test_privacy_names_who_works_for_the_operator(client: Client, operated: Settings) -> None:
    text = text_of(client, "/privacy/")
    for value in FACTS.values():
        assert value in text


def test_privacy_takes_its_figures_from_the_settings(client: Client, settings: Settings) -> None:
    settings.BACKUPS_KEPT = 33
    settings.SESSION_COOKIE_AGE = 77 * legal.DAY
    text = text_of(client, "/privacy/")
    assert "The newest 33 copies are kept" in text
    assert "after 77 days at the latest" in text
    assert "at most 77 days" in text


# --- Cookies ---------------------------------------------------------------------------------------
COPY = f"{django_settings.COPY_COOKIE_PREFIX}…"


def listed() -> dict[str, legal.Cookie]:
    return {cookie.name: cookie for cookie in legal.cookies()}


def test_the_list_of_cookies_has_every_name_of_the_settings() -> None:
    names = {
        getattr(django_settings, name)
        for name in dir(django_settings)
        if re.fullmatch(r"[A-Z]+_COOKIE_NAME", name)
    }
    assert names
    assert set(listed()) == names | {THEME_COOKIE, legal.MESSAGES_COOKIE, COPY}


def test_code_sets_no_cookie_by_another_name() -> None:
    """A new call of `set_cookie` has to be looked at, and its cookie listed."""
    found = {
        (path.relative_to(ROOT).as_posix(), first.strip())
        for package in ("accounts", "config", "exams", "flashcards", "i18n")
        for path in (ROOT / package).rglob("*.py")
        for first in re.findall(r"\.set_(?:signed_)?cookie\(\s*([^,)]+)", path.read_text())
    }
    assert found == {
        ("accounts/web/views.py", "name"),
        ("accounts/web/adapter.py", "name"),
        ("accounts/api/views.py", "settings.DEVICE_COOKIE_NAME"),
        ("exams/web/taking.py", "settings.PLACE_COOKIE_NAME"),
        ("exams/web/offline.py", "cookie_of(attempt.attempt_id"),
    }


def test_whoever_walks_the_site_gets_only_cookies_that_privacy_names(
    client: Client, form: factories.Form
) -> None:
    seen: dict[str, int] = {}

    def note(reply: object) -> None:
        for name, morsel in getattr(reply, "cookies", {}).items():
            if morsel.value:
                seen[name.replace(attempt_id.hex, "…")] = int(morsel["max-age"] or 0)

    new = {"email": "new@example.org", "password1": PASSWORD}
    signing_in = {"login": "anna@example.org", "password": PASSWORD, "remember": "on"}
    anna = factories.make_user("anna@example.org", password=PASSWORD)
    attempt_id = factories.start(anna, form).attempt_id
    note(client.get("/accounts/signup/"))
    note(client.post("/accounts/signup/", new))
    note(client.post("/accounts/login/", signing_in))
    note(client.get(f"/attempts/{attempt_id}/questions/1/"))
    note(client.get(f"/attempts/{attempt_id}/"))
    note(client.post("/accounts/appearance/", {"theme": "dark"}))
    note(client.post("/accounts/language/", {"language": "hu"}))
    note(client.post("/accounts/logout/"))
    assert set(seen) == set(listed())
    # The three hours of the exam, and a day.
    assert 0 <= 27 * 3600 - seen.pop(COPY) < 60
    for name, age in seen.items():
        days = round(age / legal.DAY)
        wanted = "1 year" if days in legal.YEAR_DAYS else f"{days} days"
        assert not age or wanted in listed()[name].lifetime, name


@pytest.mark.parametrize("language", languages.CODES)
def test_privacy_shows_every_cookie_with_purpose_and_lifetime(client: Client, language: str) -> None:
    with override(language):
        text = text_of(client, reverse("legal:privacy"))
        for cookie in legal.cookies():
            assert f"<code>{cookie.name}</code>" in text
            assert cookie.lifetime in text


# --- The foot of every page ------------------------------------------------------------------------
def foot(client: Client, path: str) -> str:
    return client.get(path).content.decode().partition('<footer class="colophon">')[2]


@pytest.mark.parametrize("path", ["/accounts/login/", "/hu/accounts/login/", "/absent/"])
def test_every_link_of_the_foot_leads_somewhere(client: Client, path: str) -> None:
    found = HREF.findall(foot(client, path))
    assert len(found) == 8
    prefix = "/hu" if path.startswith("/hu") else ""
    assert {f"{prefix}/{page}/" for page in (*PAGES, "how-scoring-works", "pricing")} <= set(found)
    assert {link: client.get(link).status_code for link in found if "absent" not in link} == {
        link: 200 for link in found if "absent" not in link
    }


def test_the_current_language_and_page_are_marked(client: Client) -> None:
    text = foot(client, "/hu/terms/")
    assert '<span lang="hu" aria-current="true">Magyar</span>' in text
    assert '<button type="submit" name="language" value="en" lang="en">English</button>' in text
    assert '<a href="/hu/terms/" aria-current="page">' in text


def test_theme_and_language_are_chosen_without_a_token_and_nothing_else_is(anna: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(anna)
    reply = strict.post("/accounts/appearance/", {"theme": "dark", "next": "/terms/"})
    assert (reply.status_code, reply.cookies[THEME_COOKIE].value) == (302, "dark")
    assert strict.post("/accounts/language/", {"language": "hu"}).status_code == 302
    assert strict.post("/accounts/profile/", {"ui_language": "hu"}).status_code == 403


@pytest.mark.parametrize("path", ["/privacy/", "/hu/privacy/"])
def test_where_no_certification_is_shown_the_foot_names_no_vendor(client: Client, path: str) -> None:
    assert "Amazon" not in foot(client, path)


def test_an_error_of_ours_names_the_address_to_write_to(operated: Settings) -> None:
    page = errors.server_error(RequestFactory().get("/privacy/")).content.decode()
    assert "hello@example.org" in page


def test_a_closed_account_is_shown_where_to_write(client: Client) -> None:
    assert 'href="/contact/"' in text_of(client, "/accounts/inactive/")


@pytest.mark.parametrize("prefix", ["", "/hu"])
def test_whoever_creates_an_account_is_told_what_they_agree_to(client: Client, prefix: str) -> None:
    text = text_of(client, f"{prefix}/accounts/signup/")
    assert f'href="{prefix}/terms/"' in text
    assert f'href="{prefix}/privacy/"' in text


@pytest.mark.parametrize("prefix", ["", "/hu"])
def test_the_refund_promise_is_the_same_in_terms_refunds_and_on_the_pricing_page(
    client: Client, prefix: str
) -> None:
    selling.sell_all()
    factories.make_form()
    with override(prefix.strip("/") or "en"):
        promise = " ".join(render_to_string("legal/refund_promise.txt").split())
    assert "14" in promise
    with selling.gateway():
        for page in ("terms", "refunds", "pricing"):
            assert promise in text_of(client, f"{prefix}/{page}/"), page


@pytest.mark.parametrize("prefix", ["", "/hu"])
def test_terms_and_privacy_name_who_is_paid_and_the_right_of_withdrawal(client: Client, prefix: str) -> None:
    said = text_of(client, f"{prefix}/terms/")
    assert "Stripe" in said
    assert ("right of withdrawal" if not prefix else "elállási jog") in said
    assert "Stripe Payments Europe" in text_of(client, f"{prefix}/privacy/")
