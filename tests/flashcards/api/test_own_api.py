"""Own cards, files, the Anki package and statistics by the API: as on the pages."""

from typing import Any

import pytest
from django.test import Client

from accounts.users import tokens
from accounts.users.models import User
from exams.attempts import lifecycle
from flashcards.models import Card
from flashcards.scheduling.memory import Rating
from tests import factories
from tests.exams.api.conftest import Caller
from tests.flashcards.decks import Deck, rate

pytestmark = pytest.mark.django_db

BASE = "certifications/mls-c01/flashcards/"
OWN = f"{BASE}own/"
CARD = {"front": "What is `x`?", "back": "That."}


def call(user: User | None, method: str, path: str, body: Any = None) -> Any:
    """Call by token with any method, and return the raw reply."""
    headers = {"Authorization": f"Token {tokens.issue(user)}"} if user else {}
    client = Client(raise_request_exception=False)
    return client.generic(method, f"/api/v1/{path}", body or "", "application/json", headers=headers)


def test_a_card_is_made_listed_changed_and_deleted(anna: User, bela: User, deck: Deck) -> None:
    anna_calls = Caller(anna)
    status, made = anna_calls.post(OWN, {**CARD, "tags": ["one"], "domain": 2})
    assert status == 201
    assert {key: made[key] for key in ("front_html", "tags", "domain", "from_question")} == {
        "front_html": "What is <code>x</code>?",
        "tags": ["one"],
        "domain": 2,
        "from_question": False,
    }
    assert anna_calls.get(OWN) == (200, [made])
    assert Caller(bela).get(OWN) == (200, [])
    path = f"{OWN}{made['id']}/"
    changed = call(anna, "PUT", path, '{"front": "Why?", "back": "So."}')
    assert (changed.status_code, changed.json()["front"], changed.json()["tags"]) == (200, "Why?", [])
    assert call(bela, "DELETE", path).status_code == 404
    assert call(anna, "DELETE", path).status_code == 204
    assert anna_calls.get(path)[0] == 404
    assert anna_calls.get(OWN) == (200, [])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"front": "", "back": "b"}, 422, "invalid"),
        ({"front": "a", "back": "b" * 100_000}, 422, "invalid"),
        ({**CARD, "color": "red"}, 422, "unknown_field"),
        ({**CARD, "domain": 9}, 422, "domain"),
        ({"front": "a", "back": "![x](figure:x)"}, 422, "figure"),
        ({**CARD, "tags": ["x"] * 11}, 422, "invalid"),
    ],
)
def test_what_is_no_card_is_refused_and_nothing_is_stored(
    anna: User, deck: Deck, body: Any, status: int, code: str
) -> None:
    found, problem = Caller(anna).post(OWN, body)
    assert (found, problem["code"]) == (status, code)
    assert not Card.objects.filter(owner=anna).exists()


@pytest.mark.parametrize("language", ["xx", "hu%00", "x" * 300])
def test_an_unknown_language_is_not_stored(anna: User, deck: Deck, language: str) -> None:
    status, made = Caller(anna).post(f"{OWN}?language={language}", CARD)
    assert (status, made["language"]) == (201, "en")
    assert call(anna, "GET", f"{BASE}anki/?language={language}").status_code == 200


def test_the_same_front_twice_is_a_conflict(anna: User, deck: Deck) -> None:
    Caller(anna).post(OWN, CARD)
    assert Caller(anna).post(OWN, CARD)[1]["code"] == "exists"


def test_a_file_comes_in_and_goes_out(anna: User, deck: Deck) -> None:
    anna_calls = Caller(anna)
    sent = {"csv": "front,back\n=a?,b\nc?,d\n"}
    assert anna_calls.post(f"{OWN}csv/", sent) == (200, {"added": 2, "changed": 0, "unchanged": 0})
    assert anna_calls.post(f"{OWN}csv/", sent) == (200, {"added": 0, "changed": 0, "unchanged": 2})
    reply = call(anna, "GET", f"{OWN}csv/")
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert '"\'=a?"' in reply.content.decode("utf-8-sig")
    status, problem = anna_calls.post(f"{OWN}csv/", {"csv": "front,back\na?,b\nc?\n"})
    assert (status, problem["code"], problem["line"]) == (422, "file", 3)
    assert len(anna_calls.get(OWN)[1]) == 2


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ("x" * 10_000_000, 413, "too_large"),
        ("front,back\n" + "a?,b\n" * 100_000, 422, "invalid"),
        ("front,back\n" + "é" * 200_000 + ",b\n", 422, "file"),
        ("front,back\n" + "a,b\n" * 501, 422, "file"),
        ("front,back\na\0?,b\n", 400, "parse_error"),
        ('front,back\n"a?,b\n', 422, "file"),
        ("", 422, "invalid"),
    ],
)
def test_a_hostile_file_is_refused_and_nothing_of_it_is_stored(
    anna: User, deck: Deck, sent: str, status: int, code: str
) -> None:
    calls = Caller(anna)
    found, problem = calls.post(f"{OWN}csv/", {"csv": sent})
    assert (found, problem["code"]) == (status, code)
    assert problem["detail"]
    assert calls.get(OWN) == (200, [])


def test_the_package_is_whole_with_access_and_a_preview_for_everybody(anna: User, deck: Deck) -> None:
    preview, whole = call(None, "GET", f"{BASE}anki/"), call(anna, "GET", f"{BASE}anki/")
    for reply in (preview, whole):
        assert reply.status_code == 200
        assert reply.headers["Content-Type"] == "application/octet-stream"
        assert reply.content.startswith(b"PK")
    assert len(whole.content) > len(preview.content)
    assert call(None, "GET", "certifications/none/flashcards/anki/").status_code == 404


def test_statistics_are_numbers(anna: User, deck: Deck) -> None:
    rate(anna, deck.first, Rating.EASY)
    status, body = Caller(anna).get(f"{BASE}statistics/")
    assert status == 200
    assert (body["begun"], body["learned"], len(body["forecast"]), sum(body["forecast"])) == (1, 1, 30, 1)
    assert (body["weeks"], body["leeches"]) == ([], [])


def test_a_question_of_an_ended_exam_becomes_a_card_once(
    anna: User, bela: User, form: factories.Form
) -> None:
    started = factories.start(anna, form)
    path = f"attempts/{started.attempt_id}/cards/"
    anna_calls = Caller(anna)
    assert anna_calls.post(path, {"position": 1})[1]["code"] == "not_finished"
    lifecycle.submit(user=anna, attempt_id=started.attempt_id, lease=started.lease)
    lifecycle.settle(user=anna, attempt_id=started.attempt_id)
    status, made = anna_calls.post(path, {"position": 1})
    assert (status, made["new"]) == (201, True)
    assert anna_calls.post(path, {"position": 1}) == (200, {"card": made["card"], "new": False})
    assert Caller(bela).post(path, {"position": 1})[0] == 404
    assert anna_calls.post(path, {"position": 0})[0] == 422
    assert anna_calls.post(path, {"position": 9})[0] == 404
    factories.start(anna, form)
    assert anna_calls.post(path, {"position": 2})[1]["code"] == "held"
    assert anna_calls.get(OWN) == (200, [])
