"""What is open to a person until when, for pages that show it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import connection

from accounts.access.endings import Part, endings
from accounts.access.titles import titles_of
from accounts.users.models import User

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
