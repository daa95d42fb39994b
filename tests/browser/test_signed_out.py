"""Somebody signs out or in in another tab while an exam is open: the page says so, and loses nothing."""

import json

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from exams.attempts.models import State
from tests import factories
from tests.browser.conftest import Candidate, Held, RunningAttempt, sooner, tells, until
from tests.browser.test_taking import SUBMIT, choose
from tests.factories import PASSWORD

LEASE = "**/api/v1/attempts/*/lease/"
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
    attempt: RunningAttempt,
) -> None:
    page, keys = attempt.page, attempt.form.keys
    choose(page, keys[1][0])
    until(page, lambda: attempt.stored() == {1: [keys[1][0]]})
    sign_out_elsewhere(attempt.candidate)
    other = attempt.form.others[1][0]
    choose(page, other)
    expect(page.locator("#login")).to_be_visible()
    expect(page.locator(".banners")).not_to_contain_text("another window")
    assert attempt.stored() == {1: [keys[1][0]]}
    sign_in_again(page)
    until(page, lambda: attempt.stored() == {1: [other]})
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.locator(".saved")).to_have_attribute("data-state", "saved")


def test_who_submits_after_signing_out_elsewhere_signs_in_and_is_done(attempt: RunningAttempt) -> None:
    page = attempt.page
    choose(page, attempt.form.keys[1][0])
    expect(page.locator(".saved")).to_have_attribute("data-state", "saved")
    page.goto(f"{attempt.url}#review")
    page.locator("[data-submit]").click()
    sign_out_elsewhere(attempt.candidate)
    page.locator("[data-go]").click()
    sign_in_again(page)
    page.wait_for_url("**/result/")
    assert attempt.row().state != State.RUNNING


# --- Somebody else signs in ---------------------------------------------------------------------------
def sign_in_elsewhere(candidate: Candidate, email: str) -> None:
    """Sign in in another tab of the same browser."""
    other = candidate.window()
    other.goto(f"{candidate.server}/accounts/login/")
    other.get_by_label("Email").fill(email)
    other.locator("main input[type=password]").fill(PASSWORD)
    other.locator("main form button[type=submit]").first.click()
    other.wait_for_url(lambda url: "/login/" not in url, timeout=30_000)
    other.close()


def strange(attempt: RunningAttempt, *, signs_out: bool = True) -> None:
    """Let somebody else sign in in the same browser."""
    stranger = factories.make_user("bela@example.org")
    if signs_out:
        sign_out_elsewhere(attempt.candidate)
    sign_in_elsewhere(attempt.candidate, stranger.email)


def back_again(attempt: RunningAttempt) -> None:
    """Let the person of the exam sign in again in the place of somebody else."""
    sign_out_elsewhere(attempt.candidate)
    sign_in_elsewhere(attempt.candidate, attempt.candidate.user.email)


def test_an_answer_while_another_account_is_signed_in_is_kept_and_sent_once_its_person_is_back(
    attempt: RunningAttempt,
) -> None:
    page, key = attempt.page, attempt.form.keys[1][0]
    strange(attempt)
    choose(page, key)
    banners = page.locator(".banners")
    expect(banners).to_contain_text("Another account is signed in.", timeout=30_000)
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert attempt.stored() == {}
    back_again(attempt)
    until(page, lambda: attempt.stored() == {1: [key]}, 40)
    expect(banners).not_to_contain_text("Another account")
    expect(banners).not_to_contain_text("another window")
    expect(page.locator(".saved")).to_have_attribute("data-state", "saved")


def review(attempt: RunningAttempt) -> Locator:
    """Save an answer and open the dialog before the end; return what it tells."""
    page = attempt.page
    choose(page, attempt.form.keys[1][0])
    until(page, lambda: attempt.stored() == {1: [attempt.form.keys[1][0]]})
    page.goto(f"{attempt.url}#review")
    page.locator("[data-submit]").click()
    return page.locator("#submit [role=alert]")


def test_who_submits_while_another_account_is_signed_in_is_told_and_can_submit_once_back(
    attempt: RunningAttempt,
) -> None:
    page, told = attempt.page, review(attempt)
    strange(attempt)
    page.locator("[data-go]").click()
    expect(told).to_contain_text("Sign in with your own account in another tab", timeout=30_000)
    assert attempt.row().state == State.RUNNING
    back_again(attempt)
    page.locator("[data-go]").click()
    page.wait_for_url("**/result/", timeout=30_000)


def test_a_submission_that_was_under_way_when_another_account_signed_in_can_be_left(
    attempt: RunningAttempt,
) -> None:
    page, told = attempt.page, review(attempt)
    page.route(SUBMIT, lambda route: route.abort())
    page.locator("[data-go]").click()
    expect(told).to_contain_text("The server didn't respond.")
    strange(attempt)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.unroute(SUBMIT)
    expect(told).to_contain_text("Sign in with your own account in another tab", timeout=60_000)
    page.locator("[data-keep]").click()
    expect(page.locator("#submit")).not_to_be_visible()
    expect(page.locator(".banners")).to_contain_text("Another account is signed in.")
    expect(page.locator(".banners")).not_to_contain_text("Can't reach the server.")
    assert attempt.row().state == State.RUNNING


def test_a_submission_without_what_is_unsent_waits_until_the_page_may_submit(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route(LEASE, lambda route: route.fulfill(status=503))
    with page.expect_response(LEASE):
        page.goto(f"{attempt.url}?again")
    choose(page, attempt.form.keys[1][0])
    page.goto(f"{attempt.url}?again#review")
    page.locator("[data-submit]").click()
    told = page.locator("#submit [role=alert]")
    for name in ("Submit now", "Submit anyway"):
        page.get_by_role("button", name=name).click()
        expect(told).to_contain_text("Sending your answers")
        sooner(page, tells(told, "We couldn't save 1 answer yet."), 15)
    assert not [url for url in asked if url.endswith("/submit/")]
    page.unroute(LEASE)
    page.get_by_role("button", name="Submit anyway").click()
    sooner(page, lambda: page.url.endswith("/result/"), 30)
    assert attempt.row().state != State.RUNNING


# --- What is said of the answers is true ------------------------------------------------------------------
def test_that_all_is_saved_is_taken_back_as_soon_as_something_is_not(attempt: RunningAttempt) -> None:
    page, keys = attempt.page, attempt.form.keys
    page.clock.install()
    attempt.open()
    banners = page.locator(".banners")
    page.context.set_offline(True)
    choose(page, keys[1][0])
    sooner(page, tells(banners, "Can't reach the server."), 15)
    page.context.set_offline(False)
    sooner(page, tells(banners, "All answers are saved."), 15)
    held = Held(page, "**/answers/")
    choose(page, attempt.form.others[1][0])
    until(page, lambda: held.routes)
    expect(banners).not_to_contain_text("All answers are saved.")
    held.let_go()


def test_an_answer_that_was_refused_is_not_called_saved(attempt: RunningAttempt) -> None:
    page = attempt.page
    body = {"type": "about:blank", "title": "", "status": 422, "code": "invalid_answer", "detail": ""}
    page.route("**/answers/", lambda route: route.fulfill(status=422, json=body))
    choose(page, attempt.form.keys[1][0])
    expect(page.locator(".banners")).to_contain_text("The server didn't accept the answer to question 1.")
    expect(page.locator(".saved")).to_have_attribute("data-state", "failed")
    expect(page.locator(".saved")).to_contain_text("1 not saved")
    page.unroute("**/answers/")
    choose(page, attempt.form.others[1][0])
    expect(page.locator(".saved")).to_have_attribute("data-state", "saved")


def test_a_refusal_is_forgotten_once_a_newer_answer_to_the_question_is_stored(
    attempt: RunningAttempt,
) -> None:
    page, good, bad = attempt.page, attempt.form.keys[1][0], attempt.form.others[1][0]
    body = {"type": "about:blank", "title": "", "status": 422, "code": "invalid_answer", "detail": ""}

    def judge(route: Route) -> None:
        sent = json.loads(route.request.post_data or "")["changes"]
        if any(bad in change["selected"] for change in sent):
            route.fulfill(status=422, json=body)
        else:
            route.continue_()

    page.route("**/answers/", lambda route: route.abort())
    for chosen in (bad, good, bad, good):
        choose(page, chosen)
    page.unroute("**/answers/")
    page.route("**/answers/", judge)
    page.evaluate("dispatchEvent(new Event('online'))")
    until(page, lambda: attempt.stored() == {1: [good]}, 40)
    expect(page.locator(".saved")).to_have_attribute("data-state", "saved")
    expect(page.locator(".banners")).not_to_contain_text("Not saved.")
