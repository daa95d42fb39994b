"""How sure somebody is and how long they looked, as the exam page says it: by key, by button, by itself."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from exams.attempts.models import AnswerEvent, Attempt
from tests.browser.conftest import RunningAttempt, settled, until
from tests.browser.test_taking import ANSWERS, SUBMIT, choose, saved, submit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def newest(position: int) -> AnswerEvent | None:
    return AnswerEvent.objects.filter(position=position).order_by("-lease_no", "-seq").first()


def said(position: int) -> int | None:
    found = newest(position)
    return found.confidence if found else None


def pressed(page: Page) -> list[str]:
    """Return the names of the buttons that are pressed at the question in sight."""
    return [one.inner_text() for one in page.locator("form:visible .sure [aria-pressed=true]").all()]


def hide(page: Page, *, hidden: bool) -> None:
    """Behave as a browser whose tab is put behind another, or is shown again."""
    state = "hidden" if hidden else "visible"
    page.evaluate(
        "state => { Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        state,
    )


def test_keys_say_how_sure_and_the_same_key_takes_it_back(attempt: RunningAttempt) -> None:
    page = attempt.page
    for key, level, name in (("1", 1, "Guess"), ("3", 3, "Sure"), ("2", 2, "Unsure")):
        page.keyboard.press(key)
        until(page, lambda level=level: said(1) == level)  # type: ignore[misc]
        assert pressed(page) == [name]
    page.keyboard.press("2")
    until(page, lambda: said(1) is None)
    assert pressed(page) == []


def test_buttons_say_it_of_the_question_in_sight_and_a_reload_shows_it(attempt: RunningAttempt) -> None:
    page = attempt.page
    choose(page, attempt.form.keys[1][0])
    page.get_by_role("button", name="Sure", exact=True).click()
    page.locator("[rel=next]").click()
    assert pressed(page) == []
    page.get_by_role("button", name="Guess").click()
    until(page, lambda: (said(1), said(2)) == (3, 1))
    assert attempt.stored() == {1: attempt.form.keys[1], 2: []}
    attempt.open()
    assert pressed(page) == ["Guess"]
    page.locator("[rel=prev]").click()
    assert pressed(page) == ["Sure"]


def test_another_choice_or_a_flag_keeps_how_sure_somebody_was(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.keyboard.press("3")
    choose(page, attempt.form.keys[1][0])
    page.keyboard.press("m")
    until(page, lambda: (found := newest(1)) is not None and found.flagged)
    assert said(1) == 3


def test_the_keys_are_off_with_the_others(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.get_by_role("button", name="Questions").click()
    page.get_by_text("Keyboard shortcuts", exact=True).click()
    expect(page.locator(".shortcuts")).to_contain_text("guess, unsure, sure")
    page.get_by_label("Keyboard shortcuts are on").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    settled(page)
    assert pressed(page) == []


def test_each_question_counts_how_long_it_was_in_sight_and_goes_on_after_a_reload(
    attempt: RunningAttempt,
) -> None:
    page = attempt.page
    page.clock.install()
    attempt.open()
    # Much more than a busy machine needs for the next question. It counts from when the page may write.
    expect(page.locator("[data-flag-button]")).to_be_enabled()
    page.clock.run_for(121_000)
    choose(page, attempt.form.keys[1][0])
    until(page, lambda: newest(1) is not None)
    first = newest(1)
    assert first
    assert first.seen_ms
    assert first.seen_ms >= 120_000
    page.locator("[rel=next]").click()
    choose(page, attempt.form.keys[2][0])
    until(page, lambda: newest(2) is not None)
    second = newest(2)
    assert second
    assert second.seen_ms is not None
    assert second.seen_ms < first.seen_ms
    page.evaluate("localStorage.clear()")
    page.locator("[rel=prev]").click()
    attempt.open()
    page.keyboard.press("m")
    until(page, lambda: (found := newest(1)) is not None and found.flagged)
    again = newest(1)
    assert again
    assert again.seen_ms
    assert again.seen_ms >= first.seen_ms


def test_a_hidden_page_counts_nothing(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.clock.install()
    attempt.open()
    hide(page, hidden=True)
    # Much more than a busy machine needs for all that is seen.
    page.clock.run_for(120_000)
    hide(page, hidden=False)
    page.clock.run_for(1000)
    page.keyboard.press("m")
    until(page, lambda: newest(1) is not None)
    found = newest(1)
    assert found
    assert found.seen_ms is not None
    assert found.seen_ms < 100_000


def test_a_submission_says_the_time_of_every_question_that_was_seen(attempt: RunningAttempt) -> None:
    page = attempt.page
    choose(page, attempt.form.keys[1][0])
    page.locator("[rel=next]").click()
    page.wait_for_timeout(700)
    saved(page)
    page.goto(f"{attempt.url}#review")
    submit(page)
    until(page, lambda: Attempt.objects.get(pk=attempt.attempt_id).ended_at is not None)
    times = Attempt.objects.get(pk=attempt.attempt_id).seen_ms
    assert len(times) == len(attempt.form.keys)
    assert times[1]
    assert times[1] >= 600
    assert times[2:] == [None] * (len(times) - 2)


def test_a_site_that_does_not_know_the_fields_gets_the_answer_and_the_submission_without_them(
    attempt: RunningAttempt,
) -> None:
    page = attempt.page
    asked: list[dict[str, Any]] = []

    def older(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        asked.append(body)
        changes = body.get("changes", [])
        if "seen_ms" in body or any("seen_ms" in one for one in changes):
            named = {"errors": {"seen_ms": ["?"]}} if "seen_ms" in body else {"pointer": "changes/0/seen_ms"}
            return route.fulfill(status=422, json={"status": 422, "code": "unknown_field", **named})
        return route.continue_()

    page.route(ANSWERS, older)
    page.route(SUBMIT, older)
    page.keyboard.press("3")
    choose(page, attempt.form.keys[1][0])
    until(page, lambda: attempt.stored() == {1: attempt.form.keys[1]})
    saved(page)
    expect(page.locator(".banners")).not_to_contain_text("Not saved.")
    page.goto(f"{attempt.url}#review")
    submit(page)
    until(page, lambda: Attempt.objects.get(pk=attempt.attempt_id).ended_at is not None)
    assert Attempt.objects.get(pk=attempt.attempt_id).seen_ms == []
    assert said(1) is None
    assert [("seen_ms" in body) for body in asked[-2:]] == [True, False]
