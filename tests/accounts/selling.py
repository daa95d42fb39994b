"""Products and people who may open them, or may no more."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models.functions import Now
from django.test import override_settings

from accounts.access import periods, products
from accounts.access.models import EVERYTHING, Entitlement, Kind, Product, ProductVersion, Source
from accounts.access.policy import Reason
from accounts.users.models import User

CODE: Final = "cert:mls-c01"
PRICES: Final = {"EUR": 2900, "USD": 3150, "HUF": 990000}
PERIODS: Final = {Reason.ENTITLED: (-30, 60), Reason.ENDED: (-90, -1)}
"""From and to, in days from now."""


def after(at: datetime, months: int = 3) -> datetime:
    """Return when so many months of access end, by the calendar and clock of the site."""
    return periods.add_months(at, months, ZoneInfo(settings.SITE_ZONE))


def sell(
    slug: str = "mls-c01", kind: Kind = Kind.CERTIFICATION, code: str = CODE, months: int = 3
) -> ProductVersion:
    """Put a product on sale that opens what a code names."""
    product = Product.objects.create(slug=slug, kind=kind, place=Product.objects.count() + 1)
    return products.publish(product, codes=[code], months=months, prices=PRICES)


def sell_all() -> None:
    """Put one of each kind on sale."""
    sell()
    sell("monthly", Kind.SUBSCRIPTION, EVERYTHING, 1)
    sell("bundle", Kind.BUNDLE, EVERYTHING, 12)


def give(
    user: User, *, days: tuple[float, float] = PERIODS[Reason.ENTITLED], code: str = CODE
) -> Entitlement:
    """Let a person open a certification from so many days from now until so many."""
    made = Entitlement.objects.create(
        user=user,
        code=code,
        starts_at=Now() + timedelta(days=days[0]),
        ends_at=Now() + timedelta(days=days[1]),
        source=Source.GRANT,
        source_id=uuid4().hex,
    )
    made.refresh_from_db()
    return made


def put(user: User, reason: Reason) -> None:
    """Bring it about that a person is answered with this reason."""
    if reason is not Reason.OPEN:
        sell()
    if reason in PERIODS:
        give(user, days=PERIODS[reason])
    EmailAddress.objects.filter(user=user).update(verified=reason is not Reason.EMAIL_UNVERIFIED)


@contextmanager
def gateway() -> Iterator[None]:
    """Have a way to pay."""
    with override_settings(TEST_CARD=True):
        yield
