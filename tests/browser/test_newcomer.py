"""The way of a newcomer: home page, a question of the sample, its explanation, sign-up, the running exam."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakePerson
from tests.browser.house import Person

pytestmark = pytest.mark.browser

PASSWORD = "three tall ferries 44"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
EXAM = "/mls-c01/exams/1/"


def fits(person: Person, page: Page) -> None:
    """Check that the page is in the language of the person and no wider than the window."""
    expect(page.locator("html")).to_have_attribute("lang", person.language)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


def from_home_to_sign_up(person: Person, page: Page) -> None:
    """Answer a question on the home page, look at the others, and ask for an account."""
    page.goto(person.house.url)
    page.wait_for_url(person.address("/"))
    fits(person, page)
    page.locator(".demo label").first.click()
    expect(page.locator(".demo .why").first).to_be_visible()
    page.locator("main a[href$='/sample/']").first.click()
    page.wait_for_url("**/mls-c01/sample/**")
    for _ in range(20):
        fits(person, page)
        if page.locator("main a[href*='/accounts/signup/']").count():
            break
        before = page.url
        onward = page.locator("nav.row a.primary")
        (onward if onward.count() else page.locator("form.question a[rel=nofollow]")).click()
        page.wait_for_function("before => location.href !== before", arg=before)
        page.wait_for_load_state()
    page.locator("main a[href*='/accounts/signup/']").click()
    page.wait_for_url("**/accounts/signup/?next=**")
    fits(person, page)


def sign_up(person: Person, page: Page) -> None:
    """Type address and password, once each."""
    page.locator("input[name=email]").fill(person.email)
    expect(page.locator("input[type=password]")).to_have_count(1)
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("main .primary").click()
    page.wait_for_url(person.address("/accounts/confirm-email/"))
    fits(person, page)


def start(person: Person, page: Page) -> None:
    """Start the exam at whose page the confirmation ended."""
    page.wait_for_url(person.address(EXAM))
    fits(person, page)
    page.locator("main form .primary").first.click()
    page.wait_for_url("**/attempts/*/**")
    fits(person, page)


def test_a_hungarian_phone_goes_from_the_sample_to_the_running_exam_by_a_code(
    make_person: MakePerson,
) -> None:
    person = make_person("uj-telefon", "hu", locale="hu-HU", timezone_id="Europe/Budapest", **PHONE)
    page = person.window()
    from_home_to_sign_up(person, page)
    sign_up(person, page)
    page.locator("input[name=code]").fill(person.house.code_to(person.email))
    page.locator("main .primary").first.click()
    start(person, page)
    page.goto(person.address("/accounts/confirm-email/"))
    page.wait_for_url(person.address("/accounts/email/"))


def test_an_english_desktop_goes_from_the_sample_to_the_running_exam_by_a_link_opened_elsewhere(
    make_person: MakePerson,
) -> None:
    person = make_person("new-desktop", "en", locale="en-US", timezone_id="America/New_York")
    first = person.window()
    from_home_to_sign_up(person, first)
    sign_up(person, first)
    other = make_person("new-desktop", "en", locale="en-US")
    page = other.window()
    page.goto(person.house.link_to(person.email))
    page.locator("input[type=password]").fill(PASSWORD)  # what somebody else signed up with stays shut
    page.locator("main .primary").click()
    start(other, page)
    first.reload()
    expect(first.locator("main")).to_contain_text("used already")


def test_without_script_a_newcomer_goes_from_the_sample_to_the_running_exam(
    make_person: MakePerson,
) -> None:
    person = make_person("new-plain", "en", locale="en-US", java_script_enabled=False)
    page = person.window()
    from_home_to_sign_up(person, page)
    sign_up(person, page)
    page.locator("input[name=code]").fill(person.house.code_to(person.email))
    page.locator("main .primary").first.click()
    start(person, page)
    page.wait_for_url("**/questions/1/")
