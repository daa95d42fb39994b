"""The admin in a browser: axe finds nothing, and nothing scrolls sideways."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.plugin import DjangoDbBlocker

from accounts.access import vouchers
from accounts.access.models import Entitlement, Product, ProductVersion
from accounts.jobs.models import Job, State
from accounts.payments import services as payments
from accounts.payments import test_card as card
from accounts.payments.models import Purchase
from accounts.users.models import User
from exams.assembly import selectors as assembly
from exams.assembly.models import FormEdition, Paper
from exams.attempts import lifecycle
from exams.bank.models import Item, ItemVersion
from exams.catalog.models import Certification
from exams.corrections import services as corrections
from exams.corrections.proposals import Proposal
from exams.publication.models import PendingAct
from tests import factories
from tests.browser.axe import DESKTOP, MENU, PHONE, Look, faults, visit
from tests.browser.house import House
from tests.payments import orders
from tests.template import connected_to

pytestmark = pytest.mark.browser


def bought(person: User) -> tuple[int, int]:
    """Have somebody pay for what opens nothing of this site; return payment and entitlement."""
    orders.make_product("elsewhere", ["cert:elsewhere"])
    checkout = orders.checkout_of(orders.order(person, "elsewhere"))
    # Other tests look at the pricing page of this house.
    Product.objects.filter(slug="elsewhere").update(on_sale=False)
    card.pay(checkout.session.session_id)
    payments.refresh(checkout)
    return Purchase.objects.get(checkout=checkout).pk, Entitlement.objects.get(user=person).pk


def vouchers_of(slug: str) -> int:
    """Make a batch of codes as staff do, which is recorded; return it."""
    version = ProductVersion.objects.get(product__slug=slug)
    return vouchers.create_batch(actor=None, version=version, count=1, note="For a course in December")[0].pk


def proposed() -> int:
    """Have a ruling wait for a second person; return the proposal."""
    version = ItemVersion.objects.earliest("pk")
    values = Proposal(version.pk, "credit", (), False, "unclear").values()
    wanted = {**values, "until": None, "people": 72, "impact": {"changed": 72, "raised": 72}}
    act, _made = PendingAct.objects.get_or_create(
        kind=corrections.KIND,
        subject=corrections.subject_of(version),
        defaults={"parameters": wanted, "reason": "Unclear to most, as the reports say"},
    )
    return act.pk


@pytest.fixture(scope="module")
def staff(house: House, django_db_blocker: DjangoDbBlocker) -> tuple[str, list[str]]:
    """The session of somebody with every right, and the pages to look at."""
    with django_db_blocker.unblock(), connected_to(house.database):
        root, client = User.objects.create_superuser("head@example.org", factories.PASSWORD), Client()
        client.force_login(root)
        form = assembly.form("mls-c01", 1)
        assert form
        sat = factories.make_user("sitter@example.org")
        attempt = lifecycle.start(user=sat, form_id=form.id, language="en", holder="test:sitter").attempt_id
        purchase, given = bought(sat)
        product = Product.objects.get(slug="elsewhere").pk
        batch = vouchers_of("elsewhere")
        # A value without a space is as wide as it is long.
        job = Job.objects.create(
            kind="archive", parameters={"digest": "6a3063b3" * 8}, state=State.DONE, finished_at=Now()
        ).pk
        rows = {
            "certification": Certification.objects.get(code="mls-c01").pk,
            "item": Item.objects.earliest("pk").pk,
            "itemversion": ItemVersion.objects.earliest("pk").pk,
            "formedition": FormEdition.objects.earliest("pk").pk,
            "paper": Paper.objects.earliest("pk").pk,
            "attempt": attempt,
        }
        pages = [
            "/admin/",
            *(f"/admin/exams/{model}/" for model in rows),
            *(f"/admin/exams/{model}/{key}/change/" for model, key in rows.items()),
            *(f"/admin/exams/attempt/{attempt}/{act}/" for act in ("extend", "void")),
            "/admin/exams/pendingact/",
            *(f"/admin/exams/pendingact/{proposed()}/{act}/" for act in ("change", "confirm")),
            f"/admin/accounts/user/{sat.pk}/extra-time/",
            "/admin/accounts/user/",
            f"/admin/accounts/user/{sat.pk}/person/",
            f"/admin/accounts/user/{sat.pk}/person/access/",
            "/admin/accounts/purchase/",
            f"/admin/accounts/purchase/{purchase}/change/",
            f"/admin/accounts/purchase/{purchase}/refund/",
            f"/admin/accounts/entitlement/{given}/change/",
            f"/admin/accounts/entitlement/{given}/extend/",
            f"/admin/accounts/entitlement/{given}/end/",
            f"/admin/accounts/entitlement/grant/?user={sat.email}",
            f"/admin/accounts/user/{sat.pk}/change/",
            *(f"/admin/accounts/{model}/" for model in ("entitlement", "product", "voucherbatch", "job")),
            *(f"/admin/accounts/product/{product}/{act}/" for act in ("change", "publish")),
            "/admin/accounts/voucherbatch/add/",
            f"/admin/accounts/voucherbatch/{batch}/change/",
            f"/admin/accounts/job/{job}/change/",
        ]
        return client.cookies[settings.SESSION_COOKIE_NAME].value, pages


@contextmanager
def window(browser: Browser, house: House, session: str, look: Look = DESKTOP) -> Iterator[Page]:
    """Open a window of somebody signed in, in one look."""
    width, scheme = look
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": house.url}])
    with context:
        yield context.new_page()


def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, house: House, staff: tuple[str, list[str]]
) -> None:
    session, paths = staff
    with window(browser, house, session, PHONE) as page:
        for number, path in enumerate(paths):
            visit(page, house.url + path)
            # The menu where it has no place of its own, and where it shows one.
            found = faults(page, but=MENU if number > 1 else "")
            assert not found, (path, found)


def test_on_a_phone_what_can_be_done_with_a_purchase_is_in_sight(
    browser: Browser, house: House, staff: tuple[str, list[str]]
) -> None:
    session, paths = staff
    with window(browser, house, session, (390, "light")) as page:
        page.goto(house.url + next(path for path in paths if path.endswith("/person/")))
        for part, verb in (
            *(("Access", "Extend"), ("Access", "Revoke"), ("Purchases", "Refund")),
            *(("Attempts", "Extend"), ("Attempts", "Void")),
        ):
            row = page.get_by_role("group", name=part)
            box = row.get_by_role("link", name=verb, exact=True).bounding_box()
            assert box, verb
            assert 0 <= box["x"] <= box["x"] + box["width"] <= 390, verb


def test_the_page_of_a_certification_is_read_by_tabs_not_by_scrolling(
    browser: Browser, house: House, staff: tuple[str, list[str]]
) -> None:
    session, paths = staff
    with window(browser, house, session) as page:
        page.goto(house.url + next(path for path in paths if "certification/" in path and "change" in path))
        for tab in ("General", "Texts", "Domains"):
            page.locator("#tabs-items").get_by_role("link", name=tab, exact=True).click()
            # A script shows what belongs to the tab and hides the rest.
            page.wait_for_function("document.documentElement.scrollHeight <= 2200")
        page.locator("#tabs-items").get_by_role("link", name="General", exact=True).click()
        expect(page.get_by_text("Pass mark", exact=True).first).to_be_visible()
        expect(page.get_by_text("Scores of finished exams do not change")).to_be_visible()
