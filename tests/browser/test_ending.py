"""An exam that ends otherwise than by its page: taken out of the count, in another window, or offline."""

import pytest
from playwright.sync_api import Page, expect

from exams.attempts import lifecycle, staff
from tests import clockwork, factories
from tests.browser.conftest import RunningAttempt, sooner, tells, until
from tests.browser.test_taking import choose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def shown_again(page: Page) -> None:
    """Behave as if the tab had been hidden and is shown."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def void(attempt: RunningAttempt) -> None:
    """Take the exam out of the count, as staff do."""
    head = factories.make_staff("admin")
    staff.void(attempt_id=attempt.attempt_id, actor=head, reason="wrong paper")


# --- Taken out of the count -----------------------------------------------------------------------------
def test_who_answers_after_staff_voided_the_exam_reads_why_and_is_led_to_their_exams(
    attempt: RunningAttempt,
) -> None:
    page, dialog = attempt.page, attempt.page.locator("#ended")
    void(attempt)
    choose(page, attempt.form.keys[1][0])
    expect(dialog.get_by_role("heading")).to_have_text("This exam doesn't count")
    expect(dialog).to_contain_text("We voided this exam, so it has no result.")
    expect(dialog).not_to_contain_text("Your answers are on the server.")
    expect(page.locator(".saved")).to_have_text("Answers: 1 not saved")
    dialog.get_by_role("link", name="My exams").click()
    page.wait_for_url("**/attempts/")


def test_a_window_that_is_shown_again_after_staff_voided_the_exam_leads_to_the_exams(
    attempt: RunningAttempt,
) -> None:
    void(attempt)
    shown_again(attempt.page)
    attempt.page.wait_for_url("**/attempts/")
    expect(attempt.page.locator(".messages")).to_contain_text("We voided this exam")


def test_an_answer_after_a_cancel_elsewhere_reads_that_the_exam_was_canceled(attempt: RunningAttempt) -> None:
    lifecycle.cancel(user=attempt.candidate.user, attempt_id=attempt.attempt_id)
    choose(attempt.page, attempt.form.keys[1][0])
    expect(attempt.page.locator("#ended")).to_contain_text("This exam was canceled. It has no result.")
    expect(attempt.page.locator("#ended a")).to_have_text("My exams")


def test_an_answer_after_a_submission_elsewhere_is_not_called_late(attempt: RunningAttempt) -> None:
    lifecycle.submit(user=attempt.candidate.user, attempt_id=attempt.attempt_id, lease=None)
    choose(attempt.page, attempt.form.keys[1][0])
    expect(attempt.page.locator("#ended")).to_contain_text("This exam has ended")
    expect(attempt.page.locator(".saved")).to_have_text("Answers: 1 not saved")


# --- Ended in another window ----------------------------------------------------------------------------
@pytest.mark.parametrize("way", ["shown again", "pressed"])
def test_a_window_put_aside_says_that_the_exam_was_submitted_in_another_one(
    attempt: RunningAttempt, way: str
) -> None:
    first, second = attempt.page, attempt.open(attempt.candidate.window())
    button = first.get_by_role("button", name="Continue here")
    expect(button).to_be_visible()
    second.goto(f"{attempt.url}#review")
    second.locator("[data-submit]").click()
    second.get_by_role("button", name="Submit now").click()
    second.wait_for_url("**/result/")
    if way == "pressed":
        button.click()
    else:
        shown_again(first)
    dialog = first.locator("#ended")
    expect(dialog).to_contain_text("This exam has ended")
    expect(dialog).to_contain_text("Your answers are on the server.")
    expect(first.locator(".banner")).to_have_count(0)
    dialog.get_by_role("link", name="See your result").click()
    first.wait_for_url("**/result/")


def test_a_window_put_aside_that_is_shown_again_stays_so_while_the_exam_runs(attempt: RunningAttempt) -> None:
    first = attempt.page
    attempt.open(attempt.candidate.window())
    expect(first.get_by_role("button", name="Continue here")).to_be_visible()
    with first.expect_response("**/clock/"):
        shown_again(first)
    expect(first.get_by_role("button", name="Continue here")).to_be_visible()
    expect(first.locator("#ended")).to_be_hidden()


# --- Offline --------------------------------------------------------------------------------------------
def test_a_page_that_is_offline_when_the_exam_is_over_waits_for_the_server(attempt: RunningAttempt) -> None:
    page, dialog = attempt.page, attempt.page.locator("#ended")
    page.clock.install()
    clockwork.leave_seconds(attempt.attempt_id, 60)
    attempt.open()
    page.context.set_offline(True)
    page.clock.run_for(60_000)
    expect(dialog).to_contain_text("Time is up")
    # As half a minute goes by: whatever is tried, no network is there.
    sooner(page, tells(dialog, "Your result will open when you're back online."), 60)
    clockwork.leave_seconds(attempt.attempt_id, -25)
    page.clock.run_for(3000)
    page.wait_for_timeout(300)
    assert page.url.startswith(attempt.url)
    page.context.set_offline(False)
    sooner(page, lambda: "/result/" in page.url, 20)
    expect(page.locator("h1").first).to_be_visible()


def test_whoever_presses_the_way_to_the_result_offline_stays_until_the_server_answers(
    attempt: RunningAttempt,
) -> None:
    page = attempt.page
    lifecycle.submit(user=attempt.candidate.user, attempt_id=attempt.attempt_id, lease=None)
    choose(page, attempt.form.keys[1][0])
    link = page.get_by_role("link", name="See your result")
    expect(link).to_be_visible()
    page.context.set_offline(True)
    link.click()
    expect(page.locator("#ended")).to_contain_text("Your result will open when you're back online.")
    assert page.url.startswith(attempt.url)
    page.context.set_offline(False)
    page.wait_for_url("**/result/", timeout=20_000)
    until(page, lambda: page.locator("h1").count())
