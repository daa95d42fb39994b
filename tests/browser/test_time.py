"""The time of an exam in a browser: how it is shown, what is told of it, and what happens when it is up."""

import pytest
from playwright.sync_api import expect

from tests import clockwork
from tests.browser.conftest import Held, RunningAttempt, sooner, until
from tests.browser.test_taking import ANSWERS, choose

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_at_the_deadline_the_rest_is_sent_and_the_exam_ends_by_itself(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.clock.install()
    clockwork.leave_seconds(attempt.attempt_id, 60)
    attempt.open()
    held = Held(page, ANSWERS)
    choose(page, attempt.form.keys[1][0])
    until(page, lambda: held.routes)
    page.clock.run_for(60_000)
    # The page leaves as soon as the server has answered: not before all of this was seen.
    expect(page.locator("#ended")).to_contain_text("Time is up")
    expect(page.locator("#q1 input").first).to_be_disabled()
    assert attempt.stored() == {}
    clockwork.leave_seconds(attempt.attempt_id, 0)
    held.let_go()
    sooner(page, lambda: "/result/" in page.url, 40)
    assert attempt.stored() == {1: attempt.form.keys[1]}


def test_an_answer_that_comes_too_late_is_told_with_the_count_of_saved_ones(attempt: RunningAttempt) -> None:
    page = attempt.page
    choose(page, attempt.form.keys[1][0])
    until(attempt.page, lambda: 1 in attempt.stored())
    clockwork.leave_seconds(attempt.attempt_id, -40)
    page.locator("[rel=next]").click()
    choose(page, attempt.form.keys[2][0])
    dialog = page.locator("#ended")
    expect(dialog).to_contain_text("1 answered question is saved.")
    expect(dialog).to_contain_text("1 answer wasn't saved before the exam ended and doesn't count.")
    expect(page.locator(".saved")).to_contain_text("1 arrived after time was up")
    dialog.get_by_role("link", name="See your result").click()
    page.wait_for_url("**/result/")


def test_a_longer_deadline_is_shown_with_the_next_reply(attempt: RunningAttempt) -> None:
    clockwork.leave_seconds(attempt.attempt_id, 3600)
    choose(attempt.page, attempt.form.keys[1][0])
    expect(attempt.page.locator(".clock time")).to_contain_text("0:59:")


def test_a_hidden_clock_stays_hidden_until_five_minutes_are_left(attempt: RunningAttempt) -> None:
    page, time = attempt.page, attempt.page.locator(".clock time")
    page.get_by_role("button", name="Hide").click()
    expect(time).to_be_hidden()
    attempt.open()
    expect(time).to_be_hidden()
    page.clock.install()
    clockwork.leave_seconds(attempt.attempt_id, 330)
    attempt.open()
    expect(time).to_be_hidden()
    page.clock.run_for(30_000)
    expect(time).to_be_visible()
    expect(page.locator(".clock")).to_have_attribute("data-state", "low")
    expect(page.locator(".banners")).to_contain_text("5 minutes left. 8 questions have no answer.")


def test_the_clock_of_the_computer_decides_nothing(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.add_init_script("const real = Date.now; Date.now = () => real() + 3 * 3600 * 1000;")
    attempt.open()
    expect(page.locator(".clock time")).to_contain_text("2:59:")
