"""Whatever language a program asks for, it gets texts: of ours, or the original ones."""

import pytest

from tests.exams.api.conftest import RunningAttempt

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["xx", "x" * 300, "%00", "hu%00"])
def test_a_language_that_is_none_of_ours_is_answered_in_the_original(
    attempt: RunningAttempt, language: str
) -> None:
    asked = f"?language={language}"
    attempt.answer_all_right()
    attempt.caller.post(f"{attempt.path}submit/", {"lease": attempt.lease})
    for page in ("", "result/", "review/"):
        status, body = attempt.caller.get(f"{attempt.path}{page}{asked}")
        assert status == 200, page
        assert body.get("language", "en") == "en"
    drawn = {"certification": "mls-c01", "feedback": "at_once"}
    status, drill = attempt.caller.post(f"drills/{asked}", drawn)
    assert (status, drill["language"]) == (201, "en")
    path = f"drills/{drill['id']}/"
    assert attempt.caller.get(f"{path}{asked}")[0] == 200
    assert attempt.caller.post(f"{path}close/{asked}", {"position": 1, "show": True})[0] == 200
    assert attempt.caller.post(f"drills/{asked}", {**drawn, "language": "xx"})[1]["language"] == "en"
