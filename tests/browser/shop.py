"""Products on sale on the site of the browser tests, for as long as a test needs them."""

from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Final
from uuid import UUID, uuid4

from django.core.management import call_command
from django.db import connection, transaction

from accounts.access import entitlements, vouchers
from accounts.access.models import Entitlement, ProductVersion, Source
from accounts.payments.models import Checkout
from accounts.users.models import User
from tests import roles

# What refers to products, before them.
TABLES: Final = (
    *("purchaseevent", "refundfailure", "refund", "subscriptionstate", "subscription", "purchase"),
    "testcardsession",
    *("checkoutend", "checkoutsession", "checkout", "redemption", "voucher", "voucherbatch"),
    *("price", "productversion", "product"),
)


@contextmanager
def on_sale() -> Iterator[None]:
    """Have the products of the fixtures on sale within the block; what was bought of them goes with them."""
    call_command("load_products", stdout=StringIO())
    try:
        yield
    finally:
        with roles.as_owner(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in TABLES:
                cursor.execute(f"DELETE FROM accounts_{table}")
            cursor.execute("SET LOCAL session_replication_role = origin")


def voucher(slug: str = "mls-c01") -> str:
    """Make a code of a product that is on sale."""
    version = ProductVersion.objects.filter(product__slug=slug).latest("number")
    return vouchers.create_batch(actor=None, version=version, count=1, note="for tests")[1][0]


def last_order() -> UUID:
    """Return the number of the newest order."""
    return Checkout.objects.latest("created_at").pk


def give(user: User, months: int = 3) -> Entitlement:
    """Give a person months of the product of one certification, as support does."""
    version = ProductVersion.objects.filter(product__slug="mls-c01").latest("number")
    source = uuid4().hex
    return entitlements.give(user, version, Source.GRANT, source, months=months)[0]


def let_end(user: User) -> None:
    """Shift what a person may open so that it has just ended, as if it had been given earlier."""
    with roles.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE accounts_entitlement e SET starts_at = starts_at - shift.by, ends_at = ends_at - shift.by"
            " FROM (SELECT id, ends_at - statement_timestamp() AS by FROM accounts_entitlement) AS shift"
            " WHERE shift.id = e.id AND e.user_id = %s",
            [user.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
