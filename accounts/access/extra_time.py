"""Standing extra time of a candidate, as support sets it.

Why somebody has it may tell of their health. So no reason is asked for, and the record of acts, which
outlives an erasure, does not say how much it is.
"""

from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.access import support
from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.outbox import services as outbox
from accounts.profile import selectors as profiles
from accounts.profile import services as profile_services
from accounts.profile.models import Accommodation
from accounts.users import person_lock
from accounts.users.models import User

PERMISSION: Final = "accounts.set_extra_time"
WITHOUT_LIMITS: Final = "accounts.change_user"
MAIL: Final = "accounts/email/extra_time_set"
SAME: Final = _("This is the extra time they have already.")


def check(actor: User, person: User) -> None:
    """Raise Refused where somebody may not set the extra time of a person."""
    if actor.has_perm(WITHOUT_LIMITS):
        return
    if not actor.has_perm(PERMISSION):
        raise Refused("not_allowed", 403, _("Your role does not allow this."))
    support.check(actor, person)


def set_for(*, actor: User, person_id: int, accommodation: str) -> None:
    """Set the extra time of whatever a person starts from now on, and tell them. Recorded without the value.

    Raises Refused: no_account, not_allowed, own_account, staff_account, too_many_acts, invalid, unchanged.
    """
    if accommodation not in Accommodation.values:
        raise Refused("invalid", 422, _("Choose an extra time."))
    # Before anything is locked: two of the staff who act on each other must not wait for each other.
    check(actor, _candidate(person_id))
    with transaction.atomic():
        if not actor.has_perm(WITHOUT_LIMITS):
            support.hold_day(actor)
        person_lock.hold(person_id)
        person = _candidate(person_id)
        profile = profiles.of(person)
        if profile.accommodation == accommodation:
            raise Refused("unchanged", 409, SAME)
        profile_services.update(person, accommodation=accommodation)
        audit.record(actor=actor, action="set_extra_time", subject=person)
        if person.is_active:
            outbox.post(MAIL, person.email, {}, person=person, language=profile.ui_language)


def _candidate(person_id: int) -> User:
    person = User.objects.filter(pk=person_id).first()
    if person is None:
        raise Refused("no_account", 409, _("This account has been deleted."))
    return person
