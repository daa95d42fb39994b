"""Bookmark, note and report in a row of a review: without script, with htmx, pressed twice, refused."""

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
from exams.feedback import services
from exams.feedback.models import Bookmark, Note, ProblemReport
from tests import factories
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


def row_of(reply: Any, position: int) -> str:
    """Return the HTML of one row of a review."""
    html = str(reply.content.decode()).split(f'<details class="item" id="q{position}"')[1]
    return html.split('<details class="item"')[0]


# --- Without script -------------------------------------------------------------------------------------


def test_a_note_is_saved_and_leads_back_to_its_open_row_and_filter(page: Client, attempt_id: UUID) -> None:
    query = "?show=incorrect&difficulty=medium"
    reply = page.post(f"{act_of('note', attempt_id, 2)}{query}", {"text": "Mind <the> gap"})
    assert reply.status_code == 302
    assert reply["Location"] == f"{review_of(attempt_id, query)}&row=2&done=note#q2own"
    row = row_of(page.get(reply["Location"]), 2)
    assert row.startswith(" open>")
    assert ">\nMind &lt;the&gt; gap</textarea>" in row
    assert "Note saved." in row
    assert '<details class="more" open><summary>Note' in row
    assert "Delete note" in row


def test_a_form_of_a_row_keeps_the_filter_of_the_page(page: Client, attempt_id: UUID) -> None:
    row = row_of(page.get(review_of(attempt_id, "?show=incorrect&row=2")), 2)
    assert f'action="{act_of("note", attempt_id, 2)}?show=incorrect"' in row
    assert len(re.findall(r'action="[^"]*/review/2/[^"]*\?show=incorrect"', row)) == 3


def test_a_row_of_which_nothing_was_said_leads_to_its_forms(page: Client, attempt_id: UUID) -> None:
    row = row_of(page.get(review_of(attempt_id, "?show=incorrect")), 2)
    address = f"{act_of('review_own', attempt_id, 2)}?show=incorrect"
    assert f'<a href="{address}">Bookmark, note, or report a problem</a>' in row
    assert "<textarea" not in row
    reply = page.get(address)
    assert reply["Location"] == f"{review_of(attempt_id, '?show=incorrect')}&row=2#q2own"
    assert row_of(page.get(reply["Location"]), 2).count("<textarea") == 2


def test_a_reason_stays_chosen_in_its_own_row_alone(page: Client, attempt_id: UUID) -> None:
    page.post(act_of("bookmark", attempt_id, 1), {"bookmarked": "1"})
    reply = page.post(act_of("report", attempt_id, 2), {"reason": "other", "text": ""})
    assert reply.status_code == 422
    assert 'value="other" selected' in row_of(reply, 2)
    assert "selected" not in row_of(reply, 1)


def test_a_row_that_no_longer_fits_its_filter_is_shown_after_the_act(page: Client, attempt_id: UUID) -> None:
    page.post(act_of("bookmark", attempt_id, 1), {"bookmarked": "1"})
    reply = page.post(
        f"{act_of('bookmark', attempt_id, 1)}?show=bookmarked", {"bookmarked": "0"}, follow=True
    )
    assert "Bookmark removed." in row_of(reply, 1)


def test_a_bookmark_is_set_and_removed_by_its_button(page: Client, attempt_id: UUID) -> None:
    for _ in range(2):
        reply = page.post(act_of("bookmark", attempt_id, 1), {"bookmarked": "1"}, follow=True)
    row = row_of(reply, 1)
    assert "Remove bookmark" in row
    assert "Bookmark added.</p>" in squeezed(row)
    assert Bookmark.objects.count() == 1
    page.post(act_of("bookmark", attempt_id, 1), {"bookmarked": "0"})
    assert not Bookmark.objects.exists()


def test_a_report_is_sent_once_and_shown_with_its_answer(page: Client, attempt_id: UUID) -> None:
    for _ in range(2):
        reply = page.post(act_of("report", attempt_id, 1), {"reason": "typo", "text": "<b>its"}, follow=True)
    row = row_of(reply, 1)
    assert "Report sent." in row
    assert "There&#x27;s a typo" in row
    assert "&lt;b&gt;its" in row
    assert "Waiting for an answer" in row
    stored = ProblemReport.objects.get()
    services.answer(report_id=stored.pk, actor=None, state="unchanged", answer="It's fine.", reason="read it")
    row = row_of(page.get(review_of(attempt_id)), 1)
    assert "No change needed" in row
    assert "It&#x27;s fine." in row


def test_filters_find_bookmarks_and_notes(page: Client, anna: User, attempt_id: UUID) -> None:
    services.set_bookmark(user=anna, attempt_id=attempt_id, position=3, bookmarked=True)
    services.write_note(user=anna, attempt_id=attempt_id, position=5, text="Again")
    text = text_of(page.get(review_of(attempt_id)))
    assert "Flagged 0 Bookmarked 1 With a note 1" in text
    for show, position in (("bookmarked", 3), ("noted", 5)):
        html = page.get(review_of(attempt_id, f"?show={show}")).content.decode()
        assert re.findall(r'<details class="item" id="q(\d)"', html) == [str(position)]


def test_whoever_signs_in_on_the_way_is_led_to_the_row(page: Client, attempt_id: UUID) -> None:
    for name in ("note", "bookmark", "report"):
        reply = page.get(act_of(name, attempt_id, 4))
        assert reply["Location"] == review_of(attempt_id, "?row=4#q4t")


# --- With htmx ------------------------------------------------------------------------------------------


def test_htmx_gets_the_part_of_the_row_and_its_head(page: Client, attempt_id: UUID) -> None:
    reply = page.post(act_of("note", attempt_id, 2), {"text": "Short"}, headers=HX)
    html = reply.content.decode()
    assert reply.status_code == 200
    assert html.startswith('<div class="own noprint" id="q2own"')
    assert "Note saved." in html
    assert '<span class="row" id="q2m" hx-swap-oob="true"><span class="tag">Note</span>' in html
    assert "<html" not in html
    gone = page.post(act_of("note", attempt_id, 2), {"text": "Short", "delete": "1"}, headers=HX)
    assert "Note deleted." in gone.content.decode()
    assert not Note.objects.exists()


def test_htmx_gets_the_forms_of_a_row_when_it_is_looked_at(page: Client, attempt_id: UUID) -> None:
    html = page.get(f"{act_of('review_own', attempt_id, 2)}?show=incorrect", headers=HX).content.decode()
    assert html.startswith('<div class="own noprint" id="q2own"')
    assert len(re.findall(r'action="[^"]*/review/2/[^"]*\?show=incorrect"', html)) == 3
    assert "<html" not in html


def test_htmx_shows_a_refusal_in_the_row_with_what_was_entered(page: Client, attempt_id: UUID) -> None:
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
def test_bad_input_is_said_in_its_row_and_stores_nothing(
    page: Client, attempt_id: UUID, name: str, sent: dict[str, str], status: int, said: str
) -> None:
    for headers in ({}, HX):
        reply = page.post(act_of(name, attempt_id, 2), sent, headers=headers)
        assert reply.status_code == status
        assert said in (reply.content.decode() if headers else row_of(reply, 2))
    assert not Note.objects.exists()
    assert not ProblemReport.objects.exists()
    assert not Bookmark.objects.exists()


def test_a_refusal_speaks_hungarian(page: Client, attempt_id: UUID) -> None:
    reply = page.post(f"/hu{act_of('note', attempt_id)}", {"text": "x" * 10_001})
    assert "Legfeljebb 10\xa0000 karaktert írj." in row_of(reply, 1)


def test_a_second_report_of_the_same_problem_is_a_conflict(page: Client, attempt_id: UUID) -> None:
    page.post(act_of("report", attempt_id), {"reason": "key", "text": "One"})
    reply = page.post(act_of("report", attempt_id), {"reason": "key", "text": "Two"})
    assert reply.status_code == 409
    assert "We&#x27;ll answer that report first." in row_of(reply, 1)
    assert ">\nTwo</textarea>" in row_of(reply, 1)


@pytest.mark.parametrize("name", ["note", "bookmark", "report"])
def test_a_foreign_exam_and_an_absent_question_are_not_found(
    bela: User, page: Client, attempt_id: UUID, name: str
) -> None:
    sent = {"text": "Hello", "bookmarked": "1", "reason": "key"}
    for headers in ({}, HX):
        assert browser(bela).post(act_of(name, attempt_id), sent, headers=headers).status_code == 404
        assert page.post(act_of(name, attempt_id, 99), sent, headers=headers).status_code == 404
    assert browser(bela).get(act_of("review_own", attempt_id), headers=HX).status_code == 404
    assert page.get(act_of("review_own", attempt_id, 99), headers=HX).status_code == 404
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
    assert page.get(act_of("review_own", attempt_id), headers=HX)["HX-Redirect"] == review_of(attempt_id)
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
    address = act_of("review_own", attempt_id) if headers else review_of(attempt_id)
    shown = page.get(address, headers=headers).content.decode()
    assert f"You reported on November {day}, 2026" in shown
    assert f"Our answer on November {day}, 2026" in shown
