"""What `tests.browser.screenshots` runs; its name keeps it out of the gate."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser

from tests.browser.cast import Cast
from tests.browser.conftest import settled
from tests.browser.house import Person
from tests.browser.screenshots import FOLDER
from tests.browser.states import LANGUAGES, PAGES

pytestmark = pytest.mark.browser

DEVICES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "desktop": {"viewport": {"width": 1440, "height": 900}},
}
THEMES = ("light", "dark")


@pytest.fixture
def person(browser: Browser, cast: Cast, name: str, language: str, device: str) -> Iterator[Person]:
    """Who looks at the page, with the device."""
    context = browser.new_context(locale=language, reduced_motion="reduce", **DEVICES[device])
    if value := cast.cookies.get(PAGES[name][0]):
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": cast.house.url}
        context.add_cookies([cookie])  # type: ignore[list-item]
    yield Person(cast.house, context, language)
    context.close()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_a_picture_is_taken(
    person: Person,
    cast: Cast,
    name: str,
    language: str,
    device: str,
) -> None:
    page = person.window()
    PAGES[name][1](person, page, cast)
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        settled(page)
        file = re.sub(r"\W+", "-", f"{name}-{language}-{device}-{theme}")
        page.screenshot(path=Path(os.environ[FOLDER]) / f"{file}.png", full_page=True)
