"""Vouchers: codes that give a product. Made in batches, shown once, kept as hashes, redeemed under a lock."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from accounts.access import entitlements
from accounts.access.models import Entitlement, ProductVersion, Redemption, Source, Voucher, VoucherBatch
from accounts.audit import services as audit
from accounts.base import rates, statements
from accounts.base.errors import Refused
from accounts.users.models import User

# Crockford's base 32: no I, L, O and U, which people misread.
ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD: Final = str.maketrans("OIL", "011")
# Hyphens, dashes and spaces of all kinds: mail programs and word processors put their own.
BETWEEN: Final = re.compile(r"[\s\-\u00ad\u2010-\u2015\u2212\u200b-\u200d\u2060\ufeff_.]+")
PREFIX: Final = "PASS"
LENGTH: Final = 16
"""Characters of a code, of 5 bits each: 80 bits cannot be guessed."""
GROUP: Final = 4
BATCH_MAX: Final = 5_000
HOUR: Final = 3600
# Of a person. A look at the link of a code tells as much as a try, and has a limit of its own.
TRIES_AN_HOUR: Final = 10
LOOKS_AN_HOUR: Final = 30
# Of all people at one address: a hall of 200 at one school may mistype twice each.
MOST_AN_HOUR_OF_ADDRESS: Final = 600
TOO_MANY: Final = _("Too many codes were tried. Wait an hour, and then try again.")

# As text: the ORM knows no advisory locks. A row of an insert-only table cannot be locked by the site's role.
# Nobody else uses this class of keys. The key is a part of the hash, so that the lock is taken before anybody
# knows whether there is such a code.
LOCK_CLASS: Final = 0x766F7563
LOCK: Final = "SELECT pg_advisory_xact_lock(%s, %s)"


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a code gave; `again` says that this person had redeemed it before."""

    redemption_id: int
    entitlements: Sequence[Entitlement]
    again: bool


@dataclass(frozen=True, slots=True)
class VoucherPreview:
    """What a voucher would give a person: what the access codes open, for so many months.

    `redemption_id` is that of an earlier press of theirs.
    """

    codes: tuple[str, ...]
    months: int
    redemption_id: int | None


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

    Raises ValueError for a count out of 1 to BATCH_MAX, Refused in_the_past for codes that would be expired.
    """
    if not 1 <= count <= BATCH_MAX:
        raise ValueError(f"a batch has 1 to {BATCH_MAX} codes")
    if expires_at and expires_at <= entitlements.now():
        raise Refused("in_the_past", 422, _("This day is over."), pointer="expires_at")
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(count)]
    with transaction.atomic():
        batch = VoucherBatch.objects.create(
            version=version, uses=uses, expires_at=expires_at, note=note, created_by=actor
        )
        # Only the hash and the last four characters: whoever reads the table or a backup has no code.
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
    code = BETWEEN.sub("", typed.upper()).translate(MISREAD)
    # The prefix has none of the letters that are misread.
    code = code.removeprefix(PREFIX) if len(code) == LENGTH + len(PREFIX) else code
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else ""


def digest(code: str) -> bytes:
    """Return what is stored of a code: the hash of its characters."""
    # 80 random bits need neither salt nor slowness.
    return hashlib.sha256(code.encode()).digest()


def count_try(user: User, address: str | None) -> None:
    """Count a code that is typed before it is looked at. Raises Refused: too_many_requests."""
    _count("try", user, address, TRIES_AN_HOUR)


def count_look(user: User, address: str | None) -> None:
    """Count a code in an address before what it is for is shown. Raises Refused: too_many_requests."""
    _count("look", user, address, LOOKS_AN_HOUR)


def _count(act: str, user: User, address: str | None, most: int) -> None:
    # What a person tries beyond their own limit does not count for all at their address, so that one of them
    # cannot use up what is for all.
    for who, limit in ((f"person:{user.pk}", most), (f"address:{address}", MOST_AN_HOUR_OF_ADDRESS)):
        rates.count_or_refuse(f"voucher-{act}", who, most=limit, seconds=HOUR, detail=TOO_MANY)


def redeem(*, user: User, voucher_code: str) -> Redeemed:
    """Give a person what a code stands for, once. A repeat by the same person returns what it gave.

    Raises Refused: invalid_voucher, the same for unknown, used up and expired, after the same statements;
    own_voucher for a code that this person made.
    """
    sha256 = digest(normalized(voucher_code))
    with transaction.atomic():
        _lock(sha256)
        # In a statement after the lock: whoever held it has stored their use.
        match = _find(user, sha256)
        if match and match.mine:
            return Redeemed(match.mine, entitlements_from(user, match.mine), again=True)
        if match is None or not match.valid:
            raise invalid()
        # After `invalid`: only who holds a valid code learns more of it.
        _refuse_own(match, user)
        redemption = Redemption.objects.create(voucher_id=match.voucher_id, user=user, number=match.used + 1)
        batch = _batch(match)
        source_id = str(redemption.pk)
        granted = entitlements.give(user, batch.version, Source.VOUCHER, source_id, months=batch.months)
    return Redeemed(redemption.pk, granted, again=False)


def look_up(user: User, voucher_code: str) -> VoucherPreview:
    """Say what a code would give this person, or has given. Changes nothing.

    Raises Refused as `redeem` does.
    """
    match = _find(user, digest(normalized(voucher_code)))
    if match is None or not (match.valid or match.mine):
        raise invalid()
    if not match.mine:
        _refuse_own(match, user)
    batch = _batch(match)
    return VoucherPreview(tuple(batch.version.codes), batch.months, match.mine)


def entitlements_from(user: User, redemption_id: int) -> list[Entitlement]:
    """Return what a redemption of this person gave them; nothing for one of somebody else."""
    source = {"source": Source.VOUCHER, "source_id": str(redemption_id)}
    # Of what moved up, only where it was moved to counts.
    return list(Entitlement.objects.filter(user=user, replaced_by=None, **source).order_by("code"))


class _Match(NamedTuple):
    voucher_id: int
    batch_id: int
    valid: bool
    used: int
    mine: int | None
    created_by: int | None


def _batch(match: _Match) -> VoucherBatch:
    return VoucherBatch.objects.select_related("version").get(pk=match.batch_id)


def _lock(sha256: bytes) -> None:
    statements.run(LOCK, [LOCK_CLASS, int.from_bytes(sha256[:4], signed=True)])


def _find(user: User, sha256: bytes) -> _Match | None:
    redemptions = Redemption.objects.filter(voucher=OuterRef("pk"))
    last = redemptions.order_by("-number").values("number")[:1]
    rows = Voucher.objects.filter(code_sha256=sha256).annotate(
        used=Coalesce(Subquery(last), 0),
        is_valid=Q(used__lt=F("batch__uses")) & (Q(batch__expires_at=None) | Q(batch__expires_at__gt=Now())),
        mine=Subquery(redemptions.filter(user=user).values("pk")),
    )
    row = rows.values_list("pk", "batch_id", "is_valid", "used", "mine", "batch__created_by_id").first()
    return _Match(*row) if row else None


def _refuse_own(match: _Match, user: User) -> None:
    """Raise Refused for who made the code: nobody gives access to themselves."""
    if match.created_by == user.pk:
        raise Refused(
            "own_voucher",
            409,
            _("You created this code, so you can't redeem it. Ask a colleague to grant you access."),
            pointer="code",
        )


def invalid() -> Refused:
    """Return the refusal that unknown, used up and expired codes share, word for word."""
    return Refused(
        "invalid_voucher",
        422,
        _("This code isn't valid: it may be mistyped, used up, or expired."),
        pointer="code",
    )
