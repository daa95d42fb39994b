"""Giving a person the right to open something, and ending it early. One write for one act.

Rows are only added. Two gifts at once wait for each other at the row of the person, so that the second
begins where the first ends. When the first ends early, the second moves up: no day is lost, none is given.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from accounts.access import device_limit, periods, refusals
from accounts.access.models import (
    EVERYTHING,
    EffectiveEntitlement,
    Entitlement,
    EntitlementEnd,
    ProductVersion,
    Source,
    State,
)
from accounts.access.periods import Period, period_of
from accounts.audit import services as audit
from accounts.base import statements
from accounts.base.errors import Refused
from accounts.users import person_lock
from accounts.users.models import User


def give(
    user: User, version: ProductVersion, source: Source, source_id: str, *, months: int = 0
) -> list[Entitlement]:
    """Give what a version of a product opens, from now or from the end of what runs.

    For its own months, unless others are named. One row for each code. A repeat with the same source changes
    nothing and returns what was given.
    """

    def stacked() -> dict[str, Period]:
        zone = ZoneInfo(settings.SITE_ZONE)
        return {
            code: Period(start, periods.add_months(start, months or version.months, zone))
            for code, start in _starts(user, version.codes, now()).items()
        }

    return _give_once(user, source, source_id, stacked)


def give_period(
    user: User, version: ProductVersion, source: Source, source_id: str, period: Period
) -> list[Entitlement]:
    """Give what a version opens for exactly this period, as a subscription does: nothing is stacked.

    One row for each code. A repeat with the same source changes nothing and returns what was given.
    """
    return _give_once(user, source, source_id, lambda: dict.fromkeys(version.codes, period))


def _give_once(
    user: User, source: Source, source_id: str, periods_of: Callable[[], Mapping[str, Period]]
) -> list[Entitlement]:
    with transaction.atomic():
        person_lock.hold(user.pk)
        # In statements after the lock: one that waited began before what it waited for was given. The unique
        # key of the source would refuse a second row; looking first makes a repeat no error.
        earlier = Entitlement.objects.filter(source=source, source_id=source_id).order_by("code")
        if existing := list(earlier):
            return existing
        rows = (
            Entitlement(
                user=user,
                code=code,
                starts_at=period.starts_at,
                ends_at=period.ends_at,
                source=source,
                source_id=source_id,
            )
            for code, period in sorted(periods_of().items())
        )
        return _store(user, rows)


def _store(user: User, rows: Iterable[Entitlement]) -> list[Entitlement]:
    """Store entitlements, and ask browsers beyond the limit that they bring."""
    stored = Entitlement.objects.bulk_create(rows)
    device_limit.ask_beyond_limit(user.pk)
    return stored


def would_end(user: User, codes: Sequence[str], months: int) -> datetime:
    """Return until when all of these codes would be open if their months were given now."""
    starts = _starts(user, codes, now())
    return periods.add_months(min(starts.values()), months, ZoneInfo(settings.SITE_ZONE))


def would_wait_until(user: User, codes: Sequence[str]) -> datetime | None:
    """Return until when months that were given now would wait for what runs, None when for nothing."""
    at = now()
    starts_at = min(_starts(user, codes, at).values())
    return starts_at if starts_at > at else None


def would_renew(months: int) -> datetime:
    """Return when a subscription that is paid now is paid for again: it waits for nothing else to end."""
    return periods.add_months(now(), months, ZoneInfo(settings.SITE_ZONE))


def _stacked(user: User) -> list[EffectiveEntitlement]:
    """Return what runs and what waits for its end, in order."""
    # A subscription may be canceled any day: nothing waits for its end.
    rows = EffectiveEntitlement.objects.filter(user=user).exclude(source=Source.SUBSCRIPTION)
    return list(rows.exclude(state=State.ENDED).order_by("starts_at", "pk"))


def _starts(user: User, codes: Sequence[str], now: datetime) -> dict[str, datetime]:
    """Return for each code when what is given now begins: at the end of what runs, or now.

    What opens everything opens each code: who has it loses nothing by buying one beside it.
    """
    stacked = _stacked(user)
    starts = {}
    for code in codes:
        period = periods.running([period_of(row) for row in stacked if row.code in (code, EVERYTHING)], now)
        starts[code] = period.ends_at if period else now
    return starts


def grant(
    *, actor: User | None, user: User, version: ProductVersion, months: int, reason: str, grant_id: UUID
) -> list[Entitlement]:
    """Give months of a product as support does; recorded with who did it and why.

    A repeat with the same `grant_id`, such as a second press, gives and records nothing more. Raises Refused
    to who would give it to themselves.
    """
    refusals.not_for_oneself(actor, user)
    with transaction.atomic():
        person_lock.hold(user.pk)
        # Asked before it is given: afterward a second press would look like the first.
        is_repeat = Entitlement.objects.filter(source=Source.GRANT, source_id=str(grant_id)).exists()
        granted = give(user, version, Source.GRANT, str(grant_id), months=months)
        if not is_repeat:
            audit.record(
                actor=actor,
                action="entitlement.grant",
                subject=user,
                reason=reason,
                after={
                    "product": str(version),
                    "months": months,
                    "entitlements": {
                        one.pk: f"{one.code} until {one.ends_at.isoformat()}" for one in granted
                    },
                },
            )
    return granted


def extend(*, actor: User | None, entitlement_id: int, days: int, reason: str, grant_id: UUID) -> Entitlement:
    """Give calendar days more of what one entitlement opens, from its end, or from now once it has ended.

    From the end of what follows it without a gap, so that no day is given twice. Recorded with who did it and
    why. A repeat with the same `grant_id` gives and records nothing more. Raises Refused without an owner,
    and to the owner.
    """
    with transaction.atomic():
        entitlement = Entitlement.objects.select_related("user").get(pk=entitlement_id)
        if entitlement.user is None:
            raise Refused("no_account", 409, _("The account was deleted."))
        refusals.not_for_oneself(actor, entitlement.user)
        person_lock.hold(entitlement.user.pk)
        at = now()
        if granted := Entitlement.objects.filter(source=Source.GRANT, source_id=str(grant_id)).first():
            return granted
        earlier = _early_end(entitlement)
        if earlier is None and entitlement.source == Source.SUBSCRIPTION:
            # What is added would run beside the next period that is paid.
            raise Refused(
                "renews", 409, _("This is part of a subscription that renews. Grant access instead.")
            )
        ends_at = min(entitlement.ends_at, earlier or entitlement.ends_at)
        # Neither before its own end nor in the past.
        starts_at = max(_starts(entitlement.user, [entitlement.code], at)[entitlement.code], ends_at, at)
        row = Entitlement(
            user=entitlement.user,
            code=entitlement.code,
            starts_at=starts_at,
            ends_at=periods.add_days(starts_at, days, ZoneInfo(settings.SITE_ZONE)),
            source=Source.GRANT,
            source_id=str(grant_id),
        )
        [granted] = _store(entitlement.user, [row])
        audit.record(
            actor=actor,
            action="entitlement.extend",
            subject=entitlement,
            reason=reason,
            before={"ends_at": ends_at.isoformat()},
            after={"days": days, "entitlement": granted.pk, "ends_at": granted.ends_at.isoformat()},
        )
    return granted


def end_now(*, actor: User | None, entitlement_id: int, reason: str) -> EntitlementEnd:
    """End one entitlement at once, not one's own.

    Raises Refused already_ended, so that a second press changes nothing.
    """
    with transaction.atomic():
        entitlement = Entitlement.objects.select_related("user").get(pk=entitlement_id)
        refusals.not_for_oneself(actor, entitlement.user)
        if entitlement.user is not None:
            person_lock.hold(entitlement.user.pk)
        # In a statement after the lock.
        earlier = _early_end(entitlement)
        if min(entitlement.ends_at, earlier or entitlement.ends_at) <= now():
            raise Refused("already_ended", 409, _("It has ended already."))
        [ending] = end([entitlement], at=None, actor=actor, reason=reason)
    return ending


def end(
    entitlements: Iterable[Entitlement], *, at: datetime | None, actor: User | None, reason: str
) -> list[EntitlementEnd]:
    """End entitlements early, now or at a time, with who did it and why; each act is in the audit.

    One that would begin later never begins. What waited for the end of one moves up.
    """
    ended = list(entitlements)
    with transaction.atomic():
        # By key: two that end the access of the same people take their locks in one order.
        people = sorted(
            {entitlement.user for entitlement in ended if entitlement.user}, key=lambda user: user.pk
        )
        for user in people:
            person_lock.hold(user.pk)
        ends = [_end(entitlement, at or now(), actor, reason) for entitlement in ended]
        for user in people:
            _move_up(user, actor, reason)
    return ends


def _early_end(entitlement: Entitlement) -> datetime | None:
    """Return when it was ended, of several times the earliest; None when it runs as long as it said."""
    first: datetime | None = entitlement.ends.aggregate(first=Min("ends_at"))["first"]
    return first


def _end(entitlement: Entitlement, at: datetime, actor: User | None, reason: str) -> EntitlementEnd:
    ending = EntitlementEnd(entitlement=entitlement, ends_at=at, actor=actor, reason=reason)
    ending.save(force_insert=True)
    audit.record(
        actor=actor,
        action="entitlement.end",
        subject=entitlement,
        reason=reason,
        after={"ends_at": ending.ends_at.isoformat()},
    )
    return ending


def _move_up(user: User, actor: User | None, reason: str) -> None:
    """Have what waits begin as early as it now can. A part of a chain that ended has left a gap."""
    at, stacked = now(), _stacked(user)
    # What opens everything comes first: the other codes wait for where it is then.
    for code in sorted({row.code for row in stacked}, key=lambda code: (code != EVERYTHING, code)):
        waiting = [row for row in stacked if row.code == code and row.starts_at > at]
        others = [row for row in stacked if row not in waiting and row.code in (code, EVERYTHING)]
        moved = periods.moved_up([period_of(row) for row in waiting], [period_of(row) for row in others], at)
        for row, period in zip(waiting, moved, strict=True):
            if period.starts_at < row.starts_at:
                _replace(row.pk, period, at, actor, reason)
                row.starts_at, row.ends_at = period.starts_at, period.ends_at


def _replace(
    entitlement_id: int, period: Period, at: datetime, actor: User | None, reason: str
) -> Entitlement:
    """Have the same given for another period."""
    old = Entitlement.objects.get(pk=entitlement_id)
    EntitlementEnd.objects.create(entitlement=old, ends_at=at, actor=actor, reason=f"replaced: {reason}")
    new = Entitlement.objects.create(
        user_id=old.user_id,
        code=old.code,
        starts_at=period.starts_at,
        ends_at=period.ends_at,
        source=old.source,
        source_id=old.source_id,
        replaces=old,
    )
    audit.record(
        actor=actor,
        action="entitlement.replace",
        subject=new,
        reason=reason,
        before={"starts_at": old.starts_at.isoformat(), "ends_at": old.ends_at.isoformat()},
        after={"starts_at": period.starts_at.isoformat(), "ends_at": period.ends_at.isoformat()},
    )
    return new


def settle_end(entitlements: Iterable[Entitlement], *, goes_on: bool, reason: str) -> None:
    """Say of the last period of a subscription whether another payment is to follow it.

    A last one gets an end of its own where it ends anyway. One that goes on after all is given anew.
    """
    with transaction.atomic():
        for entitlement in entitlements:
            early = _early_end(entitlement)
            if early is None and not goes_on:
                end([entitlement], at=entitlement.ends_at, actor=None, reason=reason)
            elif early == entitlement.ends_at and goes_on:
                _replace(
                    entitlement.pk, Period(entitlement.starts_at, entitlement.ends_at), now(), None, reason
                )


def now() -> datetime:
    """Return what the clock of the database says."""
    # As text, for the ORM selects from tables only.
    read: datetime = statements.first("SELECT statement_timestamp()")[0]
    return read
