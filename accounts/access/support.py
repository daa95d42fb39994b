"""What support may do to candidates: so many acts a day, never for itself or staff; their extra time.

Why somebody has extra time may tell of their health. So no reason is asked for, and the record of acts, which
outlives an erasure, does not say how much it is.
"""

from datetime import timedelta
from typing import Final

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.access import refusals, support
from accounts.audit import services as audit
from accounts.audit.models import AuditEntry
from accounts.base.errors import Refused
from accounts.outbox import services as outbox
from accounts.profile import selectors as profiles
from accounts.profile import services as profile_services
from accounts.profile.models import Accommodation
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
    # The record itself is counted: nothing else says so surely what was done.
    done = AuditEntry.objects.filter(actor=actor, action__in=ACTIONS, at__gt=Now() - DAY)
    if done.count() >= ACTS_A_DAY:
        raise Refused(
            "too_many_acts",
            429,
            _("You've done this %(n)s times in the last 24 hours. Ask an administrator to do it."),
            values={"n": ACTS_A_DAY},
        )


EXTRA_TIME_PERMISSION: Final = "accounts.set_extra_time"
WITHOUT_LIMITS: Final = "accounts.change_user"
EXTRA_TIME_MAIL: Final = "accounts/email/extra_time_set"
SAME_EXTRA_TIME: Final = _("This is the extra time they have already.")


def check_extra_time(actor: User, person: User) -> None:
    """Raise Refused where somebody may not set the extra time of a person."""
    if actor.has_perm(WITHOUT_LIMITS):
        return
    if not actor.has_perm(EXTRA_TIME_PERMISSION):
        raise Refused("not_allowed", 403, _("Your role does not allow this."))
    support.check(actor, person)


def set_extra_time(*, actor: User, person_id: int, accommodation: str) -> None:
    """Set the extra time of whatever a person starts from now on, and tell them. Recorded without the value.

    Raises Refused: no_account, not_allowed, own_account, staff_account, too_many_acts, invalid, unchanged.
    """
    if accommodation not in Accommodation.values:
        raise Refused("invalid", 422, _("Choose an extra time."))
    # Before anything is locked: two of the staff who act on each other must not wait for each other.
    check_extra_time(actor, _candidate(person_id))
    with transaction.atomic():
        if not actor.has_perm(WITHOUT_LIMITS):
            support.hold_day(actor)
        person_lock.hold(person_id)
        person = _candidate(person_id)
        profile = profiles.of(person)
        if profile.accommodation == accommodation:
            raise Refused("unchanged", 409, SAME_EXTRA_TIME)
        profile_services.update(person, accommodation=accommodation)
        audit.record(actor=actor, action="set_extra_time", subject=person)
        if person.is_active:
            outbox.post(EXTRA_TIME_MAIL, person.email, {}, person=person, language=profile.ui_language)


def _candidate(person_id: int) -> User:
    person = User.objects.filter(pk=person_id).first()
    if person is None:
        raise Refused("no_account", 409, _("This account has been deleted."))
    return person
