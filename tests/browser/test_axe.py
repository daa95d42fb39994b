"""What is left out when axe reads colors: only what has the same contrast as what was read."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import axe

pytestmark = [pytest.mark.browser, pytest.mark.thorough]

ROWS = "".join(f"<li><input><b>Word {n}</b></li>" for n in range(1, 9))
FRAME = """<!doctype html><html lang="en"><title>Words</title><style>
  li { display: grid; background: white; color: #222 }
  li > * { grid-area: 1 / 1; appearance: none; border: 0; background: none }
  b { z-index: 1 }
  %s
</style><main><h1>Words</h1><ol>%s</ol></main>"""
# What makes the seventh of eight hard to read.
ODD = {
    "another color": "li:nth-child(7) > b { color: #bbb }",
    "another ground": "li:nth-child(7) { background: #444 }",
    "a ground that is further away": "ol:has(> li) { background: #444 } li:nth-child(7) { background: none }",
    "a ground beside it": "li:nth-child(7) > input { background: #444 }",
    "half drawn": "li:nth-child(7) { opacity: 0.4 }",
}


@pytest.fixture
def page(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[Page]:
    """An empty page, before anything was read."""
    monkeypatch.setattr(axe, "_KNOWN", type(axe._KNOWN)())
    context = browser.new_context()
    yield context.new_page()
    context.close()


def read(page: Page, style: str = "", words: str = ROWS) -> list[tuple[str, str]]:
    page.set_content(FRAME % (style, words))
    return axe.violations(page, axe.COLORS)


@pytest.mark.parametrize("style", ODD.values(), ids=ODD)
def test_one_of_many_that_is_hard_to_read_is_found(page: Page, style: str) -> None:
    assert not read(page)
    [(rule, html)] = read(page, style)
    assert (rule, html[:9]) == ("color-contrast", "<b data-c")
    assert "Word 7" in html


def test_what_looks_alike_is_read_three_times_on_whatever_page(page: Page) -> None:
    def count() -> int:
        return page.locator("b[data-contrast]").count()

    assert not read(page, words="<li><input><b>Once</b></li>")
    assert count() == 1
    assert not read(page)
    assert count() == 2
    assert not read(page)
    assert count() == 0


def test_what_was_hidden_does_not_count_as_read(page: Page) -> None:
    assert not read(page, "li:nth-child(-n + 7) { display: none }")
    assert page.locator("b[data-contrast]").count() == 1


def test_a_fault_is_told_on_every_page_that_has_it(page: Page) -> None:
    for _ in range(5):
        assert len(read(page, "b { color: #bbb }")) == 3
