"""The dashboard and the exam date through the API."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.users.models import User
from exams.attempts import grading
from exams.catalog.models import Certification
from exams.insights.models import ExamDate
from tests import factories
from tests.exams.api.conftest import Caller, RunningAttempt
from tests.exams.web.test_pages import sit

pytestmark = pytest.mark.django_db
PATH = "certifications/mls-c01/"


def put(caller: Caller, body: Any, code: str = "mls-c01") -> tuple[int, Any]:
    reply = caller.client.put(f"/api/v1/certifications/{code}/exam-date/", body, format="json")
    return reply.status_code, reply.json()


def in_days(days: int) -> str:
    return (timezone.localdate() + dt.timedelta(days=days)).isoformat()


def test_before_the_first_exam_there_is_no_estimate(anna_calls: Caller, form: factories.Form) -> None:
    status, body = anna_calls.get(f"{PATH}dashboard/")
    assert status == 200
    assert body == {
        "answers": 0,
        "prediction": None,
        "no_prediction": "too-few-answers",
        "domains": [],
        "next_step": {"act": "first-exam", "reason": "nothing-known"},
        "new_exam": 1,
        "running": [],
        "exam_date": None,
        "days_left": None,
        "plan": None,
    }


def test_what_runs_is_named_by_its_id_alone(attempt: RunningAttempt) -> None:
    status, body = attempt.caller.get(f"{PATH}dashboard/")
    assert (status, body["running"], body["prediction"]) == (200, [str(attempt.id)], None)


def test_below_20_answers_there_is_no_estimate_and_the_reason_is_said(
    attempt: RunningAttempt, bela_calls: Caller
) -> None:
    attempt.answer_all_right()
    attempt.submit()
    attempt.caller.get(f"{attempt.path}result/")  # a test has no commit after which the score is made
    _, body = attempt.caller.get(f"{PATH}dashboard/")
    estimate = body["prediction"], body["no_prediction"], body["answers"], body["domains"]
    assert estimate == (None, "too-few-answers", 7, [])
    assert bela_calls.get(f"{PATH}dashboard/")[1]["answers"] == 0


def test_after_an_exam_there_is_a_range(anna: User, anna_calls: Caller) -> None:
    form = factories.make_form(domains=sorted([1, 2, 3, 4] * 7), unscored=(), multiple=())
    grading.grade(sit(anna, form, right=range(1, 20), wrong=range(20, 29)))
    _, body = anna_calls.get(f"{PATH}dashboard/")
    found = body["prediction"]
    assert (found["readiness"], found["answers"], body["no_prediction"]) == ("range", 28, None)
    assert 0 <= found["low"] < found["chance"] < found["high"] <= 1
    assert [(one["number"], one["answered"]) for one in body["domains"]] == [(1, 7), (2, 7), (3, 7), (4, 7)]
    assert body["next_step"] == {"act": "review", "reason": "just-taken"}


def test_questions_left_blank_are_no_answers(anna: User, anna_calls: Caller) -> None:
    form = factories.make_form(domains=sorted([1, 2, 3, 4] * 7), unscored=(), multiple=())
    grading.grade(attempt_id := sit(anna, form, right=range(1, 20)))
    _, result = anna_calls.get(f"attempts/{attempt_id}/result/")
    assert (result["counts"], result["pass_chance"]) == (True, None)
    assert (result["pass_chance_low"], result["pass_chance_high"]) == (None, None)
    _, body = anna_calls.get(f"{PATH}dashboard/")
    assert (body["answers"], body["prediction"], body["no_prediction"]) == (19, None, "too-few-answers")


def test_the_chance_by_one_exam_comes_with_its_range(anna: User, anna_calls: Caller) -> None:
    form = factories.make_form(domains=sorted([1, 2, 3, 4] * 7), unscored=(), multiple=())
    grading.grade(attempt_id := sit(anna, form, right=range(1, 20), wrong=[20]))
    _, result = anna_calls.get(f"attempts/{attempt_id}/result/")
    assert 0 <= result["pass_chance_low"] < result["pass_chance"] < result["pass_chance_high"] <= 1
    assert anna_calls.get(f"{PATH}dashboard/")[1]["prediction"]["answers"] == 20


def test_a_date_gives_a_plan_and_null_takes_it_back(anna_calls: Caller, form: factories.Form) -> None:
    Certification.objects.update(retired_on=None)
    assert put(anna_calls, {"day": in_days(4)}) == (200, {"day": in_days(4)})
    _, body = anna_calls.get(f"{PATH}dashboard/")
    assert (body["exam_date"], body["days_left"]) == (in_days(4), 4)
    assert [(one["day"], one["tasks"]) for one in body["plan"]["days"]] == [
        (in_days(0), [{"kind": "exam", "number": 1}]),
        (in_days(1), [{"kind": "review", "number": 1}]),
        (in_days(3), [{"kind": "rest", "number": 0}]),
        (in_days(4), [{"kind": "the-exam", "number": 0}]),
    ]
    assert put(anna_calls, {"day": None}) == (200, {"day": None})
    assert not ExamDate.objects.exists()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"day": in_days(-2)}, 422, "exam_date_past"),
        ({"day": "9999-12-31"}, 422, "exam_date_far"),
        ({"day": "28 March"}, 422, "invalid"),
        ({"day": "abc"}, 422, "invalid"),
        ({"day": 20_270_101}, 422, "invalid"),
        ({}, 422, "invalid"),
        ({"day": in_days(3), "hour": 9}, 422, "unknown_field"),
        ([], 422, "invalid"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(
    anna_calls: Caller, form: factories.Form, body: Any, status: int, code: str
) -> None:
    found, problem = put(anna_calls, body)
    assert (found, problem["code"]) == (status, code)
    assert not ExamDate.objects.exists()


def test_an_absent_certification_is_a_404(anna_calls: Caller, form: factories.Form) -> None:
    assert anna_calls.get("certifications/absent/dashboard/")[0] == 404
    assert put(anna_calls, {"day": in_days(3)}, "absent")[0] == 404


def test_nobody_has_no_dashboard(nobody: Caller, form: factories.Form) -> None:
    assert nobody.get(f"{PATH}dashboard/")[0] == 401
    assert put(nobody, {"day": in_days(3)})[0] == 401
