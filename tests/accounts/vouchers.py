"""Products and codes for tests, made by the services that staff use."""

from datetime import timedelta

from django.db.models.functions import Now

from accounts.access import products, vouchers
from accounts.access.models import Kind, Product, ProductVersion, Voucher, VoucherBatch

CODE = "cert:mls-c01"
PRICES = {"EUR": 2900, "HUF": 990000}
UNKNOWN = "PASS-0000-0000-0000-0000"


def make_version(slug: str = "mls-c01", codes: tuple[str, ...] = (CODE,), months: int = 3) -> ProductVersion:
    """Make a product with its first version."""
    product = Product.objects.create(slug=slug, kind=Kind.CERTIFICATION)
    return products.publish(product, codes=codes, months=months, prices=PRICES)


def make_codes(version: ProductVersion, count: int = 1, uses: int = 1) -> list[str]:
    """Make a batch and return its codes."""
    return vouchers.create_batch(actor=None, version=version, count=count, uses=uses, note="for tests")[1]


def make_expired_code(version: ProductVersion) -> str:
    """Make a code whose time is over: its rows are stored as they are by then."""
    [code] = make_codes(version)
    plain = vouchers.normalized(code)
    batch = VoucherBatch.objects.create(version=version, uses=1, expires_at=Now() - timedelta(seconds=1))
    other = plain[::-1]
    Voucher.objects.create(batch=batch, code_sha256=vouchers.digest(other), hint=other[-4:])
    return vouchers.written(other)
