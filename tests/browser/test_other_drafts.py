"""Writing cheat sheets and cards in a browser: from the list to the reader, and by two at once."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.profile.models import Profile
from exams.authoring import services
from exams.authoring.models import Draft, State
from exams.catalog.models import Certification
from exams.cheatsheet.models import SheetEdition
from flashcards.models import Card, CardState
from tests import factories
from tests.browser.axe import LANGUAGE, MENU, faults, visit
from tests.browser.conftest import Candidate, MakeCandidate, until
from tests.browser.test_editor import field, saved
from tests.exams.cheatsheet import published
from tests.flashcards import decks

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDE = {"width": 1440, "height": 900}
TABLE = "| Service | Limit |\n| --- | --: |\n| **Kinesis** | 1 MB |"


@pytest.fixture
def certification(db: None) -> Certification:
    """A certification with a sheet in two languages and twelve cards."""
    made = factories.make_certification()
    published.publish(made)
    published.publish(made, published.small("hu", intro="Rövid bevezetés."))
    decks.make_deck(made)
    return made


@pytest.fixture
def author(make_candidate: MakeCandidate, db: None) -> Candidate:
    return make_candidate(factories.make_staff("authors"), viewport=WIDE)


@pytest.fixture
def reviewer(make_candidate: MakeCandidate, db: None) -> Candidate:
    return make_candidate(factories.make_staff("reviewers"), viewport=WIDE)


def opened(person: Candidate, path: str) -> Page:
    """Open a draft from its list."""
    page = person.window()
    page.goto(f"{person.server}/admin/{path}")
    page.get_by_role("button", name="Edit").first.click()
    expect(page.locator("iframe[name='preview']")).to_be_visible()
    expect(page.locator("[data-preview-form]")).to_be_visible()  # the script is there
    return page


def reviewed_and_published(reviewer: Candidate, name: str) -> None:
    review = reviewer.window()
    review.goto(f"{reviewer.server}/admin/exams/draft/?assigned=me")
    review.get_by_role("link", name=name, exact=True).click()
    review.get_by_role("button", name="Approve").click()
    review.get_by_label("Reason", exact=True).fill("Told more clearly.")
    review.get_by_role("button", name="Publish").click()
    expect(review.get_by_text("This draft is closed.")).to_be_visible()


def sent_to(page: Page, reviewer: Candidate) -> None:
    page.get_by_label("Reviewer").select_option(label=reviewer.user.email)
    page.get_by_role("button", name="Send to review").click()
    expect(page.get_by_text("Sent to review.")).to_be_visible()


def test_a_block_goes_from_the_list_to_the_reader(
    certification: Certification, author: Candidate, reviewer: Candidate, candidate: Candidate
) -> None:
    page = opened(author, "exams/sheetedition/?language__exact=en")
    page.locator("summary", has_text="2.2 Formats").click()
    source = field(page, "sections.1.blocks.1.source")
    source.fill("- no term in bold")
    expect(page.locator('[data-said="sections.1.blocks.1.source"]')).to_contain_text("with its term in bold")
    source.fill(TABLE)
    frame = page.frame_locator("iframe[name='preview']")
    expect(frame.locator("#b-2-2 td.num")).to_have_text("1 MB")
    expect(page.locator('[data-said="sections.1.blocks.1.source"]')).to_be_empty()
    until(page, lambda: "Kinesis" in _blocks(1)[1]["source"])
    page.get_by_label("Theme").select_option("dark")
    expect(frame.locator("#b-2-2 td.num")).to_have_text("1 MB")

    page.get_by_role("button", name="Add a block").last.click()
    expect(field(page, "sections.1.blocks.2.title")).to_be_focused()
    page.keyboard.type("Limits")
    field(page, "sections.1.blocks.2.source").fill("- **Shard:** 1 MB a second.")
    page.get_by_role("button", name="Move 2.3 up").click()
    until(page, lambda: [one["title"] for one in _blocks(1)] == ["Services", "Limits", "Formats"])
    sent_to(page, reviewer)
    reviewed_and_published(reviewer, "Cheat sheet (English)")

    reading = candidate.window()
    reading.goto(f"{candidate.server}{reverse('exams:cheatsheet', args=[certification.code])}")
    expect(reading.locator("#b-2-2")).to_contain_text("1 MB a second.")
    expect(reading.locator("#b-2-3 td.num")).to_have_text("1 MB")


def _blocks(section: int) -> list[dict[str, str]]:
    blocks: list[dict[str, str]] = Draft.objects.get().content["sections"][section]["blocks"]
    return blocks


def test_two_at_one_sheet_lose_nothing(
    certification: Certification, author: Candidate, reviewer: Candidate
) -> None:
    path = "exams/sheetedition/?language__exact=en"
    first, second = opened(author, path), opened(reviewer, path)
    for page, text in ((first, "The first text."), (second, "The second text.")):
        page.locator("summary", has_text="1.1 Introduction").click()
        field(page, "sections.0.blocks.0.source").fill(text)
        if page is first:
            saved(first, 2)
    conflict = second.locator("[data-conflict]")
    expect(conflict).to_contain_text("The first text.")
    expect(conflict).to_contain_text("The second text.")
    assert _blocks(0)[0]["source"] == "The first text."
    conflict.get_by_role("button", name="Use the stored text for everything").click()
    expect(field(second, "sections.0.blocks.0.source")).to_have_value("The first text.")
    field(second, "sections.0.title").fill("Both")
    saved(second, 3)
    assert _blocks(0)[0]["source"] == "The first text."


def test_a_card_goes_from_the_list_to_the_learner(
    certification: Certification, author: Candidate, reviewer: Candidate, candidate: Candidate
) -> None:
    page = opened(author, "flashcards/card/?q=FC-001")
    field(page, "texts.en.front").fill("Is this one?")
    remarks = page.locator("[data-remark-list]")
    expect(remarks).to_contain_text("This asks for yes or no.")
    field(page, "texts.en.front").fill("What can one shard take in?")
    field(page, "texts.en.back").fill("It takes **1 MB** a second.")
    expect(remarks).not_to_contain_text("yes or no")
    frame = page.frame_locator("iframe[name='preview']")
    expect(frame.locator(".front")).to_contain_text("What can one shard take in?")
    page.get_by_label("Page", exact=True).select_option("back")
    expect(frame.locator(".back strong")).to_have_text("1 MB")
    until(page, lambda: "1 MB" in Draft.objects.get().content["texts"]["en"]["back"])
    sent_to(page, reviewer)
    reviewed_and_published(reviewer, "FC-001")
    assert Draft.objects.get().state == State.PUBLISHED

    learning = candidate.window()
    learning.goto(f"{candidate.server}/mls-c01/flashcards/study/")
    expect(learning.locator("[data-front]")).to_contain_text("What can one shard take in?")
    learning.get_by_text("Show answer").click()
    learning.get_by_role("button", name="Good").click()
    until(learning, lambda: CardState.objects.exists())


def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    certification: Certification, make_candidate: MakeCandidate
) -> None:
    root = factories.make_staff("admin")
    Profile.objects.update_or_create(user=root, defaults={"ui_language": LANGUAGE})
    person = make_candidate(root, viewport=WIDE, bypass_csp=True)
    sheet, card = (
        services.open_draft(kind=kind, certification=certification, name=name, actor=root).pk
        for kind, name in (("cheatsheet", "cheatsheet/hu"), ("card", "FC-002"))
    )
    edition = SheetEdition.objects.earliest("pk").pk
    first = Card.objects.earliest("pk").pk
    page = person.window()
    paths = (
        f"exams/draft/{sheet}/edit/",
        f"exams/draft/{sheet}/preview/?view=whole",
        "exams/sheetedition/",
        "exams/sheetedition/new/",
        f"exams/sheetedition/{edition}/change/",
        f"exams/draft/{card}/edit/",
        f"exams/draft/{card}/preview/?view=back",
        "flashcards/card/",
        "flashcards/card/new/",
        f"flashcards/card/{first}/change/",
        f"flashcards/card/{first}/withdraw/",
    )
    for number, path in enumerate(paths):
        visit(page, f"{person.server}/admin/{path}")
        page.evaluate("for (const one of document.querySelectorAll('#draft details')) one.open = true")
        found = faults(page, but=MENU if number else "")
        assert not found, (path, found)
