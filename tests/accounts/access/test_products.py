"""Versions of products, and the command that loads what is missing."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.access import products
from accounts.access.models import Price, Product, ProductVersion
from accounts.access.products import BadProductsFile
from tests import factories
from tests.accounts.access.shop import CODE, PRICES, make_bundle, make_version
from tests.flows.crew import parallel

pytestmark = pytest.mark.django_db

GOOD = """
products:
  - {slug: one, kind: certification, codes: ["cert:one"], months: 3, prices: {EUR: 2900, HUF: 990000}}
  - {slug: two, kind: bundle, codes: ["cert:*"], months: 12, prices: {EUR: 6900}}
"""


def test_the_same_content_makes_no_version_whatever_the_order_of_its_codes() -> None:
    first = make_version(CODE, "cert:other")
    assert make_version("cert:other", CODE) == first
    assert ProductVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("codes", "months", "prices"),
    [
        (["cert:other"], 3, PRICES),
        ([CODE], 4, PRICES),
        ([CODE], 3, {"EUR": 3000, "HUF": 990000}),
        ([CODE], 3, {"EUR": 2900}),
        ([CODE], 3, {**PRICES, "USD": 2900}),
    ],
)
def test_any_change_makes_a_version_and_what_was_sold_stays(
    codes: list[str], months: int, prices: dict[str, int]
) -> None:
    first = make_version()
    second = products.publish(first.product, codes=codes, months=months, prices=prices)
    assert second.number == 2
    first.refresh_from_db()
    assert (first.codes, first.months, dict(first.prices.values_list("currency", "amount"))) == (
        [CODE],
        3,
        PRICES,
    )


def test_going_back_to_an_older_content_is_a_new_version() -> None:
    make_version()
    make_version(months=4)
    assert make_version().number == 3


def test_a_version_whose_prices_are_refused_is_not_stored() -> None:
    first = make_version()
    for prices in ({"EUR": 0}, {"HUF": 990050}, {"GBP": 2900}):
        with pytest.raises(IntegrityError), transaction.atomic():
            products.publish(first.product, codes=[CODE], months=3, prices=prices)
    assert ProductVersion.objects.count() == 1


def test_on_sale_is_the_newest_version_of_what_is_sold_in_its_order() -> None:
    make_version()
    newest = make_version(months=6)
    make_bundle()
    make_version("cert:gone", slug="gone")
    Product.objects.filter(slug="gone").update(on_sale=False)
    Product.objects.filter(slug="bundle").update(place=0)
    bundle, one = products.on_sale()
    assert (bundle.slug, one.slug) == ("bundle", "mls-c01")
    assert (one.version_id, one.months, one.prices) == (newest.pk, 6, PRICES)
    assert bundle.opens("cert:anything")
    assert one.opens(CODE)
    assert not one.opens("cert:other")


@pytest.mark.django_db(transaction=True)
def test_publishing_at_once_makes_each_version_once() -> None:
    product = make_version().product
    months = iter(range(4, 14))
    made = parallel(10, lambda: products.publish(product, codes=[CODE], months=next(months), prices=PRICES))
    assert sorted(one.number for one in made) == list(range(2, 12))
    same = parallel(10, lambda: products.publish(product, codes=[CODE], months=20, prices=PRICES))
    assert {one.number for one in same} == {12}
    assert Price.objects.count() == 12 * len(PRICES)


@pytest.mark.controls
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_of_the_product_two_versions_get_the_same_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    product = make_version().product
    monkeypatch.setattr(Product.objects, "select_for_update", Product.objects.all)
    for _ in range(20):
        months = iter([*range(4, 14)])
        made = parallel(
            10,
            lambda: products.publish(product, codes=[CODE], months=next(months), prices=PRICES),  # noqa: B023
        )
        if any(isinstance(one, IntegrityError) for one in made):
            return
    pytest.fail("no two of them met")


# --- load_products ------------------------------------------------------------------------------------
def load(file: Path | None = None, *options: str) -> str:
    said = StringIO()
    call_command("load_products", *(["--file", str(file)] if file else []), *options, stdout=said)
    return said.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    factories.make_certification("one")
    path = tmp_path / "products.yaml"
    path.write_text(GOOD, encoding="utf-8")
    return path


def test_the_products_of_the_project_are_loaded_once() -> None:
    for code in ("mls-c01", "mla-c02"):
        factories.make_certification(code)
    assert "4 of 4 products were missing" in load()
    assert [one.slug for one in products.on_sale()] == ["mla-c02", "mls-c01", "monthly", "bundle"]
    assert load() == "0 of 4 products were missing\n"
    assert ProductVersion.objects.count() == 4


def test_a_product_is_left_out_until_what_it_opens_is_loaded() -> None:
    factories.make_certification()
    said = load()
    assert "left out mla-c02: nothing here is cert:mla-c02\n3 of 4 products were missing" in said
    assert [one.slug for one in products.on_sale()] == ["mls-c01", "monthly", "bundle"]
    factories.make_certification("mla-c02")
    assert load() == "made mla-c02\n1 of 4 products were missing\n"


def test_a_dry_run_says_what_would_be_made_and_makes_nothing(file: Path) -> None:
    assert load(file, "--dry-run") == "would make one\nwould make two\n2 of 2 products were missing\n"
    assert not Product.objects.exists()


def test_what_staff_have_changed_since_stays(file: Path) -> None:
    load(file)
    one = Product.objects.get(slug="one")
    products.publish(one, codes=["cert:one"], months=6, prices={"EUR": 100})
    assert load(file) == "0 of 2 products were missing\n"
    assert products.on_sale()[0].months == 6


@pytest.mark.parametrize(
    ("right", "wrong", "place"),
    [
        ("slug: two", "slug: one", "product 1, slug: 'one' is there twice"),
        ("slug: two", "slug: Two!", "product 2, slug: must be lower-case"),
        ("kind: bundle", "kind: gift", "product 2, kind: must be one of certification"),
        ('codes: ["cert:*"]', "codes: []", "product 2, codes: must be a list of at least one"),
        ('codes: ["cert:*"]', 'codes: "cert:*"', "product 2, codes: must be a list of at least one"),
        ('codes: ["cert:*"]', "codes: [mls]", "product 2, codes: must look like cert:mls-c01"),
        ('codes: ["cert:*"]', 'codes: ["cert:a", "cert:a"]', "product 2, codes: has one twice"),
        ("months: 12", "months: 37", "product 2, months: must be 1 to 36, not 37"),
        ("months: 12", "months: yes", "product 2, months: must be 1 to 36, not True"),
        ("months: 12, ", "", "product 2, months: is missing"),
        ("months: 12", "months: 12, color: red", "product 2, color: is unknown"),
        ("{EUR: 6900}", "{}", "product 2, prices: must have at least one currency"),
        ("{EUR: 6900}", "{GBP: 6900}", "product 2, prices: 'GBP' is not a currency of ours"),
        ("{EUR: 6900}", "{EUR: 69.00}", "product 2, prices EUR: must be a whole number of hundredths"),
        ("{EUR: 6900}", "{HUF: 990050}", "product 2, prices HUF: must be whole forints"),
        ("products:", "product:", "products: must be a list"),
        ("slug: two, ", "slug: two}, ", "line 4: "),
        ("{slug: two", "two\n  - {slug: two", "product 2: must have fields"),
    ],
)
def test_a_bad_file_is_refused_with_its_place_and_nothing_is_stored(
    file: Path, right: str, wrong: str, place: str
) -> None:
    assert right in GOOD
    file.write_text(GOOD.replace(right, wrong), encoding="utf-8")
    with pytest.raises(CommandError) as refused:
        load(file)
    assert str(refused.value).startswith(f"{file}: {place}")
    assert not Product.objects.exists()


def test_a_file_that_is_missing_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        load(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match=r"bytes\.yaml: "):
        load(tmp_path / "bytes.yaml")


@pytest.mark.parametrize("text", ["", "[]", "products: 3", "\x00"])
def test_what_is_no_list_of_products_is_refused(text: str) -> None:
    with pytest.raises(BadProductsFile):
        products.read_file(text)
