"""The reader's part of a row of a review: what is typed into one of its forms stays when another is sent."""

import pytest
from playwright.sync_api import Route, expect

from exams.feedback.models import Note, ProblemReport
from tests.browser.conftest import Candidate, until
from tests.browser.test_foreign_replies import note_in, part_of_a_row, report_in
from tests.factories import Form

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_what_is_typed_beside_a_bookmark_stays_in_its_forms(candidate: Candidate, form: Form) -> None:
    _page, own = part_of_a_row(candidate, form)
    note, report = note_in(own), report_in(own)
    note.locator("textarea").fill("Half a thought")
    report.locator("select").select_option("key")
    report.locator("textarea").fill("B is correct too")
    own.get_by_role("button", name="Bookmark").click()
    expect(own.get_by_role("status")).to_have_text("Bookmark added.")
    expect(note.locator("textarea")).to_have_value("Half a thought")
    expect(note.locator("textarea")).to_be_visible()
    note.get_by_role("button", name="Save note").click()
    expect(own.get_by_role("status")).to_have_text("Note saved.")
    expect(report.locator("select")).to_have_value("key")
    expect(report.locator("textarea")).to_have_value("B is correct too")
    report.get_by_role("button").click()
    expect(own.locator("div.said")).to_contain_text("B is correct too")
    assert (Note.objects.get().text, ProblemReport.objects.get().text) == (
        "Half a thought",
        "B is correct too",
    )


def test_a_report_that_was_refused_stays_beside_a_bookmark(candidate: Candidate, form: Form) -> None:
    _page, own = part_of_a_row(candidate, form)
    report = report_in(own)
    report.locator("textarea").fill("B is correct too")
    report.get_by_role("button").click()
    expect(report.get_by_role("alert")).to_be_visible()
    own.get_by_role("button", name="Bookmark").click()
    expect(own.get_by_role("status")).to_have_text("Bookmark added.")
    expect(report.locator("textarea")).to_have_value("B is correct too")
    expect(report.locator("textarea")).to_be_visible()


def test_who_types_on_while_a_bookmark_is_added_types_into_the_same_place(
    candidate: Candidate, form: Form
) -> None:
    page, own = part_of_a_row(candidate, form)
    note = note_in(own).locator("textarea")
    note.fill("Half thought")
    held: list[Route] = []
    page.route("**/bookmark/**", lambda route: held.append(route))
    own.get_by_role("button", name="Bookmark").click()
    note.focus()
    for _ in range(len(" thought")):
        page.keyboard.press("ArrowLeft")
    page.keyboard.type(" a")
    until(page, lambda: held)
    held[0].continue_()
    expect(own.get_by_role("status")).to_have_text("Bookmark added.")
    page.keyboard.type(" good")
    expect(note).to_have_value("Half a good thought")


def test_a_form_that_was_sent_is_as_the_server_says(candidate: Candidate, form: Form) -> None:
    _page, own = part_of_a_row(candidate, form)
    report = report_in(own)
    report.locator("select").select_option("key")
    report.locator("textarea").fill("B is correct too")
    report.get_by_role("button").click()
    expect(own.locator("div.said")).to_be_visible()
    expect(report.locator("textarea")).to_have_value("")


def test_forms_that_nobody_touched_stay_closed(candidate: Candidate, form: Form) -> None:
    _page, own = part_of_a_row(candidate, form)
    for summary in own.locator("summary").all():
        summary.click()
    own.get_by_role("button", name="Bookmark").click()
    expect(own.get_by_role("status")).to_have_text("Bookmark added.")
    expect(own.locator("details[open]")).to_have_count(0)
