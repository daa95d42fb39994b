"""Vouchers: codes that give a product. Made in batches, shown once, kept as hashes, redeemed under a lock."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.access import entitlements
from accounts.access.models import Entitlement, ProductVersion, Redemption, Source, Voucher, VoucherBatch
from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.users.models import User

# Crockford's base 32: no I, L, O and U, which people misread.
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD: Final = str.maketrans("OIL", "011", "- \t\r\n")
PREFIX: Final = "PASS"
LENGTH: Final = 16
"""Characters of a code, of 5 bits each: 80 bits cannot be guessed."""
GROUP: Final = 4
BATCH_MAX: Final = 5_000

# A row of an insert-only table cannot be locked by the site's role. Nobody else uses this class of keys.
LOCK_CLASS: Final = 0x766F7563
LOCK: Final = "SELECT pg_advisory_xact_lock(%s, hashint8(%s))"
FIND: Final = """
SELECT v.id, b.uses, b.version_id, b.expires_at IS NULL OR statement_timestamp() < b.expires_at
FROM accounts_voucher v JOIN accounts_voucherbatch b ON b.id = v.batch_id WHERE v.code_sha256 = %s
"""


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a code gave; `again` says that this person had redeemed it before."""

    entitlements: Sequence[Entitlement]
    again: bool


def create_batch(
    *,
    actor: User | None,
    version: ProductVersion,
    count: int,
    uses: int = 1,
    expires_at: datetime | None = None,
    note: str = "",
) -> tuple[VoucherBatch, list[str]]:
    """Make a batch and return it with its codes: they are nowhere else, and cannot be shown again.

    Raises ValueError for a count out of 1 to BATCH_MAX.
    """
    if not 1 <= count <= BATCH_MAX:
        raise ValueError(f"a batch has 1 to {BATCH_MAX} codes")
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(count)]
    with transaction.atomic():
        batch = VoucherBatch.objects.create(
            version=version, uses=uses, expires_at=expires_at, note=note, created_by=actor
        )
        Voucher.objects.bulk_create(
            Voucher(batch=batch, code_sha256=digest(code), hint=code[-GROUP:]) for code in codes
        )
        audit.record(
            actor=actor,
            action="voucher.create",
            subject=batch,
            reason=note,
            after={"product": str(version), "count": count, "uses": uses},
        )
    return batch, [written(code) for code in codes]


def written(code: str) -> str:
    """Return a code as people read it: PASS-XXXX-XXXX-XXXX-XXXX."""
    return "-".join([PREFIX, *(code[at : at + GROUP] for at in range(0, LENGTH, GROUP))])


def normalized(typed: str) -> str:
    """Return the characters of a code however it was typed: case, hyphens, spaces and prefix do not matter.

    Letters that look like digits are those digits. Returns "" for what cannot be a code.
    """
    code = typed.upper().translate(MISREAD)
    # The prefix has none of the letters that are misread.
    code = code.removeprefix(PREFIX) if len(code) == LENGTH + len(PREFIX) else code
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""


def digest(code: str) -> bytes:
    """Return what is stored of a code: the hash of its characters."""
    # 80 random bits need neither salt nor slowness.
    return hashlib.sha256(code.encode()).digest()


def redeem(*, user: User, code: str) -> Redeemed:
    """Give a person what a code stands for, once. A repeat by the same person returns what it gave.

    Raises Refused invalid_voucher, the same for unknown, used up and expired.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FIND, [digest(normalized(code))])
        found = cursor.fetchone()
        if found is None:
            raise invalid()
        voucher_id, uses, version_id, valid = found
        cursor.execute(LOCK, [LOCK_CLASS, voucher_id])
        # In statements after the lock: whoever held it has stored their use.
        if mine := Redemption.objects.filter(voucher_id=voucher_id, user=user).first():
            return Redeemed(_given_by(mine), again=True)
        used = Redemption.objects.filter(voucher_id=voucher_id).aggregate(last=Max("number"))["last"] or 0
        if not valid or used >= uses:
            raise invalid()
        redemption = Redemption.objects.create(voucher_id=voucher_id, user=user, number=used + 1)
        version = ProductVersion.objects.get(pk=version_id)
        given = entitlements.give(user, version, Source.VOUCHER, _source_id(redemption))
    return Redeemed(given, again=False)


def _source_id(redemption: Redemption) -> str:
    return str(redemption.pk)


def _given_by(redemption: Redemption) -> list[Entitlement]:
    found = Entitlement.objects.filter(source=Source.VOUCHER, source_id=_source_id(redemption))
    return list(found.order_by("code"))


def invalid() -> Refused:
    """Return the refusal that unknown, used up and expired codes share, word for word."""
    return Refused(
        "invalid_voucher",
        422,
        _("This code isn't valid: it may be mistyped, used up, or expired."),
        pointer="code",
    )
