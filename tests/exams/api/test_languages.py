"""Whatever language a program asks for, it gets texts: of ours, or the original ones."""

import pytest

from tests.exams.api.conftest import Sitting

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["xx", "x" * 300, "%00", "hu%00"])
def test_a_language_that_is_none_of_ours_is_answered_in_the_original(sitting: Sitting, language: str) -> None:
    asked = f"?language={language}"
    sitting.answer_all_right()
    sitting.caller.post(f"{sitting.path}submit/", {"lease": sitting.lease})
    for page in ("", "result/", "review/"):
        status, body = sitting.caller.get(f"{sitting.path}{page}{asked}")
        assert status == 200, page
        assert body.get("language", "en") == "en"
    drawn = {"certification": "mls-c01", "feedback": "at_once"}
    status, drill = sitting.caller.post(f"drills/{asked}", drawn)
    assert (status, drill["language"]) == (201, "en")
    path = f"drills/{drill['id']}/"
    assert sitting.caller.get(f"{path}{asked}")[0] == 200
    assert sitting.caller.post(f"{path}close/{asked}", {"position": 1, "show": True})[0] == 200
    assert sitting.caller.post(f"drills/{asked}", {**drawn, "language": "xx"})[1]["language"] == "en"
