"""A person takes their data with them, leaves, and comes back, on a phone."""

import os
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.jobs import runner
from accounts.privacy import erasure
from accounts.privacy.models import ErasureRequest
from accounts.users.models import User
from tests import factories
from tests.browser.conftest import MakeCandidate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WORDS = {
    "": ("Create the file", "Delete my account", "Open my account again", "MLS-C01 Practice Exam 1"),
    "/hu": ("Fájl készítése", "Törlöm a fiókomat", "Újra megnyitom a fiókomat", "MLS-C01, 1. gyakorló teszt"),
}


def look(page: Page, name: str) -> None:
    """See that everybody can use the page and it fits; with PRIVACY_PICTURES set it is pictured there."""
    found = Axe().run(page).response["violations"]
    assert not found, [(one["id"], one["nodes"][0]["html"]) for one in found]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if folder := os.environ.get("PRIVACY_PICTURES"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(("language", "scheme"), [("", "light"), ("/hu", "dark")])
def test_everything_is_downloaded_the_account_deleted_and_opened_again(
    make_candidate: MakeCandidate,
    anna: User,
    form: factories.Form,
    language: str,
    scheme: Literal["light", "dark"],
) -> None:
    create, delete, again, exam = WORDS[language]
    name = f"{language.strip('/') or 'en'}-{scheme}"
    factories.start(anna, form)
    one = make_candidate(anna, viewport={"width": 390, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page = one.window()
    page.goto(f"{one.server}{language}/accounts/privacy/")
    look(page, f"{name}-1-offer")
    page.get_by_role("button", name=create).click()
    page.locator("input[type=password]").fill(factories.PASSWORD)
    page.locator("main .primary").click()
    expect(page.locator("#making .loading")).to_be_visible()
    look(page, f"{name}-2-making")
    runner.run_due()
    # The page asks by itself.
    expect(page.locator("#making a[download]")).to_be_visible()
    look(page, f"{name}-3-ready")
    with page.expect_download() as download:
        page.locator("#making a[download]").click()
    assert download.value.suggested_filename == "passline-my-data.zip"
    page.locator("a[href$='/accounts/privacy/delete/']").click()
    expect(page.locator(".notice[data-tone=warn]")).to_contain_text(exam)
    look(page, f"{name}-4-delete")
    page.locator("#address").fill("bela@example.org")
    page.get_by_role("button", name=delete).click()
    expect(page.locator("#address")).to_have_attribute("aria-invalid", "true")
    look(page, f"{name}-5-wrong")
    page.locator("#address").fill(anna.email)
    page.get_by_role("button", name=delete).click()
    page.wait_for_url("**/accounts/privacy/closed/")
    look(page, f"{name}-6-closed")
    key = erasure.key_of(ErasureRequest.objects.get())
    page.goto(f"{one.server}{language}/accounts/privacy/restore/{key}/")
    look(page, f"{name}-7-restore")
    page.get_by_role("button", name=again).click()
    page.wait_for_url("**/accounts/login/")
    anna.refresh_from_db()
    assert anna.is_active
    assert not one.problems
