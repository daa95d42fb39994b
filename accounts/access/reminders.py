"""Mails before access ends and after it did. Each is a row of the outbox whose key lets it be written once.

A key names the person, the end and the number of days: access that was prolonged has another end, and so
other keys. A mail that has become untrue while it waited is deleted by the sender, and written anew if due.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.access import paths
from accounts.access.models import EVERYTHING, GRACE, EffectiveEntitlement, Entitlement, EntitlementEnd
from accounts.access.periods import Expiry, expiries
from accounts.access.targets import titles_of
from accounts.base.moments import in_full
from accounts.outbox import services as outbox
from accounts.outbox.encryption import decrypt
from accounts.outbox.models import Mail
from accounts.profile.reminders import ACCESS, token
from accounts.users.models import User
from i18n import languages

ENDING: Final = "accounts/email/access_ending"
ENDED: Final = "accounts/email/access_ended"
DAYS: Final = (1, 3, 14)
NEWS: Final = timedelta(days=3)
"""So long after the end the last mail is sent; the outbox keeps its rows, and so the keys, for longer."""
WAITS: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail that is due: to whom, what it says, and the key that lets it be written once."""

    user_id: int
    address: str
    language: str
    kind: str
    key: str
    useful_for: timedelta
    parameters: dict[str, str | int | bool | None]


@dataclass(frozen=True, slots=True)
class _Reader:
    user_id: int
    address: str
    language: str
    zone: ZoneInfo
    now: datetime


def due(user_id: int | None = None) -> Iterator[Notice]:
    """Return the mails that are due now, of everybody or of one person, whether or not they were written."""
    for _user_id, rows_of_user in groupby(_concerned(user_id), key=lambda row: row.user_id):
        rows = list(rows_of_user)
        person = rows[0].user
        if person is None:
            continue
        preferences = getattr(person, "profile", None)
        language, zone = (
            (preferences.ui_language, preferences.time_zone) if preferences else (languages.DEFAULT, "UTC")
        )
        reader = _Reader(person.pk, person.email, language, ZoneInfo(zone), rows[0].as_of)
        yield from _notices(reader, rows)


def _concerned(user_id: int | None) -> QuerySet[EffectiveEntitlement]:
    """Return everything of whoever has something that ends within these days, and wants to be told."""
    # Wider than any reminder: which is due is told by the zone of each reader.
    window = (Now() - timedelta(days=5), Now() + timedelta(days=15))
    ending = Entitlement.objects.filter(ends_at__range=window).order_by().values("user")
    ended_early = EntitlementEnd.objects.filter(ends_at__range=window).values("entitlement__user")
    mailbox = EmailAddress.objects.filter(
        user=OuterRef("user"), email__iexact=OuterRef("user__email"), verified=True
    )
    rows = EffectiveEntitlement.objects.filter(
        Exists(mailbox), user__in=ending.union(ended_early), user__is_active=True
    ).exclude(user__profile__access_reminders=False)
    rows = rows.select_related("user__profile").order_by("user")
    return rows if user_id is None else rows.filter(user=user_id)


def send_due() -> int:
    """Write the mails that are due and not written yet; return how many. Any number may do it at once."""
    return sum(
        outbox.post(
            notice.kind,
            notice.address,
            notice.parameters,
            person=User(pk=notice.user_id),
            language=notice.language,
            dedupe_key=notice.key,
            useful_for=notice.useful_for,
        )
        for notice in due()
    )


def unwritten() -> list[Notice]:
    """Return what `send_due` would write now."""
    notices = list(due())
    written = set(
        Mail.objects.filter(dedupe_key__in=[one.key for one in notices]).values_list("dedupe_key", flat=True)
    )
    return [one for one in notices if one.key not in written]


def is_still_wanted(mail: Mail) -> bool:
    """Say whether a mail that waits still says what it would say if it were written now."""
    if mail.person_id is None:
        return True
    parameters = decrypt(mail.sealed)
    return any(
        (notice.key, notice.address, notice.parameters) == (mail.dedupe_key, mail.to_address, parameters)
        for notice in due(mail.person_id)
    )


def stage(until: datetime, now: datetime, zone: ZoneInfo) -> int | None:
    """Return which reminder is due: the fewest of its days before the end, by the calendar, or None."""
    # Arithmetic on a local time is on the clock's face: a day with a change of the clock is a day.
    local = until.astimezone(zone)
    return next((days for days in DAYS if now >= (local - timedelta(days=days)).astimezone(UTC)), None)


def _notices(reader: _Reader, entitlements: list[EffectiveEntitlement]) -> Iterator[Notice]:
    expiries_due = [expiry for expiry in expiries(entitlements, reader.now) if _is_due(expiry, reader)]
    by_end = sorted(expiries_due, key=lambda expiry: (expiry.is_over, expiry.until, expiry.code))
    with override(reader.language):
        for _end, at_one_end in groupby(by_end, key=lambda expiry: (expiry.is_over, expiry.until)):
            yield _notice(reader, list(at_one_end))


def _is_due(expiry: Expiry, reader: _Reader) -> bool:
    if not expiry.is_over:
        return not expiry.renews and stage(expiry.until, reader.now, reader.zone) is not None
    begins = expiry.until + (GRACE if expiry.renews else timedelta(0))
    return not expiry.ended_early and begins <= reader.now < begins + NEWS


def _notice(reader: _Reader, at_one_end: list[Expiry]) -> Notice:
    until = at_one_end[0].until
    local = until.astimezone(reader.zone)
    codes = [expiry.code for expiry in at_one_end]
    end = int(until.timestamp() * 1_000_000)
    parameters: dict[str, str | int | bool | None] = {
        "titles": _("all certifications") if EVERYTHING in codes else _listed(titles_of(codes).values()),
        "until": in_full(local),
        "pricing_url": settings.SITE_URL + paths.here(paths.PRICING),
        "unsubscribe_url": settings.SITE_URL
        + reverse("accounts:reminders", args=[token(reader.user_id, ACCESS)]),
    }
    if at_one_end[0].is_over:
        kind, useful_for = ENDED, NEWS
        key = f"access-ended-{reader.user_id}-{end}"
        parameters["results_url"] = settings.SITE_URL + paths.here(paths.RESULTS)
        parameters["privacy_url"] = settings.SITE_URL + paths.here(paths.PRIVACY)
    else:
        kind, useful_for = ENDING, min(WAITS, until - reader.now)
        key = f"access-ending-{reader.user_id}-{end}-{stage(until, reader.now, reader.zone)}"
        parameters["days"] = (local.date() - reader.now.astimezone(reader.zone).date()).days
    return Notice(reader.user_id, reader.address, reader.language, kind, key, useful_for, parameters)


def _listed(titles: Iterable[str]) -> str:
    *rest, last = titles
    return _(" and ").join([", ".join(rest), last]) if rest else last
