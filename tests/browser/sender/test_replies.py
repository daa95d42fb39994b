"""Replies that come late or from somebody else: the page believes only what acknowledges its request."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import cycle
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Request, Response, Route, expect

from exams.attempts import lifecycle
from exams.attempts.models import AnswerEvent, State
from tests import factories
from tests.browser.conftest import Held, RunningAttempt, settled, sooner, tells, until
from tests.browser.test_taking import ANSWERS, SUBMIT, choose, saved, submit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LEASE = "**/api/v1/attempts/*/lease/"
LOGIN = "**/accounts/login/"
# By either of these a page that is shown again asks how things stand.
ASKED = re.compile(r"/(clock|answers)/$")
BANNERS = ".banners"
PAGE = {
    "content_type": "text/html",
    "body": "<!doctype html><title>Portal</title><p>Please accept the terms.",
}
# What a portal, a filter or a proxy may answer in the place of the server.
FOREIGN: dict[str, dict[str, Any]] = {
    "a page": {"status": 200, **PAGE},
    "json": {"status": 200, "json": {"status": "ok"}},
    "a list": {"status": 200, "json": [1]},
    "an older number": {
        "status": 200,
        "json": {"saved_seq": 0, "receipt": None, "lease": "x", "lease_no": "2"},
    },
    "a later number": {"status": 200, "json": {"saved_seq": 1_000_000}},
    "a refusal that is none": {"status": 200, "json": {"code": "late", "status": 200}},
    "401": {"status": 401, **PAGE},
    "403": {"status": 403, **PAGE},
    "404": {"status": 404, **PAGE},
    "409": {"status": 409, "json": {"code": "attempt_closed"}},
    "422": {"status": 422, "json": {"error": "filtered"}},
    "503": {"status": 503, **PAGE},
}


def ids_of(attempt: RunningAttempt, position: int) -> list[int]:
    return [attempt.form.keys[position][0], *attempt.form.others[position]]


def keep(attempt: RunningAttempt, position: int, option_id: int) -> None:
    """Put a change into the storage as pages did before windows had names."""
    attempt.page.evaluate(
        "([key, value]) => localStorage.setItem(key, value)",
        [
            f"passline:{attempt.attempt_id}:{attempt.row().lease_no}:7",
            json.dumps([position, [option_id], 0]),
        ],
    )


def shown_again(page: Page) -> None:
    """Behave as if the tab had been hidden and is shown."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


@contextmanager
def named(reply: str) -> Iterator[None]:
    """Say of a failure which foreign reply it came after."""
    try:
        yield
    except Exception as failure:
        failure.add_note(f"after the foreign reply {reply!r}")
        raise


def foreign(page: Page, pattern: str, reply: str) -> list[Route]:
    """Give a foreign reply to what a page asks; return the list of what was asked."""
    asked: list[Route] = []

    def answer(route: Route) -> None:
        route.fulfill(**FOREIGN[reply])
        asked.append(route)

    page.unroute(pattern)
    page.route(pattern, answer)
    return asked


def heard_again(attempt: RunningAttempt, chosen: int) -> None:
    """Let the page hear its own server again, which then stores what was chosen."""
    attempt.page.evaluate("dispatchEvent(new Event('online'))")
    until(attempt.page, lambda: attempt.stored() == {1: [chosen]})
    saved(attempt.page)


def is_repeated(asked: list[Route]) -> bool:
    """Say whether the page has asked again, more than once."""
    return len(asked) > 2


def later(page: Page, condition: Callable[[], Any]) -> None:
    """Wait until a condition holds while the page's pauses take no time. Its clock must be installed.

    That stands still for a request, or the page would give up what a busy machine still answers.
    """
    under_way: set[Request] = set()

    def over(request: Request) -> None:
        under_way.discard(request)

    def is_true() -> bool:
        if condition():
            return True
        if not under_way:
            page.clock.run_for(5000)
        return False

    page.on("request", lambda request: under_way.add(request))
    page.on("requestfinished", over)
    page.on("requestfailed", over)
    until(page, is_true, 60)


def continue_here(page: Page) -> None:
    expect(page.locator(BANNERS)).to_contain_text("Open in another window.")
    with page.expect_response(LEASE):
        page.get_by_role("button", name="Continue here").click()
    expect(page.locator("#q1 input").first).to_be_enabled()


# --- Replies to an older lease --------------------------------------------------------------------------
def test_a_late_acknowledgement_is_not_repeated_under_a_newer_lease(attempt: RunningAttempt) -> None:
    page, one, two = attempt.page, ids_of(attempt, 1), ids_of(attempt, 2)
    page.locator("[rel=next]").click()
    for n in range(4):
        choose(page, two[n])
        until(page, lambda n=n: AnswerEvent.objects.count() == n + 1)  # type: ignore[misc]
    page.locator("[rel=prev]").click()
    saved(page)
    held: list[tuple[Route, Any]] = []
    page.route(ANSWERS, lambda route: route.continue_() if held else held.append((route, route.fetch())))
    choose(page, one[0])
    until(page, lambda: held)
    attempt.open(attempt.candidate.window())
    continue_here(page)
    route, reply = held[0]
    route.fulfill(response=reply)
    saved(page)
    with page.expect_response(ASKED):
        shown_again(page)
    choose(page, one[2])
    until(page, lambda: AnswerEvent.objects.filter(position=1, selected=[one[2]]).exists())
    saved(page)
    assert attempt.stored()[1] == [one[2]]


def test_a_late_refusal_of_an_older_lease_does_not_lock_the_page_that_writes(attempt: RunningAttempt) -> None:
    page, one = attempt.page, ids_of(attempt, 1)
    held: list[Route] = []
    page.route(ANSWERS, lambda route: route.continue_() if held else held.append(route))
    choose(page, one[0])
    until(page, lambda: held)
    attempt.open(attempt.candidate.window())
    continue_here(page)
    with page.expect_response(ANSWERS) as late:
        held[0].continue_()
    assert late.value.status == 409
    # A page that took it for its own would not send this any more.
    choose(page, one[1])
    until(page, lambda: attempt.stored() == {1: [one[1]]})
    saved(page)
    expect(page.locator("#q1 input").first).to_be_enabled()
    expect(page.locator(BANNERS)).not_to_contain_text("Open in another window.")


def test_a_lease_request_that_arrives_late_is_not_taken_for_another_window(attempt: RunningAttempt) -> None:
    page, one = attempt.page, ids_of(attempt, 1)
    lost: list[dict[str, str]] = []

    def lose_one(route: Route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.request.headers)
        return route.abort()

    page.route(LEASE, lose_one)
    with page.expect_response(LEASE):
        page.goto(attempt.url + "?again")
    # The network had only kept the request, and hands it over now.
    headers = {"X-CSRFToken": lost[0]["x-csrftoken"], "Referer": attempt.url}
    late = attempt.candidate.context.request.post(
        f"{attempt.candidate.server}/api/v1/attempts/{attempt.attempt_id}/lease/", headers=headers, data={}
    )
    assert late.ok, late.text()
    choose(page, one[0])
    until(page, lambda: attempt.stored() == {1: [one[0]]})
    saved(page)
    expect(page.locator(BANNERS)).not_to_contain_text("Open in another window.")
    expect(page.locator("#conflict")).not_to_be_visible()


# --- Replies of somebody else ---------------------------------------------------------------------------
def test_a_reply_that_acknowledges_nothing_is_no_save(attempt: RunningAttempt) -> None:
    page = attempt.page
    for reply, chosen in zip(FOREIGN, cycle(ids_of(attempt, 1)), strict=False):
        with named(reply):
            foreign(page, ANSWERS, reply)
            with page.expect_response(ANSWERS):
                choose(page, chosen)
            expect(page.locator(".saved")).to_contain_text("1 not saved yet")
            expect(page.locator("#ended")).not_to_be_visible()
            page.unroute(ANSWERS)
            heard_again(attempt, chosen)


def test_a_reply_without_a_lease_stops_no_page(attempt: RunningAttempt) -> None:
    page = attempt.page
    for reply, chosen in zip(FOREIGN, cycle(ids_of(attempt, 1)), strict=False):
        with named(reply):
            foreign(page, LEASE, reply)
            with page.expect_response(LEASE):
                page.goto(attempt.url + "?again")
            choose(page, chosen)
            expect(page.locator(".saved")).to_contain_text("1 not saved yet")
            for dialog in ("#ended", "#login"):
                expect(page.locator(dialog)).not_to_be_visible()
            page.unroute(LEASE)
            heard_again(attempt, chosen)


def test_a_reply_without_a_receipt_ends_no_exam(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.clock.install()
    attempt.open()
    page.goto(f"{attempt.url}#review")
    for number, reply in enumerate(FOREIGN):
        with named(reply):
            asked = foreign(page, SUBMIT, reply)
            if not number:
                submit(page)
            # It asks again by itself, as it would not after an end, a refusal or the end of its session.
            later(page, partial(is_repeated, asked))
            expect(page.locator("#submit [role=alert]")).to_contain_text("The server didn't respond.")
            expect(page.locator("#login")).not_to_be_visible()
            assert page.url == f"{attempt.url}#review"
            assert attempt.row().state == State.RUNNING
    page.unroute(SUBMIT)
    later(page, lambda: page.url.endswith("/result/"))


def test_a_last_try_while_leaving_believes_no_foreign_reply(attempt: RunningAttempt) -> None:
    page, one = attempt.page, ids_of(attempt, 1)
    page.route(ANSWERS, lambda route: route.abort())
    choose(page, one[0])
    expect(page.locator(".saved")).to_contain_text("1 not saved yet")
    page.unroute(ANSWERS)
    page.route(ANSWERS, lambda route: route.fulfill(status=200, json={"status": "ok"}))
    with page.expect_response(ANSWERS):
        page.evaluate("dispatchEvent(new Event('pagehide'))")
    settled(page)
    page.unroute(ANSWERS)
    page.close()
    again = attempt.open(attempt.candidate.window())
    until(again, lambda: attempt.stored() == {1: [one[0]]})


def test_signing_in_again_believes_no_foreign_reply(attempt: RunningAttempt) -> None:
    page = attempt.page
    Session.objects.all().delete()
    page.goto(f"{attempt.url}#review")
    submit(page)
    dialog = page.locator("#login")
    dialog.get_by_label("Password").fill(factories.PASSWORD)
    page.route(LOGIN, lambda route: route.fulfill(status=200, json={"status": "ok"}))
    dialog.get_by_role("button", name="Sign in").click()
    expect(dialog.locator("#login-error")).to_contain_text("We couldn't sign you in here.")
    page.unroute(LOGIN)
    dialog.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/result/")


def test_the_time_of_a_foreign_reply_is_not_believed(attempt: RunningAttempt) -> None:
    page, one = attempt.page, ids_of(attempt, 1)
    times = {"server_now": "2020-01-01T00:00:00Z", "deadline_at": "yesterday"}
    page.route(ANSWERS, lambda route: route.fulfill(status=200, json=times))
    with page.expect_response(ANSWERS):
        choose(page, one[0])
    settled(page)
    expect(page.locator(".clock time")).to_contain_text("2:59:")


# --- The journal ----------------------------------------------------------------------------------------
def test_two_windows_that_answer_before_either_may_write_lose_nothing(attempt: RunningAttempt) -> None:
    first, second = attempt.page, attempt.candidate.window()
    for page in (first, second):
        page.route(LEASE, lambda route: route.abort())
        page.goto(attempt.url + "?again")
    one, two = ids_of(attempt, 1)[0], ids_of(attempt, 2)[0]
    choose(first, one)
    second.locator("[rel=next]").click()
    choose(second, two)
    second.unroute(LEASE)
    second.evaluate("dispatchEvent(new Event('online'))")
    # Nobody else has answered either: nothing is asked.
    until(second, lambda: attempt.stored() == {1: [one], 2: [two]})
    expect(second.locator("#conflict")).not_to_be_visible()


def test_changes_kept_in_the_former_way_are_still_sent(attempt: RunningAttempt) -> None:
    page, one = attempt.page, ids_of(attempt, 1)
    keep(attempt, 1, one[1])
    attempt.open()
    until(page, lambda: attempt.stored() == {1: [one[1]]})
    until(page, lambda: page.evaluate("Object.keys(localStorage).filter(k => /:\\d+:/.test(k)).length") == 0)


def test_a_new_choice_is_not_overridden_by_an_older_one_that_was_kept(attempt: RunningAttempt) -> None:
    page, one = attempt.page, ids_of(attempt, 1)
    keep(attempt, 1, one[0])
    held: list[Route] = []
    page.route(LEASE, lambda route: held.append(route))
    page.reload()
    until(page, lambda: held)
    choose(page, one[2])
    held[0].continue_()
    saved(page)
    assert attempt.stored() == {1: [one[2]]}
    expect(page.locator(f"#o{one[2]}")).to_be_checked()


# --- The dialog before the end --------------------------------------------------------------------------
@pytest.mark.parametrize("way", ["button", "Escape"])
def test_a_submission_that_was_left_in_time_never_leaves(attempt: RunningAttempt, way: str) -> None:
    page, one = attempt.page, ids_of(attempt, 1)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.route(ANSWERS, lambda route: route.abort())
    choose(page, one[0])
    page.goto(f"{attempt.url}#review")
    submit(page)
    expect(page.locator("#submit [role=alert]")).to_contain_text("Sending your answers")
    if way == "button":
        page.get_by_role("button", name="Keep working").click()
    else:
        page.keyboard.press("Escape")
    expect(page.locator("#submit")).not_to_be_visible()
    page.unroute(ANSWERS)
    # The next try of its own may be 19 seconds away.
    page.evaluate("dispatchEvent(new Event('online'))")
    until(page, lambda: attempt.stored() == {1: [one[0]]}, 30)
    saved(page)
    settled(page)
    assert not [url for url in asked if url.endswith("/submit/")]
    assert attempt.row().state == State.RUNNING


def test_a_submission_on_its_way_says_so_and_cannot_be_left(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.goto(f"{attempt.url}#review")
    held: list[Route] = []
    page.route(SUBMIT, lambda route: held.append(route))
    submit(page)
    until(page, lambda: held)
    dialog = page.locator("#submit")
    expect(dialog.locator("[role=alert]")).to_contain_text("Submitting…")
    expect(dialog.get_by_role("button", name="Keep working")).to_be_disabled()
    for _press in range(3):
        page.keyboard.press("Escape")
    page.mouse.click(5, 5)
    expect(dialog).to_be_visible()
    page.evaluate("document.querySelector('#submit').close()")  # as a browser may that allows no lock
    expect(dialog).to_be_visible()
    held[0].continue_()
    page.wait_for_url("**/result/")


def test_a_lost_reply_to_a_submission_is_asked_for_and_told(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.goto(f"{attempt.url}#review")
    held = Held(page, SUBMIT)
    submit(page)
    until(page, lambda: held.routes)
    lost = held.routes.pop()
    assert lost.fetch().status == 200
    lost.abort()
    # The next reply leads to the result, a second later: not before this was seen.
    expect(page.locator("#submit [role=alert]")).to_contain_text("The server didn't respond.")
    held.let_go()
    page.wait_for_url("**/result/")


# --- Canceling a start ----------------------------------------------------------------------------------
def test_a_start_can_be_canceled_while_no_question_has_a_choice(attempt: RunningAttempt) -> None:
    page = attempt.page
    cancel = page.locator("[data-cancel]")
    choose(page, ids_of(attempt, 1)[0])
    until(page, lambda: 1 in attempt.stored())
    page.get_by_role("button", name="Questions").click()
    expect(cancel).not_to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Flag").click()
    saved(page)
    page.get_by_role("button", name="Questions").click()
    expect(cancel).to_be_visible()


def test_canceling_without_connection_keeps_what_is_unsent(attempt: RunningAttempt) -> None:
    page = attempt.page
    page.clock.install()
    attempt.open()
    page.route(ANSWERS, lambda route: route.abort())
    page.get_by_role("button", name="Flag").click()
    sooner(page, tells(page.locator(".saved"), "1 not saved yet"), 8)
    page.get_by_role("button", name="Questions").click()
    page.get_by_role("button", name="Cancel exam").click()
    page.locator("#cancel").get_by_role("button", name="Cancel exam").click()
    sooner(page, tells(page.locator(BANNERS), "wasn't canceled"), 15)
    assert attempt.row().state == State.RUNNING
    page.unroute(ANSWERS)
    sooner(page, lambda: AnswerEvent.objects.filter(position=1, flagged=True).exists(), 20)


# --- The time -------------------------------------------------------------------------------------------
def test_a_page_that_has_saved_nothing_asks_the_time_by_a_few_bytes(attempt: RunningAttempt) -> None:
    page = attempt.page
    heard: list[Response] = []
    page.on("response", lambda reply: heard.append(reply))

    def asked_once_more() -> list[Response]:
        shown_again(page)
        return [reply for reply in heard if "/api/" in reply.url]

    # A page that still reads the reply to its first request does not ask.
    until(page, asked_once_more)
    asked = asked_once_more()
    assert {reply.url.rpartition(f"{attempt.attempt_id}/")[2] for reply in asked} == {"clock/"}
    assert len(asked[0].body()) < 300


def test_a_page_that_has_saved_nothing_learns_that_another_device_writes(attempt: RunningAttempt) -> None:
    lifecycle.take_lease(user=attempt.candidate.user, attempt_id=attempt.attempt_id, holder="token:1")
    told = tells(attempt.page.locator(BANNERS), "Open in another window.")

    def told_when_shown() -> bool:
        shown_again(attempt.page)
        return told()

    # A page that still reads the reply to its first request does not ask.
    until(attempt.page, told_when_shown)
