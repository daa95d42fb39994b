"""Every call on attempts: what it answers, and what it refuses with which words."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.users import tokens
from accounts.users.models import User
from exams.attempts import leases
from exams.attempts.models import AnswerEvent, Attempt, Score
from tests import factories
from tests.exams.api.conftest import Caller, RunningAttempt
from tests.exams.attempts.helpers import past_deadline

pytestmark = pytest.mark.django_db


# --- start ---------------------------------------------------------------------------------------


def test_a_start_answers_201_with_paper_and_lease(anna_calls: Caller, form: factories.Form) -> None:
    status, body = anna_calls.post("attempts/", {"form": form.form.pk, "mode": "exam", "language": "hu"})
    assert status == 201
    assert (body["state"], body["language"], body["answers"]) == ("running", "hu", [])
    assert len(body["lease"]) > 40
    assert [item["position"] for item in body["items"]] == list(range(1, 9))
    third = body["items"][2]
    assert set(third) == {"position", "kind", "choose", "language", "stem", "ask", "options"}
    assert (third["kind"], third["choose"], len(third["options"])) == ("multiple", 2, 5)
    assert set(third["options"][0]) == {"id", "text"}


def test_a_second_start_answers_200_with_the_running_attempt_and_no_lease(
    attempt: RunningAttempt, anna_calls: Caller
) -> None:
    status, body = anna_calls.post("attempts/", {"form": attempt.form.form.pk})
    assert (status, body["id"], body["lease"]) == (200, str(attempt.id), None)
    assert Attempt.objects.count() == 1


def test_a_start_of_an_absent_form_is_404(anna_calls: Caller) -> None:
    status, body = anna_calls.post("attempts/", {"form": 999_999})
    assert (status, body["code"]) == (404, "not_found")


def test_a_start_without_access_is_403(form: factories.Form) -> None:
    caller = Caller(factories.make_user("cili@example.org", verified=False))
    status, body = caller.post("attempts/", {"form": form.form.pk})
    assert (status, body["code"]) == (403, "no_access")
    assert not Attempt.objects.exists()


def test_too_many_starts_answer_429(anna_calls: Caller, form: factories.Form, settings: Any) -> None:
    settings.EXAM_STARTS_PER_DAY = 1
    _, body = anna_calls.post("attempts/", {"form": form.form.pk})
    anna_calls.post(f"attempts/{body['id']}/cancel/")
    reply = anna_calls.client.post("/api/v1/attempts/", {"form": form.form.pk}, format="json")
    assert (reply.status_code, reply.json()["code"]) == (429, "too_many_starts")
    assert reply["Retry-After"] == "3600"


@pytest.mark.parametrize("field", ["user", "deadline_at", "state", "score", "minutes", "paper"])
def test_an_unknown_field_is_refused_and_named(anna_calls: Caller, form: factories.Form, field: str) -> None:
    status, body = anna_calls.post("attempts/", {"form": form.form.pk, field: 1})
    assert (status, body["code"]) == (422, "unknown_field")
    assert body["errors"][0]["pointer"] == f"/{field}"
    assert not Attempt.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"form": "one"},
        {"form": 0},
        {"form": 2**63},
        {"form": None},
        {"form": [1]},
        {"form": 1, "mode": "drill"},
        {"form": 1, "language": "x" * 13},
        [],
        "form",
        7,
    ],
)
def test_a_start_with_a_wrong_value_is_422(anna_calls: Caller, body: Any) -> None:
    status, reply = anna_calls.post("attempts/", body)
    assert (status, reply["code"]) == (422, "invalid")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "parse_error"),
        (b'{"form": 1, "form": 2}', "parse_error"),
        (b'{"form": NaN}', "parse_error"),
        (b'{"form": 1, "language": "\\u0000"}', "parse_error"),
        (b'{"form": 1, "language": "\xff"}', "parse_error"),
    ],
)
def test_a_body_that_cannot_be_read_is_400(anna_calls: Caller, body: bytes, code: str) -> None:
    status, reply = anna_calls.raw("attempts/", body)
    assert (status, reply["code"]) == (400, code)


def test_a_body_of_another_type_is_415(anna_calls: Caller) -> None:
    status, body = anna_calls.raw("attempts/", b"form=1", "application/x-www-form-urlencoded")
    assert (status, body["code"]) == (415, "unsupported_media_type")


def test_too_large_a_body_is_413(anna_calls: Caller) -> None:
    status, body = anna_calls.raw("attempts/", b'{"language": "' + b"x" * 1024 * 1024 + b'"}')
    assert (status, body["code"]) == (413, "too_large")


# --- who ------------------------------------------------------------------------------------------

READS = ["", "result/", "review/"]
WRITES = ["lease/", "submit/", "cancel/"]


@pytest.mark.parametrize("part", READS)
def test_anothers_attempt_reads_like_an_absent_one(
    attempt: RunningAttempt, bela_calls: Caller, part: str
) -> None:
    foreign = bela_calls.get(f"{attempt.path}{part}")
    absent = bela_calls.get(f"attempts/{uuid4()}/{part}")
    assert foreign[0] == 404
    assert foreign == absent


@pytest.mark.parametrize("part", WRITES)
def test_anothers_attempt_cannot_be_written(attempt: RunningAttempt, bela_calls: Caller, part: str) -> None:
    body = {"lease": attempt.lease} if part == "submit/" else None
    before = Attempt.objects.values().get()
    foreign = bela_calls.post(f"{attempt.path}{part}", body)
    absent = bela_calls.post(f"attempts/{uuid4()}/{part}", body)
    assert foreign[0] == 404
    assert foreign == absent
    assert Attempt.objects.values().get() == before


@pytest.mark.parametrize("part", READS)
def test_reading_without_a_token_is_401(attempt: RunningAttempt, nobody: Caller, part: str) -> None:
    status, body = nobody.get(f"{attempt.path}{part}")
    assert (status, body["code"]) == (401, "not_authenticated")


@pytest.mark.parametrize("part", WRITES)
def test_writing_without_a_token_is_401(attempt: RunningAttempt, nobody: Caller, part: str) -> None:
    assert nobody.post(f"{attempt.path}{part}", {"lease": attempt.lease})[0] == 401


@pytest.mark.parametrize("part", WRITES)
def test_a_session_without_the_csrf_token_is_refused(attempt: RunningAttempt, anna: User, part: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna)
    reply = client.post(f"/api/v1/{attempt.path}{part}", {}, content_type="application/json")
    assert (reply.status_code, reply.json()["code"]) == (403, "csrf")


def test_a_session_with_the_csrf_token_may_write(form: factories.Form, anna: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(anna)
    client.cookies["csrftoken"] = "a" * 32
    reply = client.post(
        "/api/v1/attempts/",
        {"form": form.form.pk},
        content_type="application/json",
        headers={"X-CSRFToken": "a" * 32},
    )
    assert reply.status_code == 201


@pytest.mark.parametrize("part", ["lease/", "submit/", "cancel/", "answers/"])
def test_a_get_writes_nothing(attempt: RunningAttempt, part: str) -> None:
    status, body = attempt.caller.get(f"{attempt.path}{part}")
    assert (status, body["code"]) == (405, "method_not_allowed")


def test_an_id_that_is_none_is_404(anna_calls: Caller) -> None:
    assert anna_calls.get("attempts/1/")[0] == 404
    assert anna_calls.get("attempts/%00/")[0] == 404


def test_replies_about_attempts_are_never_kept(attempt: RunningAttempt) -> None:
    reply = attempt.caller.client.get(f"/api/v1/{attempt.path}")
    assert "no-store" in reply["Cache-Control"]


# --- reading --------------------------------------------------------------------------------------


def test_the_list_shows_own_attempts_only(attempt: RunningAttempt, bela_calls: Caller) -> None:
    status, body = attempt.caller.get("attempts/")
    assert status == 200
    assert [(one["id"], one["state"], one["answered"], one["items"]) for one in body] == [
        (str(attempt.id), "running", 0, 8)
    ]
    assert body[0]["scaled_score"] is None
    assert bela_calls.get("attempts/") == (200, [])


def test_an_attempt_shows_its_paper_and_the_answers_so_far(attempt: RunningAttempt) -> None:
    attempt.answer(1, attempt.form.keys[1], flagged=True)
    status, body = attempt.caller.get(attempt.path)
    assert (status, body["language"], len(body["items"])) == (200, "en", 8)
    assert body["answers"] == [
        {
            "position": 1,
            "selected": attempt.form.keys[1],
            "flagged": True,
            "lease_no": 1,
            "seq": 1,
            "confidence": None,
        }
    ]


def test_an_attempt_can_be_read_in_another_language_with_the_same_options(attempt: RunningAttempt) -> None:
    _, english = attempt.caller.get(attempt.path)
    _, hungarian = attempt.caller.get(f"{attempt.path}?language=hu")
    assert hungarian["language"] == "hu"
    assert "Melyik" in hungarian["items"][0]["ask"]
    assert [[one["id"] for one in item["options"]] for item in hungarian["items"]] == [
        [one["id"] for one in item["options"]] for item in english["items"]
    ]
    assert attempt.caller.get(f"{attempt.path}?language=xx")[1]["language"] == "en"


# --- lease ----------------------------------------------------------------------------------------


def test_a_take_over_gives_the_answers_and_shuts_the_old_lease_out(attempt: RunningAttempt) -> None:
    attempt.answer(2, attempt.form.others[2][:1])
    status, body = attempt.caller.post(f"{attempt.path}lease/")
    assert (status, body["lease_no"], body["next_seq"]) == (200, 2, 1)
    assert [(one["position"], one["lease_no"], one["seq"]) for one in body["answers"]] == [(2, 1, 1)]
    status, body = attempt.answer(2, attempt.form.keys[2])
    assert (status, body["code"]) == (409, "lease_taken")


def test_the_lease_of_a_token_ends_with_the_token_of_nobody_else(attempt: RunningAttempt) -> None:
    row = Attempt.objects.get()
    token_id = row.user.api_tokens.get().pk  # type: ignore[union-attr]
    assert row.lease_holder == leases.holder_hash(f"token:{token_id}")


def test_a_revoked_token_can_write_no_answer_any_more(
    attempt: RunningAttempt, anna: User, bela: User
) -> None:
    token_id = anna.api_tokens.get().pk
    assert attempt.answer(2, attempt.form.keys[2])[0] == 200
    assert attempt.caller.client.delete(f"/api/v1/auth/tokens/{token_id}/").status_code == 204
    status, body = attempt.answer(2, attempt.form.others[2][:1])
    assert (status, body["code"]) == (409, "lease_taken")


def test_another_token_that_is_revoked_takes_no_lease(attempt: RunningAttempt, anna: User) -> None:
    tokens.issue(anna, "another")
    other = anna.api_tokens.get(name="another").pk
    assert attempt.caller.client.delete(f"/api/v1/auth/tokens/{other}/").status_code == 204
    assert attempt.answer(2, attempt.form.keys[2])[0] == 200


# --- answers --------------------------------------------------------------------------------------


def test_a_save_is_acknowledged_and_can_be_repeated(attempt: RunningAttempt) -> None:
    status, body = attempt.answer(1, attempt.form.keys[1])
    assert (status, body["saved_seq"]) == (200, 1)
    assert set(body) == {"saved_seq", "deadline_at", "server_now"}
    attempt.seq = 0
    assert attempt.answer(1, attempt.form.keys[1])[0] == 200
    assert AnswerEvent.objects.count() == 1


def test_another_payload_under_a_used_seq_is_409(attempt: RunningAttempt) -> None:
    attempt.answer(1, attempt.form.keys[1])
    attempt.seq = 0
    status, body = attempt.answer(1, [])
    assert (status, body["code"]) == (409, "seq_reused")


@pytest.mark.parametrize("position", [0, -1, 9, 66, 2**31 - 1])
def test_a_position_that_is_none_is_422_and_named(attempt: RunningAttempt, position: int) -> None:
    status, body = attempt.answer(position, [1])
    assert (status, body["code"]) == (422, "invalid_answer")
    assert body["position"] == position
    assert not AnswerEvent.objects.exists()


def test_an_option_of_another_item_is_422(attempt: RunningAttempt) -> None:
    status, body = attempt.answer(1, attempt.form.keys[2])
    assert (status, body["code"], body["position"]) == (422, "invalid_answer", 1)
    assert not AnswerEvent.objects.exists()


def test_too_many_options_are_422_with_both_numbers(attempt: RunningAttempt) -> None:
    status, body = attempt.answer(1, [*attempt.form.keys[1], *attempt.form.others[1]])
    assert (status, body["code"]) == (422, "invalid_answer")
    assert body["detail"] == "Too many answers to question 1: 4 sent, at most 1 allowed."


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b'{"lease": "x", "changes": [], "user": 1}', 422, "unknown_field"),
        (b'{"lease": "x", "changes": []}', 422, "invalid_answer"),
        (b'{"lease": 1, "changes": [{}]}', 422, "invalid_answer"),
        (
            b'{"lease": "x\\u0000", "changes": [{"seq":1,"position":1,"selected":[],"flagged":true}]}',
            404,
            "not_found",
        ),
        (
            b'{"lease": "x", "changes": [{"seq":1e3,"position":1,"selected":[],"flagged":true}]}',
            422,
            "invalid_answer",
        ),
        (b"[" * 60_000, 400, "bad_json"),
        (b" " * 65_537, 413, "too_large"),
    ],
)
def test_a_save_that_does_not_fit_is_refused(
    attempt: RunningAttempt, raw: bytes, status: int, code: str
) -> None:
    reply = attempt.caller.raw(f"{attempt.path}answers/", raw)
    assert (reply[0], reply[1]["code"]) == (status, code)
    assert not AnswerEvent.objects.exists()


def test_a_save_of_another_type_is_415(attempt: RunningAttempt) -> None:
    status, body = attempt.caller.raw(f"{attempt.path}answers/", b"a=1", "application/x-www-form-urlencoded")
    assert (status, body["code"]) == (415, "unsupported_media_type")


def test_a_forged_lease_reads_like_an_absent_attempt(attempt: RunningAttempt) -> None:
    other = "A" if attempt.lease[40] != "A" else "B"
    forged = attempt.lease[:40] + other + attempt.lease[41:]
    change = {"seq": 1, "position": 1, "selected": [], "flagged": False}
    status, body = attempt.caller.post(f"{attempt.path}answers/", {"lease": forged, "changes": [change]})
    assert (status, body["detail"]) == (404, "Attempt not found.")


def test_a_save_needs_no_token_but_the_lease(attempt: RunningAttempt, nobody: Caller) -> None:
    change = {"seq": 1, "position": 1, "selected": [], "flagged": True}
    assert nobody.post(f"{attempt.path}answers/", {"lease": attempt.lease, "changes": [change]})[0] == 200


def test_an_answer_after_the_grace_is_late_and_says_what_is_saved(attempt: RunningAttempt) -> None:
    attempt.answer(1, attempt.form.keys[1])
    past_deadline(attempt.id, 31)
    status, body = attempt.answer(2, attempt.form.keys[2])
    assert (status, body["code"], body["saved"]) == (409, "late", 1)


# --- submit, cancel, result, review ---------------------------------------------------------------


def test_a_submit_gives_a_receipt_and_a_repeat_the_same(attempt: RunningAttempt) -> None:
    attempt.answer_all_right()
    status, body = attempt.submit()
    assert (status, body["state"], len(body["receipt"])) == (200, "submitted", 64)
    assert attempt.submit() == (200, body)


def test_a_save_after_the_end_is_409(attempt: RunningAttempt) -> None:
    attempt.answer(1, attempt.form.keys[1])
    attempt.submit()
    status, body = attempt.answer(2, attempt.form.keys[2])
    assert (status, body["code"], body["saved"]) == (409, "attempt_closed", 1)
    assert AnswerEvent.objects.count() == 1


def test_a_lease_after_the_end_is_409(attempt: RunningAttempt) -> None:
    attempt.submit()
    status, body = attempt.caller.post(f"{attempt.path}lease/")
    assert (status, body["code"]) == (409, "attempt_closed")


def test_a_submit_with_an_old_lease_is_409(attempt: RunningAttempt) -> None:
    attempt.caller.post(f"{attempt.path}lease/")
    status, body = attempt.submit()
    assert (status, body["code"]) == (409, "lease_taken")


@pytest.mark.parametrize("body", [{}, {"lease": None}, {"lease": ""}, {"lease": "x" * 201}])
def test_a_submit_needs_a_lease(attempt: RunningAttempt, body: Any) -> None:
    status, reply = attempt.caller.post(f"{attempt.path}submit/", body)
    assert (status, reply["code"]) == (422, "invalid")


def test_a_submit_with_a_forged_lease_is_404(attempt: RunningAttempt) -> None:
    status, body = attempt.caller.post(f"{attempt.path}submit/", {"lease": "forged"})
    assert (status, body["code"]) == (404, "not_found")
    assert Attempt.objects.get().state == 1


def test_a_start_can_be_cancelled_while_nothing_is_answered(attempt: RunningAttempt) -> None:
    assert attempt.caller.post(f"{attempt.path}cancel/") == (200, {"state": "voided"})
    assert attempt.caller.get("attempts/") == (200, [])
    status, body = attempt.caller.get(f"{attempt.path}result/")
    assert (status, body["code"]) == (409, "attempt_closed")


def test_an_answered_attempt_cannot_be_cancelled(attempt: RunningAttempt) -> None:
    attempt.answer(1, attempt.form.keys[1])
    status, body = attempt.caller.post(f"{attempt.path}cancel/")
    assert (status, body["code"]) == (409, "already_answered")


@pytest.mark.parametrize("part", ["result/", "review/"])
def test_nothing_is_told_before_the_end(attempt: RunningAttempt, part: str) -> None:
    status, body = attempt.caller.get(f"{attempt.path}{part}")
    assert (status, body["code"]) == (409, "not_finished")
    assert body["closes_at"] > body.get("server_now", "")


def test_a_result_is_scored_at_once_without_any_worker(attempt: RunningAttempt) -> None:
    attempt.answer_all_right()
    attempt.submit()
    status, body = attempt.caller.get(f"{attempt.path}result/?language=hu")
    assert status == 200
    assert (body["scaled_score"], body["passed"], body["pass_mark"]) == (1000, True, 750)
    assert (body["correct"], body["scored_items"], body["items"], body["answered"]) == (7, 7, 8, 8)
    assert body["domains"][0] == {"number": 1, "name": "Témakör 1", "weight": 20, "correct": 2, "scored": 2}
    assert 100 <= body["band"]["low"] <= body["band"]["high"] <= 1000
    assert body["pass_chance"] is None  # too few questions to say one
    assert body["counts"] is True
    assert Score.objects.count() == 1


def test_a_result_of_too_few_answers_says_that_it_does_not_count_and_estimates_nothing(
    attempt: RunningAttempt,
) -> None:
    attempt.answer(1, attempt.form.keys[1])
    attempt.submit()
    _, body = attempt.caller.get(f"{attempt.path}result/")
    assert (body["counts"], body["band"], body["pass_chance"]) == (False, None, None)
    _, rows = attempt.caller.get("attempts/")
    assert (rows[0]["scaled_score"], rows[0]["passed"]) == (None, None)


def test_an_expired_attempt_is_scored_when_its_owner_looks(attempt: RunningAttempt) -> None:
    attempt.answer(1, attempt.form.keys[1])
    past_deadline(attempt.id, 31)
    status, body = attempt.caller.get(f"{attempt.path}result/")
    assert (status, body["correct"], body["state"]) == (200, 1, "scored")
    assert body["ended_at"] == attempt.caller.get(attempt.path)[1]["deadline_at"]


def test_a_review_tells_keys_own_answers_and_reasons(attempt: RunningAttempt) -> None:
    attempt.answer(3, attempt.form.keys[3])
    attempt.answer(1, attempt.form.others[1][:1], flagged=True)
    attempt.submit()
    status, body = attempt.caller.get(f"{attempt.path}review/")
    assert (status, len(body["items"])) == (200, 8)
    first, third, last = body["items"][0], body["items"][2], body["items"][7]
    assert (first["correct"], first["flagged"], first["answered"]) == (False, True, True)
    assert third["correct"] is True
    assert [one["is_key"] for one in third["options"]] == [True, False, True, False, False]
    assert [one["chosen"] for one in third["options"]] == [True, False, True, False, False]
    assert third["options"][0]["rationale"]
    assert third["references"] == [{"title": "Docs", "url": "https://docs.aws.amazon.com/s3/"}]
    assert (last["is_scored"], last["answered"]) == (False, False)
