"""What support may do to candidates on its own: so many acts a day, never for itself and never for staff."""

from datetime import timedelta
from typing import Final

from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import refusals
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.users import person_lock
from accounts.users.models import User

ACTS_A_DAY: Final = 20
ACTIONS: Final = ("extend", "void", "set_extra_time")
"""The acts that count, as the record of acts calls them."""
DAY: Final = timedelta(days=1)
OF_STAFF: Final = _("Only an administrator can do this for a member of staff.")


def check(actor: User, person: User | None) -> None:
    """Raise Refused when it is the actor's own account, or one of staff."""
    refusals.not_for_oneself(actor, person)
    if person is not None and (person.is_staff or person.is_superuser):
        raise Refused("staff_account", 409, OF_STAFF)


def hold_day(actor: User) -> None:
    """Let one act of this actor run at a time, until the transaction ends. Before any other row is locked.

    Raises Refused: too_many_acts, when the actor has used up the acts of the last 24 hours.
    """
    person_lock.hold(actor.pk)
    done = AuditEntry.objects.filter(actor=actor, action__in=ACTIONS, at__gt=Now() - DAY)
    if done.count() >= ACTS_A_DAY:
        raise Refused(
            "too_many_acts",
            429,
            _("You've done this %(n)s times in the last 24 hours. Ask an administrator to do it."),
            values={"n": ACTS_A_DAY},
        )
