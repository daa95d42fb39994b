"""Drills in a browser: at the end on the exam page, at once with htmx, and both without script."""

from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from accounts.users.models import User
from exams.attempts import answers
from exams.attempts.models import Attempt, Feedback, State
from tests import clockwork
from tests.browser.conftest import Candidate, Held, MakeCandidate, sooner, until
from tests.exams.attempts.practice import answers_of, draw, finish_exam
from tests.factories import Form

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}}
LEVEL_ONE = "h1"


def taken(candidate: Candidate, drill_id: UUID, language: str = "") -> Page:
    """Open a drill with feedback at the end, and wait until the page may write."""
    page = candidate.window()
    with page.expect_response("**/lease/"):
        page.goto(f"{candidate.server}{language}/drills/{drill_id}/")
    return page


def stored(drill_id: UUID) -> dict[int, list[int]]:
    return {answer.position: list(answer.selected) for answer in answers.current(drill_id)}


def width_fits(page: Page) -> bool:
    return bool(page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"))


def test_a_drill_is_taken_on_the_exam_page_with_the_network_lost_in_between(
    candidate: Candidate, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    drill_id = draw(anna, form, feedback=Feedback.AT_END).attempt_id
    given, page = answers_of(form, drill_id), taken(candidate, drill_id)
    expect(page.locator(".clock")).to_have_count(0)
    for position, (keys, _) in given.items():
        if position == 2:
            until(page, lambda: set(stored(drill_id)) == {1})
            candidate.context.set_offline(True)
        for key in keys:
            page.locator(f"label[for=o{key}]").click()
        page.locator("[rel=next]").click()
    expect(page.locator(".banners")).to_contain_text("are stored on this device")
    assert set(stored(drill_id)) == {1}
    candidate.context.set_offline(False)
    until(page, lambda: stored(drill_id) == {position: sorted(keys) for position, (keys, _) in given.items()})
    expect(page.locator(".saved")).to_have_attribute("data-state", "saved")
    page.get_by_role("button", name="Finish", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Finish now?")
    expect(dialog).to_contain_text("There's no time limit.")
    dialog.get_by_role("button", name="Finish now").click()
    expect(page.locator(LEVEL_ONE)).to_have_text("5 of 5 correct")
    assert page.url.endswith(f"/drills/{drill_id}/result/")
    assert Attempt.objects.get(pk=drill_id).state == State.SCORED


def test_a_drill_of_the_exam_page_is_taken_by_keyboard_and_goes_on_after_a_reload(
    candidate: Candidate, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    drill_id = draw(anna, form, feedback=Feedback.AT_END).attempt_id
    page = taken(candidate, drill_id)
    for key in ("b", "3", "n", "m", "t"):
        page.keyboard.press(key)
    expect(page.locator("[data-announce]")).to_have_text("There's no time limit.")
    until(page, lambda: set(stored(drill_id)) == {1, 2})
    [first, second] = answers.current(drill_id, times=True)
    assert (first.confidence, second.flagged) == (3, True)
    assert first.seen_ms is not None
    with page.expect_response("**/lease/"):
        page.reload()
    expect(page.locator("#q2")).to_be_visible()
    expect(page.locator(".clock")).to_have_count(0)


def test_a_drill_with_a_time_limit_ends_by_itself_and_leads_to_its_result(
    candidate: Candidate, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    drill_id = draw(anna, form, feedback=Feedback.AT_END, minutes=10).attempt_id
    candidate.context.clock.install()
    clockwork.leave_seconds(drill_id, 60)
    page = taken(candidate, drill_id)
    expect(page.locator(".clock")).to_be_visible()
    clockwork.leave_seconds(drill_id, 0)
    page.clock.run_for(60_000)
    sooner(page, lambda: "/result/" in page.url, 40)
    expect(page.locator(LEVEL_ONE)).to_have_text("0 of 5 correct")


@pytest.mark.parametrize(("language", "finish"), [("", "Finish"), ("/hu", "Befejezés")])
def test_on_a_phone_nothing_of_a_drill_scrolls_sideways(
    make_candidate: MakeCandidate, anna: User, form: Form, language: str, finish: str
) -> None:
    finish_exam(anna, form)
    drill_id = draw(anna, form, feedback=Feedback.AT_END).attempt_id
    page = taken(make_candidate(anna, **PHONE), drill_id, language)
    assert width_fits(page)
    page.locator("[popovertarget=navigator]").first.click()
    assert width_fits(page)
    page.locator("#navigator a[href='#review']").click()
    expect(page.get_by_role("button", name=finish, exact=True)).to_be_in_viewport(ratio=1)
    assert width_fits(page)


LOADED = "performance.getEntriesByType('navigation')[0].startTime + performance.timeOrigin"


def test_answers_at_once_are_given_by_keyboard_without_a_whole_page_load(
    candidate: Candidate, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    drill_id = draw(anna, form).attempt_id
    given, page = answers_of(form, drill_id), candidate.window()
    page.goto(f"{candidate.server}/drills/{drill_id}/")
    loaded = page.evaluate(LOADED)
    for position, (keys, _) in given.items():
        for key in keys:
            index = page.locator(".option > input").evaluate_all(
                f"(all) => all.findIndex((one) => one.value === '{key}')"
            )
            page.keyboard.press("abcdef"[index])
        page.keyboard.press("Enter")
        expect(page.locator("#explained")).to_be_focused()
        expect(page.locator("#explained")).to_have_text("Correct")
        assert page.url.endswith(f"?q={position}")
        if position < len(given):
            page.keyboard.press("n")
            expect(page.locator("#drill-t")).to_be_focused()
            expect(page).to_have_title(f"Practice, question {position + 1} of 5 · MLS-C01 · Passline")
    assert page.evaluate(LOADED) == loaded
    page.get_by_role("button", name="See the result").press("Enter")
    expect(page.locator(LEVEL_ONE)).to_have_text("5 of 5 correct")


def test_a_question_at_once_has_the_keys_of_an_exam(candidate: Candidate, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    drill_id = draw(anna, form).attempt_id
    page = candidate.window()
    page.goto(f"{candidate.server}/drills/{drill_id}/")
    option = page.locator(".option").first
    option.hover()
    page.keyboard.press("s")
    expect(option.locator(".strike")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(option.locator(".strike")).to_have_attribute("aria-pressed", "true")
    for key in ("a", "3", "m"):
        page.keyboard.press(key)
    expect(option.locator(".strike")).to_have_attribute("aria-pressed", "false")
    # A chosen option is not struck out: no answer is lost by a slip.
    page.keyboard.press("s")
    expect(page.locator(".refusal")).to_have_text("Clear your answer first.")
    expect(option.locator("input")).to_be_checked()
    page.keyboard.press("Delete")
    expect(page.locator("#answer :checked")).to_have_count(0)
    expect(page.locator("[name=flagged]")).to_be_checked()
    page.keyboard.press("2")
    page.keyboard.press("2")
    expect(page.locator("[name=confidence]:checked")).to_have_count(0)
    page.keyboard.press("n")
    expect(page.locator("#drill-t")).to_have_text("Question 2 of 5")
    page.keyboard.press("p")
    expect(page.locator("#drill-t")).to_have_text("Question 1 of 5")


def test_finishing_early_asks_and_can_be_taken_back(candidate: Candidate, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    drill_id, page = draw(anna, form).attempt_id, candidate.window()
    page.goto(f"{candidate.server}/drills/{drill_id}/")
    page.get_by_role("button", name="Show answer").click()
    expect(page.locator("#explained")).to_be_visible()
    finish = page.locator(".examhead [popovertarget=finish]")
    finish.click()
    expect(page.locator("#finish")).to_contain_text("4 questions have no answer.")
    page.get_by_role("button", name="Keep working").click()
    expect(page.locator("#finish")).to_be_hidden()
    finish.click()
    page.get_by_role("button", name="Finish now").click()
    expect(page.locator(LEVEL_ONE)).to_have_text("0 of 1 correct")


def test_what_is_chosen_to_practice_is_counted_at_once(candidate: Candidate, anna: User, form: Form) -> None:
    finish_exam(anna, form, right=(1, 2, 3, 4, 5))
    page = candidate.window()
    page.goto(f"{candidate.server}/mls-c01/practice/")
    drawn, count = page.locator("[data-drawn]"), page.locator("[data-matching]")
    expect(count).to_have_text("3")
    expect(page.locator("[name=domain][value='1']")).to_be_disabled()
    page.locator("[name=domain][value='3']").check(force=True)
    expect(count).to_have_text("2")
    page.locator("[name=pool][value=all]").check(force=True)
    expect(count).to_have_text("3")
    page.locator("[name=domain][value='1']").check(force=True)
    expect(count).to_have_text("5")
    expect(drawn).to_have_text("5")
    page.get_by_role("button", name="Start practice").click()
    expect(page.locator("#drill-t")).to_have_text("Question 1 of 5")


def test_back_leads_to_the_explanation_and_not_to_the_form(
    candidate: Candidate, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    drill_id, page = draw(anna, form).attempt_id, candidate.window()
    page.goto(f"{candidate.server}/mls-c01/practice/")
    page.goto(f"{candidate.server}/drills/{drill_id}/")
    for position in (1, 2):
        page.get_by_role("button", name="Show answer").click()
        expect(page.locator("#explained")).to_be_visible()
        page.locator("[rel=next]").click()
        expect(page.locator("#drill-t")).to_have_text(f"Question {position + 1} of 5")
    for position in (2, 1):
        page.go_back()
        expect(page.locator("#drill-t")).to_have_text(f"Question {position} of 5")
        expect(page.locator("#explained")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="Your set")).to_be_visible()


def test_a_double_press_answers_once(candidate: Candidate, anna: User, form: Form) -> None:
    finish_exam(anna, form)
    drill_id, page = draw(anna, form).attempt_id, candidate.window()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.goto(f"{candidate.server}/drills/{drill_id}/")
    for key in answers_of(form, drill_id)[1][0]:
        page.locator(f"label[for=o{key}]").click()
    held = Held(page, "**/drills/**")
    page.get_by_role("button", name="Check answer").dblclick()
    # Both presses were made before the first is answered.
    until(page, lambda: held.routes)
    held.let_go()
    expect(page.locator("#explained")).to_be_visible()
    assert len(sent) == 1
    assert len(stored(drill_id)) == 1


def test_an_answer_at_once_that_does_not_arrive_is_told_and_can_be_sent_again(
    candidate: Candidate, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    drill_id, page = draw(anna, form).attempt_id, candidate.window()
    page.goto(f"{candidate.server}/drills/{drill_id}/")
    page.get_by_role("button", name="Check answer").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Choose")
    expect(page.get_by_role("button", name="Check answer")).to_be_focused()
    page.locator(".option label").first.click()
    candidate.context.set_offline(True)
    page.get_by_role("button", name="Show answer").click()
    expect(page.locator("[data-when=failed]")).to_be_in_viewport()
    expect(page.locator(".option input").first).to_be_checked()
    candidate.context.set_offline(False)
    page.get_by_role("button", name="Show answer").click()
    expect(page.locator("#explained")).to_be_visible()
    expect(page.locator("[data-when=failed]")).to_be_hidden()


def test_a_drill_of_the_exam_page_is_taken_without_script(
    make_candidate: MakeCandidate, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    drill_id = draw(anna, form, feedback=Feedback.AT_END).attempt_id
    candidate = make_candidate(anna, java_script_enabled=False)
    page = candidate.window()
    page.goto(f"{candidate.server}/drills/{drill_id}/")
    expect(page.get_by_role("heading", level=2).first).to_have_text("Question 1 of 5")
    for keys, _ in answers_of(form, drill_id).values():
        for key in keys:
            page.locator(f"label[for=o{key}]").click()
        page.locator(".examfoot .primary").click()
    expect(page.get_by_role("heading", name="Before you finish")).to_be_visible()
    page.get_by_role("button", name="Finish", exact=True).click()
    expect(page.locator(LEVEL_ONE)).to_have_text("5 of 5 correct")


def test_a_drill_is_chosen_answered_ended_and_hidden_without_script(
    make_candidate: MakeCandidate, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    candidate = make_candidate(anna, java_script_enabled=False)
    page = candidate.window()
    page.goto(f"{candidate.server}/mls-c01/practice/")
    page.locator("[name=number][value='5']").check(force=True)
    page.get_by_role("button", name="Count what matches").click()
    expect(page.locator("[data-matching]")).to_have_text("8")
    expect(page.locator("[name=number][value='5']")).to_be_checked()
    page.get_by_role("button", name="Start practice").click()
    page.get_by_role("button", name="Check answer").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose")
    page.get_by_role("button", name="Show answer").click()
    expect(page.locator(".answers")).to_be_visible()
    page.locator("[rel=next]").click()
    expect(page.locator("#drill-t")).to_have_text("Question 2 of 5")
    page.locator(".examhead [popovertarget=finish]").click()
    page.get_by_role("button", name="Finish now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("0 of 1 correct")
    page.get_by_role("link", name="Practice", exact=True).click()
    # The link of its row covers the row, but not this button.
    page.get_by_role("button", name="Hide").click()
    expect(page.get_by_role("heading", name="Your set")).to_be_visible()
    expect(page.get_by_role("button", name="Hide")).to_have_count(0)
