"""Reading what a person was given: what runs, what begins later, what ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import connection

from accounts.access.active_entitlements import ACTIVE_ENTITLEMENTS, GRACE
from accounts.access.openings import titles_of
from accounts.access.periods import AccessPeriod, expiries
from accounts.users.models import User

# Limited to what some sources gave where the caller names them.
HELD: Final = f"""
SELECT statement_timestamp(), id, code, starts_at, ends_at, source, closes_at, is_cut, renews
FROM {ACTIVE_ENTITLEMENTS} AS given
WHERE user_id = %(user)s AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s::bigint[]))
ORDER BY ends_at DESC, id DESC
"""  # noqa: S608  (made of constants)


class State(StrEnum):
    """Where an entitlement is in time."""

    RUNNING = "running"
    UPCOMING = "upcoming"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Held:
    """An entitlement of a person. `ends_at` is when it really ends, however long it was given for.

    Of a subscription that goes on (`renews`) it is until when it is paid: it stays open for a while longer.
    """

    entitlement_id: int
    code: str
    starts_at: datetime
    ends_at: datetime
    source: str
    state: State
    is_cut: bool
    renews: bool

    def as_part(self) -> AccessPeriod:
        """Return it as what the end of a person's access is found by."""
        return AccessPeriod(self.code, self.starts_at, self.ends_at, self.is_cut, self.renews)


def held_by(user: User, entitlement_ids: Sequence[int] | None = None) -> list[Held]:
    """Return what a person was given, all of it or these, the latest end first. One query."""
    return [held for _now, held in _held(user, entitlement_ids)]


def _held(user: User, entitlement_ids: Sequence[int] | None = None) -> list[tuple[datetime, Held]]:
    ids = None if entitlement_ids is None else list(entitlement_ids)
    with connection.cursor() as cursor:
        cursor.execute(HELD, {"user": user.pk, "ids": ids})
        return [
            (now, Held(key, code, first, end, source, _state(first, closes_at, now), is_cut, renews))
            for now, key, code, first, end, source, closes_at, is_cut, renews in cursor.fetchall()
        ]


def _state(starts_at: datetime, closes_at: datetime, now: datetime) -> State:
    if closes_at <= max(starts_at, now):  # what ended before it began never begins
        return State.ENDED
    return State.UPCOMING if starts_at > now else State.RUNNING


@dataclass(frozen=True, slots=True)
class Open:
    """What runs now: until when, and whether a subscription renews it then."""

    title: str
    until: datetime
    renews: bool


def open_now(user: User) -> list[Open]:
    """Return what was given to a person and runs now, by title. One statement, and one for the titles."""
    rows = _held(user)
    if not rows:
        return []
    now = rows[0][0]
    found = expiries([held.as_part() for _now, held in rows], now)
    # While the next payment is on its way, it still is open.
    running = [one for one in found if not one.is_over or (one.renews and now < one.until + GRACE)]
    titles = titles_of(one.code for one in running)
    named = [Open(titles[one.code], one.until, one.renews) for one in running]
    return sorted(named, key=lambda one: one.title)
