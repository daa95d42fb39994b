"""What a part says that is replaced: by a live region that stays, or a screen reader hears nothing."""

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from config.middleware import HTMX_MARK
from tests import clockwork
from tests.browser.cast import Cast
from tests.browser.house import Person

pytestmark = pytest.mark.browser

# The region as it was when the page came, wherever it is afterward.
KEEP = "document.querySelectorAll('main [role=status]').forEach((part) => { part.kept = true; })"
SAID = (
    "[...document.querySelectorAll('main [role=status]')].filter((part) => part.kept)"
    ".map((part) => part.textContent.trim().replace(/\\s+/g, ' ')).join(' ')"
)


def window(browser: Browser, cast: Cast, who: str) -> Page:
    context = browser.new_context()
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": cast.cookies[who], "url": cast.house.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    return Person(cast.house, context, "en").window()


def test_the_count_of_a_filter_is_said_by_a_region_that_stays(browser: Browser, cast: Cast) -> None:
    page = window(browser, cast, "reader")
    page.goto(f"{cast.house.url}/attempts/{cast.failed}/review/")
    page.evaluate(KEEP)
    for value, n in (("unanswered", 59), ("all", 65)):
        page.locator(f"[name=show][value={value}]").check(force=True)
        expect(page.locator("#found .meta").first).to_have_text(f"{n} of 65 questions")
        assert page.evaluate(SAID).startswith(f"{n} of 65 questions Question ")
    page.context.close()


def test_a_waiting_page_says_by_a_region_that_stays_what_is_new(browser: Browser, cast: Cast) -> None:
    page = window(browser, cast, "late")
    clockwork.leave_seconds(cast.ending, -2)
    page.goto(f"{cast.house.url}/attempts/{cast.ending}/result/")
    page.evaluate(KEEP)
    body = page.locator("#waiting").evaluate("(part) => part.outerHTML")
    heading = page.locator("#waiting h1").inner_text()
    later = body.replace(heading, "Your exam is being scored again")
    ours = {"content_type": "text/html", "headers": {HTMX_MARK: "1"}, "body": later}
    page.route("**/result/", lambda route: route.fulfill(**ours))
    page.evaluate("htmx.ajax('GET', location.pathname, {target: '#waiting', swap: 'outerHTML'})")
    expect(page.locator("#waiting h1")).to_have_text("Your exam is being scored again")
    assert "Your exam is being scored again" in page.evaluate(SAID)
    page.context.close()
