"""Signing in by a code from the sign-in page: on a phone, in Hungarian, and without script."""

import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MakePerson
from tests.browser.house import CODE, MAIL_SECONDS, Person
from tests.browser.test_newcomer import PHONE, fits, sign_up

pytestmark = pytest.mark.browser


def make_account(person: Person) -> None:
    """Sign up in a browser of its own."""
    page = person.window()
    page.goto(person.address("/accounts/signup/"))
    sign_up(person, page)
    page.locator("input[name=code]").fill(person.house.code_to(person.email))
    page.locator("main .primary").first.click()
    page.wait_for_url(lambda url: "/confirm-email/" not in url)


def code_to_sign_in(person: Person) -> str:
    """Return the code of the newest mail, once it is one to sign in and no longer that of the sign-up."""
    until = time.monotonic() + MAIL_SECONDS
    while "/confirm-email/" in (text := person.house.mail_to(person.email)):
        assert time.monotonic() < until, "no mail with a code to sign in"
        time.sleep(0.1)
    found = CODE.search(text)
    assert found, text
    return found.group()


def ask_for_code(person: Person, page: Page, button: str) -> None:
    page.goto(person.address("/accounts/login/?next=/accounts/sessions/"))
    fits(person, page)
    page.get_by_role("link", name=button).click()
    page.wait_for_url("**/accounts/login/code/?next=**")
    fits(person, page)
    page.locator("input[name=email]").fill(person.email)
    page.locator("main .primary").click()
    page.wait_for_url(person.address("/accounts/login/code/confirm/"))
    fits(person, page)


@pytest.mark.parametrize(
    ("name", "language", "button", "options"),
    [
        ("code-phone", "hu", "Inkább kódot kérek e\u2011mailben", {**PHONE, "locale": "hu-HU"}),
        ("code-plain", "en", "Email me a code instead", {**PHONE, "java_script_enabled": False}),
    ],
)
def test_a_phone_signs_in_by_a_code_after_a_wrong_one_and_gets_where_it_was_going(
    make_person: MakePerson, name: str, language: str, button: str, options: dict[str, Any]
) -> None:
    make_account(make_person(name, language))
    person = make_person(name, language, **options)
    page = person.window()
    ask_for_code(person, page, button)
    code = code_to_sign_in(person)

    field = page.locator("input[name=code]")
    field.fill(f"{(int(code) + 1) % 10**6:06d}")
    page.locator("main .primary").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#id_code_error")).to_contain_text("4")
    fits(person, page)
    field.fill(f"{code[:3]} {code[3:]}")
    page.locator("main .primary").click()
    page.wait_for_url(person.address("/accounts/sessions/"))
    fits(person, page)
    expect(page.locator("main")).not_to_contain_text(code)

    # Back shows pages, and the code is of no use anymore.
    page.goto(person.address("/accounts/login/code/confirm/"))
    page.wait_for_url(lambda url: "/code/" not in url)


def test_the_code_can_be_asked_for_again_after_a_moment_and_the_page_says_so(
    make_person: MakePerson,
) -> None:
    person = make_person("code-again", "en")
    page = person.window()
    ask_for_code(person, page, "Email me a code instead")
    page.get_by_role("button", name="Send it again").click()
    expect(page.locator("main")).to_contain_text("Wait a minute before you ask for another.")
    page.get_by_role("link", name="Use another address").click()
    page.wait_for_url("**/accounts/login/code/?next=**")
