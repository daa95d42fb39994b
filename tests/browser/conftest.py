"""A real server, a real Chromium, and Anna signed in: `candidate`, `attempt` and `make_candidate`."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, Route, expect, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from accounts.users.models import User
from exams.attempts import answers
from exams.attempts.models import Attempt
from tests import factories
from tests.browser.cast import cast  # noqa: F401  (a fixture)
from tests.browser.house import CONTENT, EXPECTED, House, Person, opened

# Playwright keeps an event loop in this thread; Django would refuse its database here.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The shell would round the widths of letters, which a browser with windows does not.
    "--font-render-hinting=none",
]
# A page on a busy machine may need longer than the five seconds of Playwright. No test relies on less.
expect.set_options(timeout=15_000)


def until(page: Page, condition: Callable[[], Any], seconds: float = 20) -> None:
    """Wait until a condition holds, while the page and its routes go on. Fails after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "this never came true"
        page.wait_for_timeout(50)


def settled(page: Page) -> None:
    """Wait until nothing moves, and the page has drawn twice: what replies and clicks were to do is done."""
    page.evaluate(
        """async () => {
            const ends = (moving) => moving.effect.getComputedTiming().endTime < Infinity;
            const moving = document.getAnimations().filter(ends);
            await Promise.allSettled(moving.map((animation) => animation.finished));
            for (const _ of [1, 2]) await new Promise((drawn) => requestAnimationFrame(drawn));
            await new Promise((next) => setTimeout(next));
        }"""
    )


def sooner(page: Page, condition: Callable[[], Any], seconds: float) -> None:
    """Wait until a condition holds while the page's time goes ten times as fast, and the network as ever.

    Its clock must be installed, and the page loaded after that. After so many of its seconds it is no longer
    hurried: a page gives up by its own clock what a busy machine still answers.
    """
    for _ in range(int(seconds * 2)):
        if condition():
            return
        page.clock.run_for(500)
        page.wait_for_timeout(50)
    until(page, condition, 30)


class Held:
    """What a page asks of an address, kept back until it is let go: so a state stays until it was seen."""

    def __init__(self, page: Page, pattern: str) -> None:
        self.routes: list[Route] = []
        self._is_open = False
        page.route(pattern, self._keep)

    def _keep(self, route: Route) -> None:
        if self._is_open:
            route.continue_()
        else:
            self.routes.append(route)

    def let_go(self) -> None:
        """Send what is kept, and from now on all at once."""
        self._is_open = True
        for route in self.routes:
            with suppress(Error):  # the page has given it up
                route.continue_()


def tells(place: Locator, text: str) -> Callable[[], bool]:
    """Return a condition: that a place can be seen and holds a text."""
    return lambda: place.is_visible() and text in (place.text_content() or "")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no Chromium at {CHROMIUM}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@contextmanager
def served(factory: pytest.TempPathFactory, blocker: DjangoDbBlocker, content: Path) -> Iterator[House]:
    """Serve the whole site with one certification. Named after the test database."""
    base = factory.getbasetemp()
    # The folders of all workers of a run stand in one.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with blocker.unblock(), opened(factory.mktemp("house"), shared, content) as house:
        yield house


@pytest.fixture(scope="session")
def house(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[House]:
    """The whole site with the real exam 1, for all tests that ask for it."""
    with served(tmp_path_factory, django_db_blocker, CONTENT) as house:
        yield house


@dataclass
class Candidate:
    """Somebody signed in, with windows of one browser that report script errors and breaches of the CSP."""

    user: User
    server: str
    context: BrowserContext
    problems: list[str] = field(default_factory=list)

    def window(self) -> Page:
        """Open a window that reports its errors."""
        page = self.context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self._heard(message.type, message.text))
        return page

    def _heard(self, kind: str, text: str) -> None:
        if kind == "error" and not text.startswith(EXPECTED) and "net::ERR" not in text:
            self.problems.append(text)


@dataclass
class RunningAttempt:
    """A running attempt in a window."""

    candidate: Candidate
    page: Page
    attempt_id: UUID
    form: factories.Form

    @property
    def url(self) -> str:
        """The address of the taking page."""
        return f"{self.candidate.server}/attempts/{self.attempt_id}/"

    def open(self, page: Page | None = None) -> Page:
        """Load the taking page and wait until it may write."""
        page = page or self.page
        with page.expect_response("**/lease/"):
            page.goto(self.url)
        return page

    def stored(self) -> dict[int, list[int]]:
        """Return what the server holds: option ids by position."""
        return {answer.position: list(answer.selected) for answer in answers.current(self.attempt_id)}

    def row(self) -> Attempt:
        """Return the attempt as stored."""
        return Attempt.objects.get(pk=self.attempt_id)


type MakePerson = Callable[..., Person]


@pytest.fixture
def make_person(browser: Browser, house: House) -> Iterator[MakePerson]:
    """Return a maker of people who are not signed in, by name and language."""
    made: list[Person] = []

    def make(name: str, language: str, **options: Any) -> Person:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **options})
        person = Person(house, context, language, f"{name}@example.org")
        made.append(person)
        return person

    yield make
    for person in made:
        person.context.close()
        assert not person.problems, person.problems


type MakeCandidate = Callable[..., Candidate]


@pytest.fixture
def make_candidate(browser: Browser, live_server: Any) -> Iterator[MakeCandidate]:
    """Return a maker of signed-in people, each with a browser profile of their own."""
    made: list[Candidate] = []

    def make(user: User, **options: Any) -> Candidate:
        context = browser.new_context(**options)
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        candidate = Candidate(user, live_server.url, context)
        made.append(candidate)
        return candidate

    yield make
    for candidate in made:
        candidate.context.close()
        assert not candidate.problems, candidate.problems


@pytest.fixture
def candidate(make_candidate: MakeCandidate, anna: User) -> Candidate:
    """Anna, signed in."""
    return make_candidate(anna)


@pytest.fixture
def attempt(candidate: Candidate, form: factories.Form) -> RunningAttempt:
    """Anna in her running exam of eight questions, the page open and writing."""
    started = factories.start(candidate.user, form)
    attempt = RunningAttempt(candidate, candidate.window(), started.attempt_id, form)
    attempt.open()
    return attempt
