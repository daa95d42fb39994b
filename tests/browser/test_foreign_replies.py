"""Somebody else answers in our place, or nobody: the page stays as it is, and says that nothing was saved."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from accounts.users.models import User
from exams.feedback.models import Note, ProblemReport
from flashcards.models import Review, StudySettings
from tests import factories
from tests.browser.conftest import Candidate, MakeCandidate
from tests.exams.attempts.practice import draw, finish_exam
from tests.exams.feedback.helpers import ended
from tests.factories import Form
from tests.flashcards import decks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIGN_IN = "<!doctype html><title>Hotel</title><h1>Welcome to our Wi-Fi</h1><form><input name=room></form>"
FOREIGN: dict[str, dict[str, Any]] = {
    "JSON": {"status": 200, "content_type": "application/json", "body": "{}"},
    "a page of a hotel": {"status": 200, "content_type": "text/html", "body": SIGN_IN},
    "nothing": {"status": 204},
    "a refusal of a proxy": {"status": 429, "content_type": "text/html", "body": SIGN_IN},
}
foreign = pytest.mark.parametrize("reply", FOREIGN.values(), ids=FOREIGN)
WORDS = {
    "": ("Your note wasn't saved. Try again.", "Your report wasn't sent. Try again."),
    "/hu": (
        "A jegyzetedet nem sikerült menteni. Próbáld újra.",
        "A hibabejelentésedet nem sikerült elküldeni. Próbáld újra.",
    ),
}


def answer_posts(page: Page, reply: dict[str, Any]) -> None:
    """Have somebody else answer whatever the page sends."""

    def fulfill(route: Route) -> None:
        if route.request.method == "POST":
            route.fulfill(**reply)
        else:
            route.continue_()

    page.route("**", fulfill)


def part_of_a_row(candidate: Candidate, form: Form, language: str = "") -> tuple[Page, Locator]:
    """Return the review of an exam that has ended, with the reader's part of its second row in view."""
    attempt_id, page = ended(candidate.user, form), candidate.window()
    page.goto(f"{candidate.server}{language}/attempts/{attempt_id}/review/?q=2")
    page.locator("#q2own").scroll_into_view_if_needed()
    own = page.locator("#q2own")
    expect(own.locator("details")).to_have_count(2)
    for summary in own.locator("summary").all():
        summary.click()
    return page, own


def note_in(own: Locator) -> Locator:
    return own.locator("form[action*='/note/']")


def report_in(own: Locator) -> Locator:
    return own.locator("form[action*='/report/']")


@foreign
def test_a_rated_card_stays_until_a_reply_of_ours_comes(
    candidate: Candidate, anna: User, reply: dict[str, Any]
) -> None:
    certification = factories.make_certification()
    decks.make_deck(certification, size=24, previews=10)
    StudySettings.objects.create(user=anna, certification=certification, new_per_day=24)
    page = candidate.window()
    page.goto(f"{candidate.server}/mls-c01/flashcards/study/")
    answer_posts(page, reply)
    page.keyboard.press("Space")
    page.keyboard.press("4")
    expect(page.get_by_role("alert")).to_contain_text("Your rating wasn't saved.")
    expect(page.locator("[data-front]")).to_have_text("What is fact 1?")
    page.unroute("**")
    page.keyboard.press("4")
    expect(page.locator("[data-front]")).to_have_text("What is fact 2?")
    expect(page.get_by_role("alert")).to_be_hidden()
    assert Review.objects.count() == 1


@foreign
def test_an_answer_in_a_drill_stays_chosen_until_a_reply_of_ours_comes(
    candidate: Candidate, anna: User, form: Form, reply: dict[str, Any]
) -> None:
    finish_exam(anna, form)
    drill_id, page = draw(anna, form).attempt_id, candidate.window()
    page.goto(f"{candidate.server}/drills/{drill_id}/")
    page.locator(".option label").first.click()
    answer_posts(page, reply)
    page.get_by_role("button", name="Show answer").click()
    expect(page.get_by_role("alert")).to_contain_text("The server didn't respond.")
    expect(page.locator(".option input").first).to_be_checked()
    page.unroute("**")
    page.get_by_role("button", name="Show answer").click()
    expect(page.locator("#explained")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


@foreign
def test_a_typed_note_stays_until_a_reply_of_ours_comes(
    candidate: Candidate, form: Form, reply: dict[str, Any]
) -> None:
    page, own = part_of_a_row(candidate, form)
    answer_posts(page, reply)
    note_in(own).locator("textarea").fill("Mind the gap")
    save = own.get_by_role("button", name="Save note")
    for _ in range(2):
        save.click()
        expect(note_in(own).get_by_role("alert")).to_have_text(WORDS[""][0])
    expect(note_in(own).locator("textarea")).to_have_value("Mind the gap")
    page.unroute("**")
    save.click()
    expect(own.get_by_role("status")).to_have_text("Note saved.")
    expect(own.get_by_role("alert")).to_have_count(0)
    assert Note.objects.get().text == "Mind the gap"


def test_a_filter_of_the_review_shows_what_it_showed_when_somebody_else_answers(
    candidate: Candidate, form: Form
) -> None:
    page, _own = part_of_a_row(candidate, form)
    page.route("**/review/?*", lambda route: route.fulfill(**FOREIGN["a page of a hotel"]))
    page.locator("label", has_text="Incorrect").click()
    expect(page.get_by_role("alert")).to_have_text("Part of this page didn't load. Reload the page.")
    expect(page.locator("#found li")).to_have_count(8)
    assert "show=" not in page.url


# --- Forms of a row, which have words of their own for it --------------------------------------------------


@pytest.mark.parametrize("language", WORDS)
def test_a_note_that_was_saved_once_is_not_called_saved_when_the_next_try_is_lost(
    candidate: Candidate, form: Form, language: str
) -> None:
    page, own = part_of_a_row(candidate, form, language)
    said, _ = WORDS[language]
    note, button = note_in(own), note_in(own).locator("button:not([name])")
    note.locator("textarea").fill("First")
    button.click()
    expect(own.get_by_role("status")).to_be_visible()
    own.locator("summary").first.click()
    note.locator("textarea").fill("First, and an hour of thought")
    candidate.context.set_offline(True)
    button.click()
    expect(note.get_by_role("alert")).to_have_text(said)
    expect(note.get_by_role("alert")).to_be_in_viewport()
    expect(own.get_by_role("status")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(note.locator("textarea")).to_have_value("First, and an hour of thought")
    candidate.context.set_offline(False)
    button.click()
    expect(own.get_by_role("status")).to_be_visible()
    expect(own.get_by_role("alert")).to_have_count(0)
    assert Note.objects.get().text == "First, and an hour of thought"


@pytest.mark.parametrize("language", WORDS)
def test_a_report_that_the_server_could_not_take_stays_in_its_form(
    candidate: Candidate, form: Form, language: str
) -> None:
    page, own = part_of_a_row(candidate, form, language)
    _, said = WORDS[language]
    page.route("**/report/", lambda route: route.fulfill(status=503, body="down"))
    report = report_in(own)
    report.locator("select").select_option("key")
    report.locator("textarea").fill("B is correct too")
    report.get_by_role("button").click()
    expect(report.get_by_role("alert")).to_have_text(said)
    expect(page.get_by_role("alert")).to_have_count(1)
    expect(report.locator("textarea")).to_have_value("B is correct too")
    expect(report.locator("select")).to_have_value("key")
    page.unroute("**/report/")
    report.get_by_role("button").click()
    expect(own.get_by_role("status")).to_be_visible()
    assert ProblemReport.objects.get().text == "B is correct too"


def test_a_bookmark_and_the_deletion_of_a_note_say_what_was_not_done(
    candidate: Candidate, form: Form
) -> None:
    _page, own = part_of_a_row(candidate, form)
    note_in(own).locator("textarea").fill("First")
    own.get_by_role("button", name="Save note").click()
    # The reply replaces the part: what is pressed before that would be gone with it.
    expect(own.get_by_role("status")).to_have_text("Note saved.")
    own.get_by_role("button", name="Bookmark").click()
    expect(own.get_by_role("status")).to_have_text("Bookmark added.")
    own.locator("summary").first.click()
    candidate.context.set_offline(True)
    own.get_by_role("button", name="Bookmark").click()
    expect(own.get_by_role("alert")).to_have_text("Your bookmark wasn't removed. Try again.")
    for name, said in (("Save note", "saved"), ("Delete note", "deleted")):
        own.get_by_role("button", name=name).click()
        expect(note_in(own).get_by_role("alert")).to_have_text(f"Your note wasn't {said}. Try again.")
    expect(own.get_by_role("alert")).to_have_count(2)


# --- Pages that wait for something ------------------------------------------------------------------------


def test_a_page_that_waits_for_a_file_stays_and_says_that_nobody_answered(
    make_candidate: MakeCandidate, anna: User
) -> None:
    candidate = make_candidate(anna)
    page = candidate.window()
    page.goto(f"{candidate.server}/accounts/privacy/")
    heading = page.locator("#making").inner_text()
    page.route("**/privacy/", lambda route: route.fulfill(**FOREIGN["a page of a hotel"]))
    page.evaluate("htmx.ajax('GET', location.pathname, {target: '#making', swap: 'outerHTML'})")
    expect(page.get_by_role("alert")).to_have_text("The server didn't respond. Use the link to check again.")
    assert page.locator("#making").inner_text() == heading


def test_no_page_of_the_admin_puts_a_foreign_reply_into_itself(make_candidate: MakeCandidate) -> None:
    candidate = make_candidate(factories.make_staff("authors"))
    page = candidate.window()
    page.goto(f"{candidate.server}/admin/")
    heading = page.locator("h1").first.inner_text()
    page.route("**/search/", lambda route: route.fulfill(**FOREIGN["a page of a hotel"]))
    page.evaluate("htmx.ajax('GET', '/admin/search/', {target: 'body', swap: 'innerHTML'})")
    assert page.locator("h1").first.inner_text() == heading
