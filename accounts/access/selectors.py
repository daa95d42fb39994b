"""Reading what a person was given: what runs, what begins later, what ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.db import connection

from accounts.access.endings import Part, endings
from accounts.access.titles import titles_of
from accounts.users.models import User

# What ended before it began never begins. Limited to what some sources gave where the caller names them.
HELD: Final = """
SELECT held.*, CASE
  WHEN ends_at <= greatest(starts_at, statement_timestamp()) THEN 'ended'
  WHEN starts_at > statement_timestamp() THEN 'upcoming'
  ELSE 'running' END
FROM (
  SELECT e.id, e.code, e.starts_at, least(e.ends_at, (
    SELECT min(earlier.ends_at) FROM accounts_entitlementend earlier
    WHERE earlier.entitlement_id = e.id)) AS ends_at, e.source
  FROM accounts_entitlement e
  WHERE e.user_id = %(user)s AND (%(ids)s::bigint[] IS NULL OR e.id = ANY(%(ids)s::bigint[]))) AS held
ORDER BY ends_at DESC, id DESC
"""


class State(StrEnum):
    """Where an entitlement is in time."""

    RUNNING = "running"
    UPCOMING = "upcoming"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Held:
    """An entitlement of a person. `ends_at` is when it really ends, however long it was given for."""

    entitlement_id: int
    code: str
    starts_at: datetime
    ends_at: datetime
    source: str
    state: State


def held_by(user: User, entitlement_ids: Sequence[int] | None = None) -> list[Held]:
    """Return what a person was given, all of it or these, the latest end first. One query."""
    ids = None if entitlement_ids is None else list(entitlement_ids)
    with connection.cursor() as cursor:
        cursor.execute(HELD, {"user": user.pk, "ids": ids})
        return [
            Held(entitlement_id, code, starts_at, ends_at, source, State(state))
            for entitlement_id, code, starts_at, ends_at, source, state in cursor.fetchall()
        ]


PARTS: Final = """
SELECT statement_timestamp(), e.code, e.starts_at, least(e.ends_at, early.at), e.source, early.at < e.ends_at
FROM accounts_entitlement e LEFT JOIN LATERAL (
  SELECT min(ends_at) AS at FROM accounts_entitlementend WHERE entitlement_id = e.id) AS early ON TRUE
WHERE e.user_id = %s
"""


@dataclass(frozen=True, slots=True)
class Open:
    """What runs now: until when, and whether a subscription renews it then."""

    title: str
    until: datetime
    renews: bool


def open_now(user: User) -> list[Open]:
    """Return what was given to a person and runs now, by title. One statement, and one for the titles."""
    with connection.cursor() as cursor:
        cursor.execute(PARTS, [user.pk])
        rows = cursor.fetchall()
    if not rows:
        return []
    parts = [Part(code, first, end, source, bool(cut)) for _now, code, first, end, source, cut in rows]
    running = [one for one in endings(parts, rows[0][0]) if not one.is_over]
    titles = titles_of(one.code for one in running)
    named = [Open(titles[one.code], one.until, one.renews) for one in running]
    return sorted(named, key=lambda one: one.title)
