"""The pages around an exam in a browser: with and without script."""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from accounts.jobs import runner
from accounts.users.models import User
from exams.attempts import lifecycle
from tests import factories
from tests.browser.conftest import MakeCandidate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ended(anna: User, form: factories.Form) -> UUID:
    """An ended attempt of Anna: one right, one flagged, the rest open."""
    attempt_id = factories.start(anna, form).attempt_id
    for position, ids in ((1, form.keys[1]), (2, [])):
        lifecycle.answer_without_script(
            user=anna, attempt_id=attempt_id, position=position, selected=tuple(ids), flagged=not ids
        )
    lifecycle.submit(user=anna, attempt_id=attempt_id, lease=None)
    return attempt_id


def filter_by_script(page: Page) -> None:
    page.locator("label", has_text="Flagged").click()


def filter_by_form(page: Page) -> None:
    page.locator("label", has_text="Flagged").click()
    page.get_by_role("button", name="Filter").click()


@pytest.mark.parametrize(("script", "act"), [(True, filter_by_script), (False, filter_by_form)])
def test_the_review_filters_with_and_without_script(
    make_candidate: MakeCandidate, anna: User, ended: UUID, script: bool, act: Callable[[Page], None]
) -> None:
    anyone = make_candidate(anna, java_script_enabled=script)
    page = anyone.window()
    page.goto(f"{anyone.server}/attempts/{ended}/result/")
    page.goto(f"{anyone.server}/attempts/{ended}/review/")
    expect(page.locator("details.item")).to_have_count(8)
    act(page)
    expect(page.locator("details.item")).to_have_count(1)
    assert "show=flagged" in page.url


@pytest.fixture
def reviewed(make_candidate: MakeCandidate, anna: User, ended: UUID) -> Callable[..., Page]:
    """Open the review of an ended exam, with or without script."""

    def open_it(query: str = "", *, script: bool = True) -> Page:
        anyone = make_candidate(anna, java_script_enabled=script)
        page = anyone.window()
        page.goto(f"{anyone.server}/attempts/{ended}/result/")
        page.goto(f"{anyone.server}/attempts/{ended}/review/{query}")
        return page

    return open_it


def opened(page: Page) -> int:
    return page.locator("details.item[open]").count()


@pytest.mark.parametrize("script", [True, False])
def test_all_rows_of_the_review_open_and_close_by_one_link(
    reviewed: Callable[..., Page], script: bool
) -> None:
    page = reviewed(script=script)
    assert opened(page) == 0
    page.get_by_role("link", name="Open all").click()
    expect(page.locator("details.item[open]")).to_have_count(8)
    page.get_by_role("link", name="Close all").click()
    expect(page.locator("details.item[open]")).to_have_count(0)
    assert ("open=" in page.url) is False


@pytest.mark.parametrize("script", [True, False])
def test_next_inside_a_row_leads_into_the_following_one(reviewed: Callable[..., Page], script: bool) -> None:
    page = reviewed(script=script)
    page.locator("#q2 > summary").click()
    page.locator("#q2").get_by_role("link", name="Next").click()
    expect(page.locator("#q3")).to_have_attribute("open", "")
    expect(page.locator("#q3 .why").first).to_be_in_viewport()
    page.locator("#q3").get_by_role("link", name="Previous").click()
    expect(page.locator("#q2 .stem")).to_be_in_viewport()


def test_a_row_opens_by_keyboard_and_says_how_it_was_answered(reviewed: Callable[..., Page]) -> None:
    page = reviewed()
    page.locator("#q1 > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#q1 .why").first).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#q1') !== null")


@pytest.mark.parametrize("script", [True, False])
def test_the_forms_of_a_row_come_when_it_is_looked_at(reviewed: Callable[..., Page], script: bool) -> None:
    page = reviewed(script=script)
    expect(page.locator("textarea")).to_have_count(0)
    page.locator("#q2 > summary").click()
    if not script:
        page.locator("#q2own a").click()
    page.locator("#q2own").scroll_into_view_if_needed()
    expect(page.locator("#q2own textarea")).to_have_count(2)
    expect(page.locator("textarea")).to_have_count(2)
    page.locator("#q2own summary", has_text="Note").click()
    page.locator("#q2own textarea").first.fill("Mind the gap")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator("#q2own")).to_contain_text("Note saved.")
    expect(page.locator("#q2m")).to_contain_text("Note")


@pytest.mark.parametrize("script", [True, False])
def test_paper_shows_the_reasons_of_closed_rows(reviewed: Callable[..., Page], script: bool) -> None:
    page = reviewed(script=script)
    assert opened(page) == 0
    shown = page.locator("#q1 .why").first
    expect(shown).to_be_hidden()
    page.emulate_media(media="print")
    expect(shown).to_be_visible()
    expect(page.locator("#q8 .notes")).to_be_visible()
    expect(page.locator(".filters")).to_be_hidden()
    assert not any(button.is_visible() for button in page.locator("main .button, main button").all())
    page.emulate_media(media="screen")
    # Eight questions with their reasons fill several sheets, eight closed rows one.
    assert page.pdf().count(b"/Type /Page\n") + page.pdf().count(b"/Type /Page ") > 2
    expect(shown).to_be_hidden()


@pytest.mark.parametrize("script", [True, False])
def test_one_press_makes_the_score_report_and_fetches_it(
    make_candidate: MakeCandidate, anna: User, ended: UUID, script: bool
) -> None:
    anyone = make_candidate(anna, java_script_enabled=script, accept_downloads=True)
    page = anyone.window()
    result = f"{anyone.server}/attempts/{ended}/result/"
    page.goto(result)
    page.get_by_role("button", name="Score report (PDF)").click()
    expect(page.locator("#pdf")).to_contain_text("Creating the PDF")
    assert (page.url == result) == script
    with page.expect_download() as fetched:
        assert runner.run_due() == 1
    assert fetched.value.suggested_filename == "mls-c01-exam-1-score-report-en.pdf"
    if script:
        expect(page.get_by_role("link", name="Download as PDF")).to_be_visible()


@pytest.mark.parametrize("script", [True, False])
def test_the_appearance_stays_with_and_without_script(
    make_candidate: MakeCandidate, anna: User, script: bool
) -> None:
    anyone = make_candidate(anna, java_script_enabled=script)
    page = anyone.window()
    page.goto(anyone.server)
    if script:
        with page.expect_response("**/accounts/appearance/"):
            page.get_by_text("Dark", exact=True).click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.reload()
    else:
        page.get_by_text("Dark", exact=True).click()
        page.get_by_role("button", name="Apply").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
