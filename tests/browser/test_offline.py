"""An exam reloaded without a connection: what is shown then, what is kept for it, and when that goes."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event

import pytest
from django.http import HttpResponse
from playwright.sync_api import Error, Page, expect

from accounts.users.models import User
from exams.attempts import lifecycle
from exams.attempts.models import Feedback, State
from exams.web import taking
from tests import clockwork, factories
from tests.browser.conftest import Candidate, RunningAttempt, until
from tests.browser.test_drills import stored as stored_of_drill
from tests.browser.test_drills import taken as opened
from tests.browser.test_signed_out import sign_in_again, sign_in_elsewhere, sign_out_elsewhere
from tests.browser.test_taking import choose, saved
from tests.exams.attempts.practice import answers_of, draw, finish_exam

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SECRET = "zebra-crossing-7"
QUESTIONS = 22
# All that the browser keeps for this site, cookies apart.
EVERYTHING = """async () => {
  const texts = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const reply = await cache.match(request);
      texts.push(name, request.url, JSON.stringify([...reply.headers]), await reply.text());
    }
  }
  return [...texts, JSON.stringify({...localStorage, ...sessionStorage})].join('\\n');
}"""


@pytest.fixture
def long(candidate: Candidate) -> RunningAttempt:
    """Anna in an exam of 22 questions in two languages, with a word planted in what is secret."""
    domains = [1 + n % 4 for n in range(QUESTIONS)]
    form = factories.make_form(domains=domains, unscored=(), mark=SECRET)
    started = factories.start(candidate.user, form)
    attempt = RunningAttempt(candidate, candidate.window(), started.attempt_id, form)
    attempt.open()
    return attempt


def copies(page: Page) -> list[str]:
    """Return the names of what the browser keeps for a lost connection."""
    names: list[str] = page.evaluate("async () => [...await caches.keys(), ...Object.keys(localStorage)]")
    return [name for name in names if name.startswith("copy_")]


def kept(page: Page, path: str) -> None:
    """Wait until a page is kept, and the worker that shows it is there."""
    until(page, lambda: page.evaluate("async (path) => !!await caches.match(path)", path))
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")


def offline(attempt: RunningAttempt) -> Page:
    """Cut the connection once the exam is kept, and reload the page."""
    kept(attempt.page, f"/attempts/{attempt.attempt_id}/")
    attempt.candidate.context.set_offline(True)
    attempt.page.reload()
    return attempt.page


def shown_seconds(page: Page) -> int:
    """Return how many seconds the clock of a page shows."""
    hours, minutes, seconds = (page.locator(".clock time").text_content() or "").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def real_seconds(attempt: RunningAttempt) -> float:
    """Return how many seconds are left by the server's clock."""
    deadline = attempt.row().deadline_at
    assert deadline is not None
    return (deadline - datetime.now(UTC)).total_seconds()


def chosen(page: Page) -> set[int]:
    """Return the ids of the options that a page shows as chosen."""
    return {int(option.input_value()) for option in page.locator(".option > input:checked").all()}


def is_shown(page: Page, url: str) -> bool:
    """Say whether anything of ours is shown at an address, if only until its script has looked around."""
    with suppress(Error):  # the browser has nothing to show
        page.goto(url, wait_until="commit")
        return True
    return False


def test_twenty_answers_and_the_clock_outlive_two_reloads_and_three_changes_are_sent_later(
    long: RunningAttempt,
) -> None:
    page, keys, others = long.page, long.form.keys, long.form.others
    for position in range(1, 21):
        for key in keys[position]:
            choose(page, key)
        page.locator("[rel=next]").click()
    until(page, lambda: len(long.stored()) == 20)
    saved(page)
    clockwork.leave_seconds(long.attempt_id, 5000)
    page.locator("[data-flag-button]").click()
    until(page, lambda: 21 in long.stored())
    given = {key for position in range(1, 21) for key in keys[position]}
    offline(long)
    page.reload()
    expect(page.locator(".banners")).to_contain_text("Can't reach the server. No reply since ")
    assert abs(shown_seconds(page) - real_seconds(long)) <= 2
    assert chosen(page) == given
    expect(page.locator("[data-flag-button]")).to_have_text("Unflag")
    choose(page, keys[21][0])
    page.keyboard.press("l")
    expect(page.locator("#q21 .stem")).to_contain_text("Egy komptársaság")
    page.goto(f"{long.url}#q1")
    choose(page, others[1][0])
    page.reload()
    page.goto(f"{long.url}#q22")
    choose(page, keys[22][0])
    expect(page.locator(".saved")).to_have_text("Answers: 3 not saved yet")
    wanted = {**{n: keys[n] for n in range(1, 23)}, 1: [others[1][0]]}
    assert chosen(page) == {key for ids in wanted.values() for key in ids}
    long.candidate.context.set_offline(False)
    until(page, lambda: long.stored() == wanted)
    saved(page)
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.goto(f"{long.url}#review")
    page.locator("[data-submit]").click()
    page.locator("[data-go]").click()
    page.wait_for_url("**/result/")
    assert long.row().state != State.RUNNING
    assert copies(page) == []


# --- The clock
@pytest.mark.parametrize("shift", [600, -7200])
def test_where_the_clocks_disagree_less_time_is_shown(attempt: RunningAttempt, shift: int) -> None:
    """Whoever sets the computer's clock back gains nothing; one that went on while the page slept counts."""
    page = attempt.page
    choose(page, attempt.form.keys[1][0])
    saved(page)
    page.add_init_script(f"const real = Date.now; Date.now = () => real() + {shift} * 1000;")
    offline(attempt)
    expect(page.locator(".banners")).to_contain_text("Can't reach the server.")
    assert abs(shown_seconds(page) - (real_seconds(attempt) - max(0, shift))) <= 2


def test_time_runs_out_without_a_connection_as_it_does_with_one(attempt: RunningAttempt) -> None:
    page, key = attempt.page, attempt.form.keys[1][0]
    kept(page, f"/attempts/{attempt.attempt_id}/")
    clockwork.leave_seconds(attempt.attempt_id, 12)
    choose(page, key)
    until(page, lambda: 1 in attempt.stored())
    offline(attempt)
    page.locator("[rel=next]").click()
    choose(page, attempt.form.keys[2][0])
    expect(page.locator("#ended")).to_contain_text("Time is up")
    expect(page.locator("#ended")).to_contain_text("We can't reach the server.")
    expect(page.locator("#q2 input").first).to_be_disabled()
    attempt.candidate.context.set_offline(False)
    until(page, lambda: attempt.stored() == {1: [key], 2: attempt.form.keys[2]})
    page.wait_for_url("**/result/", timeout=60_000)
    assert copies(page) == []


# --- What is kept, and what ends it
def test_nothing_that_is_kept_has_a_lease_a_token_a_name_or_a_key(long: RunningAttempt) -> None:
    page, context = long.page, long.candidate.context
    with page.expect_response("**/lease/") as lease:
        page.reload()
    choose(page, long.form.keys[1][0])
    saved(page)
    kept(page, f"/attempts/{long.attempt_id}/")
    everything = page.evaluate(EVERYTHING)
    cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    secrets = [lease.value.json()["lease"], cookies["sessionid"], cookies["csrftoken"]]
    words = [*secrets, long.candidate.user.email, SECRET, 'name="csrfmiddlewaretoken"', "Reason ", "is_key"]
    found = [word for word in words if word in everything]
    assert found == []
    assert "A ferry operator of item E1-Q01" in everything
    assert "Egy komptársaság kérdése" in everything


def test_of_whoever_signed_out_nothing_is_shown_or_kept_to_who_signs_in_next(attempt: RunningAttempt) -> None:
    page, candidate = attempt.page, attempt.candidate
    choose(page, attempt.form.keys[1][0])
    saved(page)
    kept(page, f"/attempts/{attempt.attempt_id}/")
    page.goto("about:blank")
    stranger = factories.make_user("bela@example.org")
    sign_out_elsewhere(candidate)
    sign_in_elsewhere(candidate, stranger.email)
    page.goto(f"{candidate.server}/attempts/")
    until(page, lambda: copies(page) == [])
    candidate.context.set_offline(True)
    assert not is_shown(page, attempt.url)


def test_signing_out_hides_the_copy_also_where_no_script_of_ours_runs_after_it(
    attempt: RunningAttempt,
) -> None:
    page, candidate = attempt.page, attempt.candidate
    kept(page, f"/attempts/{attempt.attempt_id}/")
    page.goto("about:blank")
    [token] = [cookie["value"] for cookie in candidate.context.cookies() if cookie["name"] == "csrftoken"]
    leave = f"{candidate.server}/accounts/logout/"
    form: dict[str, str | float | bool] = {"csrfmiddlewaretoken": token}
    assert candidate.context.request.post(leave, form=form, max_redirects=0).status == 302
    candidate.context.set_offline(True)
    assert not is_shown(page, attempt.url)
    candidate.context.set_offline(False)
    page.goto(f"{candidate.server}/privacy/")
    assert copies(page) == []


def test_who_signs_in_again_in_the_exam_has_a_copy_again(attempt: RunningAttempt) -> None:
    page = attempt.page
    kept(page, f"/attempts/{attempt.attempt_id}/")
    sign_out_elsewhere(attempt.candidate)
    choose(page, attempt.form.keys[1][0])
    sign_in_again(page)
    until(page, lambda: 1 in attempt.stored())
    # The copy of before is thrown away and made anew.
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)
    offline(attempt)
    expect(page.locator(".banners")).to_contain_text("Can't reach the server.")
    assert chosen(page) == set(attempt.form.keys[1])


def test_an_exam_that_ended_elsewhere_leaves_no_copy_where_it_is_open(attempt: RunningAttempt) -> None:
    page = attempt.page
    kept(page, f"/attempts/{attempt.attempt_id}/")
    lifecycle.submit(user=attempt.candidate.user, attempt_id=attempt.attempt_id, lease=None)
    choose(page, attempt.form.keys[1][0])
    expect(page.locator("#ended")).to_contain_text("This exam has ended")
    until(page, lambda: copies(page) == [])


def test_an_exam_that_ended_elsewhere_leaves_no_copy_once_it_is_opened(attempt: RunningAttempt) -> None:
    page = attempt.page
    kept(page, f"/attempts/{attempt.attempt_id}/")
    page.goto("about:blank")
    lifecycle.submit(user=attempt.candidate.user, attempt_id=attempt.attempt_id, lease=None)
    page.goto(attempt.url)
    page.wait_for_url("**/result/")
    until(page, lambda: copies(page) == [])


def broken(status: int, held: Event | None = None) -> Callable[..., HttpResponse]:
    """Return what answers in place of the exam's page: with this status, once it may."""

    def answer(*_args: object) -> HttpResponse:
        if held:
            held.wait(30)
        return HttpResponse("broken", status=status)

    return answer


def test_a_server_that_fails_or_is_silent_leaves_the_copy_from_which_the_exam_goes_on(
    attempt: RunningAttempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, keys, held = attempt.page, attempt.form.keys, Event()
    kept(page, f"/attempts/{attempt.attempt_id}/")
    for position, answer in ((1, broken(503)), (2, broken(200, held))):
        monkeypatch.setattr(taking, "whole_page", answer)
        page.goto(f"{attempt.url}#q{position}")
        page.reload()
        choose(page, keys[position][0])
        saved(page)
        assert attempt.stored()[position] == keys[position][:1]
        expect(page.locator(".banners")).not_to_contain_text("Can't reach the server.")
    held.set()


def test_a_server_that_knows_no_such_exam_of_whoever_asks_ends_the_copy(
    attempt: RunningAttempt, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = attempt.page
    kept(page, f"/attempts/{attempt.attempt_id}/")
    monkeypatch.setattr(taking, "whole_page", broken(404))
    page.reload()
    expect(page.locator("body")).to_have_text("broken")
    assert page.evaluate("async () => await caches.keys()") == []
    attempt.candidate.context.set_offline(True)
    assert not is_shown(page, attempt.url)


def test_a_drill_is_shown_again_in_its_language_and_the_worker_serves_no_other_page(
    candidate: Candidate, anna: User, form: factories.Form
) -> None:
    finish_exam(anna, form)
    drill_id = draw(anna, form, feedback=Feedback.AT_END).attempt_id
    given, page = answers_of(form, drill_id), opened(candidate, drill_id, "/hu")
    choose(page, given[1][0][0])
    until(page, lambda: set(stored_of_drill(drill_id)) == {1})
    kept(page, f"/hu/drills/{drill_id}/")
    candidate.context.set_offline(True)
    page.reload()
    expect(page.locator(".banners")).to_contain_text("A szerver nem érhető el. Utoljára ekkor értük el: ")
    assert chosen(page) == {given[1][0][0]}
    expect(page.locator(".clock")).to_have_count(0)
    page.goto(f"{page.url.partition('#')[0]}#q2")
    choose(page, given[2][0][0])
    candidate.context.set_offline(False)
    until(page, lambda: set(stored_of_drill(drill_id)) == {1, 2})
    page.goto(f"{candidate.server}/hu/attempts/")
    scopes = page.evaluate(
        "async () => (await navigator.serviceWorker.getRegistrations()).map(({ scope }) => scope)"
    )
    assert scopes == [f"{candidate.server}/hu/drills/{drill_id}/"]
    assert page.evaluate("navigator.serviceWorker.controller") is None
