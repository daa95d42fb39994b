"""An exam that is reloaded without a connection: what is shown then, what is kept for it, and when that goes."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from exams.attempts.models import State
from tests import clockwork, factories
from tests.browser.conftest import Candidate, Sitting, until
from tests.browser.test_taking import choose, saved

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
def long(candidate: Candidate) -> Sitting:
    """Anna in an exam of 22 questions in two languages, with a word planted in what is secret."""
    domains = [1 + n % 4 for n in range(QUESTIONS)]
    form = factories.make_form(domains=domains, unscored=(), mark=SECRET)
    started = factories.start(candidate.user, form)
    sitting = Sitting(candidate, candidate.window(), started.attempt_id, form)
    sitting.open()
    return sitting


def copies(page: Page) -> list[str]:
    """Return the names of what the browser keeps for a lost connection."""
    stores = "async () => [...await caches.keys(), ...Object.keys(localStorage).filter((key) => key.startsWith('copy_'))]"
    names: list[str] = page.evaluate(stores)
    return names


def kept(page: Page, path: str) -> None:
    """Wait until a page is kept, and the worker that shows it is there."""
    until(page, lambda: page.evaluate("async (path) => !!await caches.match(path)", path))
    until(
        page, lambda: page.evaluate("async () => !!(await navigator.serviceWorker.getRegistration())?.active")
    )


def offline(sitting: Sitting) -> Page:
    """Cut the connection once the exam is kept, and reload the page."""
    kept(sitting.page, f"/attempts/{sitting.attempt_id}/")
    sitting.candidate.context.set_offline(True)
    sitting.page.reload()
    return sitting.page


def shown_seconds(page: Page) -> int:
    """Return how many seconds the clock of a page shows."""
    hours, minutes, seconds = (page.locator(".clock time").text_content() or "").split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds)


def real_seconds(sitting: Sitting) -> float:
    """Return how many seconds are left by the server's clock."""
    deadline = sitting.row().deadline_at
    assert deadline is not None
    return (deadline - datetime.now(UTC)).total_seconds()


def chosen(page: Page) -> set[int]:
    """Return the ids of the options that a page shows as chosen."""
    return set(
        page.evaluate("[...document.querySelectorAll('.option > input:checked')].map(({ value }) => +value)")
    )


def test_twenty_answers_and_the_clock_outlive_two_reloads_and_three_changes_are_sent_later(
    long: Sitting,
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
