"""What axe-core finds on a page."""

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

# Only what is wrong comes back: the whole report of a long page is megabytes.
_RUN = """rules => axe.run({resultTypes: ['violations'], ...(rules.length ? {runOnly: rules} : {})})
  .then(({violations}) => violations.flatMap(({id, nodes}) =>
    nodes.map(({html}) => [id, html.slice(0, 200)])))"""
CONTRAST = "color-contrast"


def violations(page: Page, *rules: str) -> list[tuple[str, str]]:
    """Return each violation, of the rules named or of all, as the rule and the beginning of the element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [(rule, html) for rule, html in page.evaluate(_RUN, rules)]
