"""The faces in a browser: one request each with every page, and nothing moves when they are late."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, Route
from pytest_django.plugin import DjangoDbBlocker

from exams.assembly import selectors as assembly
from exams.attempts import lifecycle
from tests import factories
from tests.browser.cast import sign_in, sit
from tests.browser.conftest import until
from tests.browser.house import House, Person
from tests.template import connected_to
from tools import fonts

pytestmark = pytest.mark.browser

LATE_MS = 600
# Every shift of the layout, whatever caused it, and when something was first painted.
WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    shifts.push([entry.value, entry.sources.map((source) => source.node?.textContent.trim().slice(0, 40))]);
  }
}).observe({ type: 'layout-shift', buffered: true });
"""
LOADED = "[...document.fonts].filter((face) => face.status === 'loaded').map((face) => face.family)"
PAINTED = "performance.getEntriesByName('first-contentful-paint').length"
FALLBACK_RULE = re.compile(r'@font-face ?\{ ?font-family: "(?:Reading|UI) [^}]*\}\s*')
FAMILIES = {face.family for face in fonts.FACES}


@pytest.fixture(scope="module")
def running(house: House, django_db_blocker: DjangoDbBlocker) -> tuple[str, UUID]:
    """The session of somebody in a running exam, and the exam."""
    with django_db_blocker.unblock(), connected_to(house.database):
        user, client = factories.make_user("reader@example.org"), Client()
        client.force_login(user)
        form = assembly.form("mls-c01", 1)
        assert form
        started = lifecycle.start(user=user, form_id=form.id, language="en", holder="test:reader")
        return client.cookies[settings.SESSION_COOKIE_NAME].value, started.attempt_id


@pytest.fixture(scope="module")
def ended(house: House, django_db_blocker: DjangoDbBlocker) -> tuple[str, UUID]:
    """The session of somebody else, whose exam has ended, and the exam."""
    with django_db_blocker.unblock(), connected_to(house.database):
        user, session = sign_in("face")
        return session, sit(user, 6)


@pytest.fixture(params=[390, 1440])
def person(
    browser: Browser, house: House, running: tuple[str, UUID], request: pytest.FixtureRequest
) -> Iterator[Person]:
    """Somebody in a running exam, on a phone and at a desk."""
    context: BrowserContext = browser.new_context(viewport={"width": request.param, "height": 844})
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": running[0], "url": house.url}])
    context.add_init_script(WATCH)
    yield Person(house, context, "en")
    context.close()


def shifts_with_a_late_face(page: Page, address: str) -> list[list[object]]:
    """Open a page, let the face come only when the rest has long been read, and return what moved."""
    held: list[Route] = []
    # The copy of an exam asks for its files by script.
    page.route(
        "**/*.woff2",
        lambda route: held.append(route) if route.request.resource_type == "font" else route.continue_(),
    )
    page.goto(address, wait_until="domcontentloaded")
    # Something is shown without the face, and stays in sight for a while.
    until(page, lambda: page.evaluate(PAINTED))
    page.wait_for_timeout(LATE_MS)
    assert not FAMILIES & set(page.evaluate(LOADED))
    assert len(held) == 2, "each face is asked for once, by preload and style sheet together"
    for route in held:
        route.continue_()
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(300)
    assert set(page.evaluate(LOADED)) >= FAMILIES
    found: list[list[object]] = page.evaluate("window.shifts")
    return found


PATHS = ("/", "/mls-c01/", "/hu/mls-c01/", "/mls-c01/cheatsheet/", "exam", "review")


@pytest.mark.parametrize("path", PATHS)
def test_nothing_moves_when_the_face_comes_late(
    person: Person, running: tuple[str, UUID], ended: tuple[str, UUID], path: str
) -> None:
    address = {"exam": f"/attempts/{running[1]}/", "review": f"/attempts/{ended[1]}/review/"}.get(path, path)
    if path == "review":
        person.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": ended[0], "url": person.house.url}]
        )
    page = person.window()
    moved = shifts_with_a_late_face(page, person.house.url + address)
    assert sum(float(str(value)) for value, _ in moved) < 0.01, moved
    assert not person.problems


@pytest.mark.controls
def test_without_the_fallbacks_a_late_face_would_move_the_page(person: Person) -> None:
    page = person.window()

    def without(route: Route) -> None:
        rules = route.fetch().text()
        assert FALLBACK_RULE.search(rules)
        route.fulfill(body=FALLBACK_RULE.sub("", rules), content_type="text/css")

    page.route("**/fonts*.css", without)
    moved = [
        value for path in PATHS[:4] for value, _ in shifts_with_a_late_face(page, person.house.url + path)
    ]
    assert moved


def test_the_face_has_a_name_that_changes_with_it_and_is_kept_for_ever(person: Person) -> None:
    page = person.window()
    with page.expect_response("**/reading*.woff2") as waited:
        page.goto(person.house.url)
    reply = waited.value
    assert re.search(r"/static/fonts/reading\.[0-9a-f]{12}\.woff2$", reply.url)
    assert reply.headers["content-type"] == "font/woff2"
    assert "immutable" in reply.headers["cache-control"]
    assert "font-src 'self'" in page.goto(person.house.url).headers["content-security-policy"]  # type: ignore[union-attr]
