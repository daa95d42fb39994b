"""The cheat sheet in a browser: it filters as one types, stacks on a phone, and prints whole sections."""

import pytest
from playwright.sync_api import Page, expect

from accounts.users.models import User
from exams.cheatsheet.models import SheetOpening
from tests import factories
from tests.browser.conftest import MakeCandidate, until
from tests.exams.cheatsheet import published
from tests.exams.cheatsheet.published import publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGE = "/mls-c01/cheatsheet/"
SHOWN = ".block:not([hidden])"


@pytest.fixture
def _sheet(form: factories.Form) -> None:
    publish(form.form.certification, published.real())


def opened(make_candidate: MakeCandidate, user: User, path: str = PAGE, **options: object) -> Page:
    candidate = make_candidate(user, **options)
    page = candidate.window()
    page.goto(candidate.server + path)
    return page


@pytest.mark.usefixtures("_sheet")
def test_typing_filters_blocks_and_contents_and_only_says_that_the_sheet_is_read(
    make_candidate: MakeCandidate, anna: User
) -> None:
    page = opened(make_candidate, anna)
    total = page.locator(SHOWN).count()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("searchbox").fill("FACTORIZATION machines")
    expect(page.locator("#b-4-2")).to_be_visible()
    expect(page.locator("#b-1-3")).to_be_hidden()
    expect(page.locator("#s-5")).to_be_hidden()
    found = page.locator(SHOWN).count()
    assert 0 < found < total
    expect(page.get_by_role("status").first).to_have_text(f"{found} of {total} topics")
    assert page.locator(".toc li li:not([hidden])").count() == found
    assert page.evaluate("CSS.highlights.get('found').size") >= 2
    page.get_by_role("searchbox").fill("unobtainium")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
    page.get_by_role("searchbox").fill("")
    expect(page.locator(SHOWN)).to_have_count(total)
    expect(page.get_by_role("heading", name="Nothing found")).to_be_hidden()
    assert asked == [f"{page.url}?read"]


@pytest.mark.usefixtures("_sheet")
def test_what_leads_on_from_a_block_is_none_of_its_words(make_candidate: MakeCandidate, anna: User) -> None:
    page = opened(make_candidate, anna)
    expect(page.locator("#b-2-2 > p > a")).to_have_text("Practice this: 2.2 Data services")
    page.get_by_role("searchbox").fill("practice this:")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()


@pytest.mark.usefixtures("_sheet")
@pytest.mark.parametrize("script", [True, False])
def test_a_search_by_enter_marks_what_it_found(
    make_candidate: MakeCandidate, anna: User, script: bool
) -> None:
    page = opened(make_candidate, anna, java_script_enabled=script)
    page.get_by_role("searchbox").fill("deepar")
    page.get_by_role("searchbox").press("Enter")
    page.wait_for_url("**?q=deepar")
    expect(page.locator("mark").first).to_have_text("DeepAR")
    expect(page.locator("#b-4-2")).to_be_visible()
    expect(page.locator("#b-1-1")).to_be_hidden()


@pytest.mark.usefixtures("_sheet")
def test_tables_stack_on_a_phone_and_name_their_rows_and_columns(
    make_candidate: MakeCandidate, anna: User
) -> None:
    page = opened(make_candidate, anna, path=f"{PAGE}#b-4-2", viewport={"width": 390, "height": 844})
    cells = page.locator("#b-4-2 tbody tr").first.locator("th, td")
    boxes = [cell.bounding_box() for cell in cells.all()]
    assert all(box for box in boxes)
    tops = [box["y"] for box in boxes if box]
    assert tops == sorted(set(tops))
    head = page.locator("#b-4-2 thead th").first.bounding_box()
    assert head
    assert head["y"] + head["height"] <= tops[0]
    label = cells.nth(3).evaluate("cell => getComputedStyle(cell, '::before').content")
    assert "Training input" in label
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_role("button", name="On this page")).to_be_in_viewport()


@pytest.mark.usefixtures("_sheet")
def test_a_link_to_what_an_id_teaches_leads_to_its_block(make_candidate: MakeCandidate, anna: User) -> None:
    page = opened(make_candidate, anna, f"{PAGE}#c-elastic-net")
    expect(page.locator("#b-4-5 h3")).to_be_in_viewport()


@pytest.mark.usefixtures("_sheet")
def test_the_contents_open_a_section_that_is_folded_and_the_sheet_counts_as_read(
    make_candidate: MakeCandidate, anna: User
) -> None:
    page = opened(make_candidate, anna)
    expect(page.locator("#b-5-8")).to_be_hidden()
    assert not SheetOpening.objects.exists()
    page.locator(".toc a[href='#s-5']").click()
    until(page, SheetOpening.objects.filter(user=anna).exists)
    expect(page.locator("#b-5-8")).to_be_visible()
    expect(page.locator("#b-4-2")).to_be_hidden()


@pytest.mark.usefixtures("_sheet")
def test_paper_has_the_sheet_and_nothing_to_press(make_candidate: MakeCandidate, anna: User) -> None:
    page = opened(make_candidate, anna)
    page.emulate_media(media="print")
    assert not any(part.is_visible() for part in page.locator("main button, main input, .toc").all())
    expect(page.locator("#b-5-8 h3")).to_be_visible()
