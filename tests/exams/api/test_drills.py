"""Drills by API that cannot be: each is refused by a sentence in the language asked for, and none starts."""

from typing import Any

import pytest

from accounts.users.models import User
from exams.attempts.models import Attempt, Mode
from tests.exams.api.conftest import Caller
from tests.exams.attempts.practice import finish_exam
from tests.factories import Form

pytestmark = pytest.mark.django_db
ASKED = {"certification": "mls-c01", "number": 5}


@pytest.mark.parametrize(
    ("sent", "status", "code", "detail"),
    [
        ({"number": 0}, 422, "invalid", "greater than or equal to 5."),
        ({"number": 66}, 422, "invalid", "less than or equal to 65."),
        ({"number": 10**30}, 422, "invalid", ""),
        ({"number": "many"}, 422, "invalid", ""),
        ({"pool": "everything"}, 422, "invalid", ""),
        ({"pool": "flagged"}, 409, "nothing_to_draw", ""),
        ({"domain": 9}, 409, "nothing_to_draw", ""),
        ({"domains": [9, 8]}, 409, "nothing_to_draw", ""),
        ({"domains": ["x"]}, 422, "invalid", ""),
        ({"tasks": ["9.9"]}, 409, "nothing_to_draw", ""),
        ({"mood": 1}, 422, "unknown_field", ""),
    ],
)
def test_a_drill_that_cannot_be_is_refused_and_none_starts(
    anna: User, anna_calls: Caller, form: Form, sent: dict[str, Any], status: int, code: str, detail: str
) -> None:
    finish_exam(anna, form)
    found, problem = anna_calls.post("drills/", {**ASKED, **sent})
    assert (found, problem["code"]) == (status, code)
    assert problem["detail"]
    assert detail in problem["detail"]
    _, hungarian = anna_calls.post("drills/", {**ASKED, **sent}, **{"Accept-Language": "hu"})
    assert hungarian["detail"] != problem["detail"]
    assert not Attempt.objects.filter(mode=Mode.DRILL).exists()


def test_one_topic_and_several_are_asked_for_together(anna: User, anna_calls: Caller, form: Form) -> None:
    finish_exam(anna, form)
    sent = {**ASKED, "number": 65, "domain": 1, "domains": [4], "tasks": ["2.1"], "feedback": "at_once"}
    status, told = anna_calls.post("drills/", sent)
    assert (status, told["questions"]) == (201, 5)
