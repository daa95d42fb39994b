"""The pages around an exam in a browser: with and without script."""

from collections.abc import Callable
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from accounts.jobs import runner
from accounts.users.models import User
from exams.attempts import lifecycle
from exams.catalog.models import Certification
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
    expect(page.locator("#found li")).to_have_count(8)
    act(page)
    expect(page.locator("#found li")).to_have_count(1)
    expect(page.locator("#pane h2").first).to_contain_text("Question 2")
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


def shown(page: Page, position: int) -> None:
    """Expect a question beside the list, and its row marked in it."""
    expect(page.locator("#pane h2").first).to_contain_text(f"Question {position} ")
    expect(page.locator("#found [aria-current]")).to_have_count(1)
    expect(page.locator(f"#q{position} > a")).to_have_attribute("aria-current", "true")


@pytest.mark.parametrize("script", [True, False])
def test_a_row_and_next_and_previous_lead_to_their_question(
    reviewed: Callable[..., Page], script: bool
) -> None:
    page = reviewed(script=script)
    shown(page, 1)
    page.locator("#q3 > a").click()
    shown(page, 3)
    page.locator("#to-next").click()
    shown(page, 4)
    page.locator("#to-previous").click()
    shown(page, 3)
    page.reload()
    shown(page, 3)


def test_keys_go_through_the_list_and_the_page_stays_where_it_is(reviewed: Callable[..., Page]) -> None:
    page = reviewed()
    page.evaluate("scrollTo(0, 40)")
    for key, position in (("j", 2), ("ArrowRight", 3), ("j", 4), ("k", 3), ("ArrowLeft", 2)):
        page.keyboard.press(key)
        shown(page, position)
        assert page.evaluate("scrollY") == 40
    page.evaluate("scrollTo(0, 600)")
    page.keyboard.press("j")
    shown(page, 3)
    expect(page.locator("#pane h2").first).to_be_in_viewport()
    page.locator("#pane summary", has_text="Note").click()
    page.locator("#pane textarea").first.press_sequentially("jk")
    shown(page, 3)


def test_the_next_question_is_there_before_it_is_asked_for(reviewed: Callable[..., Page]) -> None:
    page = reviewed()
    with page.expect_response("**/review/?q=3"):
        page.keyboard.press("j")
    shown(page, 2)
    page.context.set_offline(True)
    page.keyboard.press("j")
    shown(page, 3)


def test_what_is_typed_stays_while_other_questions_are_read(reviewed: Callable[..., Page]) -> None:
    page = reviewed()
    page.locator("#pane summary", has_text="Note").click()
    page.locator("#q1own textarea").first.fill("Half a thought")
    page.locator("#q2 > a").click()
    shown(page, 2)
    page.locator("label", has_text="Flagged").click()
    expect(page.locator("#found li")).to_have_count(1)
    page.locator("label", has_text="All").first.click()
    expect(page.locator("#found li")).to_have_count(8)
    shown(page, 1)
    expect(page.locator("#q1own textarea").first).to_have_value("Half a thought")


@pytest.mark.parametrize("script", [True, False])
def test_a_bookmark_and_a_note_are_one_press_away_and_counted(
    reviewed: Callable[..., Page], script: bool
) -> None:
    page = reviewed("?q=2", script=script)
    page.get_by_role("button", name="Bookmark").click()
    expect(page.get_by_role("button", name="Bookmark")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#n-bookmarked")).to_have_text("1")
    page.locator("#pane summary", has_text="Note").click()
    page.locator("#pane textarea").first.fill("Mind the gap")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator("#q2own")).to_contain_text("Note saved.")
    expect(page.locator("#q2m")).to_contain_text("Note")
    expect(page.locator("#n-noted")).to_have_text("1")


@pytest.mark.parametrize("script", [True, False])
def test_on_a_phone_the_list_is_a_sheet_above_the_question(
    reviewed: Callable[..., Page], script: bool
) -> None:
    page = reviewed(script=script)
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("#found")).to_be_hidden()
    expect(page.locator("#pane .stem")).to_be_in_viewport()
    page.get_by_role("button", name="Questions").click()
    page.locator("#q5 > a").click()
    expect(page.locator("#pane h2").first).to_contain_text("Question 5 ")
    expect(page.locator("#found")).to_be_hidden()


@pytest.mark.parametrize("script", [True, False])
def test_all_questions_on_one_page_go_on_paper_with_their_reasons(
    reviewed: Callable[..., Page], script: bool
) -> None:
    page = reviewed(script=script)
    page.get_by_role("link", name="All on one page").click()
    expect(page.locator(".item h2[id$=t]")).to_have_count(8)
    page.emulate_media(media="print")
    expect(page.locator(".item .notes").last).to_be_visible()
    expect(page.locator("#questions")).to_be_hidden()
    assert not any(button.is_visible() for button in page.locator("main .button, main button").all())
    page.emulate_media(media="screen")
    assert page.pdf().count(b"/Type /Page\n") + page.pdf().count(b"/Type /Page ") > 2
    page.get_by_role("link", name="One question at a time").click()
    expect(page.locator("#pane h2").first).to_contain_text("Question 1 ")


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


@pytest.mark.parametrize("script", [True, False])
def test_on_a_phone_the_way_to_the_exam_date_opens_its_part_and_stands_in_the_field(
    make_candidate: MakeCandidate, anna: User, ended: UUID, script: bool
) -> None:
    Certification.objects.update(retired_on=None)
    anyone = make_candidate(anna, java_script_enabled=script, viewport={"width": 390, "height": 844})
    page = anyone.window()
    page.goto(f"{anyone.server}/mls-c01/")
    page.get_by_role("link", name="Set your exam date").first.click()
    expect(page.locator("details[open] > #date #day")).to_be_focused()
