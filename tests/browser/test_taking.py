"""Taking an exam in a browser: nothing that was acknowledged is lost, and what was not is never hidden."""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Dialog, Page, Route, expect

from exams.attempts.models import AnswerEvent, State
from tests import factories
from tests.browser.conftest import Held, MakeCandidate, RunningAttempt, sooner, tells, until

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ANSWERS = "**/api/v1/attempts/*/answers/"
SUBMIT = "**/api/v1/attempts/*/submit/"


def option(page: Page, option_id: int) -> Any:
    return page.locator(f"#o{option_id}")


def choose(page: Page, option_id: int) -> None:
    page.locator(f"label[for=o{option_id}]").click()


def answer_all(attempt: RunningAttempt) -> None:
    for position, keys in attempt.form.keys.items():
        for key in keys:
            choose(attempt.page, key)
        if position < len(attempt.form.keys):
            attempt.page.locator("[rel=next]").click()


def saved(page: Page) -> None:
    expect(page.locator(".saved")).to_have_attribute("data-state", "saved")


# --- Answering ----------------------------------------------------------------------------------------
def test_answers_by_mouse_reach_the_server(attempt: RunningAttempt) -> None:
    answer_all(attempt)
    until(attempt.page, lambda: attempt.stored() == attempt.form.keys)
    saved(attempt.page)
    expect(attempt.page.locator(".examhead progress")).to_have_attribute("value", "8")


def test_answers_by_keyboard_reach_the_server(attempt: RunningAttempt) -> None:
    page = attempt.page
    for key in ("b", "ArrowRight", "b", "n", "a", "c", "m", "p"):
        page.keyboard.press(key)
    expect(page.locator("h2:visible").first).to_have_text("Question 2 of 8")
    until(attempt.page, lambda: attempt.stored() == {n: attempt.form.keys[n] for n in (1, 2, 3)})
    until(attempt.page, lambda: AnswerEvent.objects.filter(position=3, flagged=True).exists())


def test_focus_goes_to_the_heading_of_the_question(attempt: RunningAttempt) -> None:
    attempt.page.locator("[rel=next]").click()
    expect(attempt.page.locator("#q2t")).to_be_focused()
    assert attempt.page.title() == "Question 2 of 8 · Passline"


def test_single_keys_can_be_switched_off_and_stay_off(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.get_by_role("button", name="Questions").click()
    page.get_by_text("Keyboard shortcuts", exact=True).click()
    page.get_by_label("Keyboard shortcuts are on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    expect(page.locator("#q1")).to_be_visible()
    attempt.open()
    page.keyboard.press("n")
    expect(page.locator("#q1")).to_be_visible()


def test_keys_with_a_modifier_belong_to_the_browser(attempt: RunningAttempt) -> None:
    attempt.page.keyboard.press("Control+b")
    attempt.page.keyboard.press("Alt+n")
    expect(attempt.page.locator("#q1 :checked")).to_have_count(0)
    expect(attempt.page.locator("#q1")).to_be_visible()


def test_a_third_choice_of_two_is_refused_in_words(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.goto(f"{attempt.url}#q3")
    for index in range(3):
        page.locator("#q3 .option label").nth(index).click()
    expect(page.locator("#q3 :checked")).to_have_count(2)
    expect(page.locator("#q3 output")).to_contain_text("2 of 2 chosen")
    until(attempt.page, lambda: len(attempt.stored().get(3, [])) == 2)


def test_choosing_takes_a_strike_away_and_striking_what_is_chosen_is_refused_in_words(
    attempt: RunningAttempt,
) -> None:
    page, first = attempt.page, attempt.page.locator("#q1 .option").first
    first.locator(".strike").click()
    expect(first.locator(".strike")).to_have_attribute("aria-pressed", "true")
    first.locator("label").click()
    expect(first.locator(".strike")).to_have_attribute("aria-pressed", "false")
    until(attempt.page, lambda: len(attempt.stored().get(1, [])) == 1)
    page.get_by_role("button", name="Sure", exact=True).click()
    strikes: list[Callable[[], None]] = [first.locator(".strike").click, partial(page.keyboard.press, "s")]
    for strike in strikes:
        strike()
        expect(page.locator(".refusal")).to_contain_text("Clear your answer first.")
        expect(first.locator("input")).to_be_checked()
        expect(first.locator(".strike")).to_have_attribute("aria-pressed", "false")
        page.locator("[rel=next]").click()
        page.locator("[rel=prev]").click()
        expect(page.locator(".refusal")).to_be_hidden()
        first.hover()
    saved(page)
    attempt.open()
    expect(first.locator("input")).to_be_checked()
    expect(page.get_by_role("button", name="Sure", exact=True)).to_have_attribute("aria-pressed", "true")


def clear_by_button(page: Page) -> None:
    page.get_by_role("button", name="Clear answer").click()


def clear_where_it_is_said(page: Page) -> None:
    page.locator("form:visible .option:has(:checked) .strike").first.click()
    page.locator(".refusal").get_by_role("button", name="Clear answer").click()


def clear_by_key(page: Page) -> None:
    page.keyboard.press("Delete")


def clear_one_by_one(page: Page) -> None:
    for chosen in page.locator("form:visible .option:has(:checked) label").all()[::-1]:
        chosen.click()


@pytest.mark.parametrize("clear", [clear_by_button, clear_where_it_is_said, clear_by_key, clear_one_by_one])
def test_an_answer_is_cleared_together_with_how_sure_it_was(
    attempt: RunningAttempt, clear: Callable[[Page], None]
) -> None:
    page, sure = attempt.page, attempt.page.get_by_role("button", name="Sure", exact=True)
    page.goto(f"{attempt.url}#q3")
    expect(page.get_by_role("button", name="Clear answer")).to_be_hidden()
    for index in (0, 1):
        page.locator("#q3 .option label").nth(index).click()
    sure.click()
    until(page, lambda: len(attempt.stored().get(3, [])) == 2)
    clear(page)
    until(page, lambda: attempt.stored().get(3) == [])
    expect(page.locator("#q3 :checked")).to_have_count(0)
    expect(page.locator("#q3 output")).to_have_text("0 of 2 chosen")
    expect(sure).to_have_attribute("aria-pressed", "false")
    expect(page.get_by_role("button", name="Clear answer")).to_be_hidden()
    newest = AnswerEvent.objects.filter(position=3).latest("lease_no", "seq")
    assert newest.confidence is None
    page.keyboard.press("s")
    expect(page.locator(".refusal")).to_be_hidden()


def test_a_reload_shows_the_same_question_and_answers(attempt: RunningAttempt) -> None:
    page = attempt.page
    choose(page, attempt.form.keys[1][0])
    page.locator("[rel=next]").click()
    until(attempt.page, lambda: 1 in attempt.stored())
    with page.expect_response("**/lease/"):
        page.reload()
    expect(page.locator("#q2")).to_be_visible()
    expect(option(page, attempt.form.keys[1][0])).to_be_checked()
    assert attempt.row().lease_no == 3


def test_another_device_goes_on_at_the_last_question_with_an_answer(
    attempt: RunningAttempt, make_candidate: MakeCandidate
) -> None:
    choose(attempt.page, attempt.form.keys[1][0])
    attempt.page.locator("[rel=next]").click()
    choose(attempt.page, attempt.form.keys[2][0])
    until(attempt.page, lambda: set(attempt.stored()) == {1, 2})
    second = attempt.open(make_candidate(attempt.candidate.user).window())
    expect(second.locator("#q2")).to_be_visible()
    expect(option(second, attempt.form.keys[2][0])).to_be_checked()


def test_the_other_language_keeps_the_choice(attempt: RunningAttempt) -> None:
    page = attempt.page
    choose(page, attempt.form.keys[1][0])
    page.keyboard.press("l")
    expect(page.locator("#q1 .stem")).to_contain_text("Egy komptársaság")
    expect(page.locator("#q1 .stem")).to_have_attribute("lang", "hu")
    expect(option(page, attempt.form.keys[1][0])).to_be_checked()
    page.get_by_role("button", name="English").click()
    expect(page.locator("#q1 .stem")).to_contain_text("A ferry operator")
    expect(page.get_by_role("button", name="Magyar")).to_be_visible()


def test_the_lease_is_in_no_storage_and_not_in_the_page(attempt: RunningAttempt) -> None:
    seen: list[str] = []
    attempt.page.on("request", lambda request: seen.append(request.post_data or ""))
    choose(attempt.page, attempt.form.keys[1][0])
    until(attempt.page, lambda: 1 in attempt.stored())
    lease = json.loads(next(body for body in seen if "lease" in body))["lease"]
    stored = attempt.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    assert lease not in stored + attempt.page.content() + attempt.page.url


# --- Network ------------------------------------------------------------------------------------------
def test_answers_without_network_are_kept_counted_and_sent_later(attempt: RunningAttempt) -> None:
    page = attempt.page
    attempt.candidate.context.set_offline(True)
    answer_all(attempt)
    page.keyboard.press("m")
    expect(page.locator(".saved")).to_have_text("Answers: 8 not saved yet")
    expect(page.locator(".banners")).to_contain_text("Can't reach the server.")
    assert attempt.stored() == {}
    attempt.candidate.context.set_offline(False)
    until(attempt.page, lambda: attempt.stored() == attempt.form.keys)
    saved(page)
    expect(page.locator(".banners")).to_contain_text("Back online.")
    assert page.evaluate("Object.keys(localStorage).filter(k => /:\\d+:\\d+/.test(k)).length") == 0


def test_a_crash_with_unsent_answers_loses_none(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.route(ANSWERS, lambda route: route.abort())
    choose(page, attempt.form.keys[1][0])
    expect(page.locator(".saved")).to_contain_text("1 not saved yet")
    page.close()
    again = attempt.open(attempt.candidate.window())
    until(again, lambda: attempt.stored() == {1: attempt.form.keys[1]})
    expect(option(again, attempt.form.keys[1][0])).to_be_checked()
    saved(again)


def test_of_six_quick_clicks_on_a_slow_line_the_last_one_wins(attempt: RunningAttempt) -> None:
    page = attempt.page

    def slowly(route: Route) -> None:
        page.wait_for_timeout(500)
        route.continue_()

    page.route(ANSWERS, slowly)
    ids = [attempt.form.keys[1][0], *attempt.form.others[1]]
    page.evaluate(
        "ids => ids.forEach((id, n) => setTimeout(() => document.getElementById(`o${id}`).click(), n * 50))",
        [ids[0], ids[1], ids[2], ids[3], ids[0], ids[2]],
    )
    until(attempt.page, lambda: AnswerEvent.objects.count() == 6)
    assert attempt.stored() == {1: [ids[2]]}
    saved(page)


def test_a_lost_reply_is_sent_again_and_stored_once(attempt: RunningAttempt) -> None:
    page = attempt.page
    held = Held(page, ANSWERS)
    choose(page, attempt.form.keys[1][0])
    until(page, lambda: held.routes)
    lost = held.routes.pop()
    assert lost.fetch().status == 200
    lost.abort()
    until(page, lambda: held.routes)
    expect(page.locator(".saved")).not_to_have_attribute("data-state", "saved")
    held.let_go()
    saved(page)
    assert AnswerEvent.objects.count() == 1


def test_a_server_that_never_answers_is_told_within_six_seconds(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.clock.install()
    attempt.open()
    page.route(ANSWERS, lambda route: None)
    # From a minute later on its time stands still, however long all of this takes.
    page.clock.pause_at(page.evaluate("Date.now() / 1000") + 60)
    option(page, attempt.form.keys[1][0]).evaluate("input => input.click()")
    page.clock.run_for(4000)
    expect(page.locator(".saved")).to_have_attribute("data-state", "saving")
    page.clock.run_for(2000)
    expect(page.locator(".saved")).to_contain_text("1 not saved yet")


def test_a_refused_change_is_shown_and_does_not_hold_up_the_others(attempt: RunningAttempt) -> None:
    page = attempt.page

    def refuse_first(route: Route) -> None:
        changes = json.loads(route.request.post_data or "")["changes"]
        if any(change["position"] == 1 for change in changes):
            route.fulfill(status=422, json={"status": 422, "code": "invalid_answer", "position": 1})
        else:
            route.continue_()

    page.route(ANSWERS, refuse_first)
    choose(page, attempt.form.keys[1][0])
    page.locator("[rel=next]").click()
    choose(page, attempt.form.keys[2][0])
    until(attempt.page, lambda: attempt.stored() == {2: attempt.form.keys[2]})
    expect(page.locator(".banners")).to_contain_text("the answer to question 1")


def test_leaving_with_unsent_answers_asks_first(attempt: RunningAttempt) -> None:
    page = attempt.page
    asked: list[str] = []
    page.route(ANSWERS, lambda route: route.abort())
    choose(page, attempt.form.keys[1][0])

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", agree)
    page.goto(f"{attempt.candidate.server}/attempts/")
    assert asked == ["beforeunload"]


# --- Several windows ----------------------------------------------------------------------------------
def test_a_second_window_takes_over_and_the_first_can_take_it_back(attempt: RunningAttempt) -> None:
    first, second = attempt.page, attempt.candidate.window()
    attempt.open(second)
    choose(second, attempt.form.keys[1][0])
    until(attempt.page, lambda: 1 in attempt.stored())
    expect(first.locator(".banners")).to_contain_text("Open in another window.")
    expect(first.locator("#q1 input").first).to_be_disabled()
    first.get_by_role("button", name="Continue here").click()
    expect(first.locator("#q1 input").first).to_be_enabled()
    expect(option(first, attempt.form.keys[1][0])).to_be_checked()
    expect(second.locator(".banners")).to_contain_text("Open in another window.")


def test_a_window_that_cannot_write_any_more_is_still_scrolled_by_keyboard(attempt: RunningAttempt) -> None:
    first, second = attempt.page, attempt.candidate.window()
    first.set_viewport_size({"width": 390, "height": 700})
    first.evaluate("document.querySelector('#q1 .stem').style.minHeight = '100rem'")
    attempt.open(second)
    expect(first.locator("#q1 input").first).to_be_disabled()
    first.get_by_role("button", name="Continue here").focus()
    first.keyboard.press("Tab")
    expect(first.locator("main")).to_be_focused()
    first.keyboard.press("End")
    until(first, lambda: first.evaluate("document.querySelector('main').scrollTop") > 0)
    first.get_by_role("button", name="Continue here").click()
    expect(first.locator("#q1 input").first).to_be_enabled()
    expect(first.locator("main")).to_have_attribute("tabindex", "-1")


def test_what_another_device_made_stale_is_shown_with_both_answers(
    attempt: RunningAttempt, make_candidate: MakeCandidate
) -> None:
    first, mine, theirs = attempt.page, attempt.form.keys[1][0], attempt.form.others[1][0]
    alone = attempt.form.keys[2][0]
    first.route(ANSWERS, lambda route: route.abort())
    choose(first, mine)
    first.locator("[rel=next]").click()
    choose(first, alone)
    first.locator("[rel=prev]").click()
    other = make_candidate(attempt.candidate.user)
    second = attempt.open(other.window())
    choose(second, theirs)
    until(attempt.page, lambda: attempt.stored() == {1: [theirs]})
    first.unroute(ANSWERS)
    # The next try of its own may be 19 seconds away.
    first.evaluate("dispatchEvent(new Event('online'))")
    expect(first.locator(".banners")).to_contain_text("2 answers given here aren't saved", timeout=30_000)
    expect(first.locator(".banners")).not_to_contain_text("Can't reach the server.")
    attempt.open(second)
    first.get_by_role("button", name="Continue here").click()
    dialog = first.locator("#conflict")
    expect(dialog).to_contain_text("Question 1 of 8")
    # What nobody else has answered is not asked about.
    expect(dialog.locator("fieldset")).to_have_count(1)
    dialog.get_by_label("On this device:").check()
    dialog.get_by_role("button", name="Use these answers").click()
    until(attempt.page, lambda: attempt.stored() == {1: [mine], 2: [alone]})
    expect(option(first, mine)).to_be_checked()


@pytest.mark.parametrize("order", ["back, then taken over", "taken over, then back"])
def test_a_window_that_another_one_has_replaced_does_not_read_that_it_is_back_online(
    attempt: RunningAttempt, make_candidate: MakeCandidate, order: str
) -> None:
    page, network = attempt.page, attempt.candidate.context
    banners, other = page.locator(".banners"), make_candidate(attempt.candidate.user)
    network.set_offline(True)
    expect(banners).to_contain_text("Can't reach the server.")
    if order == "taken over, then back":
        attempt.open(other.window())
        network.set_offline(False)
    else:
        network.set_offline(False)
        expect(banners).to_contain_text("Back online.")
        attempt.open(other.window())
    # The page asks by itself twice a minute; whoever answers hears it at once.
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(banners).to_contain_text("Open in another window.", timeout=40_000)
    expect(banners).not_to_contain_text("Can't reach the server.")
    expect(banners).not_to_contain_text("Back online.")


# --- Submitting ---------------------------------------------------------------------------------------
def submit(page: Page) -> None:
    page.locator("[data-submit]").click()
    page.get_by_role("button", name="Submit now").click()


def test_review_lists_what_is_open_and_flagged_and_submitting_ends(attempt: RunningAttempt) -> None:
    page = attempt.page
    choose(page, attempt.form.keys[1][0])
    page.get_by_role("button", name="Flag").click()
    page.get_by_role("button", name="Questions").click()
    page.get_by_role("link", name="Review and submit").click()
    review = page.locator("#review")
    expect(review.locator("[data-rows=open] li")).to_have_count(7)
    expect(review.locator("[data-rows=open] .tag")).to_have_count(0)
    expect(review.locator("[data-rows=flagged] li")).to_have_count(1)
    expect(review.get_by_role("link", name="1 , answered, flagged")).to_be_visible()
    expect(review.get_by_role("link", name="2 , unanswered")).to_be_visible()
    page.locator("[data-submit]").click()
    asked = page.locator("#submit")
    expect(asked.locator("h2")).to_have_text("Submit with 7 unanswered questions?")
    few = "You've answered 1 of 8 questions, in full or in part. A score needs at least 4 answers."
    expect(asked).to_contain_text(few)
    expect(review).to_contain_text(few)
    expect(review.get_by_text("A guess costs nothing.")).to_be_hidden()
    expect(asked.locator(".primary")).to_have_text("Keep working")
    page.get_by_role("button", name="Submit now").click()
    page.wait_for_url("**/result/")
    assert attempt.row().state in (State.SUBMITTED, State.SCORED)
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('passline:')).length") == 0


def test_a_question_with_too_few_options_chosen_is_shown_as_incomplete(attempt: RunningAttempt) -> None:
    page, keys = attempt.page, attempt.form.keys
    choose(page, keys[1][0])
    page.goto(f"{attempt.url}#q3")
    choose(page, keys[3][0])
    expect(page.locator(".examhead progress")).to_have_attribute("value", "1")
    page.get_by_role("button", name="Questions").click()
    cell = page.locator("#navigator .numbers a").nth(2)
    expect(cell).to_have_attribute("data-state", "incomplete")
    expect(cell).to_have_accessible_name(re.compile("^3 ?, incomplete$"))
    expect(page.locator("[data-counts]")).to_have_text("1 answered, 1 incomplete, 6 unanswered, 0 flagged")
    # Told by a shape: the thick edge stays where the colors are those of the system.
    assert cell.evaluate("cell => getComputedStyle(cell).borderBlockEndWidth") == "6px"
    page.get_by_role("link", name="Review and submit").click()
    expect(page.locator("[data-count=incomplete]")).to_have_text("1")
    expect(page.locator("[data-rows=incomplete] li")).to_contain_text(["1 of 2 chosen"])
    expect(page.locator("[data-rows=open] li")).to_have_count(6)
    page.locator("[data-submit]").click()
    title = page.locator("#submit h2")
    expect(title).to_have_text("Submit with 6 unanswered and 1 incomplete question?")
    page.get_by_role("button", name="Keep working").click()
    page.locator("[data-rows=incomplete] a").click()
    choose(page, keys[3][1])
    expect(page.locator(".examhead progress")).to_have_attribute("value", "2")
    until(page, lambda: attempt.stored() == {1: keys[1], 3: keys[3]})


def test_submitting_waits_for_unsent_answers_and_lets_the_person_decide(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.clock.install()
    attempt.open()
    page.route(ANSWERS, lambda route: route.abort())
    choose(page, attempt.form.keys[1][0])
    page.goto(f"{attempt.url}#review")
    submit(page)
    sooner(page, tells(page.locator("#submit [role=alert]"), "couldn't save"), 15)
    assert attempt.row().state == State.RUNNING
    page.unroute(ANSWERS)
    page.get_by_role("button", name="Keep working").click()
    sooner(page, lambda: 1 in attempt.stored(), 20)
    submit(page)
    page.wait_for_url("**/result/")
    assert attempt.stored() == {1: attempt.form.keys[1]}


def test_a_session_that_ended_asks_for_the_password_in_place(attempt: RunningAttempt) -> None:
    page = attempt.page
    Session.objects.all().delete()
    choose(page, attempt.form.keys[1][0])
    until(attempt.page, lambda: 1 in attempt.stored())
    page.goto(f"{attempt.url}#review")
    submit(page)
    dialog = page.locator("#login")
    dialog.get_by_label("Password").fill("wrong")
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.locator("#login-error")).to_be_visible()
    dialog.get_by_label("Password").fill(factories.PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/result/")
    assert attempt.row().state in (State.SUBMITTED, State.SCORED)


def test_a_submission_whose_replies_are_lost_is_repeated_until_one_arrives(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.goto(f"{attempt.url}#review")
    page.route(SUBMIT, lambda route: (route.fetch(), route.abort()))
    submit(page)
    expect(page.locator("#submit [role=alert]")).to_contain_text("The server didn't respond.")
    page.unroute(SUBMIT)
    page.wait_for_url("**/result/", timeout=20_000)


# --- For all -------------------------------------------------------------------------------------------
def test_signing_out_with_unsent_answers_warns_first(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.route(ANSWERS, lambda route: route.abort())
    choose(page, attempt.form.keys[1][0])
    other = attempt.candidate.window()
    other.goto(f"{attempt.candidate.server}/accounts/logout/")
    expect(other.locator("[data-unsent]")).to_contain_text("aren't saved yet: 1")


def test_without_the_script_file_the_page_still_shows_a_way(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.route("**/js/attempt.js", lambda route: route.abort())
    page.goto(attempt.url + "?again")
    page.get_by_role("link", name="Use the version without JavaScript").click()
    page.wait_for_url("**/questions/1/")


def test_a_whole_exam_without_javascript(
    make_candidate: MakeCandidate, form: factories.Form, anna: Any
) -> None:
    candidate = make_candidate(anna, java_script_enabled=False)
    page = candidate.window()
    attempt = RunningAttempt(candidate, page, factories.start(anna, form).attempt_id, form)
    page.goto(attempt.url)
    page.wait_for_url("**/questions/1/")
    for keys in form.keys.values():
        for key in keys:
            choose(page, key)
        page.get_by_role("button", name="Next").or_(page.get_by_role("button", name="Review")).click()
    page.get_by_role("button", name="Submit exam").click()
    page.wait_for_url("**/result/")
    assert attempt.stored() == form.keys
