"""When what somebody was given runs out or ran out: the chain without a gap. No clock and no rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.access import periods
from accounts.access.models import EVERYTHING
from accounts.access.periods import Period


@dataclass(frozen=True, slots=True)
class Part:
    """One entitlement. `is_cut`: it was ended earlier than it said; `renews`: a payment is to follow it."""

    code: str
    starts_at: datetime
    ends_at: datetime
    is_cut: bool
    renews: bool

    @property
    def period(self) -> Period:
        """The time it covers."""
        return Period(self.starts_at, self.ends_at)


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of access to a code. `renews`: a subscription has it go on by itself, unless canceled."""

    code: str
    until: datetime
    is_over: bool
    renews: bool
    is_cut: bool


def endings(parts: Sequence[Part], now: datetime) -> list[Ending]:
    """Return the end of each code that was given, by code; none for what begins in the future alone.

    What opens everything prolongs each code. A code that ends with everything is not named beside it.
    """
    found = [_ending(parts, code, now) for code in sorted({part.code for part in parts})]
    known = [one for one in found if one]
    everything = {one.until for one in known if one.code == EVERYTHING}
    return [one for one in known if one.code == EVERYTHING or one.until not in everything]


def _ending(parts: Iterable[Part], code: str, now: datetime) -> Ending | None:
    mine = [part for part in parts if part.code in (code, EVERYTHING)]
    covered = [part.period for part in mine]
    running = periods.running(covered, now)
    if running is None and any(now < part.starts_at < part.ends_at for part in mine):
        return None
    until = running.ends_at if running else periods.last_end(covered, now)
    if until is None:
        return None
    last = [part for part in mine if part.ends_at == until]
    return Ending(
        code,
        until,
        is_over=running is None,
        renews=any(part.renews for part in last),
        is_cut=all(part.is_cut for part in last),
    )
