"""Exams, imports and acts on many questions in a browser: axe finds nothing, nothing scrolls sideways."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.jobs import runner
from accounts.profile import services as profiles
from accounts.users.models import User
from exams.authoring import imports, services
from exams.authoring.models import Draft
from exams.bank.models import Item
from tests import factories
from tests.browser.axe import LANGUAGE, LOOKS, MENU, PHONE, drawn, faults, looks_at, turn, visit
from tests.browser.conftest import Candidate, MakeCandidate
from tests.exams.authoring.test_imports import GIFT

pytestmark = pytest.mark.browser

BROKEN = GIFT + "\n::Bad::What?{=One#Yes. ~Two#No.\n"


@pytest.fixture
def author(make_candidate: MakeCandidate, db: None) -> Candidate:
    return make_candidate(
        factories.make_staff("authors"),
        viewport={"width": PHONE[0], "height": 900},
        color_scheme=PHONE[1],
        bypass_csp=True,
    )


def imported(form: factories.Form, owner: User, data: str) -> str:
    """Upload a file and have it checked; return the address of its page."""
    file = imports.store(
        certification=form.form.certification,
        format_name="gift",
        name="questions.txt",
        data=data.encode(),
        owner=owner,
    )
    imports.check(file=file, owner=owner)
    return f"/admin/exams/importfile/{file.pk}/change/"


def addresses(form: factories.Form, owner: User) -> Iterator[str]:
    """Yield pages in states in which they have most to show."""
    certification = form.form.certification
    draft = services.open_draft(kind="form", certification=certification, name="exam-1", actor=owner)
    items = [*draft.content["items"], {"code": "E9-Q99", "scored": True}]
    services.save(draft_id=draft.pk, revision=1, content={**draft.content, "items": items}, actor=owner)
    yield f"/admin/exams/draft/{draft.pk}/edit/?q=answer"
    yield f"/admin/exams/draft/{draft.pk}/draw/"
    yield f"/admin/exams/draft/{draft.pk}/proof/"
    yield f"/admin/exams/draft/{draft.pk}/versions/"
    yield f"/admin/exams/examform/{form.form.pk}/change/"
    yield "/admin/exams/examform/"
    yield "/admin/exams/examform/new/"
    yield "/admin/exams/importfile/"
    yield "/admin/exams/importfile/new/"
    yield imported(form, owner, GIFT)
    yield imported(form, owner, BROKEN)
    yield f"/admin/exams/examform/{form.form.pk}/export/"


def look(page: Page, name: str, but: str = MENU) -> None:
    """Check what is shown in its looks; keep pictures of it where the environment names a folder."""
    drawn(page)
    for one in looks_at(page):
        found = faults(page, [one], but=but)
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{one[0]}.png", full_page=True)
        assert not found, (name, found)


def press(page: Page, button: Locator) -> None:
    """Press what can be pressed in each look."""
    for one in LOOKS:
        turn(page, one)
        button.click(trial=True)
    button.click()


def test_the_pages_of_authors_can_be_read_by_everybody(form: factories.Form, author: Candidate) -> None:
    profiles.update(author.user, ui_language=LANGUAGE)
    paths = list(addresses(form, author.user))
    runner.run_due()
    page = author.window()
    for number, path in enumerate(paths):
        visit(page, author.server + path)
        look(page, f"{number:02d}", MENU if number else "")


def test_an_impossible_plan_and_a_drawn_exam(form: factories.Form, author: Candidate) -> None:
    draft = services.open_draft(
        kind="form", certification=form.form.certification, name="exam-2", actor=author.user
    )
    page = author.window()
    visit(page, f"{author.server}/admin/exams/draft/{draft.pk}/draw/")
    press(page, page.get_by_role("button", name="Draw", exact=True))
    expect(page.get_by_role("alert")).to_contain_text("The bank has no exam like this.")
    look(page, "20-impossible")
    for number in range(1, 5):
        page.locator(f'[name="scored.{number}"]').fill("1" if number < 3 else "0")
        page.locator(f'[name="unscored.{number}"]').fill("0")
    press(page, page.get_by_role("button", name="Draw", exact=True))
    expect(page.locator(".places > li")).to_have_count(2)
    first = page.locator(".places strong").first.inner_text()
    press(page, page.get_by_role("button", name=f"Move {first} down"))
    expect(page.locator(".places strong").last).to_have_text(first)
    assert [one["code"] for one in Draft.objects.get().content["items"]][1] == first


def test_questions_are_chosen_in_the_list_and_exported(form: factories.Form, author: Candidate) -> None:
    page = author.window()
    visit(page, f"{author.server}/admin/exams/item/")
    for item in Item.objects.order_by("code")[:2]:
        page.locator(f'input[name="_selected_action"][value="{item.pk}"]').check()
    page.locator('select[name="action"]').select_option("export_chosen")
    press(page, page.get_by_role("button", name="Run").first)
    expect(page.get_by_role("heading", name="Export questions").first).to_be_visible()
    look(page, "30-bulk")
    page.locator('select[name="format_name"]').select_option("csv")
    press(page, page.get_by_role("button", name="Create the file"))
    expect(page.get_by_text("In progress.")).to_be_visible()
    look(page, "31-making")
    runner.run_due()
    expect(page.get_by_role("link", name="Download questions.csv")).to_be_visible()
    look(page, "32-made")


def test_a_token_is_shown_once_and_what_was_refused_is_told(form: factories.Form, author: Candidate) -> None:
    page = author.window()
    visit(page, f"{author.server}/admin/exams/importfile/token/")
    page.get_by_label("Name").fill("nightly")
    press(page, page.get_by_role("button", name="Create the token"))
    expect(page.get_by_text("it is shown only once")).to_be_visible()
    look(page, "40-token")
    visit(page, f"{author.server}/admin/exams/item/")
    page.locator('input[name="_selected_action"]').first.check()
    page.locator('select[name="action"]').select_option("send_chosen")
    press(page, page.get_by_role("button", name="Run").first)
    press(page, page.get_by_role("button", name="Send to review"))
    expect(page.get_by_text("There is no draft of this question.")).to_be_visible()
    look(page, "41-refused")
