"""Products as data: what is on sale, and new versions of what a product opens, for how long and how much."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from accounts.access.models import EVERYTHING, Kind, Price, Product, ProductVersion
from accounts.audit import services as audit
from accounts.base import hooks
from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class Offer:
    """A product as it is sold now. Prices are in hundredths by currency, VAT included."""

    slug: str
    kind: Kind
    version_id: int
    codes: tuple[str, ...]
    months: int
    prices: Mapping[str, int]

    def opens(self, code: str) -> bool:
        """Say whether it opens what `code` names, alone or with everything."""
        return code in self.codes or f"{code.partition(':')[0]}:*" in self.codes


# The newest version of each, with its prices. One statement, for pages that everybody may open.
ON_SALE = """
SELECT p.slug, p.kind, v.id, v.codes, v.months,
  coalesce((SELECT jsonb_object_agg(currency, amount) FROM accounts_price WHERE version_id = v.id), '{}')
FROM accounts_product p JOIN LATERAL (
  SELECT * FROM accounts_productversion WHERE product_id = p.id ORDER BY number DESC LIMIT 1) AS v ON TRUE
WHERE p.on_sale ORDER BY p.place, p.id
"""


def on_sale() -> list[Offer]:
    """Return what is sold now, in the order of the pricing page. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(ON_SALE)
        return [_offer(*row) for row in cursor.fetchall()]


def _offer(slug: str, kind: str, version_id: int, codes: Sequence[str], months: int, prices: str) -> Offer:
    # A value of JSON is read as text, past the ORM.
    return Offer(slug, Kind(kind), version_id, tuple(codes), months, json.loads(prices))


@dataclass(frozen=True, slots=True)
class Shelf:
    """Whether something is for those with an entitlement only, and what opens it that is sold now."""

    closed: bool
    offers: tuple[Offer, ...] = ()


# Also what is no longer sold stays closed: the policy asks every version there was.
SHELF = f"""
SELECT EXISTS (SELECT FROM accounts_productversion WHERE codes && ARRAY[%(code)s, %(everything)s]::varchar[]),
  offer.* FROM (SELECT) AS one LEFT JOIN ({ON_SALE}) AS offer ON TRUE
"""  # noqa: S608  (made of constants)


def shelf(code: str) -> Shelf:
    """Return for a visitor whether what `code` names is closed, and what opens it. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(SHELF, {"code": code, "everything": EVERYTHING})
        rows = cursor.fetchall()
    offers = (_offer(*row[1:]) for row in rows if row[1] is not None)
    return Shelf(rows[0][0], tuple(one for one in offers if one.opens(code)))


def anything_closed() -> bool:
    """Say whether any product names anything; until then everything is open to verified people."""
    return ProductVersion.objects.exists()


def can_be_bought() -> bool:
    """Say whether anything can be paid here. Until then access comes by voucher, and no price is shown."""
    return any(available() for available in hooks.registered("payment_gateways"))


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
        if last and _same(last, codes, months, prices):
            return last
        made = ProductVersion.objects.create(
            product=product, number=last.number + 1 if last else 1, codes=sorted(codes), months=months
        )
        Price.objects.bulk_create(
            Price(version=made, currency=currency, amount=amount) for currency, amount in prices.items()
        )
        audit.record(
            actor=actor,
            action="product.publish",
            subject=product,
            reason=reason,
            before=_facts(last) if last else {},
            after={"version": made.number, "codes": sorted(codes), "months": months, "prices": dict(prices)},
        )
    return made


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


def _same(version: ProductVersion, codes: Sequence[str], months: int, prices: Mapping[str, int]) -> bool:
    stored = prices_of(version)
    return (sorted(version.codes), version.months, stored) == (sorted(codes), months, dict(prices))
