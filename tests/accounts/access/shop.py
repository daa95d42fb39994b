"""Products and entitlements for tests, made by the services; time is moved by moving rows."""

from datetime import datetime, timedelta

from django.db import connection

from accounts.access import products
from accounts.access.models import EVERYTHING, Entitlement, Kind, Product, ProductVersion, Source
from accounts.users.models import User

CODE = "cert:mls-c01"
PRICES = {"EUR": 2900, "HUF": 990000}


def now() -> datetime:
    """Return what the database clock says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found


def make_version(*codes: str, slug: str = "mls-c01", months: int = 3) -> ProductVersion:
    """Put a product on sale, or a new version of it."""
    product, _ = Product.objects.get_or_create(slug=slug, defaults={"kind": Kind.CERTIFICATION})
    return products.publish(product, codes=codes or (CODE,), months=months, prices=PRICES)


def make_bundle() -> ProductVersion:
    """Put a product on sale that opens everything."""
    return make_version(EVERYTHING, slug="bundle", months=12)


def run(
    user: User,
    starts: timedelta,
    ends: timedelta,
    *,
    code: str = CODE,
    source: Source = Source.PURCHASE,
    at: datetime | None = None,
) -> Entitlement:
    """Give access from and until so far from now, or from `at`."""
    moment = at or now()
    return Entitlement.objects.create(
        user=user,
        code=code,
        starts_at=moment + starts,
        ends_at=moment + ends,
        source=source,
        source_id=f"test-{Entitlement.objects.count()}",
    )
