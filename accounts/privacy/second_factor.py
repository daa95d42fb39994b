"""Removing the second factor of somebody who has lost it, as support does after asking who they are."""

from collections.abc import Collection
from typing import Final

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from accounts.access import refusals, support
from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.outbox import services as outbox
from accounts.privacy import services
from accounts.profile import selectors as profiles
from accounts.users import person_lock
from accounts.users.models import User

KINDS: Final[dict[str, Promise]] = {
    Authenticator.Type.TOTP.value: _("Authenticator app"),
    Authenticator.Type.RECOVERY_CODES.value: _("Recovery codes"),
    Authenticator.Type.WEBAUTHN.value: _("Passkeys"),
}
MAIL: Final = "accounts/email/second_factor_removed"
NONE: Final = _("There's nothing to remove.")


def kinds_of(person: User) -> list[str]:
    """Return which kinds of second factor a person has, in the order of `KINDS`."""
    kinds = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    return [kind for kind in KINDS if kind in kinds]


def check(actor: User, person: User) -> None:
    """Raise Refused when it is one's own second factor, or that of staff and the actor no administrator."""
    if actor.has_perm("accounts.change_user"):
        refusals.not_for_oneself(actor, person)
    else:
        support.check(actor, person)


def remove(*, actor: User, person_id: int, kinds: Collection[str], reason: str) -> None:
    """Remove these kinds, sign the person out everywhere, and tell them. Recorded with the reason.

    Recovery codes go with the last of the others: alone they would still be asked for. Raises Refused.
    """
    with transaction.atomic():
        person_lock.hold(person_id)
        person = User.objects.filter(pk=person_id).first()
        if person is None:
            raise Refused("no_account", 409, _("This account has been deleted."))
        check(actor, person)
        had = kinds_of(person)
        left = set(had) - set(kinds) - {Authenticator.Type.RECOVERY_CODES.value}
        gone = [kind for kind in had if kind in kinds or not left]
        if not gone:
            raise Refused("nothing_to_remove", 409, NONE)
        Authenticator.objects.filter(user=person, type__in=gone).delete()
        services.sign_out_everywhere(person)
        audit.record(
            actor=actor,
            action="second_factor.remove",
            subject=person,
            reason=reason,
            before={"kinds": had},
            after={"kinds": [kind for kind in had if kind not in gone]},
        )
        _tell(person, gone)


def _tell(person: User, gone: Collection[str]) -> None:
    language = profiles.of(person).ui_language
    with override(language):
        removed = ", ".join(str(KINDS[kind]) for kind in gone)
    outbox.post(MAIL, person.email, {"removed": removed}, person=person, language=language)
