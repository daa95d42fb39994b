"""An account with access is used in so many browsers at a time; the oldest is asked to confirm."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client

from accounts.access import device_limit, entitlements
from accounts.access.models import EntitlementEnd, Source
from accounts.access.policy import Reason
from accounts.users import sessions, tokens
from accounts.users.models import BrowserSession, User
from tests.accounts.access.shop import make_version
from tests.accounts.conftest import PASSWORD
from tests.accounts.selling import give, put
from tests.markup import squeezed

pytestmark = pytest.mark.django_db

PAGE = "/accounts/sessions/confirm/"
PROFILE = "/accounts/profile/"
AGENTS = {
    "firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "edge": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
}


@pytest.fixture(autouse=True)
def _nothing_noted() -> None:
    sessions.forget()


@pytest.fixture
def paid(anna: User) -> User:
    """Anna with access that runs."""
    give(anna)
    return anna


def sign_in(person: User, agent: str = "firefox") -> Client:
    """A browser in which the person has just signed in."""
    client = Client(headers={"user-agent": AGENTS[agent]})
    reply = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert (reply.status_code, reply["Location"]) == (302, "/dashboard/")
    return client


def sign_in_often(person: User, number: int) -> list[Client]:
    return [sign_in(person) for _ in range(number)]


def is_asked(client: Client) -> bool:
    """Say what a page says; a page shows it, or leads to where the browser is confirmed."""
    reply = client.get(PROFILE)
    if reply.status_code == 200:
        return False
    assert (reply.status_code, unquote(reply["Location"])) == (302, f"{PAGE}?next=/accounts/profile/")
    return True


def asked(browsers: Sequence[Client]) -> list[int]:
    """The numbers of the browsers that are asked, from 1 for the one that signed in first."""
    return [number for number, client in enumerate(browsers, 1) if is_asked(client)]


def confirm(client: Client, next_path: str = "", password: str = PASSWORD) -> Any:
    """Press the button and prove by password who it is."""
    reply = client.post(PAGE, {"next": next_path})
    assert reply["Location"].startswith("/accounts/reauthenticate/")
    return client.post(reply["Location"], {"password": password})


def test_the_fourth_browser_signs_in_and_the_first_is_asked_at_its_next_page(paid: User) -> None:
    browsers = sign_in_often(paid, 3)
    assert asked(browsers) == []
    browsers.append(sign_in(paid, "edge"))
    assert asked(browsers) == [1]
    page = squeezed(browsers[0].get(f"{PAGE}?next=/accounts/profile/"))
    assert "You can use your access in 3 browsers at a time. Edge on Windows signed in on" in page
    assert re.search(r"signed in on \w+ \d+, 20\d\d, [^<]*\d UTC\.", page)
    assert page.count("Firefox on Linux") == 2
    assert 'href="/accounts/sessions/"' in page
    assert 'href="/accounts/logout/"' in page


def test_who_confirms_counts_as_the_newest_and_the_next_is_asked(paid: User) -> None:
    browsers = sign_in_often(paid, 4)
    reply = confirm(browsers[0], "/accounts/profile/?x=1")
    assert (reply.status_code, reply["Location"]) == (302, "/accounts/profile/?x=1")
    assert asked(browsers) == [2]
    page = browsers[1].get(PAGE).content.decode()
    assert "Firefox on Linux was confirmed on" in page
    confirm(browsers[1])
    assert asked(browsers) == [3]


@pytest.mark.parametrize(("language", "words"), [("", "Use a passkey"), ("/hu", "Azonosítókulcs használata")])
def test_who_has_a_passkey_is_offered_it(paid: User, language: str, words: str) -> None:
    browsers = sign_in_often(paid, 4)
    Authenticator.objects.create(user=paid, type="webauthn", data={"name": "x", "credential": {}})
    page = browsers[0].post(f"{language}{PAGE}", follow=True).content.decode()
    assert f'href="{language}/accounts/2fa/webauthn/reauthenticate/' in page
    assert words in page


def test_a_wrong_password_confirms_nothing(paid: User) -> None:
    browsers = sign_in_often(paid, 4)
    assert confirm(browsers[0], password="wrong").status_code == 200
    assert asked(browsers) == [1]


def test_a_sign_in_alone_is_no_proof_for_a_browser_that_is_asked_later(paid: User) -> None:
    first = Client()
    first.post("/accounts/login/", {"login": paid.email, "password": PASSWORD})
    sign_in_often(paid, 3)
    reply = first.post(PAGE)
    assert reply["Location"].startswith("/accounts/reauthenticate/")


def test_each_further_sign_in_asks_one_more(paid: User) -> None:
    browsers = sign_in_often(paid, 6)
    assert asked(browsers) == [1, 2, 3]


def test_the_number_is_a_setting(paid: User, settings: Any) -> None:
    settings.DEVICES_PER_ACCOUNT = 1
    browsers = sign_in_often(paid, 2)
    assert asked(browsers) == [1]
    assert "in 1 browser at a time" in browsers[0].get(PAGE).content.decode()


@pytest.mark.parametrize("reason", [Reason.OPEN, Reason.NOT_ENTITLED, Reason.ENDED])
def test_without_access_that_runs_there_is_no_limit(anna: User, reason: Reason) -> None:
    put(anna, reason)
    assert asked(sign_in_often(anna, 6)) == []


@pytest.mark.parametrize("days", [(-90, -1), (1, 30)])
def test_access_that_is_over_or_begins_later_does_not_count(anna: User, days: tuple[int, int]) -> None:
    give(anna, days=days)
    assert asked(sign_in_often(anna, 4)) == []


def test_who_signs_in_before_buying_does_not_go_round_the_limit(anna: User) -> None:
    browsers = sign_in_often(anna, 5)
    assert asked(browsers) == []
    entitlements.give(anna, make_version(), Source.PURCHASE, "1")
    assert asked(browsers) == [1, 2]


def test_a_header_of_htmx_that_is_no_address_leads_back_to_no_page(paid: User) -> None:
    browsers = sign_in_often(paid, 4)
    bad = {"HX-Request": "true", "HX-Current-URL": "http://[a"}
    reply = browsers[0].get(PROFILE, headers=bad)
    assert (reply.status_code, reply["HX-Redirect"]) == (204, PAGE)


def test_access_of_somebody_else_does_not_count(paid: User, bela: User) -> None:
    assert asked(sign_in_often(bela, 4)) == []
    assert asked(sign_in_often(paid, 3)) == []


def test_access_that_was_ended_early_asks_no_more(anna: User) -> None:
    given = give(anna)
    browsers = sign_in_often(anna, 4)
    assert asked(browsers) == [1]
    entitlements.end([given], at=None, actor=None, reason="a refund")
    assert EntitlementEnd.objects.count() == 1
    assert asked(browsers) == []
    assert asked(sign_in_often(anna, 5)) == []


def test_staff_are_asked_as_anybody(paid: User) -> None:
    paid.is_staff = paid.is_superuser = True
    paid.save()
    browsers = sign_in_often(paid, 4)
    assert unquote(browsers[0].get("/admin/")["Location"]) == f"{PAGE}?next=/admin/"
    assert browsers[1].get("/admin/").status_code == 200


def test_a_place_that_becomes_free_is_taken_without_a_question_by_one_of_those_asked(paid: User) -> None:
    browsers = sign_in_often(paid, 5)
    assert asked(browsers[:2]) == [1, 2]
    browsers[4].post("/accounts/logout/")
    assert asked(browsers[:2]) == [2]
    assert asked(browsers[2:4]) == []


def test_a_session_that_has_expired_takes_no_place(paid: User) -> None:
    browsers = sign_in_often(paid, 3)
    key = browsers[1].session.session_key
    Session.objects.filter(session_key=key).update(expire_date=Now() - timedelta(seconds=1))
    browsers.append(sign_in(paid))
    assert asked([browsers[0], *browsers[2:]]) == []


def test_who_signs_another_browser_out_needs_not_confirm(paid: User) -> None:
    browsers = sign_in_often(paid, 4)
    assert browsers[0].get("/accounts/sessions/").status_code == 200
    row = BrowserSession.objects.get(session_id=browsers[3].session.session_key)
    browsers[0].post("/accounts/sessions/", {"session": row.pk})
    assert asked(browsers[:3]) == []


def test_a_browser_that_is_not_asked_is_led_on(paid: User) -> None:
    browser = sign_in(paid)
    assert browser.get(PAGE)["Location"] == "/accounts/sessions/"
    assert browser.get(f"{PAGE}?next=/mls-c01/")["Location"] == "/mls-c01/"
    assert browser.get(f"{PAGE}?next=https://example.org/")["Location"] == "/accounts/sessions/"


def test_the_way_is_the_same_in_hungarian(paid: User) -> None:
    browsers = sign_in_often(paid, 4)
    reply = browsers[0].get("/hu/accounts/profile/?x=1")
    assert unquote(reply["Location"]) == f"/hu{PAGE}?next=/hu/accounts/profile/?x=1"
    assert "egyszerre 3 böngészőben" in browsers[0].get(reply["Location"]).content.decode()


@pytest.mark.parametrize(
    "path",
    ["/terms/", "/privacy/", "/contact/", "/accounts/logout/", "/accounts/reauthenticate/", "/robots.txt"],
)
def test_what_it_takes_to_leave_to_confirm_or_to_read_the_terms_stays_open(paid: User, path: str) -> None:
    browsers = sign_in_often(paid, 4)
    assert browsers[0].get(path).status_code == 200
    assert is_asked(browsers[0])


def test_a_password_that_was_forgotten_can_be_set_anew(paid: User) -> None:
    browsers = sign_in_often(paid, 4)
    assert browsers[0].get("/accounts/password/reset/").status_code == 200


def test_what_was_written_before_is_taken_and_the_page_after_it_asks(paid: User) -> None:
    browsers = sign_in_often(paid, 4)
    written = {"ui_language": "en", "time_zone": "Europe/Vienna", "appearance": "auto"}
    reply = browsers[0].post(PROFILE, written)
    assert reply.status_code != 302 or PAGE not in reply["Location"]
    assert is_asked(browsers[0])


def test_htmx_opens_the_page_in_place_of_a_part_of_one(paid: User) -> None:
    browsers = sign_in_often(paid, 4)
    there = {"HX-Request": "true", "HX-Current-URL": "http://testserver/accounts/privacy/?a=b"}
    reply = browsers[0].get("/accounts/privacy/", headers=there)
    assert reply.status_code == 204
    assert unquote(reply["HX-Redirect"]) == f"{PAGE}?next=/accounts/privacy/?a=b"
    sent = browsers[0].post("/accounts/email/", {"action_send": "", "email": "x"}, headers=there)
    assert sent["HX-Redirect"] == reply["HX-Redirect"]


def test_the_api_refuses_the_session_with_a_problem_in_the_callers_language(paid: User) -> None:
    browsers = sign_in_often(paid, 4)
    told = browsers[0].get("/api/v1/auth/tokens/")
    assert told.status_code == 403
    assert told["Content-Type"] == "application/problem+json"
    body = told.json()
    assert (body["code"], body["confirm_url"]) == ("device_unconfirmed", PAGE)
    assert "confirm" in body["detail"]
    hungarian = browsers[0].get("/api/v1/auth/tokens/", headers={"accept-language": "hu"}).json()
    assert "böngésző" in hungarian["detail"]
    assert browsers[1].get("/api/v1/auth/tokens/").status_code == 200


def test_an_api_token_is_no_browser_and_is_never_asked(paid: User) -> None:
    browsers = sign_in_often(paid, 4)
    header = {"authorization": f"Token {tokens.issue(paid)}"}
    assert browsers[0].get("/api/v1/auth/tokens/", headers=header).status_code == 200


def test_the_list_says_which_browser_waits(paid: User) -> None:
    browsers = sign_in_often(paid, 4)
    page = browsers[3].get("/accounts/sessions/").content.decode()
    assert page.count("Asked to confirm") == 1


def test_a_new_password_leaves_one_browser_which_is_not_asked(paid: User) -> None:
    browsers = sign_in_often(paid, 4)
    new = {"oldpassword": PASSWORD, "password1": "quite another one", "password2": "quite another one"}
    assert browsers[3].post("/accounts/password/change/", new).status_code == 302
    assert not is_asked(browsers[3])
    assert [row.asked_at for row in BrowserSession.objects.filter(user=paid)] == [None]


def test_signing_in_again_in_the_same_browser_is_a_proof_too(paid: User) -> None:
    browsers = sign_in_often(paid, 4)
    browsers[0].force_login(paid)
    assert asked(browsers) == [2]


def test_of_sign_ins_at_the_same_moment_by_the_clock_the_one_just_now_is_not_asked(paid: User) -> None:
    browsers = sign_in_often(paid, 3)
    # As if the clock of the database had been set back.
    BrowserSession.objects.update(confirmed_at=F("confirmed_at") + timedelta(hours=1))
    browsers.append(sign_in(paid))
    assert not is_asked(browsers[3])


def test_confirming_what_is_not_there_any_more_changes_nothing(paid: User) -> None:
    device_limit.confirm(paid, "gone")
    assert not device_limit.release(paid, "gone")
    assert not BrowserSession.objects.exists()


def test_access_that_support_gives_again_after_its_end_asks_too(anna: User, bela: User) -> None:
    ended = give(anna, days=(-90, -1))
    browsers = sign_in_often(anna, 4)
    assert asked(browsers) == []
    entitlements.extend(actor=bela, entitlement_id=ended.pk, days=7, reason="late", grant_id=uuid4())
    assert asked(browsers) == [1]
