"""Every main page with the text of the browser at 200 %: nothing scrolls sideways, nothing overlaps."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, expect

from tests.browser.cast import Cast
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.house import Person
from tests.browser.states import PAGES, leave

pytestmark = pytest.mark.browser

WIDTHS = (320, 390)
NAMES = (
    "catalog",
    "catalog, running",
    "landing",
    "start, nobody",
    "start",
    "taking",
    "taking, several answers",
    "taking, list open",
    "before submitting",
    "before submitting, dialog",
    "question without script",
    "before submitting without script",
    "result, passed",
    "result, failed",
    "review",
    "my exams",
    "home with a plan",
    "home, several results",
    "practice",
    "sheet",
    "own sheet",
    "search, found",
    "flashcards",
    "studying a card, turned",
    "study statistics",
    "own cards",
    "sign in",
    "sign up",
    "profile",
    "addresses",
    "sample",
    "sample, answered",
    "how a score is calculated",
    "privacy",
)
# Texts and controls of the bars that stay in sight, each with what it covers. Hidden ones have no size.
OVERLAPS = """() => {
  const boxes = [];
  for (const bar of document.querySelectorAll('.examhead, .examfoot, .masthead')) {
    const walker = document.createTreeWalker(bar, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const range = document.createRange();
      range.selectNodeContents(walker.currentNode);
      const text = walker.currentNode.textContent.trim();
      const parent = walker.currentNode.parentElement;
      const box = range.getBoundingClientRect();
      const seen = text && box.width && !parent.closest('.vh, .skip, [hidden]');
      if (seen) boxes.push([text, box, parent.closest('button, a')]);
    }
    for (const button of bar.querySelectorAll('button, a:not(.skip)')) {
      const box = button.getBoundingClientRect();
      if (box.width) boxes.push([`<${button.textContent.trim()}>`, box, button]);
    }
  }
  const found = [];
  boxes.forEach(([a, p, own], index) => boxes.slice(index + 1).forEach(([b, q, other]) => {
    if (own && own === other) return;
    const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    const high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    if (wide > 1 && high > 1) found.push([a, b]);
  }));
  return found;
}"""


@pytest.fixture(scope="module")
def enlarged(browser: Browser) -> Iterator[Browser]:
    """A Chromium whose reader has set the default size of text to 200 %."""
    chromium = browser.browser_type.launch(
        executable_path=CHROMIUM, args=[*ARGUMENTS, "--blink-settings=defaultFontSize=32"]
    )
    yield chromium
    chromium.close()


# Hungarian words are the longer ones.
@pytest.mark.parametrize("language", ["hu"])
@pytest.mark.parametrize("name", NAMES)
def test_with_text_twice_as_large_nothing_scrolls_sideways_or_overlaps(
    enlarged: Browser, cast: Cast, name: str, language: str
) -> None:
    who, show = PAGES[name]
    context = enlarged.new_context(viewport={"width": 390, "height": 800}, reduced_motion="reduce")
    if who in cast.cookies:
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": cast.cookies[who], "url": cast.house.url}
        context.add_cookies([cookie])  # type: ignore[list-item]
    person = Person(cast.house, context, language)
    page = person.window()
    show(person, page, cast)
    expect(page.locator("html")).to_have_css("font-size", "32px")
    found: list[tuple[int, list[Any]]] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate(
            "['html', 'main'].map((name) => document.querySelector(name))"
            ".map((part) => part.scrollWidth - part.clientWidth)"
        )
        if wide != [0, 0]:
            found.append((width, wide))
        if overlaps := page.evaluate(OVERLAPS):
            found.append((width, overlaps))
    leave(page)
    context.close()
    assert not found, str(found)
