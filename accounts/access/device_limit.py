"""So many browsers at a time on one account with access: the one that was proven longest ago is asked.

Signing in always works. What is beyond the number is asked at its next page to prove that it is the person;
then it counts as the newest, and the oldest of the others is asked. A place that becomes free, by a log-out
for instance, is taken by the next browser that is asked and comes back, without a question. Who has no access
now has no limit. What may not be interrupted goes on: `accounts.access.protected_sessions`.

Every change of who is asked holds the row of the person, so that two at once cannot both count the other out.
"""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, Exists, QuerySet, When
from django.db.models.functions import Now

from accounts.access import protected_sessions
from accounts.access.models import EffectiveEntitlement, State
from accounts.users import person_lock, sessions
from accounts.users.models import BrowserSession, User


def signed_in(user_id: int, session_key: str, user_agent: str) -> None:
    """List a browser in which the person has just signed in; ask what is too many. Three statements."""
    with transaction.atomic():
        person_lock.hold(user_id)
        # Under the lock: of two that sign in at once the second counts the first.
        sessions.signed_in(user_id, session_key, user_agent)
        ask_beyond_limit(user_id, session_key)


def ask_beyond_limit(user_id: int, session_key: str = "") -> None:
    """Ask what is too many now that access may run, or signing in before buying would go round the limit.

    One statement; the row of the person is locked by the caller. `session_key` is that of the browser which
    was proven just now.
    """
    # That one comes first, whatever the clock of the database did meanwhile.
    is_this = Case(When(session_id=session_key, then=0), default=1)
    newest_first = _counted(user_id).order_by(is_this, "-confirmed_at", "-pk")
    beyond = newest_first.values("pk")[settings.DEVICES_PER_ACCOUNT :]
    BrowserSession.objects.filter(_has_access(user_id), pk__in=beyond).update(asked_at=Now())


def confirm(user: User, session_key: str) -> None:
    """Count a browser as the newest, since the person has proven it is them; ask the oldest instead."""
    with transaction.atomic():
        person_lock.hold(user.pk)
        this = BrowserSession.objects.filter(user=user, session_id=session_key)
        this.update(confirmed_at=Now(), asked_at=None)
        ask_beyond_limit(user.pk, session_key)


def release(user: User, session_key: str) -> bool:
    """Stop asking a browser where a place has become free or access is over; say whether that was so."""
    with transaction.atomic():
        person_lock.hold(user.pk)
        # In a statement after the lock: of two that are asked, one gets the place.
        waiting = BrowserSession.objects.filter(user=user, session_id=session_key, asked_at__isnull=False)
        is_full = Exists(_counted(user.pk)[settings.DEVICES_PER_ACCOUNT - 1 :])
        return bool(waiting.filter(~_has_access(user.pk) | ~is_full).update(asked_at=None))


def is_held_back(user: User, session_key: str, view_name: str, values: Mapping[str, Any]) -> bool:
    """Say whether a browser that is asked must be confirmed before it gets what it asks for."""
    return not protected_sessions.goes_on(user, view_name, values) and not release(user, session_key)


def counted(user: User) -> QuerySet[BrowserSession]:
    """Return the browsers that are signed in and not asked, the one that was proven last first."""
    return _counted(user.pk).order_by("-confirmed_at", "-pk")


def _has_access(user_id: int) -> Exists:
    return Exists(EffectiveEntitlement.objects.filter(user_id=user_id, state=State.RUNNING))


def _counted(user_id: int) -> QuerySet[BrowserSession]:
    """Return the browsers that are signed in and not asked."""
    return BrowserSession.objects.filter(user_id=user_id, asked_at=None, session__expire_date__gt=Now())
