"""Every page: axe finds nothing, nothing scrolls sideways or is foreign; in one look each, or in all."""

import os
import re
import statistics
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Literal

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from exams.attempts import drills
from exams.attempts.models import Attempt, Feedback
from tests.browser.axe import COLORS, violations
from tests.browser.cast import Cast, close, draw
from tests.browser.house import Person
from tests.browser.states import LANGUAGES, PAGES, leave, take
from tools.devstack.gate import ALL_LOOKS

pytestmark = pytest.mark.browser

THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
WIDTHS = (320, 390, 1440)
# What scrolls sideways, and by how much.
WIDER = """[document.scrollingElement, document.querySelector('main')]
  .map(part => [part.localName, part.scrollWidth - part.clientWidth])
  .filter(([, over]) => over > 0)"""
# A name that stands for two things names the wrong one: a heading and an icon, say.
TWICE = (
    "[...document.querySelectorAll('[id]')].map(({ id }) => id)"
    ".filter((id, index, all) => all.indexOf(id) < index)"
)


@pytest.fixture(scope="module")
def visit(browser: Browser, cast: Cast) -> Iterator[Callable[[str, str], tuple[Person, Page]]]:
    """Return who gives the window of a person in a language: one for all tests of this module."""
    known: dict[tuple[str, str], tuple[Person, Page]] = {}

    def window(name: str, language: str) -> tuple[Person, Page]:
        if (name, language) not in known:
            context = browser.new_context(locale=language, reduced_motion="reduce")
            if name in cast.cookies:
                value = cast.cookies[name]
                cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": cast.house.url}
                context.add_cookies([cookie])  # type: ignore[list-item]
            person = Person(cast.house, context, language)
            known[name, language] = (person, person.window())
        return known[name, language]

    yield window
    for person, _ in known.values():
        person.context.close()


def looks(name: str) -> tuple[str, Sequence[Literal["light", "dark"]], Sequence[int]]:
    """Return the language, themes and widths in which a page is looked at.

    Language and theme by a hash of its name, in the narrowest window; with ALL_LOOKS all, in Hungarian: a
    page is made of the same parts in every language, and Hungarian words are the longer ones.
    """
    if ALL_LOOKS in os.environ:
        return "hu", THEMES, WIDTHS
    number = zlib.crc32(name.encode())
    return LANGUAGES[number % 2], THEMES[number // 2 % 2 :][:1], WIDTHS[:1]


# --- What must hold ------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", PAGES)
def test_everybody_can_use_the_page(
    visit: Callable[[str, str], tuple[Person, Page]], cast: Cast, name: str
) -> None:
    who, show = PAGES[name]
    language, (first, *others), widths = looks(name)
    person, page = visit(who, language)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme=first)
    show(person, page, cast)
    expect(page.locator("html")).to_have_attribute("lang", language)
    found = violations(page)
    # A theme is other colors and nothing else.
    for theme in others:
        page.emulate_media(color_scheme=theme)
        found += violations(page, COLORS)
    assert not found, found
    twice = page.evaluate(TWICE)
    assert not twice, twice
    for width in (None, *widths):
        if width:
            page.set_viewport_size({"width": width, "height": 640})
        wider = page.evaluate(WIDER)
        assert wider == [], (width, wider)
    leave(page)
    problems = person.problems.copy()
    person.problems.clear()
    assert not problems, problems


def test_the_result_of_fourteen_questions_of_practice_is_three_screens_at_most(
    visit: Callable[[str, str], tuple[Person, Page]], cast: Cast
) -> None:
    user = Attempt.objects.get(pk=cast.drilled).user
    assert user
    drill_id = draw(user, 14, Feedback.AT_ONCE)
    for position in range(1, 15):
        close(user, drill_id, position, right=position % 2 == 0)
    drills.finish(user=user, attempt_id=drill_id)
    person, page = visit("driller", "hu")
    page.set_viewport_size({"width": 1440, "height": 900})
    heights = list[int]()
    # One question is open beside the list, and which are drawn is chance: the middle one of five counts.
    for position in (1, 4, 7, 10, 13):
        page.goto(person.address(f"/drills/{drill_id}/result/?q={position}"))
        expect(page.locator("main h1")).to_contain_text("14")
        heights.append(page.evaluate("document.scrollingElement.scrollHeight"))
    assert statistics.median(heights) <= 3 * 900, heights


def test_on_a_phone_the_first_act_of_a_course_is_in_sight(
    visit: Callable[[str, str], tuple[Person, Page]],
) -> None:
    person, page = visit("thorough", "hu")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(person.address("/mls-c01/"))
    act = page.locator("main .primary").first.bounding_box()
    assert act
    assert act["y"] + act["height"] <= 700


@pytest.mark.parametrize("place", ["#q21", "#review"])
def test_an_address_within_the_exam_leads_to_the_beginning(
    visit: Callable[[str, str], tuple[Person, Page]], cast: Cast, place: str
) -> None:
    person, page = visit("anna", "en")
    page.set_viewport_size({"width": 390, "height": 640})
    take(person, page, cast, place)
    page.wait_for_load_state("load")
    assert page.evaluate("[document.querySelector('main').scrollTop, scrollY]") == [0, 0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_review_of_a_whole_exam_is_printed_on_56_sheets_at_most(
    visit: Callable[[str, str], tuple[Person, Page]], cast: Cast, language: str
) -> None:
    person, page = visit("reader", language)
    page.goto(person.address(f"/attempts/{cast.failed}/review/?open=all"))
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert 20 < len(re.findall(rb"/Type /Page\s", printed)) <= 56
