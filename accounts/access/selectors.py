"""Reading what a person was given: what runs, what begins later, what ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.access.models import GRACE, EffectiveEntitlement
from accounts.access.periods import expiries
from accounts.access.targets import titles_of
from accounts.users.models import User


def entitlements_of(user: User, entitlement_ids: Sequence[int] | None = None) -> list[EffectiveEntitlement]:
    """Return what a person was given, all of it or these, the latest end first. One query."""
    rows = EffectiveEntitlement.objects.filter(user=user).order_by("-ends_at", "-pk")
    return list(rows if entitlement_ids is None else rows.filter(pk__in=entitlement_ids))


@dataclass(frozen=True, slots=True)
class CurrentAccess:
    """What runs now: until when, and whether a subscription renews it then."""

    title: str
    until: datetime
    renews: bool


def open_now(user: User) -> list[CurrentAccess]:
    """Return what was given to a person and runs now, by title. One statement, and one for the titles."""
    rows = entitlements_of(user)
    if not rows:
        return []
    now = rows[0].as_of
    ends = expiries(rows, now)
    # While the next payment is on its way, it still is open.
    running = [
        expiry for expiry in ends if not expiry.is_over or (expiry.renews and now < expiry.until + GRACE)
    ]
    titles = titles_of(expiry.code for expiry in running)
    current = [CurrentAccess(titles[expiry.code], expiry.until, expiry.renews) for expiry in running]
    return sorted(current, key=lambda access: access.title)
