"""The pages around an exam in a browser: usable by all, in both themes, narrow, and without script."""

from collections.abc import Callable
from uuid import UUID

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.users.models import User
from exams.attempts import lifecycle
from tests import factories
from tests.browser.conftest import MakeCandidate

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ended(anna: User, form: factories.Form) -> UUID:
    """An ended attempt of Anna: one right, one flagged, the rest open."""
    attempt_id = factories.start(anna, form).attempt_id
    for position, ids in ((1, form.keys[1]), (2, [])):
        lifecycle.answer_without_script(
            user=anna, attempt_id=attempt_id, position=position, selected=tuple(ids), flagged=not ids
        )
    lifecycle.submit(user=anna, attempt_id=attempt_id, lease=None)
    return attempt_id


def addresses(ended: UUID) -> list[str]:
    own = [f"/attempts/{ended}/result/", f"/attempts/{ended}/review/?show=all"]
    pages = ["/", "/mls-c01/", "/mls-c01/exams/1/", "/attempts/", *own]
    return [*pages, *(f"/hu{page}" for page in pages), "/absent/"]


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(make_candidate: MakeCandidate, anna: User, ended: UUID, scheme: str) -> None:
    anyone = make_candidate(anna, color_scheme=scheme, bypass_csp=True)
    page = anyone.window()
    for address in addresses(ended):
        page.goto(anyone.server + address)
        open_all(page)
        found = Axe().run(page).response["violations"]
        assert not found, (address, [(one["id"], one["nodes"][0]["html"]) for one in found])


def test_nothing_scrolls_sideways_at_320_pixels(
    make_candidate: MakeCandidate, anna: User, ended: UUID
) -> None:
    anyone = make_candidate(anna, viewport={"width": 320, "height": 640})
    page = anyone.window()
    for address in addresses(ended):
        page.goto(anyone.server + address)
        open_all(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address


def filter_by_script(page: Page) -> None:
    page.locator("label", has_text="Flagged").click()


def filter_by_form(page: Page) -> None:
    page.locator("label", has_text="Flagged").click()
    page.get_by_role("button", name="Show").click()


@pytest.mark.parametrize(("script", "act"), [(True, filter_by_script), (False, filter_by_form)])
def test_the_review_filters_with_and_without_script(
    make_candidate: MakeCandidate, anna: User, ended: UUID, script: bool, act: Callable[[Page], None]
) -> None:
    anyone = make_candidate(anna, java_script_enabled=script)
    page = anyone.window()
    page.goto(f"{anyone.server}/attempts/{ended}/result/")
    page.goto(f"{anyone.server}/attempts/{ended}/review/")
    expect(page.locator("details.item")).to_have_count(7)
    act(page)
    expect(page.locator("details.item")).to_have_count(1)
    assert "show=flagged" in page.url


@pytest.mark.parametrize("script", [True, False])
def test_the_appearance_stays_with_and_without_script(
    make_candidate: MakeCandidate, anna: User, script: bool
) -> None:
    anyone = make_candidate(anna, java_script_enabled=script)
    page = anyone.window()
    page.goto(anyone.server)
    if script:
        with page.expect_response("**/accounts/appearance/"):
            page.get_by_text("Dark", exact=True).click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        page.reload()
    else:
        page.get_by_text("Dark", exact=True).click()
        page.get_by_role("button", name="Apply").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
