"""What axe-core finds on a page."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# Only what is wrong comes back: the whole report of a long page is megabytes.
_RUN = """axe.run({resultTypes: ['violations']}).then(({violations}) =>
  violations.flatMap(({id, nodes}) => nodes.map(({html}) => [id, html.slice(0, 200)])))"""


def violations(page: Page) -> list[tuple[str, str]]:
    """Return each violation as the rule and the beginning of the element that breaks it."""
    page.evaluate(AXE_SCRIPT)
    return [(rule, html) for rule, html in page.evaluate(_RUN)]
