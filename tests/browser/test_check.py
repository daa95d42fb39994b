"""The check in a browser, from the sign-in page to the estimate, in both languages of the interface."""

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from accounts.users.models import User
from exams.attempts import answers
from exams.attempts.models import Attempt
from tests.accounts.selling import sell
from tests.browser import axe
from tests.browser.conftest import until
from tests.exams.attempts.practice import make_check
from tests.factories import PASSWORD, Form

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("language", "start", "finish", "now", "told"),
    [
        ("", "Start the check", "Finish", "Finish now", "Our estimate is"),
        ("/hu", "Indítás", "Befejezés", "Befejezés", "Becslésünk szerint"),
    ],
)
def test_somebody_without_access_signs_in_checks_themselves_and_sees_the_band(
    browser: Browser, live_server: Any, anna: User, form: Form, language: str, start: str, finish: str,
    now: str, told: str,
) -> None:  # fmt: skip
    make_check(form)
    sell()
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.goto(f"{live_server.url}{language}/accounts/login/?next={language}/mls-c01/")
    page.locator("[name=login]").fill(anna.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form [type=submit]").first.click()
    expect(page.locator("#next-step")).to_be_visible()
    assert axe.violations(page) == []
    page.get_by_role("link", name=start).click()
    assert axe.violations(page) == []
    with page.expect_response("**/lease/"):
        page.get_by_role("button", name=start).click()
    drill_id = Attempt.objects.get().pk
    expect(page.locator(".clock")).to_be_visible()
    for position in range(1, 21):
        question = page.locator(f"#q{position}")
        for option in range(2 if position == 7 else 1):
            question.locator(".option label").nth(option).click()
        page.locator("[rel=next]").click()
    until(page, lambda: answers.answered(answers.current(drill_id)) == 20)
    page.get_by_role("button", name=finish).last.click()
    page.get_by_role("dialog").get_by_role("button", name=now).click()
    expect(page.locator(".lead")).to_contain_text(told)
    expect(page.locator("figure.scale .band")).to_be_visible()
    assert axe.violations(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    page.context.close()
