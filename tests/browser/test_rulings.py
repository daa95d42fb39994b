"""A ruling from the report to the corrected score, by the pages of staff and of a candidate."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page

from accounts.jobs import runner
from accounts.users.models import User
from exams.admin import rulings
from exams.attempts import lifecycle
from exams.bank.models import KeyRuling
from exams.corrections.models import RulingRun
from exams.feedback import services
from tests import factories
from tests.browser.axe import LANGUAGE, MENU, faults, visit
from tests.exams.corrections.helpers import sit, version_at
from tests.factories import Form

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_as(browser: Browser, live_server: Any, settings: Any) -> Iterator[Any]:
    """Open a window of somebody."""
    contexts = []

    def window(user: User) -> Page:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, bypass_csp=True, base_url=live_server.url
        )
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
        contexts.append(context)
        return context.new_page()

    yield window
    for context in contexts:
        context.close()


def look(page: Page, path: str) -> None:
    """Open a page: axe finds nothing, and nothing scrolls sideways."""
    visit(page, path)
    found = faults(page, but="" if path.endswith("/queue/") else MENU)
    assert not found, (path, found)


def test_a_reviewer_rules_on_a_reported_question_and_the_candidate_reads_what_changed(
    open_as: Any, anna: User, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A page that waits for its job loads itself again and again, while axe reads it.
    monkeypatch.setattr(rulings, "REFRESH_SECONDS", 600)
    attempt = sit(anna, form, {1: form.others[1][:1]}, grade=False)
    lifecycle.settle(user=anna, attempt_id=attempt)
    services.report(user=anna, attempt_id=attempt, position=1, reason="key", text="A is right, too")
    version = version_at(form, 1)
    page = open_as(factories.make_staff("reviewers"))
    look(page, "/admin/exams/keyruling/queue/")
    look(page, f"/admin/exams/keyruling/rule/{version}/")
    page.get_by_label("Also accept other options").check()
    page.get_by_label("A. Answer 0 to E1-Q01").check()
    page.get_by_label("Cause").select_option("second")
    page.get_by_role("button", name="Preview").click()
    page.wait_for_url("**/preview/**")
    look(page, page.url)
    runner.run_due()
    look(page, page.url)
    page.get_by_label("Reason").fill("Both pages of the documentation say so")
    page.get_by_role("button", name="Confirm ruling", exact=True).click()
    page.wait_for_url("**/change/")
    look(page, page.url)
    runner.run_due()
    assert RulingRun.objects.get().finished_at
    look(page, page.url)
    look(page, "/admin/exams/keyruling/")
    look(page, f"/admin/exams/itemversion/{version}/change/")
    assert KeyRuling.objects.get().log.reason == "Both pages of the documentation say so"

    mine = open_as(anna)
    look(mine, f"/{LANGUAGE}/mls-c01/corrections/")
    look(mine, f"/{LANGUAGE}/attempts/{attempt}/result/")
    look(mine, f"/{LANGUAGE}/attempts/{attempt}/review/?open=all")
    assert "Az A" in mine.content() or "az A" in mine.content()
