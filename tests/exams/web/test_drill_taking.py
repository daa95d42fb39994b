"""A drill with feedback at the end on the pages of an exam: what they show, and the road without script."""

import re
from html import unescape
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from accounts.users.models import User
from exams.attempts import answers, lifecycle
from exams.attempts.models import AnswerEvent, Attempt, Feedback, RefusedAnswer, State
from tests import clockwork
from tests.exams.attempts.practice import answers_of, draw, finish_exam
from tests.factories import Form, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(anna: User) -> Client:
    client = Client()
    client.force_login(anna, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def drill_id(anna: User, form: Form) -> UUID:
    """A drill of Anna's without a time limit."""
    finish_exam(anna, form)
    return draw(anna, form, feedback=Feedback.AT_END).attempt_id


@pytest.fixture
def timed_id(anna: User, form: Form) -> UUID:
    """A drill of Anna's of thirty minutes."""
    finish_exam(anna, form)
    return draw(anna, form, feedback=Feedback.AT_END, minutes=30).attempt_id


def text_of(client: Client, path: str, status: int = 200) -> str:
    reply = client.get(path)
    assert reply.status_code == status, reply
    return unescape(reply.content.decode())


def test_the_page_is_that_of_an_exam_with_every_question_and_no_secret(
    browser: Client, drill_id: UUID
) -> None:
    page = text_of(browser, f"/drills/{drill_id}/")
    assert page.count('class="wrap question" id="q') == 5
    assert f'data-api="/api/v1/attempts/{drill_id}/"' in page
    assert f'data-result="/drills/{drill_id}/result/"' in page
    assert "Reason" not in page
    assert "is_key" not in page


def test_without_a_time_limit_nothing_is_counted_down(browser: Client, drill_id: UUID) -> None:
    for path in (f"/drills/{drill_id}/", f"/drills/{drill_id}/questions/1/", f"/drills/{drill_id}/submit/"):
        page = text_of(browser, path)
        assert "data-left" not in page
        assert 'class="clock"' not in page
        assert "the clock keeps running" not in page
    assert "Leave and continue later" in text_of(browser, f"/drills/{drill_id}/")
    assert "There's no time limit." in text_of(browser, f"/drills/{drill_id}/")


def test_with_a_time_limit_the_clock_runs(browser: Client, timed_id: UUID) -> None:
    page = text_of(browser, f"/drills/{timed_id}/")
    left = re.search(r'data-left="(\d+)"', page)
    assert left
    assert 1790 <= int(left[1]) <= 1800
    assert "Leave (the clock keeps running)" in page
    assert re.search("(29|30) min left", text_of(browser, f"/drills/{timed_id}/questions/2/"))


@pytest.mark.parametrize(
    ("language", "said", "unsaid"),
    [
        (
            "",
            ("Review and finish", "Before you finish"),
            ("Submit", "exam is", "this exam"),
        ),
        (
            "/hu",
            ("Befejezés előtt", "Átnézés és befejezés", "Nincs időkorlát"),
            ("Teszt beadása", "Ez a teszt"),
        ),
    ],
)
def test_the_page_speaks_of_a_drill_and_not_of_an_exam(
    browser: Client, drill_id: UUID, language: str, said: tuple[str, ...], unsaid: tuple[str, ...]
) -> None:
    page = text_of(browser, f"{language}/drills/{drill_id}/")
    assert all(words in page for words in said)
    # What the network, another window and the end are called comes with the page, too.
    assert not [words for words in unsaid if words in page]


def test_without_script_a_drill_is_one_question_a_request(
    browser: Client, anna: User, form: Form, drill_id: UUID
) -> None:
    page = text_of(browser, f"/drills/{drill_id}/")
    assert f'content="0; url=/drills/{drill_id}/questions/1/"' in page
    given = answers_of(form, drill_id)
    sent = {"selected": given[1][0], "confidence": "1", "flagged": "0", "go": "next"}
    path = f"/drills/{drill_id}/questions/1/"
    assert browser.post(path, sent)["Location"] == f"/drills/{drill_id}/questions/2/"
    assert "checked" in text_of(browser, path)
    event = AnswerEvent.objects.get(attempt_id=drill_id)
    assert (event.confidence, event.closes) == (1, False)
    reply = browser.post(f"/drills/{drill_id}/questions/5/", {"flagged": "0", "go": "next"})
    assert reply["Location"] == f"/drills/{drill_id}/submit/"
    assert "4 questions have no answer." in text_of(browser, reply["Location"])
    reply = browser.post(reply["Location"])
    assert reply["Location"] == f"/drills/{drill_id}/result/"
    page = text_of(browser, reply["Location"])
    assert "1 of 5 correct" in page
    assert "Reason" in page


def test_after_the_end_every_page_leads_to_the_result(browser: Client, anna: User, drill_id: UUID) -> None:
    lifecycle.submit(user=anna, attempt_id=drill_id, lease=None)
    for path in ("", "questions/1/", "submit/"):
        assert browser.get(f"/drills/{drill_id}/{path}")["Location"] == f"/drills/{drill_id}/result/"


def test_an_answer_after_the_end_is_recorded_and_told(
    browser: Client, anna: User, form: Form, drill_id: UUID
) -> None:
    lifecycle.submit(user=anna, attempt_id=drill_id, lease=None)
    keys, _ = answers_of(form, drill_id)[2]
    reply = browser.post(f"/drills/{drill_id}/questions/2/", {"selected": keys, "go": "next"}, follow=True)
    said = "Your answer to question 2 arrived after the practice had ended and doesn't count."
    assert said in unescape(reply.content.decode())
    assert RefusedAnswer.objects.get().position == 2


def test_an_answer_after_the_time_limit_is_recorded_and_told(
    browser: Client, form: Form, timed_id: UUID
) -> None:
    clockwork.leave_seconds(timed_id, -31)
    keys, _ = answers_of(form, timed_id)[1]
    reply = browser.post(f"/drills/{timed_id}/questions/1/", {"selected": keys, "go": "next"}, follow=True)
    assert reply.redirect_chain[-1][0] == f"/drills/{timed_id}/result/"
    assert "arrived after time was up" in unescape(reply.content.decode())
    assert Attempt.objects.get(pk=timed_id).state == State.SCORED


def test_a_drill_with_feedback_at_once_is_not_taken_there(browser: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    path = f"/drills/{draw(anna, form).attempt_id}/"
    for page in ("questions/1/", "submit/"):
        assert browser.get(path + page)["Location"] == path
        assert browser.post(path + page, {"go": "next"})["Location"] == path
    assert not AnswerEvent.objects.filter(closes=True).exists()
    assert Attempt.objects.filter(feedback=Feedback.AT_ONCE, state=State.RUNNING).count() == 1


def test_a_question_that_an_exam_holds_keeps_its_place_and_its_answer(
    browser: Client, anna: User, form: Form, drill_id: UUID
) -> None:
    keys, _ = answers_of(form, drill_id)[1]
    browser.post(f"/drills/{drill_id}/questions/1/", {"selected": keys, "flagged": "0", "go": "save"})
    start(anna, form)
    for path in ("", "questions/1/", "submit/"):
        page = text_of(browser, f"/drills/{drill_id}/{path}")
        assert "This question is in an exam that you're taking." in page
        assert "A ferry operator" not in page
        assert "Answer 0 to" not in page
    reply = browser.post(f"/drills/{drill_id}/questions/1/", {"flagged": "0", "go": "next"})
    assert reply["Location"] == f"/drills/{drill_id}/questions/2/"
    assert [list(one.selected) for one in answers.current(drill_id)] == [sorted(keys)]


@pytest.mark.parametrize("path", ["", "questions/1/", "submit/"])
def test_nobody_else_finds_the_drill_and_nobody_keeps_its_pages(
    browser: Client, bela: User, drill_id: UUID, path: str
) -> None:
    assert browser.get(f"/drills/{drill_id}/{path}")["Cache-Control"] == "no-store, private"
    other = Client()
    other.force_login(bela, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert other.get(f"/drills/{drill_id}/{path}").status_code == 404


def test_the_page_sets_the_cookie_whose_token_its_script_sends(browser: Client, drill_id: UUID) -> None:
    assert settings.CSRF_COOKIE_NAME in browser.get(f"/drills/{drill_id}/").cookies


def test_a_drill_that_was_canceled_leads_to_practice_and_says_so(
    browser: Client, anna: User, drill_id: UUID
) -> None:
    lifecycle.cancel(user=anna, attempt_id=drill_id)
    reply = browser.get(f"/drills/{drill_id}/", follow=True)
    assert reply.redirect_chain[-1][0] == "/mls-c01/practice/"
    assert "This practice was canceled." in reply.content.decode()
