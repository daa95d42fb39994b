"""Notes, bookmarks and reports by the API, and what a review says beside its questions."""

from typing import Any
from uuid import UUID

import pytest

from accounts.users.models import User
from exams.feedback import services
from exams.feedback.models import Bookmark, Note, ProblemReport
from exams.presentation import sections
from tests.exams.api.conftest import Caller
from tests.exams.feedback.helpers import ended, taking
from tests.factories import Form
from tests.hooked import register_only

pytestmark = pytest.mark.django_db


@pytest.fixture
def attempt_id(anna: User, form: Form) -> UUID:
    return ended(anna, form)


def send(caller: Caller, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    reply = getattr(caller.client, method)(f"/api/v1/{path}", body, format="json")
    return reply.status_code, reply.json() if reply.content else None


def question(attempt_id: UUID, act: str, position: int = 1) -> str:
    return f"attempts/{attempt_id}/review/{position}/{act}/"


def test_a_note_is_saved_listed_shown_and_deleted(anna_calls: Caller, attempt_id: UUID) -> None:
    path = question(attempt_id, "note", 2)
    assert send(anna_calls, "put", path, {"text": " Mind\r\nthe gap "}) == (200, {"text": "Mind\nthe gap"})
    status, found = anna_calls.get("notes/")
    assert status == 200
    assert [(one["attempt"], one["position"], one["text"]) for one in found] == [
        (str(attempt_id), 2, "Mind\nthe gap")
    ]
    assert found[0]["certification"] == "mls-c01"
    items = anna_calls.get(f"attempts/{attempt_id}/review/")[1]["items"]
    assert [one["note"] for one in items[:3]] == ["", "Mind\nthe gap", ""]
    for _ in range(2):
        assert send(anna_calls, "delete", path) == (204, None)
    assert not Note.objects.exists()


def test_a_bookmark_is_set_listed_and_removed(anna_calls: Caller, attempt_id: UUID) -> None:
    path = question(attempt_id, "bookmark")
    for _ in range(2):
        assert send(anna_calls, "put", path) == (204, None)
    assert [one["position"] for one in anna_calls.get("bookmarks/")[1]] == [1]
    items = anna_calls.get(f"attempts/{attempt_id}/review/")[1]["items"]
    assert [one["bookmarked"] for one in items[:2]] == [True, False]
    assert send(anna_calls, "delete", path) == (204, None)
    assert not Bookmark.objects.exists()


def test_a_report_is_stored_once_and_listed_with_its_answer(anna_calls: Caller, attempt_id: UUID) -> None:
    path, sent = question(attempt_id, "reports"), {"reason": "key", "text": "B, too"}
    status, first = anna_calls.post(path, sent)
    assert status == 201
    assert anna_calls.post(path, sent) == (200, first)
    assert anna_calls.post(path, {**sent, "text": "C"})[1]["code"] == "already_reported"
    services.answer(report_id=first["id"], actor=None, state="corrected", answer="Yes.", reason="read it")
    (row,) = anna_calls.get("reports/")[1]
    assert (row["held"], row["report"]["state"], row["report"]["answer"]) == (False, "corrected", "Yes.")
    item = anna_calls.get(f"attempts/{attempt_id}/review/")[1]["items"][0]
    assert [one["text"] for one in item["reports"]] == ["B, too"]


@pytest.mark.parametrize(
    ("method", "act", "body", "code"),
    [
        ("put", "note", {"text": "x" * 10_001}, "invalid"),
        ("put", "note", {"text": "x" * 100_000}, "invalid"),
        ("put", "note", {"text": ""}, "invalid"),
        ("put", "note", {"text": 5}, "invalid"),
        ("put", "note", {}, "invalid"),
        ("put", "note", {"text": "x", "color": "red"}, "unknown_field"),
        ("post", "reports", {"reason": "rude"}, "invalid"),
        ("post", "reports", {"reason": "other"}, "missing_text"),
        ("post", "reports", {"reason": "key", "text": "x" * 2001}, "invalid"),
        ("post", "reports", {"reason": "key", "text": "x" * 50_000}, "invalid"),
        ("post", "reports", {"reason": "key", "state": "corrected"}, "unknown_field"),
    ],
)
def test_bad_input_is_refused_and_stores_nothing(
    anna_calls: Caller, attempt_id: UUID, method: str, act: str, body: Any, code: str
) -> None:
    status, problem = send(anna_calls, method, question(attempt_id, act), body)
    assert (status, problem["code"]) == (422, code)
    assert problem["detail"]
    assert not Note.objects.exists()
    assert not ProblemReport.objects.exists()


@pytest.mark.parametrize(("method", "act"), [("put", "note"), ("put", "bookmark"), ("post", "reports")])
def test_only_an_own_ended_exam_that_is_not_being_taken_again_can_be_spoken_of(
    anna: User, anna_calls: Caller, bela_calls: Caller, attempt_id: UUID, form: Form, method: str, act: str
) -> None:
    body = {"note": {"text": "x"}, "bookmark": None, "reports": {"reason": "key"}}[act]

    def refused(caller: Caller, where: UUID, position: int = 1) -> tuple[int, str]:
        status, problem = send(caller, method, question(where, act, position), body)
        return status, problem["code"]

    assert refused(bela_calls, attempt_id) == (404, "not_found")
    assert refused(anna_calls, attempt_id, 99) == (404, "not_found")
    running = taking(anna, form)
    assert refused(anna_calls, running) == (409, "not_finished")
    assert refused(anna_calls, attempt_id) == (409, "exam_running")
    status, problem = anna_calls.get(f"attempts/{attempt_id}/review/")
    assert (status, problem["code"]) == (409, "exam_running")
    assert Note.objects.count() + Bookmark.objects.count() + ProblemReport.objects.count() == 0


def test_a_review_says_what_is_beside_its_questions(
    anna_calls: Caller, attempt_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    register_only(
        monkeypatch,
        "coverage_links",
        lambda code, coverage, language: [
            sections.Link("card", f"{code} {coverage[0]} {language}", "/cards/1/", tuple(coverage))
        ],
    )
    item = anna_calls.get(f"attempts/{attempt_id}/review/")[1]["items"][0]
    assert (item["changed"], item["others"]) == (None, None)
    assert item["learn"] == [{"kind": "card", "text": "mls-c01 s3 en", "address": "/cards/1/"}]
