"""May this person open that, why, and for how long? The one place where it is decided.

For now everyone whose email address is verified may open everything. When products are sold, this
module looks for an entitlement to the code; nobody who calls it has to change.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.contrib.auth.models import AnonymousUser
from django.db import connection

from accounts.users.models import User

# Asked by nearly every page: building this query anew by the ORM costs more than running it.
VERIFIED: Final = """
SELECT EXISTS (SELECT FROM account_emailaddress WHERE user_id = person.id AND verified)
FROM accounts_user person WHERE person.id = %s AND person.is_active
"""


class Reason(StrEnum):
    """Why access is granted or not: a code for programs; pages say it in words."""

    VERIFIED = "verified"
    EMAIL_UNVERIFIED = "email_unverified"
    ANONYMOUS = "anonymous"


@dataclass(frozen=True, slots=True)
class Access:
    """The answer: `until` is when it ends, None for never; `source` names what grants it."""

    granted: bool
    reason: Reason
    until: datetime | None = None
    source: str = ""

    def __bool__(self) -> bool:
        return self.granted


_BY_REASON = {
    Reason.VERIFIED: Access(granted=True, reason=Reason.VERIFIED, source="everyone"),
    Reason.EMAIL_UNVERIFIED: Access(granted=False, reason=Reason.EMAIL_UNVERIFIED),
    Reason.ANONYMOUS: Access(granted=False, reason=Reason.ANONYMOUS),
}


def access_of(user: User | AnonymousUser, code: str) -> Access:
    """Say whether `user` may open what `code` names, such as `cert:mls-c01`. At most one query.

    Raises ValueError for an empty code.
    """
    return access_of_many(user, [code])[code]


def access_of_many(user: User | AnonymousUser, codes: Iterable[str]) -> dict[str, Access]:
    """Say of each code what `access_of` says of one. At most one query in all."""
    wanted = list(codes)
    if not all(wanted):
        raise ValueError("a code that is asked for must not be empty")
    return dict.fromkeys(wanted, _BY_REASON[_reason(user)])


def has_access(user: User | AnonymousUser, code: str) -> bool:
    """Say only whether `user` may open what `code` names; False for an empty code. At most one query."""
    return bool(code) and access_of(user, code).granted


def _reason(user: User | AnonymousUser) -> Reason:
    """Return what decides for this person. A closed account opens as little as nobody's."""
    if user.pk is None:
        return Reason.ANONYMOUS
    with connection.cursor() as cursor:
        cursor.execute(VERIFIED, [user.pk])
        row = cursor.fetchone()
    if row is None:
        return Reason.ANONYMOUS
    return Reason.VERIFIED if row[0] else Reason.EMAIL_UNVERIFIED
