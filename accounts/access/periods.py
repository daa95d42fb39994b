"""Calendar months in the site's time zone, and what several periods come to. No clock and no rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from accounts.access import periods
from accounts.access.models import EVERYTHING, EffectiveEntitlement


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From `starts_at` until just before `ends_at`; `source` says what gives it."""

    starts_at: datetime
    ends_at: datetime
    source: str = ""


def period_of(entitlement: EffectiveEntitlement) -> Period:
    """Return the time that an entitlement covers."""
    return Period(entitlement.starts_at, entitlement.ends_at)


def add_months(at: datetime, months: int, zone: ZoneInfo) -> datetime:
    """Return the same wall time some calendar months later, as UTC.

    A day that the month does not have becomes its last one: 30 November and three months are 28 February. Of
    a wall time that a change of the clock skips the later one counts, of one that comes twice the first.
    """
    return _later(at, relativedelta(months=months), zone)


def add_days(at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the same wall time some calendar days later, as UTC; around changes of the clock as above."""
    return _later(at, relativedelta(days=days), zone)


def _later(at: datetime, by: relativedelta, zone: ZoneInfo) -> datetime:
    wall = at.astimezone(zone).replace(tzinfo=None) + by
    return wall.replace(tzinfo=zone).astimezone(UTC)


def running(periods: Sequence[Period], now: datetime) -> Period | None:
    """Return the period that runs now, prolonged by those that follow it without a gap; None without one.

    Its source is that of the part which runs longest of those that have begun.
    """
    begun = [period for period in periods if period.starts_at <= now < period.ends_at]
    if not begun:
        return None
    longest = max(begun, key=lambda period: period.ends_at)
    ends_at = longest.ends_at
    for period in sorted(periods):
        if period.starts_at <= ends_at < period.ends_at:
            ends_at = period.ends_at
    return Period(min(period.starts_at for period in begun), ends_at, longest.source)


def moved_up(waiting: Sequence[Period], others: Sequence[Period], now: datetime) -> list[Period]:
    """Return where each of `waiting`, in their order, begins if nothing lies before it but `others`.

    Each begins at the end of what runs, or now, and never later than it did; none changes its length.
    """
    placed: list[Period] = []
    for period in waiting:
        before = running([*others, *placed], now)
        starts_at = min(before.ends_at if before else now, period.starts_at)
        placed.append(Period(starts_at, starts_at + (period.ends_at - period.starts_at), period.source))
    return placed


def last_end(periods: Iterable[Period], now: datetime) -> datetime | None:
    """Return when the last period ended that is over; None when none is."""
    return max((period.ends_at for period in periods if period.ends_at <= now), default=None)


@dataclass(frozen=True, slots=True)
class Expiry:
    """The end of access to a code. `renews`: a subscription has it go on by itself, unless canceled."""

    code: str
    until: datetime
    is_over: bool
    renews: bool
    ended_early: bool


def expiries(entitlements: Sequence[EffectiveEntitlement], now: datetime) -> list[Expiry]:
    """Return the end of each code that was given, by code; none for what begins in the future alone.

    What opens everything prolongs each code. A code that ends with everything is not named beside it.
    """
    ends = [_expiry(entitlements, code, now) for code in sorted({row.code for row in entitlements})]
    found = [expiry for expiry in ends if expiry]
    everything = {expiry.until for expiry in found if expiry.code == EVERYTHING}
    return [expiry for expiry in found if expiry.code == EVERYTHING or expiry.until not in everything]


def _expiry(entitlements: Iterable[EffectiveEntitlement], code: str, now: datetime) -> Expiry | None:
    of_code = [row for row in entitlements if row.code in (code, EVERYTHING)]
    covered = [period_of(row) for row in of_code]
    running = periods.running(covered, now)
    if running is None and any(now < row.starts_at < row.ends_at for row in of_code):
        return None
    until = running.ends_at if running else periods.last_end(covered, now)
    if until is None:
        return None
    last = [row for row in of_code if row.ends_at == until]
    return Expiry(
        code,
        until,
        is_over=running is None,
        renews=any(row.renews for row in last),
        ended_early=all(row.ended_early for row in last),
    )
