"""A ruling from the report to the corrected score, by the pages of staff and of a candidate."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from accounts.jobs import runner
from accounts.users.models import User
from exams.attempts import lifecycle
from exams.bank.models import KeyRuling
from exams.errata.models import RulingRun
from exams.feedback import reports
from tests import factories
from tests.browser.axe import violations
from tests.exams.errata.helpers import sit, version_at
from tests.factories import Form

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

VIEWS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((1440, "light"), (390, "dark"))


@pytest.fixture
def open_as(browser: Browser, live_server: Any, settings: Any) -> Iterator[Any]:
    """Open windows of somebody."""
    contexts = []

    def windows(user: User) -> list[Page]:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        found = []
        for width, scheme in VIEWS:
            context = browser.new_context(
                viewport={"width": width, "height": 900},
                color_scheme=scheme,
                bypass_csp=True,
                base_url=live_server.url,
            )
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
            )
            contexts.append(context)
            found.append(context.new_page())
        return found

    yield windows
    for context in contexts:
        context.close()


def look(pages: list[Page], path: str) -> None:
    """Open a page in each view: axe finds nothing, nothing scrolls sideways."""
    for page, (width, _) in zip(pages, VIEWS, strict=True):
        page.goto(path)
        page.wait_for_load_state("load")
        found = violations(page)
        assert not found, (path, width, found)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)


def test_a_reviewer_rules_on_a_reported_question_and_the_candidate_reads_what_changed(
    open_as: Any, anna: User, form: Form
) -> None:
    attempt = sit(anna, form, {1: form.others[1][:1]}, grade=False)
    lifecycle.settle(user=anna, attempt_id=attempt)
    reports.report(user=anna, attempt_id=attempt, position=1, reason="key", text="A is right, too")
    version = version_at(form, 1)
    staff = open_as(factories.make_staff("reviewers"))
    page = staff[0]
    look(staff, "/admin/exams/keyruling/queue/")
    look(staff, f"/admin/exams/keyruling/rule/{version}/")
    page.get_by_label("Also accept other options").check()
    page.get_by_label("A. Answer 0 to E1-Q01").check()
    page.get_by_label("Cause").select_option("second")
    page.get_by_role("button", name="Preview").click()
    page.wait_for_url("**/preview/**")
    look(staff, page.url)
    runner.run_due()
    look(staff, page.url)
    page.get_by_label("Reason").fill("Both pages of the documentation say so")
    page.get_by_role("button", name="Confirm ruling", exact=True).click()
    page.wait_for_url("**/change/")
    look(staff, page.url)
    runner.run_due()
    assert RulingRun.objects.get().finished_at
    look(staff, page.url)
    look(staff, "/admin/exams/keyruling/")
    look(staff, f"/admin/exams/itemversion/{version}/change/")
    assert KeyRuling.objects.get().log.reason == "Both pages of the documentation say so"

    mine = open_as(anna)
    for language in ("", "/hu"):
        look(mine, f"{language}/mls-c01/changes/")
        look(mine, f"{language}/attempts/{attempt}/result/")
        look(mine, f"{language}/attempts/{attempt}/review/?open=all")
    assert "Az A" in mine[0].content() or "az A" in mine[0].content()
