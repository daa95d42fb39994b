"""What a result tells beside the score: pace, confidence, changed answers, what was new; and the files."""

import csv
import io
import json
import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import translation

from accounts.base import csv_file
from accounts.users.models import User
from exams.attempts import answers, grading, leases, lifecycle
from exams.attempts.answers import Change
from exams.presentation import charts
from tests import roles
from tests.exams.api.conftest import Caller
from tests.exams.web.test_pages import result_of, review_of, signed_in, sit, text_of
from tests.factories import Form, start
from tests.markup import squeezed

pytestmark = pytest.mark.django_db

MINUTE = 60_000


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def take(user: User, form: Form, *changes: Change, seen_ms: Sequence[int | None] = ()) -> UUID:
    """Take an exam by these changes in this order, and submit it with these times."""
    begun = start(user, form)
    lease = leases.read(begun.lease or "")
    assert lease
    answers.save(lease, changes)
    lifecycle.submit(user=user, attempt_id=begun.attempt_id, lease=begun.lease, seen_ms=seen_ms)
    grading.grade(begun.attempt_id)
    return begun.attempt_id


def told(user: User, form: Form) -> UUID:
    """An exam with everything: 1 (slow) and 2 (incorrect) sure; 3 guessed; 4 to 6 changed in each way."""
    right, wrong = form.keys, form.others
    return take(
        user,
        form,
        Change(1, 1, tuple(right[1]), False, 3, 4 * MINUTE),
        Change(2, 2, tuple(wrong[2][:1]), False, 3, MINUTE),
        Change(3, 3, tuple(right[3]), False, 1, MINUTE),
        Change(4, 4, tuple(wrong[4][:1]), False, 2),
        Change(5, 4, tuple(right[4]), False, 2, MINUTE),
        Change(6, 5, tuple(right[5]), False),
        Change(7, 5, tuple(wrong[5][:1]), False),
        Change(8, 6, tuple(wrong[6][:1]), False),
        Change(9, 6, tuple(wrong[6][1:2]), False),
        seen_ms=[None, 90_000, None, None, 30_000],
    )


def page(user: User, attempt_id: UUID, query: str = "") -> str:
    return unescape(text_of(signed_in(user).get(result_of(attempt_id) + query)))


# --- The sections -------------------------------------------------------------------------------------


def test_the_result_tells_pace_confidence_and_changes_in_sentences(anna: User, form: Form) -> None:
    said = page(anna, told(anna, form))
    assert "A typical question took you 1:00. An even pace is" in said
    assert "You were sure of 1 answer that is incorrect (question 2)." in said
    assert "Sure 1 of 2 Unsure 1 of 1 Guess 1 of 1" in said
    assert "You changed 3 answers after your first choice." in said
    assert "In total, that neither gained nor cost you a correct answer." in said
    assert "Incorrect to correct 1 Correct to incorrect 1 Incorrect to incorrect 1" in said
    assert f"All {len(form.keys)} questions were new to you." in said
    assert "Review these first" in said


def test_no_question_took_no_time(anna: User, form: Form) -> None:
    attempt_id = told(anna, form)
    with roles.as_owner(), connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE exams_answerevent SET seen_ms = 40")
        cursor.execute("UPDATE exams_attempt SET seen_ms = '{}'")
        cursor.execute("SET session_replication_role = origin")
    assert "A typical question took you 0:01." in page(anna, attempt_id)


def test_the_longest_questions_come_first_and_lead_to_their_review(anna: User, form: Form) -> None:
    attempt_id = told(anna, form)
    html = signed_in(anna).get(result_of(attempt_id)).content.decode()
    assert re.findall(rf'href="{review_of(attempt_id)}\?q=(\d+)"', html) == ["1", "2", "3", "4", "5"]
    assert "Question 1 4:00 Correct Question 2 1:30 Incorrect" in page(anna, attempt_id)


def test_the_chart_has_a_column_a_question_and_a_foot_for_each_incorrect_one(anna: User, form: Form) -> None:
    html = squeezed(signed_in(anna).get(result_of(told(anna, form))))
    ok, miss = re.findall(r'<path class="ok" d="([^"]+)"/><path class="miss" d="([^"]+)"', html)[0]
    assert (ok.count("V100z"), miss.count("V100z"), miss.count("103v7")) == (3, 2, 5)
    assert f'viewBox="0 0 {len(form.keys)} 110"' in html


def test_milestones_are_told_by_the_number_of_questions_answered(anna: User, form: Form) -> None:
    assert "Time used by the number of questions answered Questions Time used Even pace 5" in page(
        anna, told(anna, form)
    )


def test_an_attempt_without_times_and_confidence_says_so(anna: User, form: Form) -> None:
    said = page(anna, sit(anna, form, right=[1], wrong=[2, 3, 4]))
    assert "We don't know how long each question of this exam took you." in said
    assert "You didn't mark how sure you were." in said
    assert "You didn't change any answer after your first choice." in said
    assert "Pace as a table" not in said
    assert "longest" not in said


def test_an_attempt_without_any_answer_has_its_result(anna: User, form: Form) -> None:
    said = page(anna, sit(anna, form))
    assert "Stopped early" in said
    assert "You didn't change any answer" not in said


def test_too_few_options_are_an_incomplete_answer_on_the_result(anna: User, form: Form) -> None:
    double = next(position for position, keys in form.keys.items() if len(keys) > 1)
    answers_given = [Change(n, n, tuple(keys[:1]), False) for n, keys in form.keys.items() if n != 8]
    assert double != 8
    whole = sum(len(form.keys[n]) == 1 for n in range(1, 8))
    attempt_id = take(anna, form, *answers_given)
    assert f"{whole} of 8, {7 - whole} incomplete" in page(anna, attempt_id)


def test_who_marked_nothing_wrong_as_sure_reads_that(anna: User, form: Form) -> None:
    sure = [Change(n, n, tuple(form.keys[n]), False, 3) for n in range(1, 5)]
    assert "Every answer that you were sure of is correct." in page(anna, take(anna, form, *sure))


def test_a_second_time_nothing_was_new(anna: User, form: Form) -> None:
    sit(anna, form, right=[1])
    assert "You had seen every question of this exam before." in page(anna, sit(anna, form, right=[1]))


def test_the_result_tells_it_in_hungarian_too(anna: User, form: Form) -> None:
    attempt_id = told(anna, form)
    with translation.override("hu"):
        said = text_of(signed_in(anna).get(result_of(attempt_id)))
    for english in ("You changed", "You were sure", "Pace", "new to you", "Download"):
        assert english not in said


# --- Secrecy ------------------------------------------------------------------------------------------


def test_while_the_same_questions_are_taken_nobody_is_told_which_answers_were_correct(
    anna: User, form: Form
) -> None:
    attempt_id = told(anna, form)
    assert "question 2" in page(anna, attempt_id)
    again = start(anna, form)
    said = page(anna, attempt_id)
    assert "An exam you're taking includes these questions." in said
    for hint in ("question 2", "You changed", "A typical question"):
        assert hint not in said
    status, body = Caller(anna).get(f"attempts/{attempt_id}/result/")
    assert (status, body["analysis"]) == (200, None)
    for kind in ("csv", "json"):
        reply: Any = file(anna, attempt_id, kind)
        assert (reply.status_code, reply["Location"]) == (302, result_of(attempt_id))
    lifecycle.submit(user=anna, attempt_id=again.attempt_id, lease=None)
    assert "question 2" in page(anna, attempt_id)


def test_a_running_attempt_has_no_result_and_no_file(anna: User, form: Form) -> None:
    begun = start(anna, form)
    status, body = Caller(anna).get(f"attempts/{begun.attempt_id}/result/")
    assert (status, body["code"]) == (409, "not_finished")
    for kind in ("csv", "json"):
        reply: Any = file(anna, begun.attempt_id, kind)
        assert (reply.status_code, reply["Location"]) == (302, result_of(begun.attempt_id))


def test_the_files_of_another_are_not_found(anna: User, bela: User, form: Form) -> None:
    attempt_id = told(anna, form)
    for kind in ("csv", "json"):
        assert file(bela, attempt_id, kind).status_code == 404


# --- The review ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("show", "found"),
    [("sure", [2]), ("guess", [3]), ("unsure", [4]), ("changed", [4, 5, 6]), ("slow", [1])],
)
def test_the_review_shows_what_was_guessed_unsure_changed_or_slow(
    anna: User, form: Form, show: str, found: list[int]
) -> None:
    html = signed_in(anna).get(review_of(told(anna, form), f"?show={show}")).content.decode()
    assert [int(n) for n in re.findall(r'<li id="q(\d+)"', html)] == found


def test_filters_that_find_nothing_are_offered_only_where_there_was_something_to_find(
    anna: User, form: Form
) -> None:
    names = {"sure", "guess", "unsure", "changed", "slow"}
    plain = take(anna, form, Change(1, 1, tuple(form.keys[1]), False))
    for attempt_id, offered in ((told(anna, form), names), (plain, set())):
        html = signed_in(anna).get(review_of(attempt_id)).content.decode()
        assert set(re.findall(r'name="show" value="(\w+)"', html)) & names == offered


def test_a_row_of_the_review_says_how_long_and_how_sure(anna: User, form: Form) -> None:
    said = unescape(text_of(signed_in(anna).get(review_of(told(anna, form), "?open=all"))))
    assert "4:00 · Sure" in said
    assert "1:00 · Guess" in said


# --- The API ------------------------------------------------------------------------------------------


def test_the_api_tells_the_same_figures(anna: User, form: Form) -> None:
    attempt_id = told(anna, form)
    status, body = Caller(anna).get(f"attempts/{attempt_id}/result/")
    found = body["analysis"]
    assert status == 200
    assert found["novelty"]["new"] == len(form.keys)
    assert [(one["level"], one["answered"], one["correct"]) for one in found["confidence"]] == [
        (3, 2, 1),
        (2, 1, 1),
        (1, 1, 1),
    ]
    assert [one["answer_changed"] for one in found["questions"]][3:6] == [
        "to_correct",
        "to_incorrect",
        "still_incorrect",
    ]
    assert [one["seen_ms"] for one in found["questions"]][:2] == [4 * MINUTE, 90_000]
    _, review = Caller(anna).get(f"attempts/{attempt_id}/review/")
    first = review["items"][0]
    assert (first["confidence"], first["seen_ms"], first["slow"], first["answer_changed"]) == (
        3,
        240_000,
        True,
        None,
    )


# --- The files ----------------------------------------------------------------------------------------


def file(user: User, attempt_id: UUID, kind: str) -> Any:
    return signed_in(user).get(reverse(f"exams:answers_{kind}", args=[attempt_id]))


def test_the_csv_has_a_row_a_question_with_answer_and_key(anna: User, form: Form) -> None:
    reply = file(anna, told(anna, form), "csv")
    assert reply["Content-Disposition"] == 'attachment; filename="mls-c01-exam-1-answers.csv"'
    assert reply["Cache-Control"] == "no-store, private"
    rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert [row["question"] for row in rows] == [str(n) for n in form.keys]
    first = rows[0]
    assert (first["outcome"], first["confidence"], first["seconds"], first["slow"]) == (
        "correct",
        "sure",
        "240",
        "yes",
    )
    assert first["answer"] == first["correct_answer"] != ""
    assert rows[3]["changed"] == "to_correct"
    assert rows[-1]["outcome"] == "unanswered"


def test_the_json_says_the_same(anna: User, form: Form) -> None:
    body = json.loads(file(anna, told(anna, form), "json").content)
    assert body["exam"] == 1
    assert len(body["answers"]) == len(form.keys)
    assert body["answers"][1]["outcome"] == "incorrect"


@pytest.mark.parametrize("start_of", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_no_cell_is_a_formula(start_of: str) -> None:
    text = csv_file.write([{"question": -1, "text": f"{start_of}HYPERLINK(1)", "scored": True}])
    (row,) = csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline=""))
    assert row == {"question": "-1", "text": f"'{start_of}HYPERLINK(1)", "scored": "yes"}


# --- The chart ----------------------------------------------------------------------------------------


def test_columns_end_at_six_minutes_and_no_time_is_no_column() -> None:
    chart = charts.pace([360_000, 900_000, None, 1], [True, False, False, True], 166)
    assert chart.ok == "M0 100V1h.7V100zM3 100V99h.7V100z"
    assert chart.miss == "M1 100V1h.7V100zM1 103v7h.7v-7zM2 103v7h.7v-7z"
    assert (chart.count, chart.even_y) == (4, "54")
