"""Somebody signs out in another tab while an exam is open: the page says so, and loses nothing."""

import pytest
from playwright.sync_api import Page, expect

from exams.attempts.models import State
from tests.browser.conftest import Candidate, Sitting, until
from tests.browser.test_taking import choose
from tests.factories import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_out_elsewhere(candidate: Candidate) -> None:
    """Sign out in another tab of the same browser."""
    other = candidate.window()
    other.goto(f"{candidate.server}/accounts/logout/")
    other.locator("main form button[type=submit]").click()
    other.wait_for_url(lambda url: "/logout/" not in url)
    other.close()


def sign_in_again(page: Page) -> None:
    """Give the password to the dialog that asks for it."""
    dialog = page.locator("#login")
    expect(dialog).to_contain_text("You were signed out. Your answers are safe; sign in to continue.")
    dialog.locator("input[type=password]").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    # A password is hashed, which takes its time on a busy machine.
    expect(dialog).to_be_hidden(timeout=30_000)


def test_an_answer_after_signing_out_elsewhere_asks_to_sign_in_and_is_saved_without_a_question(
    sitting: Sitting,
) -> None:
    page, keys = sitting.page, sitting.form.keys
    choose(page, keys[1][0])
    until(page, lambda: sitting.stored() == {1: [keys[1][0]]})
    sign_out_elsewhere(sitting.candidate)
    other = sitting.form.others[1][0]
    choose(page, other)
    expect(page.locator("#login")).to_be_visible()
    expect(page.locator(".banners")).not_to_contain_text("another window")
    assert sitting.stored() == {1: [keys[1][0]]}
    sign_in_again(page)
    until(page, lambda: sitting.stored() == {1: [other]})
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".saved")).to_have_attribute("data-state", "saved")


def test_who_submits_after_signing_out_elsewhere_signs_in_and_is_done(sitting: Sitting) -> None:
    page = sitting.page
    choose(page, sitting.form.keys[1][0])
    expect(page.locator(".saved")).to_have_attribute("data-state", "saved")
    page.goto(f"{sitting.url}#review")
    page.locator("[data-submit]").click()
    sign_out_elsewhere(sitting.candidate)
    page.locator("[data-go]").click()
    sign_in_again(page)
    page.wait_for_url("**/result/")
    assert sitting.row().state != State.RUNNING
