"""Why access is refused, in words: never had it, or when it ended, in the reader's own time zone."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access.policy import Access, Reason
from accounts.base import moments
from accounts.base.errors import Refused, Text
from accounts.profile import selectors as profiles
from accounts.users.models import User

ENDED: Final = _("Your access ended on %(when)s.")
UNVERIFIED: Final = _("Confirm your email address first.")
OWN_ACCOUNT: Final = _("This is your own account. Ask a colleague to do it.")
NEVER: Final = _("You don't have access to this certification.")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment as a person reads it: date, time and zone. Put together when shown, in their language."""

    at: datetime
    zone: tzinfo

    def __str__(self) -> str:
        return moments.in_full(timezone.localtime(self.at, self.zone))


def not_for_oneself(actor: User | None, person: User | None) -> None:
    """Raise Refused when staff act on their own access or money: a colleague has to, whoever they are."""
    if actor is not None and person is not None and actor.pk == person.pk:
        raise Refused("own_account", 409, OWN_ACCOUNT)


class NoAccess(Refused):
    """The refusal `no_access`; pages show what `access` says without asking again."""

    access: Access


def no_access(user: User, access: Access, detail: Text = "") -> NoAccess:
    """Return the refusal of what `access` does not grant; its reply says `reason` and, once over, `until`.

    `detail` is said in place of the usual sentence to who never had access. One query where access has ended.
    """
    extra: dict[str, Any] = {"reason": access.reason.value}
    if access.reason is Reason.ENDED and access.until is not None:
        when = Moment(access.until, profiles.of(user).zone)
        extra["until"] = access.until.isoformat()
        refused = NoAccess("no_access", 403, ENDED, values={"when": when}, **extra)
    elif access.reason is Reason.EMAIL_UNVERIFIED:
        refused = NoAccess("no_access", 403, detail or UNVERIFIED, **extra)
    else:
        refused = NoAccess("no_access", 403, detail or NEVER, **extra)
    refused.access = access
    return refused
