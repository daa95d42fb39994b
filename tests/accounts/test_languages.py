"""In which language the site answers: `/`, signing in and out, and the links in the foot."""

import re

import pytest
from django.test import Client

from accounts.profile import services as profiles
from accounts.users.models import User
from tests import factories
from tests.accounts.conftest import EMAIL, PASSWORD

pytestmark = pytest.mark.django_db

HUNGARIAN = {"accept-language": "hu-HU,hu;q=0.9,en;q=0.5"}
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def home(client: Client, **headers: str) -> tuple[int, str]:
    """Ask for `/`; return status and where it leads."""
    reply = client.get("/", headers={name.replace("_", "-"): value for name, value in headers.items()})
    return reply.status_code, reply.get("Location", "")


def test_the_home_page_without_a_language_follows_the_browser(client: Client) -> None:
    assert home(client, **HUNGARIAN) == (302, "/hu/")
    assert home(client, **{"accept-language": "en-US,en;q=0.9,hu;q=0.8"}) == (200, "")
    assert home(client, **{"accept-language": "fr"}) == (200, "")
    assert home(client) == (200, "")


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("hu;q=0", "en"),
        ("hu;q=0.0, fr", "en"),
        ("hu;q=0, *", "en"),
        ("en;q=0, hu", "hu"),
        ("hu, en;q=0", "hu"),
        ("en;q=0, *", "hu"),
        ("en;q=0, *;q=0", "en"),
        ("en;q=0", "en"),
        ("*, hu;q=0.5", "en"),
        ("hu-HU;q=0, hu;q=0.5", "hu"),
        ("fr, hu;q=0.001", "hu"),
        ("nonsense;;q=0,,hu;q=2", "en"),
    ],
)
def test_a_language_of_quality_zero_is_refused(client: Client, asked: str, code: str) -> None:
    leads_to = (302, "/hu/") if code == "hu" else (200, "")
    assert home(client, **{"accept-language": asked}) == leads_to
    said = client.get("/api/v1/attempts/", headers={"accept-language": asked})
    assert said["Content-Language"] == code


def test_the_redirect_of_the_home_page_is_not_kept_and_names_what_it_depends_on(client: Client) -> None:
    for language, status in (("hu", 302), ("en", 200)):
        reply = client.get("/?from=mail", headers={"accept-language": language})
        assert reply.status_code == status
        assert {"accept-language", "cookie"} <= set(re.split(r",\s*", reply["Vary"].lower()))
    reply = client.get("/?from=mail", headers=HUNGARIAN)
    assert (reply["Location"], reply["Cache-Control"]) == ("/hu/?from=mail", "no-store")
    assert client.head("/", headers=HUNGARIAN).status_code == 302


@pytest.mark.parametrize("robot", [GOOGLEBOT, "facebookexternalhit/1.1", "Slackbot-LinkExpanding 1.0"])
def test_robots_get_the_page_that_they_asked_for(client: Client, robot: str) -> None:
    assert home(client, user_agent=robot, **HUNGARIAN) == (200, "")


def test_a_page_without_a_language_in_its_address_follows_the_choice_of_the_browser(client: Client) -> None:
    client.cookies["django_language"] = "hu"
    reply = client.get("/pricing/?from=mail", headers={"accept-language": "en"})
    assert (reply.status_code, reply["Location"]) == (302, "/hu/pricing/?from=mail")
    assert reply["Cache-Control"] == "no-store" and "Cookie" in reply["Vary"]
    client.cookies["django_language"] = "en"
    assert client.get("/pricing/", headers=HUNGARIAN).status_code == 200
    assert '<html lang="hu"' in client.get("/hu/pricing/").content.decode()


def test_a_page_without_a_language_in_its_address_follows_the_account(signed_in: Client, anna: User) -> None:
    signed_in.get("/accounts/profile/")
    profiles.update(anna, ui_language="hu")
    assert signed_in.get("/redeem/")["Location"] == "/hu/redeem/"
    profiles.update(anna, ui_language="en")
    assert signed_in.get("/redeem/").status_code == 200


def test_what_a_browser_asks_for_alone_leads_elsewhere_from_the_first_page_only(client: Client) -> None:
    assert client.get("/pricing/", headers=HUNGARIAN).status_code == 200


@pytest.mark.parametrize(
    "path", ["/health/live", "/robots.txt", "/sitemap.xml", "/sw.js", "/api/v1/certifications/", "/admin/"]
)
def test_what_is_no_page_in_languages_stays_where_it_is(client: Client, path: str) -> None:
    client.cookies["django_language"] = "hu"
    assert not client.get(path).get("Location", "").startswith("/hu/")


@pytest.mark.parametrize("header", [{"hx-request": "true"}, {"sec-fetch-mode": "cors"}])
def test_parts_of_a_page_stay_in_the_language_of_the_page(client: Client, header: dict[str, str]) -> None:
    client.cookies["django_language"] = "hu"
    assert client.get("/pricing/", headers=header).status_code == 200
    assert client.post("/accounts/login/", {}).status_code == 200


def test_a_running_exam_keeps_its_address_whatever_language_is_chosen_meanwhile(
    signed_in: Client, anna: User
) -> None:
    running = f"/attempts/{factories.start(anna, factories.make_form()).attempt_id}/"
    signed_in.cookies["django_language"] = "hu"
    assert signed_in.get(running).status_code == 200
    assert signed_in.get("/attempts/")["Location"] == "/hu/attempts/"


def test_english_in_the_foot_leads_to_english_and_stays(signed_in: Client) -> None:
    for browser in (Client(), signed_in):
        browser.post("/accounts/language/", {"language": "hu", "next": "/pricing/"})
        assert browser.get("/pricing/")["Location"] == "/hu/pricing/"
        press = {"language": "en", "next": "/hu/pricing/"}
        reply = browser.post("/hu/accounts/language/", press, follow=True)
        assert reply.redirect_chain == [("/pricing/", 302)]
        assert '<html lang="en"' in browser.get("/redeem/").content.decode()


def test_a_profile_counts_more_than_a_browser_and_a_choice_more_than_both(
    signed_in: Client, anna: User
) -> None:
    assert home(signed_in, **HUNGARIAN) == (302, "/hu/")
    profiles.update(anna, ui_language="en")
    assert home(signed_in, **HUNGARIAN) == (200, "")
    profiles.update(anna, ui_language="hu")
    assert home(signed_in, **{"accept-language": "en"}) == (302, "/hu/")
    signed_in.cookies["django_language"] = "en"
    assert home(signed_in, **HUNGARIAN) == (200, "")
    signed_in.cookies["django_language"] = "xx"
    assert home(signed_in) == (302, "/hu/")


def test_a_language_link_of_the_foot_sets_the_choice_without_script_or_token(client: Client) -> None:
    browser = Client(enforce_csrf_checks=True)
    foot = browser.get("/accounts/login/?next=/a/").content.decode().partition("<footer")[2]
    assert re.search(r'<button[^>]*name="language" value="hu" lang="hu">Magyar<', foot)
    assert re.search(r'lang="en" aria-current="true">English<', foot)
    action = re.findall(r'<form method="post" action="([^"]*language/)"', foot)[0]
    reply = browser.post(action, {"language": "hu", "next": "/accounts/login/?next=/a/"})
    assert reply["Location"] == "/hu/accounts/login/?next=/a/"
    assert home(browser, **{"accept-language": "en"}) == (302, "/hu/")
    reply = browser.post("/hu/accounts/language/", {"language": "en", "next": "/hu/"})
    assert reply["Location"] == "/"
    assert home(browser, **HUNGARIAN) == (200, "")


@pytest.mark.parametrize(
    ("page", "chosen", "stored", "leads_to"),
    [
        ("/hu", "", "", "/hu/"),
        ("/hu", "", "en", "/hu/"),
        ("/hu", "en", "en", "/hu/"),
        ("", "", "", "/"),
        ("", "", "hu", "/hu/"),
        ("", "en", "hu", "/"),
        ("", "hu", "hu", "/"),
    ],
)
def test_signing_in_and_out_stays_in_the_language_of_the_page_unless_nobody_chose_it(
    client: Client, anna: User, page: str, chosen: str, stored: str, leads_to: str
) -> None:
    if stored:
        profiles.update(anna, ui_language=stored)
    if chosen:
        client.cookies["django_language"] = chosen
    reply = client.post(f"{page}/accounts/login/", {"login": EMAIL, "password": PASSWORD})
    assert reply["Location"] == f"{leads_to}dashboard/"
    assert client.post(f"{page}/accounts/logout/")["Location"] == leads_to


def test_signing_in_takes_the_way_on_into_the_language_of_the_page(client: Client, anna: User) -> None:
    form = {"login": EMAIL, "password": PASSWORD, "next": "/accounts/profile/?a=1"}
    assert client.post("/hu/accounts/login/", form)["Location"] == "/hu/accounts/profile/?a=1"
