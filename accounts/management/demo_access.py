"""What the demo accounts may open, and vouchers to try: made once, and left alone by a repeat."""

from collections.abc import Sequence
from typing import Final

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.utils import decrypt

from accounts.access import entitlements, vouchers
from accounts.access.models import EVERYTHING, Kind, ProductVersion, Source, Voucher
from accounts.users.models import User

VOUCHERS: Final = 3
NOTE: Final = "demo"


def everything() -> ProductVersion | None:
    """Return what gives the demo accounts their access: the longest that opens everything."""
    found = ProductVersion.objects.filter(codes__contains=[EVERYTHING])
    return found.order_by("-months", "pk").first()


def grant(user: User, version: ProductVersion) -> None:
    """Give a demo account access, once: a repeat finds what was given."""
    entitlements.give(user, version, Source.GRANT, f"demo:{user.pk}")


def voucher_codes(known: Sequence[str]) -> list[str]:
    """Return the codes of an earlier run as long as the database has them, else new ones.

    They give one certification; none where no product does.
    """
    if known and all(_stored(code) for code in known):
        return list(known)
    versions = ProductVersion.objects.filter(product__kind=Kind.CERTIFICATION, product__on_sale=True)
    version = versions.order_by("product__place", "product_id", "-number").first()
    if version is None:
        return []
    return vouchers.create_batch(actor=None, version=version, count=VOUCHERS, note=NOTE)[1]


def _stored(code: str) -> bool:
    return Voucher.objects.filter(code_sha256=vouchers.digest(vouchers.normalized(code))).exists()


def totp_secret(user: User, known: str) -> str:
    """Return the secret of a person's authenticator app; made, with the known one, where there is none."""
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if found is not None:
        return str(decrypt(found.data["secret"]))
    secret = known or generate_totp_secret()
    TOTP.activate(user, secret)
    return secret
