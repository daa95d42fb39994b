"""What is locked asks for access, says why, and leads to the offer: every reason in every place."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from accounts.access.policy import Reason
from accounts.jobs.models import Job
from accounts.profile.models import Profile
from accounts.users.models import User
from exams.attempts.models import Attempt, Mode, PracticeOpening
from exams.search.providers import Asked
from flashcards.anki.export import export
from flashcards.models import Card
from flashcards.study.search import search
from tests import factories, snapshot
from tests.accounts import selling
from tests.exams.api.conftest import Caller
from tests.exams.attempts.practice import finish_exam
from tests.exams.cheatsheet.published import publish
from tests.factories import Form
from tests.flashcards import decks

pytestmark = pytest.mark.django_db

REASONS = (Reason.OPEN, Reason.ENTITLED, Reason.ENDED, Reason.NOT_ENTITLED, Reason.EMAIL_UNVERIFIED)
GRANTED = (Reason.OPEN, Reason.ENTITLED)
DRILL = {"pool": "all", "number": "5", "minutes": "0", "days": "0", "feedback": "at_once"}
SAID = {
    Reason.ENDED: "Your access ended on",
    Reason.NOT_ENTITLED: "full access",
    Reason.EMAIL_UNVERIFIED: "Confirm your email address first",
}


@pytest.fixture
def browser(anna: User) -> Client:
    client = Client()
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture(scope="module")
def _content(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[tuple[User, Form, Form]]:
    yield from snapshot.for_module(django_db_blocker, _made)


def _made() -> tuple[User, Form, Form]:
    anna, form = factories.make_user("anna@example.org"), factories.make_form()
    publish(form.form.certification)
    decks.make_deck(form.form.certification)
    second = factories.make_form(form.form.certification, number=2)
    finish_exam(anna, form)
    return anna, form, second


@pytest.fixture
def anna(_content: tuple[User, Form, Form], db: None) -> User:
    return deepcopy(_content[0])


@pytest.fixture
def form(_content: tuple[User, Form, Form], db: None) -> Form:
    return deepcopy(_content[1])


@pytest.fixture
def second(_content: tuple[User, Form, Form], db: None) -> Form:
    """An exam that Anna has not taken, beside one that she has, a sheet and a deck."""
    return deepcopy(_content[2])


PAGES = {
    "start": "/mls-c01/exams/2/",
    "practice": "/mls-c01/practice/",
    "own sheet": "/mls-c01/cheatsheet/mine/",
    "deck": "/mls-c01/flashcards/",
    "home": "/mls-c01/",
    "landing": "/mls-c01/about/",
}
# What only somebody with access finds on it.
ONLY_WITH = {
    "start": 'id="start"',
    "practice": "Start practice",
    "own sheet": "Most often missed first",
    "deck": "It is 9",
}


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("place", PAGES)
def test_a_page_shows_what_is_open_or_why_it_is_not(
    browser: Client, anna: User, second: Form, place: str, reason: Reason
) -> None:
    selling.put(anna, reason)
    reply = browser.get(PAGES[place])
    page = reply.content.decode()
    assert reply.status_code == 200
    if place in ONLY_WITH and not (place == "own sheet" and "Nothing here yet" in page):
        assert (ONLY_WITH[place] in page) == (reason in GRANTED)
    if reason in (Reason.ENDED, Reason.NOT_ENTITLED):
        assert SAID[reason] in page or place == "home"
        assert page.count('href="/pricing/"') > 2  # beside head and foot
    elif reason in GRANTED:
        assert page.count('href="/pricing/"') == 2
        assert "Locked" not in page


ACTS: dict[str, tuple[str, dict[str, str], Callable[[], bool]]] = {
    "start": (
        "/mls-c01/exams/2/",
        {"language": "en"},
        lambda: Attempt.objects.filter(form__number=2).exists(),
    ),
    "drill": ("/mls-c01/practice/", DRILL, lambda: Attempt.objects.filter(mode=Mode.DRILL).exists()),
    "open": ("/mls-c01/practice/", {"open": "2"}, lambda: PracticeOpening.objects.exists()),
}


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("act", ACTS)
def test_an_act_is_done_with_access_only(
    browser: Client, anna: User, second: Form, act: str, reason: Reason
) -> None:
    selling.put(anna, reason)
    path, sent, done = ACTS[act]
    reply = browser.post(path, sent)
    assert done() == (reason in GRANTED)
    assert reply.status_code == (302 if reason in GRANTED else 403)
    if reason not in GRANTED:
        assert SAID[reason] in reply.content.decode()


@pytest.mark.parametrize("reason", REASONS)
def test_questions_of_an_ended_exam_are_drilled_again_with_access_only(
    browser: Client, anna: User, second: Form, reason: Reason
) -> None:
    selling.put(anna, reason)
    attempt = Attempt.objects.get(user=anna)
    reply = browser.post(f"/attempts/{attempt.pk}/practice/")
    assert reply.status_code == (302 if reason in GRANTED else 403)
    assert Attempt.objects.filter(mode=Mode.DRILL).exists() == (reason in GRANTED)
    if reason not in GRANTED:
        assert "Unlock full access" in reply.content.decode()


@pytest.mark.parametrize("reason", REASONS)
def test_the_own_sheet_is_made_as_pdf_with_access_only(
    browser: Client, anna: User, second: Form, reason: Reason, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exams.cheatsheet.personal.missed", lambda user, code: [frozenset({"s3"})])
    selling.put(anna, reason)
    assert ("Parquet" in browser.get(PAGES["own sheet"]).content.decode()) == (reason in GRANTED)
    reply = browser.post("/mls-c01/cheatsheet/mine/pdf/")
    assert reply.status_code == (302 if reason in GRANTED else 403)
    assert Job.objects.filter(kind="own_cheatsheet_pdf").exists() == (reason in GRANTED)


API: dict[str, tuple[str, dict[str, Any]]] = {
    "exam": ("attempts/", {}),
    "drill": ("drills/", {"certification": "mls-c01"}),
    "open": ("certifications/mls-c01/practice/2/", {}),
    "card": ("flashcards/{card}/reviews/", {"rating": 3}),
}


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("act", API)
def test_the_api_refuses_with_reason_and_end(anna: User, second: Form, act: str, reason: Reason) -> None:
    selling.put(anna, reason)
    path, body = API[act]
    card = Card.objects.order_by("position").last()
    assert card
    body = {"form": second.form.pk} if act == "exam" else body
    status, told = Caller(anna).post(path.format(card=card.pk), body)
    if reason in GRANTED:
        assert status in (200, 201), told
        return
    assert (status, told["code"], told["reason"]) == (403, "no_access", reason.value)
    assert ("until" in told) == (reason is Reason.ENDED)


@pytest.mark.parametrize("reason", REASONS)
def test_the_api_tells_only_open_cards_and_names_locked_exams(
    anna: User, second: Form, reason: Reason
) -> None:
    selling.put(anna, reason)
    caller = Caller(anna)
    cards = caller.get("certifications/mls-c01/flashcards/")[1]
    assert sum(one["text"] is not None for one in cards) == (12 if reason in GRANTED else 2)
    forms = caller.get("certifications/mls-c01/forms/")[1]
    assert {one["locked"] for one in forms} == {reason not in GRANTED}


@pytest.mark.parametrize("reason", REASONS)
def test_the_deck_leaves_whole_and_is_searched_whole_with_access_only(
    anna: User, second: Form, reason: Reason
) -> None:
    selling.put(anna, reason)
    found = export(anna, "mls-c01", "en")
    assert found.notes == (12 if reason in GRANTED else 2)
    hits = search(Asked(anna, "mls-c01", "en", "fact")).hits
    assert len(hits) == (12 if reason in GRANTED else 2)


def test_the_end_of_access_is_told_in_the_zone_of_the_person(browser: Client, anna: User, form: Form) -> None:
    Profile.objects.update_or_create(user=anna, defaults={"time_zone": "Asia/Tokyo"})
    selling.sell()
    until = selling.give(anna, days=(-90, -1)).ends_at
    _status, told = Caller(anna).post("attempts/", {"form": form.form.pk})
    assert told["until"] == until.isoformat()
    local = until.astimezone(ZoneInfo("Asia/Tokyo"))
    said = f"Your access ended on {local:%B} {local.day}, {local:%Y, %H:%M} JST."
    assert told["detail"] == said
    day = f"Your access ended on {local:%B} {local.day}, {local:%Y}."
    assert day in browser.get("/mls-c01/exams/1/").content.decode()


def test_a_visitor_sees_what_is_locked_and_where_it_is_offered(client: Client, form: Form) -> None:
    assert "Locked" not in client.get("/mls-c01/").content.decode()
    assert "full access" not in client.get("/mls-c01/exams/1/").content.decode()
    selling.sell_all()
    landing = client.get("/mls-c01/").content.decode()
    assert "Unlock full access: MLS-C01" in landing
    assert landing.count("Locked") == 2  # both exams
    assert "To take this exam you need full access" in client.get("/mls-c01/exams/1/").content.decode()


def test_what_is_no_longer_sold_stays_closed_and_visitors_are_told(client: Client, form: Form) -> None:
    version = selling.sell()
    version.product.on_sale = False
    version.product.save()
    assert "Locked" in client.get("/mls-c01/").content.decode()


def test_the_landing_panel_has_a_price_once_there_is_a_way_to_pay(
    client: Client, form: Form, settings: Any
) -> None:
    settings.TEST_CARD = False
    selling.sell_all()
    assert "€29" not in client.get("/mls-c01/").content.decode()
    with selling.gateway():
        page = client.get("/mls-c01/").content.decode()
    assert "€29" in page
    assert "Expires automatically. Never renews." in page
