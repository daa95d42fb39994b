"""So many browsers at a time on one account with access: the one that was proven longest ago is asked.

Signing in always works. What is beyond the number is asked at its next page to prove that it is the person;
then it counts as the newest, and the oldest of the others is asked. A place that becomes free, by a log-out
for instance, is taken by the next browser that is asked and comes back, without a question. Who has no access
now has no limit. What may not be interrupted goes on: `accounts.access.protected_sessions`.

Every change of who is asked holds the row of the person, so that two at once cannot both count the other out.
"""

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from accounts.access import protected_sessions
from accounts.access.active_entitlements import ACTIVE_ENTITLEMENTS
from accounts.users import person_lock, sessions
from accounts.users.models import BrowserSession, User

HAS_ACCESS: Final = f"""EXISTS (
  SELECT FROM {ACTIVE_ENTITLEMENTS} AS given WHERE given.user_id = %(user)s
    AND given.starts_at <= statement_timestamp() AND given.closes_at > statement_timestamp())"""
# Browsers that are signed in and are not asked.
COUNTED: Final = """accounts_browsersession b JOIN django_session s ON s.session_key = b.session_id
  WHERE b.user_id = %(user)s AND b.asked_at IS NULL AND s.expire_date > statement_timestamp()"""
# The browser that was proven just now comes first, whatever the clock of the database did meanwhile.
ASK: Final = f"""
UPDATE accounts_browsersession SET asked_at = statement_timestamp()
WHERE {HAS_ACCESS} AND id IN (
  SELECT b.id FROM {COUNTED}
  ORDER BY (b.session_id = %(key)s) DESC, b.confirmed_at DESC, b.id DESC OFFSET %(most)s)
"""  # noqa: S608  (made of constants)
CONFIRM: Final = """
UPDATE accounts_browsersession SET confirmed_at = statement_timestamp(), asked_at = NULL
WHERE user_id = %(user)s AND session_id = %(key)s
"""
RELEASE: Final = f"""
UPDATE accounts_browsersession SET asked_at = NULL
WHERE user_id = %(user)s AND session_id = %(key)s AND asked_at IS NOT NULL
  AND (NOT {HAS_ACCESS} OR (SELECT count(*) FROM {COUNTED}) < %(most)s)
"""  # noqa: S608  (made of constants)


def signed_in(user_id: int, session_key: str, user_agent: str) -> None:
    """List a browser in which the person has just signed in; ask what is too many. Three statements."""
    with transaction.atomic():
        person_lock.hold(user_id)
        # Under the lock: of two that sign in at once the second counts the first.
        sessions.signed_in(user_id, session_key, user_agent)
        _run(ASK, user_id, session_key)


def ask_beyond_limit(user_id: int) -> None:
    """Ask what is too many now that access may run, or signing in before buying would go round the limit.

    One statement; the row of the person is locked by who gives.
    """
    _run(ASK, user_id, "")


def confirm(user: User, session_key: str) -> None:
    """Count a browser as the newest, since the person has proven it is them; ask the oldest instead."""
    with transaction.atomic():
        person_lock.hold(user.pk)
        _run(CONFIRM, user.pk, session_key)
        _run(ASK, user.pk, session_key)


def release(user: User, session_key: str) -> bool:
    """Stop asking a browser where a place has become free or access is over; say whether that was so."""
    with transaction.atomic():
        person_lock.hold(user.pk)
        # In a statement after the lock: of two that are asked, one gets the place.
        return _run(RELEASE, user.pk, session_key) > 0


def is_held_back(user: User, session_key: str, view_name: str, values: Mapping[str, Any]) -> bool:
    """Say whether a browser that is asked must be confirmed before it gets what it asks for."""
    return not protected_sessions.goes_on(user, view_name, values) and not release(user, session_key)


def counted(user: User) -> QuerySet[BrowserSession]:
    """Return the browsers that are signed in and not asked, the one that was proven last first."""
    return sessions.alive(user).filter(asked_at=None).order_by("-confirmed_at", "-pk")


def _run(statement: str, user_id: int, session_key: str) -> int:
    values: dict[str, int | str] = {
        "user": user_id,
        "key": session_key,
        "most": settings.DEVICES_PER_ACCOUNT,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
