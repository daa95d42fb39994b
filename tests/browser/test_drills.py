"""A drill in a browser, without script: chosen, answered question by question, ended, and hidden."""

import pytest
from playwright.sync_api import expect

from accounts.users.models import User
from tests.browser.conftest import MakeCandidate
from tests.exams.attempts.practice import finish_exam
from tests.factories import Form

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_drill_is_chosen_answered_ended_and_hidden_without_script(
    make_candidate: MakeCandidate, anna: User, form: Form
) -> None:
    finish_exam(anna, form)
    candidate = make_candidate(anna, java_script_enabled=False)
    page = candidate.window()
    page.goto(f"{candidate.server}/mls-c01/practice/")
    page.get_by_label("Number of questions").fill("5")
    page.get_by_role("button", name="Start drill").click()
    page.get_by_role("button", name="Check answer").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose")
    page.get_by_role("button", name="Show answer").click()
    expect(page.locator(".answers")).to_be_visible()
    page.get_by_role("link", name="Next question").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Question 2 of 5")
    page.get_by_role("button", name="Finish drill").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("0 of 5 correct")
    page.get_by_role("link", name="Practice", exact=True).click()
    # The link of its row covers the row, but not this button.
    page.get_by_role("button", name="Hide").click()
    expect(page.get_by_role("heading", name="New drill")).to_be_visible()
    expect(page.get_by_role("button", name="Hide")).to_have_count(0)
