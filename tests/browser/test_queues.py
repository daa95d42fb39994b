"""The queues of authors and translators in a browser: used to the end, read by everybody, on every screen."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.profile import services as profiles
from exams.authoring.models import Draft, State
from exams.bank.models import Item, ItemText, ItemVersion
from exams.freshness.models import ItemAssignment, ItemCheck, ReviewTask
from tests import factories
from tests.browser.axe import COLORS, DESKTOP, LANGUAGE, MENU, PHONE, drawn, faults, looks_at, turn, visit
from tests.browser.conftest import MakeCandidate
from tests.exams.authoring.test_translations import reword
from tests.exams.freshness.test_checks import check
from tests.exams.freshness.test_tasks import PAGE, say, watch

pytestmark = pytest.mark.browser

CODE = "E1-Q01"
QUEUE = "/admin/exams/itemcheck/queue/"
TRANSLATIONS = "/admin/exams/itemcheck/translations/"


def waits(form: factories.Form) -> None:
    """Have a question mention a name, with an older translation, and a name in its place."""
    reword("E1-Q05", why="It is right for another reason.")
    say(form, "Because Amazon Sumerian was cheaper.")
    watch(form, "Amazon Sumerian", "A name that is new and rather long, as names of services are")
    check("E1-Q07", note="Limits are as before.")


def seen(page: Page, name: str, but: str = MENU) -> None:
    """Check what is shown in its looks; keep pictures of it where the environment names a folder."""
    drawn(page)
    for width, scheme in looks_at(page):
        found = faults(page, [(width, scheme)], but=but)
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
        assert not found, (name, found)


def test_the_queues_can_be_read_by_everybody(form: factories.Form, make_candidate: MakeCandidate) -> None:
    waits(form)
    author = make_candidate(
        factories.make_staff("admin"),
        viewport={"width": PHONE[0], "height": 900},
        color_scheme=PHONE[1],
        bypass_csp=True,
    )
    profiles.update(author.user, ui_language=LANGUAGE)
    page = author.window()
    task = ReviewTask.objects.get()
    item = Item.objects.get(code=CODE).pk
    for name, path in (
        ("queue", QUEUE),
        ("translations", TRANSLATIONS),
        ("name", f"/admin/exams/watchedname/{task.watched_id}/change/"),
        ("names", "/admin/exams/watchedname/"),
        ("new-name", "/admin/exams/watchedname/new/"),
        ("edit-name", f"/admin/exams/watchedname/{task.watched_id}/edit/"),
        ("checks", "/admin/exams/itemcheck/"),
        ("item", f"/admin/exams/item/{item}/change/"),
    ):
        visit(page, author.server + path)
        seen(page, name)
    visit(page, author.server + QUEUE, DESKTOP)
    button = page.locator('button[formaction$="/assign/"]')
    button.click(trial=True)
    turn(page, PHONE)
    button.click()
    expect(page.get_by_role("alert")).to_be_visible()
    seen(page, "refused", but="")
    # The menu, too, has its colors by the theme alone.
    assert not faults(page, [(1440, "dark"), (390, "light")], COLORS)


def test_an_author_looks_after_what_waits(form: factories.Form, make_candidate: MakeCandidate) -> None:
    waits(form)
    author = make_candidate(factories.make_staff("admin"), viewport={"width": 1440, "height": 900})
    versions = ItemVersion.objects.count()
    page = author.window()
    page.goto(author.server + QUEUE)
    first = page.locator(".waiting > li").first
    expect(first).to_contain_text("Amazon Sumerian")
    first.get_by_role("checkbox").check()
    page.get_by_label("Who looks after them").select_option(label=author.user.email)
    page.get_by_role("button", name="Assign").click()
    expect(first).to_contain_text(f"assigned to {author.user.email}")
    assert ItemAssignment.objects.get().item.code == CODE

    first.get_by_role("checkbox").check()
    page.get_by_role("button", name="Mark as checked").click()
    expect(page.locator("#page-wrong")).to_be_visible()
    page.get_by_label("Page you looked at").fill(PAGE)
    page.get_by_role("button", name="Mark as checked").click()
    expect(page.get_by_text("1 question marked as checked.")).to_be_visible()
    expect(page.locator(".waiting")).not_to_contain_text("Amazon Sumerian")
    made = ItemCheck.objects.get(item__code=CODE)
    assert (made.item.code, made.pages, made.person) == (CODE, [PAGE], author.user)
    assert ItemVersion.objects.count() == versions

    page.locator(".waiting > li").first.get_by_role("button", name="Open a draft").click()
    expect(page.locator("#editor")).to_be_visible()


def test_a_translation_goes_from_the_queue_to_the_exam(
    form: factories.Form, make_candidate: MakeCandidate
) -> None:
    waits(form)
    translator = make_candidate(factories.make_staff("translators"), viewport={"width": 1440, "height": 900})
    reviewer = make_candidate(factories.make_staff("admin"), viewport={"width": 1440, "height": 900})
    versions = ItemVersion.objects.count()
    page = translator.window()
    page.goto(f"{translator.server}{TRANSLATIONS}?lack=older")
    page.get_by_role("button", name="Translate E1-Q05").click()
    expect(page.locator("[data-languages]")).to_be_visible()
    expect(page.locator('[id="texts.en.why"]')).not_to_be_editable()
    page.locator('[id="texts.hu.why"]').fill("Más okból helyes.")
    expect(page.locator("[data-saving]")).to_contain_text("Saved")
    page.get_by_role("button", name="Send to review").click()
    expect(page.get_by_text("Sent to review.")).to_be_visible()
    page.goto(f"{translator.server}{TRANSLATIONS}?is_mine=1")
    expect(page.locator(".waiting")).to_contain_text(f"in review, {translator.user.email}")

    draft = Draft.objects.get(name="E1-Q05", state=State.REVIEW)
    review = reviewer.window()
    review.goto(f"{reviewer.server}/admin/exams/draft/{draft.pk}/edit/")
    review.get_by_role("button", name="Approve").click()
    review.get_by_label("Reason", exact=True).fill("As the original says now.")
    review.get_by_role("button", name="Publish").click()
    expect(review.get_by_text("This draft is closed.")).to_be_visible()
    assert ItemVersion.objects.count() == versions
    text = ItemText.objects.filter(version__item__code="E1-Q05", language="hu").latest("pk")
    assert text.why == "Más okból helyes."
    page.goto(f"{translator.server}{TRANSLATIONS}?lack=older")
    expect(page.locator(".waiting")).not_to_contain_text("E1-Q05")
