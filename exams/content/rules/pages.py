"""References lead to the page that decides, not to where a documentation begins."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from exams.content.rules.measured import MeasuredItem
from exams.content.rules.rule import Said, item_rule

# Steps of an address that name no page: versions, languages, guides as a whole, and files that begin one.
_VERSION: Final = r"v?\d{1,2}(?:\.\d{1,3}){0,3}|latest|stable|current|main|master|en|en[-_]us|hu"
_GUIDE: Final = r"docs?|documentation|blogs?|dg|ug|gsg|dev|api|webapi|user|ref|\w*guides?|\w*reference"
_BEGINNING: Final = r"(?:index|welcome|default|home)(?:\.html?)?"
NO_PAGE: Final = re.compile(rf"{_VERSION}|{_GUIDE}|{_BEGINNING}", re.IGNORECASE)
DOCUMENT: Final = re.compile(r"\.(?:html?|pdf|md|txt)$", re.IGNORECASE)


def is_start_page(url: str) -> bool:
    """Tell whether an address leads to the beginning of a site, of a service or of a guide.

    Such an address names a product and perhaps a guide, a version and a language, and nothing behind them.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    steps = [step for step in parts.path.split("/") if step and not NO_PAGE.fullmatch(step)]
    if parts.query or len(steps) > 1:
        return False
    return not (steps and DOCUMENT.search(steps[0]))


@item_rule("V33", "references to start pages", "the page that decides")
def start_pages(one: MeasuredItem) -> Iterator[str]:
    """References lead to the page that decides, not to where a documentation begins."""
    for number, page in enumerate(one.item.references):
        if page.url.strip() and is_start_page(page.url):
            yield Said.at(f"references.{number}.url", f"{page.url!r} is a start page")
