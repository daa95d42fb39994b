"""The pages of the cheat sheet: free to read, search and fetch; and the own one, for its owner."""

import gzip
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation

from accounts.jobs import runner
from accounts.jobs.models import Job, State
from accounts.users.models import User
from exams.bank.models import Item
from exams.cheatsheet import selectors, services
from exams.cheatsheet.records import SheetDraft
from exams.cheatsheet.selectors import Head
from tests import budgets, factories
from tests.accounts.selling import sell
from tests.exams.cheatsheet import published
from tests.exams.cheatsheet.published import publish, small
from tests.exams.cheatsheet.test_personal import sit
from tests.exams.web.test_pages import signed_in, text_of
from tests.factories import Form, publish_log
from tests.markup import squeezed

pytestmark = pytest.mark.django_db
PAGE = "/mls-c01/cheatsheet/"
PDF = f"{PAGE}pdf/"
MINE = f"{PAGE}mine/"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def sheet(form: Form) -> Head:
    """The small sheet beside the small exam."""
    return publish(form.form.certification)


@pytest.fixture
def real(form: Form) -> Head:
    """The real sheet."""
    return publish(form.form.certification, published.real())


def html_of(client: Client, address: str) -> str:
    reply = client.get(address)
    assert reply.status_code == 200
    return reply.content.decode()


# --- The page ----------------------------------------------------------------------------------------


def test_the_page_has_every_block_with_its_anchor_and_an_entry_in_the_contents(
    client: Client, real: Head
) -> None:
    page = html_of(client, PAGE)
    assert '<h1><span class="unbroken">MLS-C01</span> Cheat Sheet</h1>' in page
    for section in selectors.sections(real.edition_id):
        assert f'id="s-{section.number}"' in page
        assert f'href="#s-{section.number}"' in page
        for block in section.blocks:
            assert f'id="{block.anchor}"' in page
            assert f'href="#{block.anchor}"' in page
            assert block.html in page


def test_every_coverage_id_is_an_anchor_once(client: Client, real: Head) -> None:
    page = html_of(client, PAGE)
    anchors = re.findall(r'<span id="c-([a-z0-9-]+)"></span>', page)
    taught = {name for block in published.real().blocks for name in block.covers}
    assert len(taught) == 310
    assert sorted(anchors) == sorted(taught)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_a_link_of_a_review_leads_to_an_anchor_that_is_there(client: Client, real: Head) -> None:
    for link in selectors.links("mls-c01", ["xgboost", "dropout"], "en"):
        path, _, anchor = link.address.partition("#")
        assert f'id="{anchor}"' in html_of(client, path)


def test_the_page_is_for_everybody_and_may_be_kept(client: Client, sheet: Head) -> None:
    reply = client.get(PAGE)
    assert reply["Cache-Control"] == "public, max-age=600"
    assert not reply.cookies
    assert '<link rel="canonical" href="http://localhost:8000/mls-c01/cheatsheet/">' in reply.content.decode()


def test_the_page_of_a_person_is_not_kept(anna: User, sheet: Head) -> None:
    reply = signed_in(anna).get(PAGE)
    assert "no-store" in reply["Cache-Control"]
    assert MINE in reply.content.decode()


@pytest.mark.parametrize("query", ["", "?q=amazon"])
def test_the_page_is_light(client: Client, real: Head, query: str) -> None:
    reply = client.get(PAGE + query, headers={"Accept-Encoding": "gzip"})
    assert reply["Content-Encoding"] == "gzip"
    assert len(reply.content) <= budgets.WARM_OF["sheet"]
    assert len(gzip.decompress(reply.content)) > 90_000


def test_hungarian_pages_show_the_english_sheet_and_say_so(client: Client, sheet: Head) -> None:
    page = html_of(client, f"/hu{PAGE}")
    text = text_of(client.get(f"/hu{PAGE}"))
    assert "Ezen az oldalon" in text
    assert "angol" in text
    assert '<h2 lang="en">1. Exam overview</h2>' in page
    assert re.search(r'<div class="block flow" id="b-1-1" lang="en">', page)
    assert 'lang="en">1. Exam' not in html_of(client, PAGE)


def test_a_translated_sheet_is_shown_in_its_language(client: Client, sheet: Head, form: Form) -> None:
    publish(form.form.certification, small("hu", intro=published.HUNGARIAN))
    text = text_of(client.get(f"/hu{PAGE}"))
    assert published.HUNGARIAN in text
    assert "angol" not in text.split("Ezen az oldalon")[0].split("Cheat Sheet")[-1]
    assert published.HUNGARIAN not in text_of(client.get(PAGE))


@pytest.mark.parametrize("address", [PAGE, PDF, MINE, f"{MINE}pdf/", f"/hu{PAGE}", "/absent/cheatsheet/"])
def test_a_certification_without_a_sheet_has_no_such_page(anna: User, form: Form, address: str) -> None:
    assert signed_in(anna).get(address).status_code == 404


def test_links_lead_to_a_sheet_only_where_there_is_one(client: Client, form: Form) -> None:
    landing = html_of(client, "/mls-c01/")
    assert "Free to read" not in landing
    assert "120 flashcards and a cheat sheet are in preparation." in landing
    publish(form.form.certification)
    selectors._codes.cache_clear()
    landing = html_of(client, "/mls-c01/")
    assert f'href="{PAGE}"' in landing
    assert "120 flashcards are in preparation." in landing
    assert "1 practice exam · cheat sheet" in text_of(client.get("/"))
    services.publish(form.form.certification, SheetDraft("en", ()), publish_log())
    selectors._codes.cache_clear()
    assert "Free to read" not in html_of(client, "/mls-c01/")


def test_a_course_without_a_sheet_says_so_within_its_menu(client: Client, form: Form) -> None:
    page = client.get(PAGE)
    assert page.status_code == 404
    assert "MLS-C01 has no cheat sheet yet." in page.content.decode()
    assert 'class="course-nav"' in page.content.decode()
    assert 'class="course-nav"' not in client.get("/absent/cheatsheet/").content.decode()


def test_a_result_leads_to_the_own_sheet_where_there_is_one(anna: User, form: Form) -> None:
    client, attempt_id = signed_in(anna), sit(anna, form, wrong=(3,))
    address = f"/attempts/{attempt_id}/result/"
    assert MINE not in html_of(client, address)
    publish(form.form.certification)
    selectors._codes.cache_clear()
    assert f'href="{MINE}"' in html_of(client, address)


# --- Search ------------------------------------------------------------------------------------------


def shown(page: str) -> list[str]:
    return re.findall(r'<div class="block flow" id="b-([0-9-]+)"(?: lang="\w+")?>', page)


def test_a_search_shows_what_has_every_word_and_marks_it(client: Client, sheet: Head) -> None:
    page = html_of(client, f"{PAGE}?q=amazon+S3")
    assert shown(page) == ["2-1"]
    assert "<mark>Amazon</mark> <mark>S3</mark>" in page
    assert "1 of 3 topics" in page
    assert '<section class="topics" id="s-1" hidden>' in page
    assert page.count('<details class="flow" open>') == 2
    assert page.count("<li hidden>") == 3  # the first section, its block, and formats


def test_accents_and_capitals_do_not_matter(client: Client, sheet: Head, form: Form) -> None:
    publish(form.form.certification, small("hu", intro=published.HUNGARIAN))
    page = html_of(client, f"/hu{PAGE}?q=arvizturo+TUKOR")
    assert shown(page) == ["1-1"]
    assert "<mark>Árvíztűrő</mark> <mark>tükör</mark>fúrógép" in page


def test_a_search_without_a_hit_says_so_and_leads_back(client: Client, sheet: Head) -> None:
    page = html_of(client, f"{PAGE}?q=unobtainium")
    assert shown(page) == []
    page = squeezed(page)
    assert '<div class="empty" data-none><h2>Nothing found</h2>' in page
    assert f'<a href="{PAGE}">Show the whole sheet</a>' in page


@pytest.mark.parametrize(
    "query", ['"><script>alert(1)</script>', "<b>", "%00", "&amp;", "x" * 5000, "\\", "' OR 1"]
)
def test_a_hostile_search_is_text_and_nothing_else(client: Client, sheet: Head, query: str) -> None:
    reply = client.get(PAGE, {"q": query})
    assert reply.status_code == 200
    page = reply.content.decode()
    assert "<script>alert" not in page
    assert 'value=""><' not in page
    assert len(page) < 40_000


def test_an_empty_search_and_unknown_parameters_show_everything(client: Client, sheet: Head) -> None:
    assert shown(html_of(client, f"{PAGE}?q=++&page=3")) == ["1-1", "2-1", "2-2"]


# --- The PDF -----------------------------------------------------------------------------------------


def test_who_asks_before_the_pdf_is_made_sees_that_it_is_being_made(client: Client, sheet: Head) -> None:
    reply = client.get(PDF)
    assert "Creating the PDF" in text_of(reply)
    assert reply["Cache-Control"] == "no-store, private"
    assert Job.objects.get().kind == "cheatsheet_pdf"
    for _ in range(3):
        assert "Creating the PDF" in text_of(client.get(PDF, headers={"HX-Request": "true"}))
    assert Job.objects.count() == 1
    runner.run_due()
    part = client.get(PDF, headers={"HX-Request": "true"}).content.decode()
    assert "Your PDF is ready" in part
    assert "<html" not in part
    assert "hx-get" not in part


def test_the_pdf_is_for_everybody(client: Client, sheet: Head) -> None:
    client.get(PDF)
    runner.run_due()
    reply = client.get(PDF)
    assert reply.content.startswith(b"%PDF-")
    assert reply["Content-Type"] == "application/pdf"
    assert reply["Content-Disposition"] == 'attachment; filename="mls-c01-cheat-sheet-en.pdf"'
    assert reply["Cache-Control"] == "public, max-age=600"


def test_a_pdf_that_cannot_be_made_is_said_to_be_so(client: Client, sheet: Head) -> None:
    client.get(PDF)
    Job.objects.update(state=State.FAILED, finished_at=Job.objects.get().created_at)
    page = html_of(client, PDF)
    assert "We couldn't create the PDF" in page
    assert "hx-get" not in page
    assert Job.objects.count() == 1


# --- The own sheet -----------------------------------------------------------------------------------


@pytest.fixture
def missed(anna: User, sheet: Head, form: Form) -> Client:
    """Anna, who has missed a question on formats."""
    Item.objects.update(coverage=[])
    Item.objects.filter(code="E1-Q03").update(coverage=["parquet"])
    sit(anna, form, right=(1, 2, 4, 5, 6, 7, 8), wrong=(3,))
    return signed_in(anna)


def test_the_way_to_the_own_sheet_has_a_lock_for_who_has_no_access(anna: User, sheet: Head) -> None:
    browser = signed_in(anna)
    assert "Only what I missed (Locked)" not in text_of(browser.get(PAGE))
    sell()
    assert "Only what I missed (Locked)" in text_of(browser.get(PAGE))


def test_who_has_missed_nothing_is_told_what_fills_the_page(anna: User, sheet: Head) -> None:
    text = text_of(signed_in(anna).get(MINE))
    assert "Nothing here yet" in text
    assert "Make a PDF" not in text


def test_the_own_sheet_has_only_what_was_missed(missed: Client) -> None:
    page = html_of(missed, MINE)
    assert shown(page) == ["2-2"]
    assert "Missed 1 time<" in squeezed(page)


def test_nobody_sees_the_sheet_of_another(missed: Client, bela: User, client: Client) -> None:
    assert shown(html_of(signed_in(bela), MINE)) == []
    for address in (MINE, f"{MINE}pdf/"):
        reply = client.get(address)
        assert reply.status_code == 302
        assert reply["Location"].startswith("/accounts/login/")


def test_the_pdf_of_the_own_sheet_is_made_by_a_job_and_fetched_by_its_owner(
    missed: Client, bela: User
) -> None:
    reply = missed.post(f"{MINE}pdf/")
    assert (reply.status_code, reply["Location"]) == (302, f"{MINE}pdf/")
    assert "Creating the PDF" in html_of(missed, f"{MINE}pdf/")
    runner.run_due()
    assert "Your PDF is ready" in missed.get(f"{MINE}pdf/", headers={"HX-Request": "true"}).content.decode()
    reply = missed.get(f"{MINE}pdf/", follow=True)
    assert reply.content.startswith(b"%PDF-")
    assert Job.objects.get().owner is not None
    assert signed_in(bela).get(f"/accounts/jobs/{Job.objects.get().pk}/file/").status_code == 404


def test_a_pdf_that_nobody_asked_for_leads_back_to_the_page(missed: Client, anna: User, form: Form) -> None:
    reply = missed.get(f"{MINE}pdf/")
    assert (reply.status_code, reply["Location"]) == (302, MINE)
    assert not Job.objects.exists()
    reply = missed.get(f"{MINE}pdf/", headers={"HX-Request": "true"})
    assert (reply.status_code, reply["HX-Redirect"]) == (204, MINE)
    factories.start(anna, form)  # closes what was missed in this exam
    assert missed.post(f"{MINE}pdf/")["Location"] == MINE
    assert not Job.objects.exists()


def test_the_own_sheet_speaks_hungarian_around_english_blocks(missed: Client) -> None:
    page = html_of(missed, f"/hu{MINE}")
    assert re.search(r'<div class="block flow" id="b-2-2" lang="en">', page)
    assert '<p class="meta" lang="hu">' in page
