"""What is done with a draft beside its fields: nothing that was typed is lost by it."""

import re

import pytest
from playwright.sync_api import Route, expect

from exams.authoring import services
from exams.authoring.models import Draft, DraftComment, State
from tests import factories
from tests.browser.conftest import Candidate, MakeCandidate, until
from tests.browser.test_editor import field, opened

pytestmark = pytest.mark.browser


@pytest.fixture
def writer(make_candidate: MakeCandidate, db: None) -> Candidate:
    return make_candidate(factories.make_staff("authors"), viewport={"width": 1440, "height": 900})


def test_after_a_refusal_the_editor_still_saves_and_lays_out_its_form(
    form: factories.Form, writer: Candidate
) -> None:
    page = opened(writer)
    field(page, "texts.en.options.1.text").fill("Always the second answer")
    page.get_by_role("button", name="Send to review").click()
    expect(page.get_by_role("alert").first).to_contain_text("Some rules are broken")
    assert page.url.endswith("/send/")
    page.get_by_role("button", name="Add an option").click()
    expect(page.locator(".option")).to_have_count(5)
    until(page, lambda: len(Draft.objects.get().content["options"]) == 5)
    assert Draft.objects.get().state == State.DRAFT


def test_what_is_typed_while_the_form_is_laid_out_anew_is_not_lost(
    form: factories.Form, writer: Candidate
) -> None:
    page = opened(writer)
    tip = field(page, "texts.en.tip")

    def slowly(route: Route) -> None:
        page.wait_for_timeout(2000)
        route.continue_()

    page.route("**/edit/", slowly)
    with page.expect_request("**/edit/"):
        page.get_by_role("button", name="Add an option").click()
    tip.click()
    page.keyboard.type("Typed meanwhile.")
    expect(page.locator(".option")).to_have_count(5)
    expect(tip).to_have_value(re.compile("Typed meanwhile"))
    until(page, lambda: "Typed meanwhile." in Draft.objects.get().content["texts"]["en"]["tip"])
    expect(page.locator("[data-conflict]")).to_be_hidden()


def test_a_button_without_connection_says_so_and_can_be_pressed_again(
    form: factories.Form, writer: Candidate
) -> None:
    page = opened(writer)
    add = page.get_by_role("button", name="Add an option")
    writer.context.set_offline(True)
    add.click()
    expect(page.locator("[data-saving]")).to_contain_text("Not done: no connection.")
    expect(add).to_be_focused()
    writer.context.set_offline(False)
    add.click()
    expect(page.locator(".option")).to_have_count(5)


def test_a_comment_stays_in_the_page_when_the_session_has_ended(
    form: factories.Form, writer: Candidate
) -> None:
    page = opened(writer)
    comment = page.get_by_label("Comment", exact=True)
    comment.fill("Long thought about.")
    cookies = writer.context.cookies()
    writer.context.clear_cookies()
    page.get_by_role("button", name="Add comment").click()
    expect(page.locator("[data-saving]")).to_contain_text("Not done: you were signed out.")
    expect(comment).to_have_value("Long thought about.")
    assert not DraftComment.objects.exists()
    writer.context.add_cookies([{**one} for one in cookies])  # type: ignore[typeddict-item]
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_text("Comment added.")).to_be_visible()
    assert DraftComment.objects.get().text == "Long thought about."


def test_what_was_typed_into_an_exam_is_not_lost_by_another_button(
    form: factories.Form, writer: Candidate
) -> None:
    draft = services.open_draft(
        kind="form", certification=form.form.certification, name="exam-1", actor=writer.user
    )
    page = writer.window()
    page.goto(f"{writer.server}/admin/exams/draft/{draft.pk}/edit/")
    page.locator("#minutes").fill("90")
    page.get_by_role("button", name="Send to review").click()
    told = page.locator("[data-unsaved]")
    expect(told).to_contain_text("changes that aren't saved")
    expect(told).to_be_focused()
    assert Draft.objects.get().state == State.DRAFT
    told.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert Draft.objects.get().content["minutes"] == 90
    page.get_by_role("button", name="Send to review").click()
    expect(page.get_by_text("Sent to review.")).to_be_visible()


def test_enter_in_a_field_of_an_exam_does_what_the_button_beside_it_does(
    form: factories.Form, writer: Candidate
) -> None:
    draft = services.open_draft(
        kind="form", certification=form.form.certification, name="exam-2", actor=writer.user
    )
    page = writer.window()
    page.goto(f"{writer.server}/admin/exams/draft/{draft.pk}/edit/")
    page.locator("#q").fill("E1-Q01")
    page.locator("#q").press("Enter")
    expect(page.locator(".found strong")).to_have_text("E1-Q01")
    page.get_by_role("button", name="Add E1-Q01").click()
    expect(page.locator(".places strong")).to_have_text("E1-Q01")
    expect(page.locator("#q")).to_have_value("E1-Q01")
