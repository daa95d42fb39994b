"""Bookmark, note, report at a question: without script, with htmx, pressed twice, refused, in drills"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import translation

from accounts.profile import services as profiles
from accounts.users.models import User
from exams.attempts import drills, grading
from exams.feedback import services
from exams.feedback.models import Bookmark, Note, ProblemReport
from tests import factories
from tests.accounts.mails import delivered
from tests.exams.attempts.practice import close, draw, finish_exam
from tests.exams.feedback.helpers import HX, act_of, browser, ended, taking
from tests.exams.web.test_pages import review_of, text_of
from tests.factories import Form
from tests.markup import squeezed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def attempt_id(anna: User, form: Form) -> UUID:
    return ended(anna, form)


@pytest.fixture
def page(anna: User) -> Client:
    return browser(anna)


def shown(reply: Any, position: int) -> str:
    """Return the HTML of the question that a review shows, which is the one at this position."""
    html = str(reply.content.decode()).split(f'id="pane" data-q="{position}"')[1]
    return html.split("</article>")[0]


# --- Without script -------------------------------------------------------------------------------------


def test_a_note_is_saved_and_leads_back_to_its_question_and_filter(page: Client, attempt_id: UUID) -> None:
    query = "?show=incorrect&difficulty=medium"
    reply = page.post(f"{act_of('note', attempt_id, 2)}{query}", {"text": "Mind <the> gap"})
    assert reply.status_code == 302
    assert reply["Location"] == f"{review_of(attempt_id, query)}&q=2&done=note#q2own"
    question = shown(page.get(reply["Location"]), 2)
    assert ">\nMind &lt;the&gt; gap</textarea>" in question
    assert "Note saved." in question
    assert '<span class="meta">Your note</span>Mind &lt;the&gt; gap</p>' in question
    assert "Delete note" in question


def test_every_tool_of_a_question_is_at_hand_and_keeps_the_filter_of_the_page(
    page: Client, attempt_id: UUID
) -> None:
    question = shown(page.get(review_of(attempt_id, "?show=incorrect&q=2")), 2)
    assert f'action="{act_of("note", attempt_id, 2)}?show=incorrect"' in question
    assert len(re.findall(r'action="[^"]*/review/2/[^"]*\?show=incorrect"', question)) == 3
    assert 'form="own-card" name="position" value="2"' in question


def test_a_reason_stays_chosen_in_a_refused_report(page: Client, attempt_id: UUID) -> None:
    reply = page.post(act_of("report", attempt_id, 2), {"reason": "other", "text": ""})
    assert reply.status_code == 422
    assert 'value="other" selected' in shown(reply, 2)


def test_a_question_that_no_longer_fits_its_filter_is_shown_after_the_act(
    page: Client, attempt_id: UUID
) -> None:
    page.post(act_of("bookmark", attempt_id, 1), {"bookmarked": "1"})
    reply = page.post(
        f"{act_of('bookmark', attempt_id, 1)}?show=bookmarked", {"bookmarked": "0"}, follow=True
    )
    assert "Bookmark removed." in shown(reply, 1)


def test_a_bookmark_is_set_and_removed_by_its_button(page: Client, attempt_id: UUID) -> None:
    for _ in range(2):
        reply = page.post(act_of("bookmark", attempt_id, 1), {"bookmarked": "1"}, follow=True)
    row = shown(reply, 1)
    assert 'name="bookmarked" value="0" aria-pressed="true"' in row
    assert "Bookmark added.</p>" in squeezed(row)
    assert Bookmark.objects.count() == 1
    page.post(act_of("bookmark", attempt_id, 1), {"bookmarked": "0"})
    assert not Bookmark.objects.exists()


def test_a_report_is_sent_once_and_shown_with_its_answer(page: Client, attempt_id: UUID) -> None:
    for _ in range(2):
        reply = page.post(act_of("report", attempt_id, 1), {"reason": "typo", "text": "<b>its"}, follow=True)
    row = shown(reply, 1)
    assert "Report sent." in row
    assert "There&#x27;s a typo" in row
    assert "&lt;b&gt;its" in row
    assert "Waiting for an answer" in row
    stored = ProblemReport.objects.get()
    services.answer(report_id=stored.pk, actor=None, state="unchanged", answer="It's fine.", reason="read it")
    row = shown(page.get(review_of(attempt_id)), 1)
    assert "No change needed" in row
    assert "It&#x27;s fine." in row


def test_filters_find_bookmarks_and_notes(page: Client, anna: User, attempt_id: UUID) -> None:
    services.set_bookmark(user=anna, attempt_id=attempt_id, position=3, bookmarked=True)
    services.write_note(user=anna, attempt_id=attempt_id, position=5, text="Again")
    text = text_of(page.get(review_of(attempt_id)))
    assert "Bookmarked 1 With a note 1" in text
    for show, position in (("bookmarked", 3), ("noted", 5)):
        html = page.get(review_of(attempt_id, f"?show={show}")).content.decode()
        assert re.findall(r'<li id="q(\d)"', html) == [str(position)]


def test_whoever_signs_in_on_the_way_is_led_to_the_question(page: Client, attempt_id: UUID) -> None:
    for name in ("note", "bookmark", "report"):
        reply = page.get(act_of(name, attempt_id, 4))
        assert reply["Location"] == review_of(attempt_id, "?q=4#q4own")


# --- With htmx ------------------------------------------------------------------------------------------


def test_htmx_gets_the_tools_the_marks_in_the_list_and_the_counts_of_the_filters(
    page: Client, attempt_id: UUID
) -> None:
    page.post(act_of("bookmark", attempt_id, 4), {"bookmarked": "1"})
    reply = page.post(act_of("note", attempt_id, 2), {"text": "Short"}, headers=HX)
    html = squeezed(reply.content.decode())
    assert reply.status_code == 200
    assert html.startswith('<div class="own noprint" id="q2own"')
    assert "Note saved." in html
    assert re.search(r'<span id="q2m" hx-swap-oob="true"><svg.*?</svg><span class="vh">Note</span>', html)
    for name in ("bookmarked", "noted"):
        assert f'<span class="num" id="n-{name}" hx-swap-oob="true">1</span>' in html
    assert "<html" not in html
    gone = page.post(act_of("note", attempt_id, 2), {"text": "Short", "delete": "1"}, headers=HX)
    assert "Note deleted." in gone.content.decode()
    assert 'id="n-noted" hx-swap-oob="true">0</span>' in gone.content.decode()
    assert not Note.objects.exists()


def test_htmx_shows_a_refusal_at_the_question_with_what_was_entered(page: Client, attempt_id: UUID) -> None:
    reply = page.post(act_of("report", attempt_id, 2), {"reason": "other", "text": " "}, headers=HX)
    html = reply.content.decode()
    assert reply.status_code == 422
    assert "Describe the problem in a few words." in html
    assert '<option value="other" selected>' in html
    assert 'aria-invalid="true" aria-describedby="q2-report"' in html
    assert 'id="q2-report"' in html


# --- Bad input ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sent", "status", "said"),
    [
        ("note", {"text": "x" * 100_000}, 422, "Use at most 10,000 characters. Your text has 100,000."),
        ("note", {"text": "a\0b"}, 422, "The text has characters that can&#x27;t be stored."),
        ("report", {"reason": "rude", "text": "x"}, 422, "Choose what is wrong with the question."),
        ("report", {}, 422, "Choose what is wrong with the question."),
        ("report", {"reason": "key", "text": "x" * 2001}, 422, "Use at most 2,000 characters."),
        ("report", {"reason": "key", "text": "x" * 50_000}, 422, "Your text has 50,000."),
        ("bookmark", {"bookmarked": "yes"}, 422, "Use the button to add or remove the bookmark."),
        ("bookmark", {}, 422, "Use the button to add or remove the bookmark."),
    ],
)
def test_bad_input_is_said_at_its_question_and_stores_nothing(
    page: Client, attempt_id: UUID, name: str, sent: dict[str, str], status: int, said: str
) -> None:
    for headers in ({}, HX):
        reply = page.post(act_of(name, attempt_id, 2), sent, headers=headers)
        assert reply.status_code == status
        assert said in (reply.content.decode() if headers else shown(reply, 2))
    assert not Note.objects.exists()
    assert not ProblemReport.objects.exists()
    assert not Bookmark.objects.exists()


def test_a_refusal_speaks_hungarian(page: Client, attempt_id: UUID) -> None:
    reply = page.post(f"/hu{act_of('note', attempt_id)}", {"text": "x" * 10_001})
    assert "Legfeljebb 10\xa0000 karaktert írj." in shown(reply, 1)


def test_a_second_report_of_the_same_problem_is_a_conflict(page: Client, attempt_id: UUID) -> None:
    page.post(act_of("report", attempt_id), {"reason": "key", "text": "One"})
    reply = page.post(act_of("report", attempt_id), {"reason": "key", "text": "Two"})
    assert reply.status_code == 409
    assert "We&#x27;ll answer that report first." in shown(reply, 1)
    assert ">\nTwo</textarea>" in shown(reply, 1)


@pytest.mark.parametrize("name", ["note", "bookmark", "report"])
def test_a_foreign_exam_and_an_absent_question_are_not_found(
    bela: User, page: Client, attempt_id: UUID, name: str
) -> None:
    sent = {"text": "Hello", "bookmarked": "1", "reason": "key"}
    for headers in ({}, HX):
        assert browser(bela).post(act_of(name, attempt_id), sent, headers=headers).status_code == 404
        assert page.post(act_of(name, attempt_id, 99), sent, headers=headers).status_code == 404
        assert browser(bela).get(act_of(name, attempt_id)).status_code == 404
    assert page.post(act_of("bookmark", attempt_id, 99), {}, headers=HX).status_code == 404


@pytest.mark.parametrize("name", ["note", "bookmark", "report"])
def test_an_exam_that_runs_says_that_it_has_not_ended(
    page: Client, anna: User, form: Form, name: str
) -> None:
    running = taking(anna, form)
    sent = {"text": "Hello", "bookmarked": "1", "reason": "key"}
    reply = page.post(act_of(name, running), sent)
    assert reply.status_code == 409
    assert "The exam hasn&#x27;t ended yet." in reply.content.decode()
    assert page.post(act_of(name, running), sent, headers=HX)["HX-Redirect"] == review_of(running)
    assert not (Note.objects.exists() or Bookmark.objects.exists() or ProblemReport.objects.exists())


# --- While the questions are in an exam being taken ------------------------------------------------------


def test_a_review_is_closed_while_its_questions_are_being_taken(
    page: Client, anna: User, attempt_id: UUID, form: Form
) -> None:
    running = taking(anna, form)
    reply = page.get(review_of(attempt_id))
    assert reply.status_code == 409
    html = reply.content.decode()
    assert "An exam you&#x27;re taking includes these questions." in html
    assert f"/attempts/{running}/" in html
    assert "Reason 1" not in html
    part = page.get(review_of(attempt_id), headers=HX)
    assert (part["HX-Refresh"], part.content) == ("true", b"")
    part = page.post(act_of("note", attempt_id), {"text": "It is B"}, headers=HX)
    assert part["HX-Redirect"] == review_of(attempt_id)
    reply = page.post(act_of("note", attempt_id), {"text": "It is B"})
    assert reply.status_code == 409
    assert "You can review them once that exam has ended." in reply.content.decode()
    assert not Note.objects.exists()


def test_a_review_of_other_questions_stays_open_while_an_exam_runs(
    page: Client, anna: User, attempt_id: UUID, form: Form
) -> None:
    taking(anna, factories.make_second(form))
    assert page.get(review_of(attempt_id)).status_code == 200


# --- Your reports ---------------------------------------------------------------------------------------


def test_your_reports_are_listed_with_their_answers(
    page: Client, anna: User, attempt_id: UUID, form: Form
) -> None:
    assert "No reports yet" in text_of(page.get("/problem-reports/"))
    page.post(act_of("report", attempt_id, 2), {"reason": "key", "text": "B is right"})
    report_id = ProblemReport.objects.get().pk
    services.answer(report_id=report_id, actor=None, state="corrected", answer="So it is.", reason="read it")
    text = text_of(page.get("/problem-reports/"))
    assert "MLS-C01 Practice Exam 1, question 2" in text
    assert "B is right" in text
    assert "So it is." in text
    taking(anna, form)
    text = text_of(page.get("/problem-reports/"))
    assert "So it is." not in text
    assert "B is right" not in text
    assert "You can open the report once that exam has ended." in text


# --- Days -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("zone", "day"), [("America/New_York", "27"), ("Europe/Budapest", "28")])
@pytest.mark.parametrize("headers", [{}, HX])
def test_a_report_and_its_answer_are_of_the_readers_own_day_on_the_page_and_in_its_part(
    page: Client, anna: User, attempt_id: UUID, headers: dict[str, str], zone: str, day: str
) -> None:
    profiles.update(anna, time_zone=zone)
    services.report(user=anna, attempt_id=attempt_id, position=1, reason="unclear", text="Which one?")
    at = datetime(2026, 11, 28, 3, tzinfo=UTC)
    ProblemReport.objects.update(created_at=at, state="unchanged", answer="The first.", answered_at=at)
    if headers:
        reply = page.post(act_of("bookmark", attempt_id), {"bookmarked": "1"}, headers=headers)
    else:
        reply = page.get(review_of(attempt_id))
    html = reply.content.decode()
    assert f"You reported on November {day}, 2026" in html
    assert f"Our answer on November {day}, 2026" in html


# --- In drills ------------------------------------------------------------------------------------------


def test_a_closed_question_of_a_running_drill_has_the_tools_and_no_other_has(
    page: Client, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    drill_id = draw(anna, form).attempt_id
    close(anna, drill_id, 1, show=True)
    assert 'class="tools"' in page.get(f"/drills/{drill_id}/?q=1").content.decode()
    assert 'class="tools"' not in page.get(f"/drills/{drill_id}/?q=2").content.decode()
    reply = page.post(act_of("note", drill_id, 1), {"text": "Mind the gap"})
    assert reply["Location"] == f"/drills/{drill_id}/?q=1&done=note#q1own"
    assert "Note saved." in page.get(reply["Location"]).content.decode()
    refused = page.post(act_of("note", drill_id, 2), {"text": "Mind the gap"})
    assert refused.status_code == 409
    assert Note.objects.count() == 1


def test_a_report_on_a_question_of_a_drill_is_listed_and_answered(
    page: Client, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    drill_id = draw(anna, form).attempt_id
    drills.finish(user=anna, attempt_id=drill_id)
    grading.grade(drill_id)
    reply = page.post(act_of("report", drill_id, 3), {"reason": "typo", "text": "A comma"})
    assert reply["Location"] == f"/drills/{drill_id}/result/?q=3&done=report#q3own"
    part = page.post(act_of("bookmark", drill_id, 3), {"bookmarked": "1"}, headers=HX).content.decode()
    assert "You reported on" in part
    assert 'id="n-bookmarked" hx-swap-oob="true">1</span>' in part
    html = page.get("/problem-reports/").content.decode()
    assert "MLS-C01 practice, question 3" in html
    assert f"/drills/{drill_id}/result/?q=3" in html
    services.answer(
        report_id=ProblemReport.objects.get().pk, actor=None, state="corrected", answer="Yes.", reason="read"
    )
    assert "question 3 of your MLS-C01 practice." in str(delivered()[-1].body)


def test_a_refused_note_on_a_drill_is_told_on_its_page(page: Client, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    drill_id = draw(anna, form).attempt_id
    close(anna, drill_id, 1, show=True)
    reply = page.post(act_of("note", drill_id, 1), {"text": "x" * 10_001}, follow=True)
    assert "Use at most 10,000 characters." in text_of(reply)
    assert not Note.objects.exists()
