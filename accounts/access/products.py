"""Products as data: what is on sale, and new versions of what a product opens, for how long and how much."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from accounts.access.models import Kind, Price, Product, ProductVersion
from accounts.audit import services as audit
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
        return [
            Offer(slug, Kind(kind), version_id, tuple(codes), months, json.loads(prices))
            for slug, kind, version_id, codes, months, prices in cursor.fetchall()
        ]


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
