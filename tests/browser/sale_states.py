"""Pages around what is sold and around leaving: prices, orders, vouchers, ended access, own data."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models.functions import Now
from playwright.sync_api import Page, expect

from accounts.privacy import archive, erasure
from accounts.privacy.models import ErasureRequest
from accounts.profile import services as profiles
from accounts.profile.reminders import ACCESS, STUDY, token
from exams.catalog.models import Certification
from tests import factories
from tests.browser import shop
from tests.browser.cast import Cast
from tests.browser.house import Person
from tests.browser.stages import PAGES, plain, shown, sold

REDEEM = "/redeem/"

sold("pricing", "/pricing/")
sold("pricing in dollars", "/pricing/?currency=USD", "buyer")
sold("pricing, access running", "/pricing/", "holder")
sold("pricing, access ended", "/pricing/", "former")
plain("pricing, everything free", "/pricing/")
plain("refunds", "/refunds/")
sold("landing, locked", "/mls-c01/")
sold("welcome", "/mls-c01/", "buyer")
sold("courses, new", "/", "buyer")
sold("landing, access ended", "/mls-c01/", "former")
sold("before an exam, locked", "/mls-c01/exams/1/", "buyer")
sold("before an exam, locked, visitor", "/mls-c01/exams/1/")
sold("before an exam, access ended", "/mls-c01/exams/1/", "former")
sold("practice, locked", "/mls-c01/practice/", "buyer")
sold("home, locked", "/mls-c01/", "buyer")
sold("home, access ending", "/mls-c01/", "holder")
sold("home, access ended", "/mls-c01/", "former")
sold("flashcards, locked", "/mls-c01/flashcards/", "buyer")
sold("own sheet, locked", "/mls-c01/cheatsheet/mine/", "buyer")
sold("profile, access ending", "/accounts/profile/", "holder")
sold("order", "/pricing/mls-c01/", "buyer")
sold("order of a subscription", "/pricing/monthly/", "buyer")
sold("order of a bundle", "/pricing/bundle/", "buyer")
sold("order, left before paying", "/pricing/mls-c01/?canceled=1", "buyer")
plain("purchases, none", "/accounts/purchases/", "former")
plain("redeem, visitor", "/redeem/PASS-7K3M-Q2XD-94TB-HN6W/")
plain("redeem", REDEEM, "new")
plain("redeem, not valid", "/redeem/PASS-7K3M-Q2XD-94TB-HN6W/", "new")
plain("your data", "/accounts/privacy/", "new")
plain("account closed", "/accounts/privacy/closed/")
plain("keep the account, old link", "/accounts/privacy/restore/none/")
plain("sign in, account closed", "/accounts/inactive/")


# --- An exam that is a beta, with facts that are planned ------------------------------------------------
@contextmanager
def kept() -> Iterator[Certification]:
    """Give the certification, and undo after the block what becomes of its days."""
    certification = Certification.objects.get(code="mls-c01")
    names = ("beta_on", "live_on", "retired_on", "successor_code", "planned_facts")
    before = {name: getattr(certification, name) for name in names}
    try:
        yield certification
    finally:
        Certification.objects.filter(pk=certification.pk).update(**before)


@contextmanager
def beta() -> Iterator[None]:
    """Have the certification as a beta within the block."""
    with kept() as certification:
        factories.plan(certification)
        yield


@contextmanager
def live() -> Iterator[None]:
    """Have the exam of the certification as one that can be taken within the block."""
    with kept() as certification:
        Certification.objects.filter(pk=certification.pk).update(retired_on=None)
        yield


def coming(name: str, path: str, who: str = "anyone") -> None:
    """Add a page as it is while the certification is a beta, and products are on sale."""

    def opened(person: Person, page: Page, cast: Cast) -> None:
        with beta(), shop.on_sale():
            page.goto(person.address(path))

    PAGES[f"{name}, an exam that is a beta"] = (who, opened)


coming("catalog", "/")
coming("landing", "/mls-c01/")
coming("pricing", "/pricing/")
coming("order", "/pricing/mls-c01/", "buyer")
coming("before an exam", "/mls-c01/exams/1/")
coming("home", "/mls-c01/", "buyer")


# --- Orders ----------------------------------------------------------------------------------------------
@shown("order, nothing agreed to", "buyer")
def _nothing_agreed(person: Person, page: Page, cast: Cast) -> None:
    with shop.on_sale():
        page.goto(person.address("/pricing/mls-c01/"))
        page.evaluate("document.querySelector('main form').noValidate = true")
        page.locator("main form .primary").click()
        expect(page.locator("main .error")).to_have_count(2)


def order(person: Person, page: Page, slug: str) -> None:
    """Order a product; ends at the test card."""
    page.goto(person.address(f"/pricing/{slug}/"))
    for name in ("consent", "terms"):
        page.locator(f"input[name={name}]").check()
    page.locator("main form .primary").click()
    page.wait_for_url("**/payments/test-card/**")


def pay(person: Person, page: Page, slug: str) -> None:
    """Order a product and pay for it; ends at the page that says so."""
    order(person, page, slug)
    page.locator("button[value=pay]").click()
    expect(page.locator("main .facts")).to_be_visible()


@shown("test card", "buyer")
def _test_card(person: Person, page: Page, cast: Cast) -> None:
    with shop.on_sale():
        order(person, page, "mls-c01")


@shown("test card, declined", "buyer")
def _declined(person: Person, page: Page, cast: Cast) -> None:
    with shop.on_sale():
        order(person, page, "mls-c01")
        page.locator("button[value=decline]").click()
        expect(page.locator("main [role=alert]")).to_be_visible()


@shown("paid", "payer")
def _paid(person: Person, page: Page, cast: Cast) -> None:
    with shop.on_sale():
        pay(person, page, "mls-c01")


@shown("not paid yet", "buyer")
def _not_paid(person: Person, page: Page, cast: Cast) -> None:
    with shop.on_sale():
        order(person, page, "mls-c01")
        page.goto(person.address(f"/payments/{shop.last_order()}/"))


@shown("purchases", "payer")
def _purchases(person: Person, page: Page, cast: Cast) -> None:
    with shop.on_sale():
        pay(person, page, "mls-c01")
        pay(person, page, "monthly")
        page.goto(person.address("/accounts/purchases/"))


@shown("ask for a refund", "payer")
def _ask_refund(person: Person, page: Page, cast: Cast) -> None:
    with shop.on_sale():
        pay(person, page, "mls-c01")
        page.goto(person.address("/accounts/purchases/"))
        page.locator("a[href$='/refund/']").first.click()


@shown("purchases, refund asked for", "payer")
def _refund_asked(person: Person, page: Page, cast: Cast) -> None:
    with shop.on_sale():
        pay(person, page, "mls-c01")
        page.goto(person.address("/accounts/purchases/"))
        page.locator("a[href$='/refund/']").first.click()
        page.locator("main form .primary").click()
        expect(page.locator("main .tag").first).to_be_visible()


@shown("cancel a subscription", "payer")
def _cancel(person: Person, page: Page, cast: Cast) -> None:
    with shop.on_sale():
        pay(person, page, "monthly")
        page.goto(person.address(f"/accounts/purchases/{shop.last_order()}/cancel/"))


@shown("subscription canceled", "payer")
def _canceled(person: Person, page: Page, cast: Cast) -> None:
    with shop.on_sale():
        pay(person, page, "monthly")
        page.goto(person.address(f"/accounts/purchases/{shop.last_order()}/cancel/"))
        page.locator("main form .primary").click()
        page.wait_for_url("**/accounts/purchases/")


# --- Vouchers --------------------------------------------------------------------------------------------
@shown("redeem, what it opens", "payer")
def _promised(person: Person, page: Page, cast: Cast) -> None:
    with shop.on_sale():
        page.goto(person.address(f"{REDEEM}{shop.voucher()}/"))


@shown("redeem, done", "payer")
def _redeemed(person: Person, page: Page, cast: Cast) -> None:
    with shop.on_sale():
        page.goto(person.address(f"{REDEEM}{shop.voucher()}/"))
        page.locator("main form .primary").click()
        page.wait_for_url("**/redeem/?redeemed=*")


@shown("redeem, too many", "guesser")
def _too_many(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address(REDEEM))
    for _ in range(11):
        page.locator("input[name=code]").fill("PASS-7K3M-Q2XD-94TB-HN6W")
        with page.expect_response("**/redeem/") as reply:
            page.locator("main form .primary").click()
        if reply.value.status == 429:
            break
    expect(page.locator("#id_code_error")).to_be_visible()


# --- Reminders, own data, the way back -------------------------------------------------------------------
@shown("access reminders")
def _reminders(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address(f"/accounts/reminders/{token(cast.people['holder'].pk, ACCESS)}/"))


@shown("morning emails")
def _study_reminders(person: Person, page: Page, cast: Cast) -> None:
    profiles.update(cast.people["holder"], study_reminders=True)
    page.goto(person.address(f"/accounts/study-reminders/{token(cast.people['holder'].pk, STUDY)}/"))


@shown("access reminders, off")
def _reminders_off(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address(f"/accounts/reminders/{token(cast.people['former'].pk, ACCESS)}/"))
    if page.locator("main form:not([data-appearance])").count():
        page.locator("main form .primary").click()
    expect(page.locator("main a.button")).to_be_visible()


@shown("your data, ready", "former")
def _ready(person: Person, page: Page, cast: Cast) -> None:
    if archive.newest(cast.people["former"]) is None:
        archive.request_archive(cast.people["former"], "en")
    page.goto(person.address("/accounts/privacy/"))
    expect(page.locator("#making a[download]")).to_be_visible(timeout=40_000)


@shown("delete the account", "former")
def _delete(person: Person, page: Page, cast: Cast) -> None:
    page.goto(person.address("/accounts/privacy/delete/"))
    if "/reauthenticate/" in page.url:
        page.locator("input[type=password]").fill(factories.PASSWORD)
        page.locator("main form:not([data-passkey]) .primary").first.click()
    expect(page.locator("#address")).to_be_visible()


@shown("keep the account")
def _restore(person: Person, page: Page, cast: Cast) -> None:
    asked, _made = ErasureRequest.objects.get_or_create(
        user=cast.people["guesser"], defaults={"due_at": Now() + timedelta(days=7)}
    )
    page.goto(person.address(f"/accounts/privacy/restore/{erasure.key_of(asked)}/"))
