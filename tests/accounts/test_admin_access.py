"""Products, vouchers and entitlements in the admin: who may, what an act does, and that it is recorded."""

import csv
import io
import re
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from accounts.access import entitlements, products, vouchers
from accounts.access.models import Entitlement, Price, Product, ProductVersion, Voucher, VoucherBatch
from accounts.access.policy import access_of
from accounts.admin.products import _costs
from accounts.audit.models import AuditEntry
from accounts.base import csv_file
from accounts.users.models import User
from tests import factories
from tests.accounts.vouchers import CODE, PRICES, make_codes, make_version

pytestmark = pytest.mark.django_db

ROOT = "/admin/accounts"
OK, NO, AWAY = 200, 403, 302


@pytest.fixture
def clients(anna: User) -> dict[str, Client]:
    """One browser of each kind of person."""
    people = {
        "support": staff("support@example.org", "support"),
        "finance": staff("finance@example.org", "finance"),
        "author": staff("author@example.org", "authors"),
        "admin": User.objects.create_superuser("root@example.org", factories.PASSWORD),
        "candidate": anna,
    }
    found = {"nobody": Client()}
    for name, user in people.items():
        found[name] = Client()
        found[name].force_login(user)
    return found


def staff(email: str, group: str) -> User:
    """Make somebody with a role."""
    user = User.objects.create_user(email, factories.PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


@pytest.fixture
def support(clients: dict[str, Client]) -> Client:
    """The admin as support sees it."""
    return clients["support"]


@pytest.fixture
def finance(clients: dict[str, Client]) -> Client:
    """The admin as finance sees it."""
    return clients["finance"]


@pytest.fixture
def given(bela: User) -> Entitlement:
    """Three months that Béla redeemed."""
    factories.make_certification()
    [code] = make_codes(make_version())
    return vouchers.redeem(user=bela, voucher_code=code).entitlements[0]


def pages(given: Entitlement) -> list[str]:
    """Every page and act of the three models."""
    product, batch = Product.objects.get(), VoucherBatch.objects.get()
    return [
        f"{ROOT}/product/",
        f"{ROOT}/product/add/",
        f"{ROOT}/product/{product.pk}/change/",
        f"{ROOT}/product/{product.pk}/publish/",
        f"{ROOT}/voucherbatch/",
        f"{ROOT}/voucherbatch/add/",
        f"{ROOT}/voucherbatch/{batch.pk}/change/",
        f"{ROOT}/entitlement/",
        f"{ROOT}/entitlement/?q=bela@example.org",
        f"{ROOT}/entitlement/{given.pk}/change/",
        f"{ROOT}/entitlement/{given.pk}/end/",
        f"{ROOT}/entitlement/grant/",
    ]


# Money is finance's and access support's: each sees the other's pages and does not act there.
ACTS = {"support": ("voucherbatch/add", "/end/", "/grant/"), "finance": ("product/add", "/publish/")}


@pytest.mark.parametrize("who", ["support", "finance"])
def test_support_and_finance_see_everything_and_act_on_their_own(
    clients: dict[str, Client], given: Entitlement, who: str
) -> None:
    [other] = set(ACTS) - {who}
    for path in pages(given):
        wanted = NO if any(act in path for act in ACTS[other]) else OK
        assert clients[who].get(path).status_code == wanted, path


@pytest.mark.parametrize(
    ("who", "wanted"), [("admin", {OK}), ("author", {NO}), ("candidate", {AWAY}), ("nobody", {AWAY})]
)
def test_administrators_see_and_act_and_nobody_else(
    clients: dict[str, Client], given: Entitlement, who: str, wanted: set[int]
) -> None:
    found = {path: clients[who].get(path).status_code for path in pages(given)}
    assert set(found.values()) == wanted, found


@pytest.mark.parametrize("who", ["author", "candidate", "nobody"])
def test_nobody_else_can_send_the_forms(clients: dict[str, Client], given: Entitlement, who: str) -> None:
    for path in pages(given):
        assert clients[who].post(path, sent(given)).status_code in {NO, AWAY}
    assert (ProductVersion.objects.count(), VoucherBatch.objects.count()) == (1, 1)
    assert Entitlement.objects.get() == given
    assert not given.ends.exists()


def sent(given: Entitlement, **more: Any) -> dict[str, Any]:
    """What fills every form of this page."""
    return {
        "slug": "another",
        "kind": "bundle",
        "place": 2,
        "codes": "cert:mls-c01",
        "months": 6,
        "eur": "39.00",
        "product": Product.objects.get().pk,
        "count": 5,
        "uses": 2,
        "note": "For the fair",
        "form_id": uuid4(),
        "grant_id": uuid4(),
        "user": "bela@example.org",
        "reason": "It was our mistake",
        **more,
    }


@pytest.mark.parametrize("model", ["product", "voucherbatch", "entitlement"])
def test_nothing_is_deleted_by_hand(clients: dict[str, Client], given: Entitlement, model: str) -> None:
    row = {"product": Product, "voucherbatch": VoucherBatch, "entitlement": Entitlement}[model].objects.get()  # type: ignore[attr-defined]
    path = f"{ROOT}/{model}/{row.pk}/delete/"
    assert clients["admin"].post(path, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", ["voucherbatch", "entitlement"])
def test_what_was_made_or_given_is_not_edited(
    clients: dict[str, Client], given: Entitlement, model: str
) -> None:
    row = {"voucherbatch": VoucherBatch, "entitlement": Entitlement}[model].objects.get()  # type: ignore[attr-defined]
    reply = clients["admin"].post(f"{ROOT}/{model}/{row.pk}/change/", {"note": "x", "code": "cert:*"})
    assert reply.status_code == 403


# --- Products ------------------------------------------------------------------------------------------
def test_a_new_version_is_published_and_what_was_sold_stays(finance: Client, given: Entitlement) -> None:
    product = Product.objects.get()
    path = f"{ROOT}/product/{product.pk}/publish/"
    form = finance.get(path).content.decode()
    ticks = dict(re.findall(r'type="checkbox" name="codes" value="([^"]+)"([^>]*)', form))
    ticked = {code for code, rest in ticks.items() if re.search(r"\schecked(\s|$)", rest)}
    assert (set(ticks), ticked) == ({"cert:*", CODE}, {CODE})
    assert "All certifications" in form
    assert 'value="29' in form
    body = sent(given, codes=["cert:mls-c01", "cert:*"], months=12, eur="39.90", usd="", huf="14900")
    assert finance.post(path, body).status_code == 302
    last = products.newest(product)
    assert last
    assert (last.number, last.codes, last.months) == (2, ["cert:*", CODE], 12)
    assert products.prices_of(last) == {"EUR": 3990, "HUF": 1490000}
    first = product.versions.get(number=1)
    assert (first.codes, products.prices_of(first)) == ([CODE], PRICES)
    entry = AuditEntry.objects.get(action="product.publish", actor__email="finance@example.org")
    assert entry.reason == "It was our mistake"
    assert entry.after["prices"] == {"EUR": 3990, "HUF": 1490000}
    assert "€39.90 · 14,900\N{NO-BREAK SPACE}Ft" in finance.get(f"{ROOT}/product/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"codes": "cert:mls-c02"}, "codes"),
        ({"codes": " "}, "codes"),
        ({"months": 0}, "months"),
        ({"months": 37}, "months"),
        ({"eur": "0"}, "eur"),
        ({"eur": "1.999"}, "eur"),
        ({"huf": "99.50"}, "huf"),
        ({"usd": "1e30"}, "usd"),
        ({"reason": ""}, "reason"),
    ],
)
def test_a_wrong_version_is_refused_at_its_field_and_nothing_is_stored(
    finance: Client, given: Entitlement, wrong: dict[str, Any], field: str
) -> None:
    path = f"{ROOT}/product/{Product.objects.get().pk}/publish/"
    reply = finance.post(path, sent(given, **wrong))
    assert reply.status_code == 422
    assert field in reply.context["form"].errors
    assert (ProductVersion.objects.count(), Price.objects.count()) == (1, 2)


def test_a_product_is_made_and_taken_off_the_pricing_page_and_both_are_recorded(finance: Client) -> None:
    body = {"slug": "bundle", "kind": "bundle", "place": 2, "on_sale": "on"}
    inline = {"versions-TOTAL_FORMS": 0, "versions-INITIAL_FORMS": 0}
    assert finance.post(f"{ROOT}/product/add/", {**body, **inline}).status_code == 302
    product = Product.objects.get()
    change = f"{ROOT}/product/{product.pk}/change/"
    assert finance.post(change, {"place": 3, "slug": "other", **inline}).status_code == 302
    product.refresh_from_db()
    assert (product.slug, product.on_sale, product.place) == ("bundle", False, 3)
    entry = AuditEntry.objects.get(action="product.change")
    assert entry.before == {"on_sale": True, "place": 2}
    assert entry.after == {"on_sale": False, "place": 3}
    assert AuditEntry.objects.filter(action="product.create").count() == 1


def test_prices_are_written_as_people_read_them() -> None:
    product = Product.objects.create(slug="bundle", kind="bundle")
    prices = {"HUF": 990000, "EUR": 2900}
    version = products.publish(product, codes=[CODE], months=3, prices=prices)
    assert _costs(version) == "€29.00 · 9,900\N{NO-BREAK SPACE}Ft"


# --- Vouchers ------------------------------------------------------------------------------------------
def test_the_codes_of_a_batch_are_in_the_file_once_and_open_what_they_should(
    support: Client, given: Entitlement, bela: User
) -> None:
    body = sent(given, note="=HYPERLINK(1)", last_day="2099-12-31")
    reply = support.post(f"{ROOT}/voucherbatch/add/", body)
    assert reply.status_code == 200
    assert reply.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment" in reply.headers["Content-Disposition"]
    assert "no-store" in reply.headers["Cache-Control"]
    rows = list(csv.DictReader(io.StringIO(reply.content.decode("utf-8-sig"))))
    assert len(rows) == 5
    assert {row["note"] for row in rows} == {"'=HYPERLINK(1)"}
    assert {row["expires_at"] for row in rows} == {"2100-01-01T00:00:00+01:00"}
    assert all(row["link"].endswith(f"/redeem/{row['code']}/") for row in rows)
    batch = VoucherBatch.objects.get(note="=HYPERLINK(1)")
    assert (batch.uses, batch.created_by) == (2, User.objects.get(email="support@example.org"))
    vouchers.redeem(user=bela, voucher_code=rows[0]["code"])
    shown = [support.get(f"{ROOT}/voucherbatch/"), support.get(f"{ROOT}/voucherbatch/{batch.pk}/change/")]
    for page in shown:
        assert "1 / 10" in page.content.decode()
        assert not any(row["code"] in page.content.decode() for row in rows)
    assert "bela@example.org" in shown[1].content.decode()


def test_a_second_press_makes_no_second_batch(support: Client, given: Entitlement) -> None:
    body = sent(given)
    assert support.post(f"{ROOT}/voucherbatch/add/", body).status_code == 200
    again = support.post(f"{ROOT}/voucherbatch/add/", body)
    assert again.status_code == 422
    assert "This form was sent before" in again.content.decode()
    assert VoucherBatch.objects.filter(note="For the fair").count() == 1
    assert Voucher.objects.filter(batch__note="For the fair").count() == 5


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"count": 0}, "count"),
        ({"count": 5001}, "count"),
        ({"uses": 0}, "uses"),
        ({"uses": 10001}, "uses"),
        ({"last_day": "2020-01-01"}, "last_day"),
        ({"last_day": "9999-12-31"}, "last_day"),
        ({"note": ""}, "note"),
        ({"product": 0}, "product"),
    ],
)
def test_a_wrong_batch_is_refused_at_its_field(
    support: Client, given: Entitlement, wrong: dict[str, Any], field: str
) -> None:
    reply = support.post(f"{ROOT}/voucherbatch/add/", sent(given, **wrong))
    assert reply.status_code == 422
    assert field in reply.context["form"].errors
    assert VoucherBatch.objects.count() == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"])
def test_no_cell_of_a_file_is_a_formula(start: str) -> None:
    text = csv_file.write([{"note": f"{start}1+1", "uses": -1}]).decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(text, newline=""))
    assert row == {"note": f"'{start}1+1", "uses": "-1"}


# --- Entitlements --------------------------------------------------------------------------------------
def test_support_grants_months_after_what_runs_once_for_each_form(
    support: Client, given: Entitlement, bela: User
) -> None:
    body = sent(given, user="BELA@example.org")
    for _ in range(2):
        assert support.post(f"{ROOT}/entitlement/grant/", body).status_code == 302
    granted = Entitlement.objects.get(source="grant")
    assert (granted.user, granted.code, granted.starts_at) == (bela, CODE, given.ends_at)
    assert access_of(bela, CODE).until == granted.ends_at
    entry = AuditEntry.objects.get(action="entitlement.grant")
    assert (entry.actor, entry.reason) == (User.objects.get(email="support@example.org"), body["reason"])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"user": "nobody@example.org"}, "user"), ({"months": 37}, "months"), ({"reason": "no"}, "reason")],
)
def test_a_wrong_grant_is_refused_at_its_field(
    support: Client, given: Entitlement, wrong: dict[str, Any], field: str
) -> None:
    reply = support.post(f"{ROOT}/entitlement/grant/", sent(given, **wrong))
    assert reply.status_code == 422
    assert field in reply.context["form"].errors
    assert Entitlement.objects.get() == given


def test_support_ends_access_now_with_a_reason(support: Client, given: Entitlement, bela: User) -> None:
    path = f"{ROOT}/entitlement/{given.pk}/end/"
    assert support.post(path, {"reason": ""}).status_code == 422
    assert access_of(bela, CODE)
    assert support.post(path, {"reason": "Chargeback of the card"}).status_code == 302
    assert not access_of(bela, CODE)
    entry = AuditEntry.objects.get(action="entitlement.end")
    assert (entry.subject_id, entry.reason) == (str(given.pk), "Chargeback of the card")
    page = support.get(f"{ROOT}/entitlement/{given.pk}/change/").content.decode()
    assert "Chargeback of the card" in page
    assert f"/entitlement/{given.pk}/end/" not in page  # nothing is left to end
    again = support.post(path, {"reason": "And once more"}, follow=True)
    assert again.status_code == 200
    assert "It has ended already" in again.content.decode()
    assert given.ends.count() == 1


def test_people_are_found_by_address(support: Client, given: Entitlement) -> None:
    version = ProductVersion.objects.get()
    for number in range(5):
        person = factories.make_user(f"person-{number}@example.org")
        entitlements.give(person, version, "purchase", str(number))  # type: ignore[arg-type]
    page = support.get(f"{ROOT}/entitlement/?q=person-3").content.decode()
    rows = re.findall(r"person-\d@example.org", page)
    assert set(rows) == {"person-3@example.org"}
