"""The exam page to who uses it: what is in sight, what the buttons say, where focus goes, the way out."""

from typing import Any

import pytest
from playwright.sync_api import expect

from exams.attempts.models import Attempt, State
from tests import clockwork, factories
from tests.browser.conftest import MakeCandidate, RunningAttempt, settled, sooner
from tests.browser.test_taking import choose, saved

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_on_a_phone_the_refusal_is_in_sight_where_the_option_was_tapped(
    make_candidate: MakeCandidate, attempt: RunningAttempt
) -> None:
    anna = make_candidate(attempt.candidate.user, viewport={"width": 390, "height": 500}, has_touch=True)
    page = attempt.open(anna.window())
    page.goto(f"{attempt.url}#q3")
    labels, refusal = page.locator("#q3 .option label"), page.locator(".refusal")
    for index in (0, 1, 4):
        labels.nth(index).tap()
    expect(refusal).to_have_text("2 of 2 chosen. Deselect one first.")
    expect(refusal).to_be_in_viewport(ratio=1)
    expect(page.locator("[data-announce]")).to_have_text("2 of 2 chosen. Deselect one first.")
    labels.nth(0).tap()
    expect(refusal).to_be_hidden()
    labels.nth(4).tap()
    expect(page.locator("#q3 :checked")).to_have_count(2)
    expect(refusal).to_be_hidden()


def test_the_refusal_goes_with_its_question(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.goto(f"{attempt.url}#q3")
    for index in range(3):
        page.locator("#q3 .option label").nth(index).click()
    page.locator("[rel=next]").click()
    expect(page.locator("#q4")).to_be_visible()
    expect(page.locator(".refusal")).to_be_hidden()


def test_the_buttons_say_what_they_do_next(attempt: RunningAttempt) -> None:
    page, flag = attempt.page, attempt.page.locator("[data-flag-button]")
    expect(flag).to_have_text("Flag")
    flag.click()
    expect(flag).to_have_text("Unflag")
    page.goto(f"{attempt.url}#q8")
    expect(flag).to_have_text("Flag")
    expect(page.locator("[rel=next]")).to_have_text("Review")
    page.locator("[rel=prev]").click()
    expect(page.locator("[rel=next]")).to_have_text("Next")


def test_a_heading_shows_its_focus_only_to_who_uses_the_keyboard(attempt: RunningAttempt) -> None:
    page = attempt.page
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    page.evaluate("location.hash = '#q2'")
    expect(page.locator("#q2t")).to_be_focused()
    assert page.evaluate(outline) == "none"
    page.keyboard.press("n")
    expect(page.locator("#q3t")).to_be_focused()
    assert page.evaluate(outline) == "solid"
    page.locator("[rel=next]").click()
    expect(page.locator("#q4t")).to_be_focused()
    assert page.evaluate(outline) == "none"


def test_whoever_has_only_fingers_reads_nothing_of_keys(
    make_candidate: MakeCandidate, attempt: RunningAttempt
) -> None:
    expect_keys = attempt.page.locator("#navigator summary")
    attempt.page.get_by_role("button", name="Questions").click()
    expect(expect_keys).to_be_visible()
    phone = make_candidate(attempt.candidate.user, has_touch=True, is_mobile=True)
    page = attempt.open(phone.window())
    page.get_by_role("button", name="Questions").tap()
    expect(page.get_by_role("link", name="Review and submit")).to_be_visible()
    expect(page.locator("#navigator summary")).to_be_hidden()


def test_leaving_leads_to_the_exams_where_the_running_one_can_be_resumed(attempt: RunningAttempt) -> None:
    page = attempt.page
    choose(page, attempt.form.keys[1][0])
    page.locator("[rel=next]").click()
    saved(page)
    page.get_by_role("button", name="Questions").click()
    page.get_by_role("link", name="Leave (the clock keeps running)").click()
    page.wait_for_url("**/attempts/")
    assert attempt.row().state == State.RUNNING
    page.locator("main .primary").first.click()
    expect(page.locator("#q2")).to_be_visible()


def test_on_a_phone_the_three_figures_before_submitting_stand_in_one_row(
    make_candidate: MakeCandidate, attempt: RunningAttempt
) -> None:
    anna = make_candidate(attempt.candidate.user, viewport={"width": 390, "height": 700})
    page = attempt.open(anna.window())
    page.goto(f"{attempt.url}#review")
    expect(page.locator("#review")).to_be_visible()
    boxes = [figure.bounding_box() for figure in page.locator("#review .facts > div:visible").all()]
    assert len({box and box["y"] for box in boxes}) == 1


def test_on_a_phone_the_words_before_submitting_stand_beside_their_icon(
    make_candidate: MakeCandidate, attempt: RunningAttempt
) -> None:
    anna = make_candidate(attempt.candidate.user, viewport={"width": 390, "height": 800})
    page = attempt.open(anna.window())
    page.goto(f"{attempt.url}#review")
    expect(page.locator("#review")).to_be_visible()
    icon = page.locator("#review .notice:visible > .icon").bounding_box()
    words = page.locator("#review .notice:visible > :not(.icon)").first.bounding_box()
    assert icon and words
    assert icon["width"] >= 20
    assert 0 < words["x"] - icon["x"] - icon["width"] <= 16


def test_the_words_of_a_banner_stand_beside_the_middle_of_its_button(attempt: RunningAttempt) -> None:
    page = attempt.page
    other = attempt.candidate.window()
    attempt.open(other)
    banner = page.locator(".banner")
    expect(banner.get_by_role("button")).to_be_visible()
    words, button = banner.locator(".wrap > span").bounding_box(), banner.get_by_role("button").bounding_box()
    assert words and button
    middle = [box["y"] + box["height"] / 2 for box in (words, button)]
    assert abs(middle[0] - middle[1]) <= 2


@pytest.mark.parametrize("script", [True, False])
def test_canceling_asks_first_and_whoever_thinks_better_of_it_goes_on(
    make_candidate: MakeCandidate, form: factories.Form, anna: Any, script: bool
) -> None:
    candidate = make_candidate(anna, java_script_enabled=script)
    started, page = factories.start(anna, form), candidate.window()
    page.goto(f"{candidate.server}/attempts/{started.attempt_id}/{'' if script else 'questions/1/'}")
    asked = page.get_by_role("dialog", name="Cancel this exam?")
    for way in ("Enter", "Keep working"):
        page.get_by_role("button", name="Questions").click()
        page.get_by_role("button", name="Cancel exam").focus()
        page.keyboard.press("Enter")
        expect(asked).to_contain_text("You've seen its questions")
        # Enter pressed twice cancels nothing, and neither does a second thought.
        if way == "Enter":
            page.keyboard.press("Enter")
        else:
            asked.get_by_role("button", name="Keep working").click()
        expect(asked).to_be_hidden()
        page.get_by_role("button", name="Close").click()
        assert Attempt.objects.get().state == State.RUNNING
    page.get_by_role("button", name="Questions").click()
    page.get_by_role("button", name="Cancel exam").click()
    asked.get_by_role("button", name="Cancel exam").click()
    page.wait_for_url("**/exams/1/")
    assert Attempt.objects.get().state == State.VOIDED


def test_enter_pressed_twice_submits_nothing(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.goto(f"{attempt.url}#review")
    page.locator("[data-submit]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#submit-t")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press(" ")
    settled(page)
    expect(page.locator("#submit")).to_be_visible()
    assert attempt.row().state == State.RUNNING
    page.keyboard.press("Escape")
    expect(page.locator("#submit")).to_be_hidden()
    expect(page.locator("[data-submit]")).to_be_focused()


@pytest.mark.parametrize("width", [320, 390])
@pytest.mark.parametrize("language", ["", "/hu"])
def test_without_javascript_the_foot_fits_a_phone_and_every_target_is_44_pixels(
    make_candidate: MakeCandidate, form: factories.Form, anna: Any, language: str, width: int
) -> None:
    candidate = make_candidate(anna, java_script_enabled=False, viewport={"width": width, "height": 640})
    started, page = factories.start(anna, form), candidate.window()
    page.goto(f"{candidate.server}{language}/attempts/{started.attempt_id}/questions/2/")
    page.locator(".examfoot button").nth(1).click()  # flagged from here on
    boxes = [button.bounding_box() for button in page.locator(".examfoot button").all()]
    assert all(box and box["height"] >= 44 for box in boxes)
    assert boxes[0] and boxes[2]
    assert boxes[0]["x"] >= 16
    assert boxes[2]["x"] + boxes[2]["width"] <= width - 16


def test_a_flag_is_read_out_as_every_other_key_is(attempt: RunningAttempt) -> None:
    page, said = attempt.page, attempt.page.locator("[data-announce]")
    page.keyboard.press("m")
    expect(said).to_have_text("Question 1 flagged")
    page.keyboard.press("m")
    expect(said).to_have_text("Question 1 no longer flagged")


def test_whoever_tabs_out_of_the_list_of_questions_does_not_type_behind_it(attempt: RunningAttempt) -> None:
    page, drawer = attempt.page, attempt.page.locator("#navigator")
    page.get_by_role("button", name="Questions").press("Enter")
    expect(drawer).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(drawer).to_be_visible()
    drawer.get_by_role("link", name="Leave").focus()
    for _ in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.closest('#navigator')")
    expect(drawer).to_be_hidden()
    page.get_by_role("button", name="Questions").click()
    page.get_by_role("button", name="Questions").focus()
    expect(drawer).to_be_visible()


def test_the_way_back_from_the_second_question_leads_to_the_first(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.locator("[rel=next]").click()
    expect(page.locator("#q2")).to_be_visible()
    page.go_back()
    expect(page.locator("#q1")).to_be_visible()


def test_more_time_is_told_until_the_next_question(attempt: RunningAttempt) -> None:
    page, banner = attempt.page, attempt.page.locator(".banner")
    clockwork.leave_seconds(attempt.attempt_id, 600)
    attempt.open()
    clockwork.leave_seconds(attempt.attempt_id, 1500)
    choose(page, attempt.form.keys[1][0])
    expect(banner).to_contain_text("You've been given more time.")
    page.locator("[rel=next]").click()
    expect(banner).to_have_count(0)


def test_time_that_is_up_offline_promises_no_result_and_says_that_nothing_is_sent(
    attempt: RunningAttempt,
) -> None:
    page, dialog = attempt.page, attempt.page.locator("#ended")
    page.clock.install()
    clockwork.leave_seconds(attempt.attempt_id, 60)
    attempt.open()
    page.context.set_offline(True)
    choose(page, attempt.form.keys[1][0])
    page.clock.run_for(60_000)
    expect(dialog).to_contain_text("Time is up")
    expect(dialog).to_contain_text("We can't reach the server.")
    expect(page.locator(".banner")).to_have_count(0)
    clockwork.leave_seconds(attempt.attempt_id, 0)
    page.context.set_offline(False)
    sooner(page, lambda: "/result/" in page.url, 30)
    assert attempt.stored() == {1: attempt.form.keys[1]}


def test_colors_of_the_system_still_tell_the_states_of_questions_apart(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.emulate_media(forced_colors="active")
    page.get_by_role("button", name="Questions").click()
    # A fill that the browser takes away tells nothing: what is told by a fill keeps it.
    kept = "(cell, pseudo) => getComputedStyle(cell, pseudo).forcedColorAdjust"
    assert page.locator("#navigator .key [data-state=answered]").evaluate(kept) == "none"
    edge = "cell => getComputedStyle(cell).borderBlockEndWidth"
    assert page.locator("#navigator .key [data-state=incomplete]").evaluate(edge) == "6px"
    assert page.locator("#navigator .key [data-flag]").evaluate(kept, "::after") == "none"
    assert page.locator(".examhead progress").evaluate(kept) == "none"
