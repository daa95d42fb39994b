"""Giving a person the right to open something, and ending it early. One write for one act.

Rows are only added. Two gifts at once wait for each other at the row of the person, so that the second
begins where the first ends.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from accounts.access import periods
from accounts.access.models import (
    EVERYTHING,
    MONTHS_MAX,
    Entitlement,
    EntitlementEnd,
    ProductVersion,
    Source,
)
from accounts.access.periods import Period
from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.users.models import User

# Not FOR UPDATE: rows that name the person, stored just before by two at once, would make them a deadlock.
LOCK: Final = "SELECT FROM accounts_user WHERE id = %s FOR NO KEY UPDATE"
# In a statement after the lock. A subscription may be canceled any day: nothing waits for its end.
STACKED: Final = """
SELECT e.code, e.starts_at, least(e.ends_at, (
  SELECT min(earlier.ends_at) FROM accounts_entitlementend earlier WHERE earlier.entitlement_id = e.id))
FROM accounts_entitlement e
WHERE e.user_id = %(user)s AND e.source <> %(subscription)s
"""
# What has not begun and was not ended: it waits for something.
WAITING: Final = """
SELECT e.id FROM accounts_entitlement e
WHERE e.user_id = %(user)s AND e.source <> %(subscription)s AND e.starts_at > statement_timestamp()
  AND NOT EXISTS (SELECT FROM accounts_entitlementend early WHERE early.entitlement_id = e.id)
"""


def give(
    user: User, version: ProductVersion, source: Source, source_id: str, *, months: int = 0
) -> list[Entitlement]:
    """Give what a version of a product opens, from now or from the end of what runs.

    For its own months, unless others are named. One row for each code. A repeat with the same source changes
    nothing and returns what was given.
    """
    with transaction.atomic():
        _lock(user)
        # In a statement after the lock: one that waited began before what it waited for was given.
        at = now()
        if given := list(Entitlement.objects.filter(source=source, source_id=source_id).order_by("code")):
            return given
        starts = _starts(user, version.codes, at)
        zone = ZoneInfo(settings.SITE_ZONE)
        return Entitlement.objects.bulk_create(
            Entitlement(
                user=user,
                code=code,
                starts_at=starts[code],
                ends_at=periods.add_months(starts[code], months or version.months, zone),
                source=source,
                source_id=source_id,
            )
            for code in sorted(version.codes)
        )


def give_period(
    user: User, version: ProductVersion, source: Source, source_id: str, period: Period
) -> list[Entitlement]:
    """Give what a version opens for exactly this period, as a subscription does: nothing is stacked.

    One row for each code. A repeat with the same source changes nothing and returns what was given.
    """
    with transaction.atomic():
        _lock(user)
        if given := list(Entitlement.objects.filter(source=source, source_id=source_id).order_by("code")):
            return given
        return Entitlement.objects.bulk_create(
            Entitlement(
                user=user,
                code=code,
                starts_at=period.starts_at,
                ends_at=period.ends_at,
                source=source,
                source_id=source_id,
            )
            for code in sorted(version.codes)
        )


def would_end(user: User, codes: Sequence[str], months: int) -> datetime:
    """Return until when all of these codes would be open if their months were given now."""
    starts = _starts(user, codes, now())
    return periods.add_months(min(starts.values()), months, ZoneInfo(settings.SITE_ZONE))


def _lock(user: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [user.pk])


def _starts(user: User, codes: Sequence[str], now: datetime) -> dict[str, datetime]:
    """Return for each code when what is given now begins: at the end of what runs, or now."""
    given = [(code, Period(starts_at, ends_at)) for code, starts_at, ends_at in _rows(STACKED, user)]
    return {code: _end_of(given, code, now) for code in codes}


def _end_of(given: Iterable[tuple[str, Period]], code: str, now: datetime) -> datetime:
    """Return when what runs ends, be it given for the code or for everything; now where nothing runs."""
    running = periods.running([period for named, period in given if named in (code, EVERYTHING)], now)
    return running.ends_at if running else now


def _rows(sql: str, user: User) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"user": user.pk, "subscription": Source.SUBSCRIPTION})
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def grant(
    *, actor: User | None, user: User, version: ProductVersion, months: int, reason: str, grant_id: UUID
) -> list[Entitlement]:
    """Give months of a product as support does; recorded with who did it and why.

    A repeat with the same `grant_id`, such as a second press, gives and records nothing more.
    """
    with transaction.atomic():
        _lock(user)
        known = Entitlement.objects.filter(source=Source.GRANT, source_id=str(grant_id)).exists()
        given = give(user, version, Source.GRANT, str(grant_id), months=months)
        if not known:
            audit.record(
                actor=actor,
                action="entitlement.grant",
                subject=user,
                reason=reason,
                after={
                    "product": str(version),
                    "months": months,
                    "entitlements": {one.pk: f"{one.code} until {one.ends_at.isoformat()}" for one in given},
                },
            )
    return given


def end_now(*, actor: User | None, entitlement_id: int, reason: str) -> EntitlementEnd:
    """End one entitlement at once. Raises Refused already_ended, so that a second press changes nothing."""
    with transaction.atomic():
        one = Entitlement.objects.get(pk=entitlement_id)
        if one.user is not None:
            _lock(one.user)
        # In a statement after the lock.
        earlier = one.ends.aggregate(first=Min("ends_at"))["first"]
        if min(one.ends_at, earlier or one.ends_at) <= now():
            raise Refused("already_ended", 409, _("It has ended already."))
        [ending] = end([one], at=None, actor=actor, reason=reason)
    return ending


def end(
    given: Iterable[Entitlement], *, at: datetime | None, actor: User | None, reason: str
) -> list[EntitlementEnd]:
    """End entitlements early, now or at a time, with who did it and why; each act is in the audit.

    One that would begin later never begins. What waited for it begins at once, or nobody who paid twice and
    was refunded once could open anything for months.
    """
    with transaction.atomic():
        ending = list(given)
        people = {one.user_id: one.user for one in ending if one.user}
        for _pk, person in sorted(people.items()):
            _lock(person)
        ends = []
        for one in ending:
            early = EntitlementEnd(entitlement=one, ends_at=at or now(), actor=actor, reason=reason)
            early.save(force_insert=True)
            audit.record(
                actor=actor,
                action="entitlement.end",
                subject=one,
                reason=reason,
                after={"ends_at": early.ends_at.isoformat()},
            )
            ends.append(early)
        for _pk, person in sorted(people.items()):
            _close_gaps(person)
    return ends


def _close_gaps(user: User) -> None:
    """Move forward what waits for something that ends earlier now. The person's row is locked."""
    at = now()
    waiting = {pk for (pk,) in _rows(WAITING, user)}
    rows = Entitlement.objects.filter(pk__in=waiting).order_by("starts_at", "pk")
    given = [(code, Period(*times)) for code, *times in _rows(STACKED, user)]
    for one in rows:
        given.remove((one.code, Period(one.starts_at, one.ends_at)))
    for one in rows:
        begins = _end_of(given, one.code, at)
        kept = _moved(one, begins) if begins < one.starts_at else one
        given.append((kept.code, Period(kept.starts_at, kept.ends_at)))


def _moved(one: Entitlement, begins: datetime) -> Entitlement:
    """Give the same from `begins` on, as a new row of the same source; the old one never begins."""
    length = periods.months_of(one.starts_at, one.ends_at, MONTHS_MAX, ZoneInfo(settings.SITE_ZONE))
    ends_at = (
        periods.add_months(begins, length, ZoneInfo(settings.SITE_ZONE))
        if length
        else begins + (one.ends_at - one.starts_at)
    )
    kept = Entitlement.objects.create(
        user=one.user,
        code=one.code,
        starts_at=begins,
        ends_at=ends_at,
        source=one.source,
        source_id=one.source_id,
        moved=one.moved + 1,
    )
    EntitlementEnd.objects.create(entitlement=one, ends_at=now(), actor=None, reason="moved forward")
    audit.record(
        actor=None,
        action="entitlement.move",
        subject=kept,
        reason="what it waited for ended early",
        before={"entitlement": one.pk, "starts_at": one.starts_at.isoformat()},
        after={"starts_at": begins.isoformat(), "ends_at": ends_at.isoformat()},
    )
    return kept


def now() -> datetime:
    """Return what the clock of the database says."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        read: datetime = cursor.fetchone()[0]
    return read
