"""Products as data: what is on sale, and new versions of what a product opens, for how long and how much."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from accounts.access.models import Kind, Price, Product, ProductVersion


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
            # Django leaves JSON to its own fields: here it comes as text.
            Offer(slug, Kind(kind), version_id, tuple(codes), months, json.loads(prices))
            for slug, kind, version_id, codes, months, prices in cursor.fetchall()
        ]


_gateways: Final[list[Callable[[], bool]]] = []


def register_gateway(available: Callable[[], bool]) -> None:
    """Have `available()` asked whether something can be paid here. Registering twice counts once."""
    if available not in _gateways:
        _gateways.append(available)


def can_be_bought() -> bool:
    """Say whether anything can be paid here now: without it prices are not shown."""
    return any(available() for available in _gateways)


def publish(
    product: Product, *, codes: Sequence[str], months: int, prices: Mapping[str, int]
) -> ProductVersion:
    """Make a new version of a product, unless its newest says the same; return the newest.

    What was sold or given by an older version stays as it was.
    """
    with transaction.atomic():
        # Two at once would give the same number.
        Product.objects.select_for_update().get(pk=product.pk)
        last = product.versions.order_by("-number").first()
        if last and _same(last, codes, months, prices):
            return last
        made = ProductVersion.objects.create(
            product=product, number=last.number + 1 if last else 1, codes=sorted(codes), months=months
        )
        Price.objects.bulk_create(
            Price(version=made, currency=currency, amount=amount) for currency, amount in prices.items()
        )
    return made


def _same(version: ProductVersion, codes: Sequence[str], months: int, prices: Mapping[str, int]) -> bool:
    stored = dict(version.prices.values_list("currency", "amount"))
    return (sorted(version.codes), version.months, stored) == (sorted(codes), months, dict(prices))
