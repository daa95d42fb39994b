"""A person sees where they are signed in, and ends what they do not know."""

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.users import sessions, tokens
from accounts.users.models import BrowserSession, User

pytestmark = pytest.mark.django_db

URL = "/accounts/sessions/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0"
)
Told = list[tuple[int, str | None]]


@pytest.fixture(autouse=True)
def _nothing_noted() -> None:
    sessions.forget()


def browser(person: User, agent: str = FIREFOX) -> Client:
    """A browser in which the person has signed in and looked at a page."""
    client = Client(headers={"user-agent": agent})
    client.force_login(person)
    sessions.forget()
    age()
    assert client.get("/accounts/profile/").status_code == 200
    return client


def age(seconds: int = 3600) -> None:
    """Move every row into the past."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_browsersession SET first_seen_at = first_seen_at - make_interval(secs => %s),"
            " last_seen_at = last_seen_at - make_interval(secs => %s)",
            [seconds, seconds],
        )


def row_of(client: Client) -> BrowserSession:
    return BrowserSession.objects.get(session_id=client.session.session_key)


def is_signed_in(client: Client) -> bool:
    return client.get("/accounts/profile/").status_code == 200


@pytest.mark.parametrize(
    ("agent", "names"),
    [
        (FIREFOX, ("Firefox", "Linux")),
        (SAFARI, ("Safari", "iPhone")),
        (EDGE, ("Edge", "Windows")),
        ("curl/8.14.1", ("", "")),
        ("", ("", "")),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile", ("Chrome", "Android")),
    ],
)
def test_a_browser_is_named_by_what_it_claims(agent: str, names: tuple[str, str]) -> None:
    assert sessions.browser_and_system(agent) == names


def test_the_page_lists_each_browser_with_its_times_and_zone_and_marks_this_one(anna: User) -> None:
    browser(anna, SAFARI)
    here = browser(anna, FIREFOX)
    page = here.get(URL).content.decode()
    assert page.index("Firefox on Linux") < page.index("Safari on iPhone")
    assert page.count("This browser") == 1
    assert page.index("This browser") < page.index("Safari on iPhone")
    assert "UTC" in page or "CE" in page
    assert "unknown" not in page.lower()


def test_a_real_sign_in_is_listed_at_once(anna: User) -> None:
    client = Client(headers={"user-agent": EDGE})
    client.post("/accounts/login/", {"login": anna.email, "password": "correct horse battery"})
    assert row_of(client).browser == "Edge"
    assert "Edge on Windows" in client.get(URL).content.decode()


def test_ending_a_session_signs_that_browser_out_and_ends_what_it_held(anna: User, ended: Told) -> None:
    there, here = browser(anna, SAFARI), browser(anna)
    key = there.session.session_key
    reply = here.post(URL, {"session": row_of(there).pk}, follow=True)
    assert "Signed out there." in reply.content.decode()
    assert ended == [(anna.pk, f"session:{key}")]
    assert not is_signed_in(there)
    assert is_signed_in(here)
    assert not Session.objects.filter(session_key=key).exists()
    again = here.post(URL, {"session": 10**17}, follow=True)
    assert "This had already ended." in again.content.decode()


def test_ending_this_session_here_is_what_signing_out_is_for(anna: User, ended: Told) -> None:
    here = browser(anna)
    reply = here.post(URL, {"session": row_of(here).pk}, follow=True)
    assert "sign out" in reply.content.decode()
    assert is_signed_in(here)
    assert ended == []


def test_nobody_ends_a_session_or_token_of_somebody_else(anna: User, bela: User, ended: Told) -> None:
    theirs, here = browser(bela), browser(anna)
    issued = tokens.issue_with_expiry(bela)
    here.post(URL, {"session": row_of(theirs).pk})
    here.post(URL, {"token": issued.token_id})
    here.post(URL, {"others": "1"})
    assert is_signed_in(theirs)
    assert tokens.find(issued.token_text)
    assert ended == []


@pytest.mark.parametrize("said", ["", "x", "-1", "9" * 30, "1.5", "²"])
def test_a_form_that_names_nothing_ends_nothing(anna: User, said: str, ended: Told) -> None:
    here = browser(anna)
    for name in ("session", "token"):
        assert here.post(URL, {name: said}).status_code == 302
    assert is_signed_in(here)
    assert ended == []


def test_a_token_is_listed_and_revoked_with_what_it_held(anna: User, ended: Told) -> None:
    here = browser(anna)
    issued = tokens.issue_with_expiry(anna, "My script")
    page = here.get(URL).content.decode()
    assert "My script" in page
    assert issued.token_text[:8] in page
    assert issued.token_text not in page
    here.post(URL, {"token": issued.token_id})
    assert tokens.find(issued.token_text) is None
    assert ended == [(anna.pk, f"token:{issued.token_id}")]


def test_signing_out_everywhere_else_leaves_this_browser_alone(anna: User, ended: Told) -> None:
    others, here = [browser(anna, SAFARI), browser(anna, EDGE)], browser(anna)
    issued = tokens.issue_with_expiry(anna)
    keys = sorted(str(one.session.session_key) for one in others)
    reply = here.post(URL, {"others": "1"}, follow=True)
    assert "Ended 3 sessions." in reply.content.decode()
    assert [is_signed_in(one) for one in (*others, here)] == [False, False, True]
    assert ended == [*((anna.pk, f"session:{key}") for key in keys), (anna.pk, f"token:{issued.token_id}")]


def test_a_row_goes_with_its_session_however_that_is_deleted(anna: User) -> None:
    first, second = browser(anna), browser(anna)
    first.post("/accounts/logout/")
    assert [row.session_id for row in BrowserSession.objects.all()] == [second.session.session_key]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
    assert not BrowserSession.objects.exists()


def test_a_new_password_leaves_only_this_browser_on_the_list(anna: User) -> None:
    browser(anna, SAFARI)
    here = browser(anna)
    new = {
        "oldpassword": "correct horse battery",
        "password1": "quite another one",
        "password2": "quite another one",
    }
    assert here.post("/accounts/password/change/", new).status_code == 302
    page = here.get(URL).content.decode()
    assert "Firefox on Linux" in page
    assert "Safari" not in page


def test_a_session_that_has_expired_is_not_listed(anna: User) -> None:
    there, here = browser(anna, SAFARI), browser(anna)
    Session.objects.filter(session_key=there.session.session_key).update(expire_date="2020-01-01T00:00:00Z")
    assert "Safari" not in here.get(URL).content.decode()


def noted(client: Client, path: str = "/accounts/profile/") -> int:
    """How many statements of a page write down that the session was seen."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.get(path)
    return sum("accounts_browsersession AS kept" in query["sql"] for query in queries)


def test_being_seen_is_written_once_in_five_minutes_and_process(anna: User) -> None:
    here = browser(anna)
    assert noted(here) == 0
    before = row_of(here).last_seen_at
    sessions.forget()  # as another process, which asks once
    assert noted(here) == 1
    assert row_of(here).last_seen_at == before  # the statement has changed nothing
    age()
    sessions.forget()
    assert noted(here) == 1
    assert row_of(here).last_seen_at > before


def test_a_visitor_and_a_public_file_write_nothing(anna: User) -> None:
    assert noted(Client(), "/") == 0
    here = browser(anna)
    sessions.forget()
    assert noted(here, "/health/live") == 0


def test_a_session_that_was_ended_meanwhile_is_not_listed_again(anna: User) -> None:
    here = browser(anna)
    key = str(here.session.session_key)
    Session.objects.all().delete()
    sessions.forget()
    sessions.seen(anna.pk, key, FIREFOX)
    assert not BrowserSession.objects.exists()


def test_the_profile_leads_to_the_sessions(anna: User) -> None:
    assert URL in browser(anna).get("/accounts/profile/").content.decode()


def test_a_list_that_cannot_be_written_costs_nobody_a_page(
    anna: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    here = browser(anna)

    def fails(*given: object) -> None:
        raise OperationalError

    monkeypatch.setattr(sessions, "seen", fails)
    assert is_signed_in(here)
    assert "could not be noted" in caplog.text
