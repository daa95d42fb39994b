"""Products as data: what is on sale, new versions of what a product opens and costs, and files of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import yaml
from django.db import transaction

from accounts.access.models import MONTHS_MAX, Currency, Kind, Price, Product, ProductVersion
from accounts.audit import services as audit
from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class Offer:
    """A version of a product, sold now or once. Prices are in hundredths by currency, VAT included."""

    slug: str
    kind: Kind
    version_id: int
    codes: tuple[str, ...]
    months: int
    prices: Mapping[str, int]

    def opens(self, code: str) -> bool:
        """Say whether it opens what `code` names, alone or with everything."""
        return code in self.codes or f"{code.partition(':')[0]}:*" in self.codes


def on_sale() -> list[Offer]:
    """Return what is sold now, in the order of the pricing page. One statement."""
    return [version for version, is_sold in _versions() if is_sold]


# A row for each price: put together by the database they cost each page 2 ms more.
_PRICED: Final = ProductVersion.objects.order_by(
    "product__place", "product_id", "-number", "prices__currency"
).values_list(
    *("product__slug", "product__kind", "product__on_sale", "pk", "codes", "months"),
    *("prices__currency", "prices__amount"),
)


def _versions() -> list[tuple[Offer, bool]]:
    """Return every version there was, and whether it is what is sold now. One statement."""
    rows, versions = _PRICED.all(), list[tuple[Offer, bool]]()
    seen: set[str] = set()
    for (slug, kind, is_on_sale, version_id, codes, months), group in groupby(rows, key=lambda row: row[:6]):
        prices = {currency: amount for *_version, currency, amount in group if currency}
        offer = Offer(slug, Kind(kind), version_id, tuple(codes), months, prices)
        # The newest of a product comes first.
        versions.append((offer, is_on_sale and slug not in seen))
        seen.add(slug)
    return versions


@dataclass(frozen=True, slots=True)
class CodeOffers:
    """Whether something is for those with an entitlement only, and what opens it that is sold now."""

    closed: bool
    offers: tuple[Offer, ...] = ()


def code_offers(code: str) -> CodeOffers:
    """Return for a visitor whether what `code` names is closed, and what opens it. One statement."""
    versions = [(version, is_sold) for version, is_sold in _versions() if version.opens(code)]
    # Also what is no longer sold stays closed: the policy asks every version there was.
    return CodeOffers(bool(versions), tuple(version for version, is_sold in versions if is_sold))


def anything_closed() -> bool:
    """Say whether any product names anything; until then everything is open to verified people."""
    return ProductVersion.objects.exists()


def newest(product: Product) -> ProductVersion | None:
    """Return the version by which a product is sold and given now; None before its first."""
    return product.versions.order_by("-number").first()


def publish(
    product: Product,
    *,
    codes: Sequence[str],
    months: int,
    prices: Mapping[str, int],
    actor: User | None = None,
    reason: str = "",
) -> ProductVersion:
    """Make a new version of a product, unless its newest says the same; return the newest.

    What was sold or given by an older version stays as it was. A new version is in the audit.
    """
    with transaction.atomic():
        # Two at once would give the same number.
        Product.objects.select_for_update().get(pk=product.pk)
        last = newest(product)
        if last and _is_same(last, codes, months, prices):
            return last
        version = ProductVersion.objects.create(
            product=product, number=last.number + 1 if last else 1, codes=sorted(codes), months=months
        )
        Price.objects.bulk_create(
            Price(version=version, currency=currency, amount=amount) for currency, amount in prices.items()
        )
        audit.record(
            actor=actor,
            action="product.publish",
            subject=product,
            reason=reason,
            before=_facts(last) if last else {},
            after={
                "version": version.number,
                "codes": sorted(codes),
                "months": months,
                "prices": dict(prices),
            },
        )
    return version


def prices_of(version: ProductVersion) -> dict[str, int]:
    """Return what a version costs, in hundredths by currency."""
    return dict(version.prices.values_list("currency", "amount"))


def _facts(version: ProductVersion) -> dict[str, object]:
    return {
        "version": version.number,
        "codes": list(version.codes),
        "months": version.months,
        "prices": prices_of(version),
    }


def _is_same(version: ProductVersion, codes: Sequence[str], months: int, prices: Mapping[str, int]) -> bool:
    stored = prices_of(version)
    return (sorted(version.codes), version.months, stored) == (sorted(codes), months, dict(prices))


FILE_FIELDS: Final = frozenset({"slug", "kind", "codes", "months", "prices"})
SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
SLUG_LENGTH: Final = 60
CODE: Final = re.compile(r"[a-z]+:(\*|[a-z0-9][a-z0-9-]*)")
CODE_LENGTH: Final = 80
AMOUNT_MAX: Final = 2_147_483_647


class BadProductsFile(ValueError):
    """The file says something that no product can be; the text says where."""


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A product as the file says it, checked. `place` counts from 1 in the order of the file."""

    place: int
    slug: str
    kind: Kind
    codes: tuple[str, ...]
    months: int
    prices: Mapping[str, int]


def read_file(text: str) -> list[ProductRow]:
    """Return the products of a file. Raises BadProductsFile with the place of the first mistake."""
    try:
        content = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        prefix = f"line {mark.line + 1}: " if mark else ""
        raise BadProductsFile(f"{prefix}{getattr(error, 'problem', None) or 'not YAML'}") from None
    if not isinstance(content, dict) or not isinstance(content.get("products"), list):
        raise BadProductsFile("products: must be a list")
    rows = [_product_row(place, fields) for place, fields in enumerate(content["products"], 1)]
    slugs = [row.slug for row in rows]
    for row in rows:
        _require(slugs.count(row.slug) == 1, row.place, "slug", f"{row.slug!r} is there twice")
    return rows


def _require(condition: object, place: int, field: str, what: str) -> None:
    if not condition:
        raise BadProductsFile(f"product {place}, {field}: {what}")


def _product_row(place: int, fields: object) -> ProductRow:
    if not isinstance(fields, dict):
        raise BadProductsFile(f"product {place}: must have fields")
    for field in sorted(FILE_FIELDS - fields.keys()):
        _require(False, place, field, "is missing")
    for field in sorted(map(str, fields.keys() - FILE_FIELDS)):
        _require(False, place, field, "is unknown")
    slug = fields["slug"]
    good = isinstance(slug, str) and len(slug) <= SLUG_LENGTH and SLUG.fullmatch(slug)
    _require(good, place, "slug", f"must be lower-case letters, digits and hyphens, not {slug!r}")
    _require(fields["kind"] in Kind.values, place, "kind", f"must be one of {', '.join(Kind.values)}")
    months = fields["months"]
    _require(
        _is_whole_number(months, MONTHS_MAX), place, "months", f"must be 1 to {MONTHS_MAX}, not {months!r}"
    )
    return ProductRow(
        place, slug, Kind(fields["kind"]), _codes(place, fields["codes"]), months, _prices(place, fields)
    )


def _is_whole_number(value: object, most: int) -> bool:
    # True is an int in Python, and `months: yes` is True in YAML.
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _codes(place: int, codes: Any) -> tuple[str, ...]:  # noqa: ANN401
    _require(isinstance(codes, list) and codes, place, "codes", "must be a list of at least one")
    for code in codes:
        good = isinstance(code, str) and len(code) <= CODE_LENGTH and CODE.fullmatch(code)
        _require(good, place, "codes", f"must look like cert:mls-c01 or cert:*, not {code!r}")
    _require(len(set(codes)) == len(codes), place, "codes", "has one twice")
    return tuple(codes)


def _prices(place: int, fields: Mapping[str, Any]) -> dict[str, int]:
    prices = fields["prices"]
    _require(isinstance(prices, dict) and prices, place, "prices", "must have at least one currency")
    for currency, amount in prices.items():
        _require(currency in Currency.values, place, "prices", f"{currency!r} is not a currency of ours")
        good = _is_whole_number(amount, AMOUNT_MAX)
        _require(good, place, f"prices {currency}", f"must be a whole number of hundredths, not {amount!r}")
        whole_forints = currency != Currency.HUF or amount % 100 == 0
        _require(
            whole_forints, place, f"prices {currency}", f"must be whole forints in hundredths, not {amount}"
        )
    return dict(prices)
