"""Where the states of pages are kept by name, with who sees each and how it is opened."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.browser import shop
from tests.browser.cast import Cast
from tests.browser.house import Person

type Open = Callable[[Person, Page, Cast], Any]
PAGES: dict[str, tuple[str, Open]] = {}


def shown(name: str, who: str = "anyone") -> Callable[[Open], Open]:
    """Add a page that is opened by the decorated function."""

    def keep(function: Open) -> Open:
        PAGES[name] = (who, function)
        return function

    return keep


def plain(name: str, path: str, who: str = "anyone") -> None:
    """Add a page that needs nothing but its address; names in braces are attempts."""
    PAGES[name] = (who, lambda person, page, cast: page.goto(person.address(path.format(**vars_of(cast)))))


def sold(name: str, path: str, who: str = "anyone") -> None:
    """Add a page as it is while products are on sale; for everybody else everything stays open."""

    def open_locked(person: Person, page: Page, cast: Cast) -> None:
        with shop.on_sale():
            page.goto(person.address(path))

    PAGES[name] = (who, open_locked)


def vars_of(cast: Cast) -> dict[str, object]:
    """Return the attempts of the cast by name."""
    names = ("passed", "failed", "annas", "running", "stuck", "several", "timed")
    drills = ("drill", "late_drill", "drilled")
    return {name: getattr(cast, name) for name in (*names, *drills)}
