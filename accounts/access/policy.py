"""May this person open that, why, and for how long? The one place where it is decided.

What no product has ever named is open to everyone whose email address is verified. What one names is open to
whoever has an entitlement to it, or to everything, that runs now.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple

from django.contrib.auth.models import AnonymousUser

from accounts.access import periods
from accounts.access.models import EVERYTHING
from accounts.access.periods import Period
from accounts.base import hooks, statements
from accounts.users.models import User

# Asked by nearly every page: building this query anew by the ORM costs more than running it, and so does
# planning it. A row for each entitlement of the person, or one without any: they are few, and a condition on
# the codes would have it planned anew each time.
ACCESS_SQL: Final = """
SELECT EXISTS (SELECT FROM account_emailaddress WHERE user_id = person.id AND verified),
  ARRAY(SELECT asked FROM unnest(%(codes)s) AS asked WHERE EXISTS (
    SELECT FROM accounts_productversion WHERE codes && ARRAY[asked, %(everything)s]::varchar[])),
  statement_timestamp(), given.code, given.source, given.starts_at, given.ends_at, given.closes_at
FROM accounts_user person LEFT JOIN accounts_activeentitlement given ON given.user_id = person.id
WHERE person.id = %(user)s AND person.is_active
"""
TYPES: Final = {"codes": "text[]", "everything": "text", "user": "bigint"}


class _Entitlement(NamedTuple):
    """What a row says of an entitlement; of a person without any it is empty."""

    code: str | None
    source: str
    starts_at: datetime
    ends_at: datetime
    closes_at: datetime


class Reason(StrEnum):
    """Why access is granted or not: a code for programs; pages say it in words.

    `OPEN` is open without an entitlement: to everybody, or to staff whose role opens it.
    """

    OPEN = "open"
    ENTITLED = "entitled"
    ENDED = "ended"
    NOT_ENTITLED = "not_entitled"
    EMAIL_UNVERIFIED = "email_unverified"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Access:
    """The answer: `until` is when it ends or ended; `source` names what grants it.

    `until` is None for never, and for what a subscription keeps open while its next payment is on its way.
    """

    granted: bool
    reason: Reason
    until: datetime | None = None
    source: str = ""

    def __bool__(self) -> bool:
        return self.granted


_ANONYMOUS: Final = Access(granted=False, reason=Reason.ANONYMOUS)
_UNVERIFIED: Final = Access(granted=False, reason=Reason.EMAIL_UNVERIFIED)
_OPEN: Final = Access(granted=True, reason=Reason.OPEN)


def access_of(user: User | AnonymousUser, code: str) -> Access:
    """Say whether `user` may open what `code` names, such as `cert:mls-c01`. At most one query.

    Raises ValueError for an empty code.
    """
    return access_of_many(user, [code])[code]


def access_of_many(user: User | AnonymousUser, codes: Iterable[str]) -> dict[str, Access]:
    """Say of each code what `access_of` says of one. At most one query in all."""
    code_list = list(codes)
    if not all(code_list):
        raise ValueError("a code that is asked for must not be empty")
    if user.pk is None or not code_list:
        return dict.fromkeys(code_list, _ANONYMOUS)
    values = {"codes": code_list, "everything": EVERYTHING, "user": user.pk}
    rows = statements.rows(ACCESS_SQL, values, TYPES)
    if not rows:  # a closed account opens as little as nobody's
        return dict.fromkeys(code_list, _ANONYMOUS)
    verified, restricted, now, *_entitlement = rows[0]
    if not verified:
        return dict.fromkeys(code_list, _UNVERIFIED)
    entitlements = [_Entitlement(*columns) for _verified, _restricted, _now, *columns in rows]
    answers = {code: _judge(entitlements, code, now) if code in restricted else _OPEN for code in code_list}
    return _opened_to_staff(user, answers) if isinstance(user, User) and user.is_staff else answers


type Opener = Callable[[User, Sequence[str]], Collection[str]]


def _opened_to_staff(person: User, answers: dict[str, Access]) -> dict[str, Access]:
    closed = [code for code, access in answers.items() if not access]
    # Asked for staff alone, and for what they have no access to.
    openers: tuple[Opener, ...] = hooks.registered("staff_access") if closed else ()
    for opener in openers:
        answers |= dict.fromkeys(opener(person, closed), _OPEN)
    return answers


def _judge(entitlements: Sequence[_Entitlement], code: str, now: datetime) -> Access:
    of_code = [row for row in entitlements if row.code in (code, EVERYTHING)]
    until_ends_at = [Period(row.starts_at, row.ends_at, row.source) for row in of_code]
    until_closes_at = [Period(row.starts_at, row.closes_at, row.source) for row in of_code]
    if period := periods.running(until_ends_at, now):
        return Access(granted=True, reason=Reason.ENTITLED, until=period.ends_at, source=period.source)
    if period := periods.running(until_closes_at, now):
        return Access(granted=True, reason=Reason.ENTITLED, source=period.source)
    if ended := periods.last_end(until_ends_at, now):
        return Access(granted=False, reason=Reason.ENDED, until=ended)
    return Access(granted=False, reason=Reason.NOT_ENTITLED)


def has_access(user: User | AnonymousUser, code: str) -> bool:
    """Say only whether `user` may open what `code` names; False for an empty code. At most one query."""
    return bool(code) and access_of(user, code).granted
