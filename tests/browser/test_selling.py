"""Four ways through what is sold: paid by test card, redeemed, ended in mid-exam, taken along and left."""

import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.plugin import DjangoDbBlocker

from accounts.users.models import User
from exams.assembly import selectors as assembly
from exams.attempts import lifecycle
from flashcards.services import own
from flashcards.services.own import OwnDraft
from tests import factories
from tests.browser import shop
from tests.browser.cast import put, sign_in
from tests.browser.conftest import MakePerson, until
from tests.browser.house import House, Person
from tests.browser.test_newcomer import PHONE, fits
from tests.template import connected_to

pytestmark = pytest.mark.browser

PASSWORD = "three tall ferries 44"
EXAM = "/mls-c01/exams/1/"
RESTORE = "/accounts/privacy/restore/"
CARD = "When is Pipe mode faster?"


@pytest.fixture
def products(house: House, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The products of the fixtures are on sale on the site; this process stays connected to its database."""
    with django_db_blocker.unblock(), connected_to(house.database), shop.on_sale():
        yield


def window(person: Person) -> Page:
    """Open a window that waits as long as a busy machine needs to hash a password."""
    page = person.window()
    page.set_default_timeout(60_000)
    return page


def send(page: Page) -> None:
    """Press the one button that goes on."""
    page.locator("main form:not([data-appearance]) .primary").first.click()


def sign_up(person: Person, page: Page) -> None:
    """Type address and password, then the code of the mail; ends where it began."""
    page.wait_for_url("**/accounts/signup/?next=**")
    fits(person, page)
    page.locator("input[name=email]").fill(person.email)
    page.locator("input[name=password1]").fill(PASSWORD)
    send(page)
    page.wait_for_url(person.address("/accounts/confirm-email/"))
    page.locator("input[name=code]").fill(person.house.code_to(person.email))
    send(page)


def start(person: Person, page: Page) -> None:
    """Start the exam at whose page this is."""
    page.wait_for_url(person.address(EXAM))
    fits(person, page)
    page.locator("main form .primary").first.click()
    page.wait_for_url("**/attempts/*/**")


def member(person: Person) -> User:
    """Make an account for a person and sign it in, in their language."""
    user, session = sign_in(person.email.partition("@")[0])
    person.email = user.email
    cookie: Any = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": person.house.url}
    person.context.add_cookies([cookie])
    return user


# --- Paid ------------------------------------------------------------------------------------------------
def test_a_visitor_reads_the_prices_signs_up_pays_and_starts_the_first_exam(
    make_person: MakePerson, products: None
) -> None:
    person = make_person("buyer", "en", locale="en-US", timezone_id="America/New_York")
    page = window(person)
    page.goto(person.address("/pricing/"))
    own = page.locator("section[aria-labelledby=mls-c01]")
    expect(own).to_contain_text("€29")
    for fact in ("MLS-C01 was retired on March 31, 2026", "The questions are in English."):
        expect(page.locator("main .more")).to_contain_text(fact)
    page.get_by_role("link", name="USD").click()
    expect(own.locator(".price")).to_contain_text("$29")
    own.locator("a.primary").click()
    sign_up(person, page)
    page.wait_for_url(person.address("/pricing/mls-c01/?currency=USD"))
    fits(person, page)
    order(page)
    page.get_by_role("button", name="Decline").click()
    expect(page.locator("main [role=alert]")).to_contain_text("declined")
    assert no_access(person, page)
    page.goto(person.address("/pricing/mls-c01/?currency=USD"))
    order(page)
    page.get_by_role("button", name="Pay", exact=True).click()
    page.wait_for_url(re.compile(r"/payments/[0-9a-f-]{36}/$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your purchase")
    fits(person, page)
    # The newest mail is that of the sign-up until the receipt has come.
    until(page, lambda: "$29.00" in person.house.mail_to(person.email), seconds=40)
    receipt = person.house.mail_to(person.email)
    for fact in (
        "MLS-C01 for 3 months",
        "$29.00",
        "right of withdrawal",
        "within 14 days",
        "/accounts/purchases/",
    ):
        assert fact in receipt, fact
    page.get_by_role("link", name="Open practice exam 1").click()
    start(person, page)
    page.goto(person.address("/accounts/purchases/"))
    expect(page.locator("main li")).to_have_count(1)


def order(page: Page) -> None:
    """Order what the page is for: it asks for both consents, and says each that is missing."""
    button = page.locator("main form .primary")
    expect(button).to_contain_text("Buy now")
    page.evaluate("document.querySelector('main form').noValidate = true")
    button.click()
    expect(page.locator("main .error")).to_have_count(2)
    expect(page.locator("input[name=consent]")).to_be_focused()
    expect(page.locator("main .error").first).to_be_in_viewport()
    page.locator("input[name=consent]").check()
    page.locator("input[name=terms]").check()
    page.locator("main form .primary").click()
    page.wait_for_url("**/payments/test-card/**")


def no_access(person: Person, page: Page) -> bool:
    """Say whether the page of the first exam offers full access and nothing to start."""
    page.goto(person.address(EXAM))
    return page.locator("#start").count() == 0 and page.locator("main a[href$='/pricing/']").count() > 0


# --- Redeemed --------------------------------------------------------------------------------------------
def test_the_link_of_a_voucher_leads_a_visitor_through_sign_up_to_an_exam_that_was_locked(
    make_person: MakePerson, products: None
) -> None:
    person = make_person("bevalto", "hu", locale="hu-HU", timezone_id="Europe/Budapest", **PHONE)
    code, page = shop.voucher(), window(person)
    page.goto(person.address(f"/redeem/{code}/"))
    fits(person, page)
    page.locator("main a.primary").click()
    sign_up(person, page)
    page.wait_for_url(person.address(f"/redeem/{code}/"))
    fits(person, page)
    expect(page.locator("input[name=code]")).to_have_value(code)
    expect(page.locator("main .lead")).to_contain_text("3 hónapra")
    # Looking at the link has given nothing.
    assert no_access(person, page)
    page.go_back()
    send(page)
    page.wait_for_url("**/redeem/?redeemed=*")
    expect(page.locator("h1")).to_have_text("Beváltottad a kupont")
    fits(person, page)
    page.locator("main a.primary").click()
    page.wait_for_url(person.address("/mls-c01/"))
    page.locator("[aria-labelledby=next-step] a.primary").click()
    start(person, page)


# --- Ended -----------------------------------------------------------------------------------------------
def test_an_exam_is_finished_and_reviewed_after_access_has_ended_and_another_is_for_sale(
    make_person: MakePerson, products: None
) -> None:
    person = make_person("ending", "en", locale="en-US", timezone_id="America/New_York", **PHONE)
    user, page = member(person), window(person)
    shop.give(user)
    own.create(user, "mls-c01", OwnDraft(CARD, "When data is large.", (), 3), language="en")
    page.goto(person.address(EXAM))
    start(person, page)
    page.wait_for_url("**/attempts/*/#q1")
    exam = page.url.partition("#")[0]
    page.locator("#q1 .option label").first.click()
    expect(page.locator(".saved")).to_have_attribute("data-state", "saved")
    shop.let_end(user)
    page.reload()
    page.locator("[rel=next]").click()
    page.locator("#q2 .option label").first.click()
    expect(page.locator(".saved")).to_have_attribute("data-state", "saved")
    page.goto(f"{exam}#review")
    page.locator("[data-submit]").click()
    page.locator("[data-go]").click()
    page.wait_for_url("**/result/")
    expect(page.get_by_role("heading", name="Stopped early")).to_be_visible()
    page.goto(f"{exam}review/?show=all")
    expect(page.locator("#found li")).to_have_count(65)
    page.locator("#q1own").scroll_into_view_if_needed()
    page.locator("#q1own summary", has_text="Note").click()
    page.locator("#q1own textarea").first.fill("Firehose buffers.")
    page.get_by_role("button", name="Save note").click()
    expect(page.locator("#q1own")).to_contain_text("Note saved.")
    assert no_access(person, page)
    expect(page.locator("main")).to_contain_text("Your access ended on")
    fits(person, page)
    for path, shown in (
        ("/attempts/", "Practice Exam 1"),
        ("/mls-c01/flashcards/own/", CARD),
    ):
        page.goto(person.address(path))
        expect(page.locator("main")).to_contain_text(shown)
        fits(person, page)


# --- Taken along, and left -------------------------------------------------------------------------------
@pytest.fixture
def leaver(make_person: MakePerson, products: None) -> Person:
    """A Hungarian with access and an ended exam."""
    person = make_person("tavozo", "hu", locale="hu-HU", timezone_id="Europe/Budapest")
    user, form = member(person), assembly.form("mls-c01", 1)
    assert form
    shop.give(user)
    started = lifecycle.start(user=user, form_id=form.id, language="en", holder=f"test:{user.pk}")
    put(user, started.attempt_id, 1, (), True)
    lifecycle.submit(user=user, attempt_id=started.attempt_id, lease=None)
    lifecycle.settle(user=user, attempt_id=started.attempt_id)
    return person


def confirm(page: Page) -> None:
    """Type the password where the site asks whether it is you."""
    page.wait_for_url("**/accounts/reauthenticate/**")
    page.locator("input[type=password]").fill(factories.PASSWORD)
    send(page)


def test_everything_about_me_is_downloaded_and_an_account_that_was_deleted_is_opened_again(
    leaver: Person,
) -> None:
    page = window(leaver)
    page.goto(leaver.address("/accounts/privacy/"))
    page.get_by_role("button", name="Fájl készítése").click()
    confirm(page)
    page.wait_for_url(leaver.address("/accounts/privacy/"))
    # The page says so by itself once the job is done.
    ready = page.locator("#making a[download]")
    expect(ready).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        ready.click()
    holds_results(leaver, download.value.path())
    page.locator("a[href$='/accounts/privacy/delete/']").click()
    page.locator("#address").fill(leaver.email)
    send(page)
    page.wait_for_url(leaver.address("/accounts/privacy/closed/"))
    page.goto(leaver.address("/attempts/"))
    page.wait_for_url("**/accounts/login/**")
    until(page, lambda: RESTORE in leaver.house.link_to(leaver.email), seconds=40)
    page.goto(leaver.house.link_to(leaver.email))
    expect(page.locator("html")).to_have_attribute("lang", "hu")
    send(page)
    page.wait_for_url(leaver.address("/accounts/login/"))
    page.locator("input[name=login]").fill(leaver.email)
    page.locator("input[name=password]").fill(factories.PASSWORD)
    send(page)
    page.wait_for_url(lambda url: "/login/" not in url)
    page.goto(leaver.address("/attempts/"))
    expect(page.locator("main")).to_contain_text("MLS-C01, 1. gyakorló teszt")


def holds_results(person: Person, path: Any) -> None:
    """Check that the archive opens and has the exam with its score, for programs and for spreadsheets."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        assert person.email in archive.read("README.txt").decode("utf-8-sig")
        held = {name: archive.read(name).decode() for name in names if name.endswith(".json")}
        (attempts,) = [json.loads(held[name]) for name in held if name == "attempts.json"]
    assert len(attempts) == 1
    assert {name.removesuffix(".json") + ".csv" for name in held} <= set(names)
