"""Recovery codes that run out: said in time, so that a lost phone locks nobody out by surprise."""

import logging
from typing import Final

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext

from accounts.users.models import User

FEW: Final = 3

logger = logging.getLogger(__name__)


def codes_left(person: User) -> int | None:
    """Return how many recovery codes a person can still use; None without a second factor."""
    own = {one.type: one for one in Authenticator.objects.filter(user_id=person.pk)}
    if not own.keys() - {Authenticator.Type.RECOVERY_CODES}:
        return None
    codes = own.get(Authenticator.Type.RECOVERY_CODES)
    return len(codes.wrap().get_unused_codes()) if codes else 0


def warning(left: int | None) -> str:
    """Return what to say about so many codes; nothing while there are enough."""
    if left is None or left > FEW:
        return ""
    if not left:
        return gettext("You have no recovery codes left. Without your app or passkey, you couldn't sign in.")
    text = ngettext("You have %(n)s recovery code left.", "You have %(n)s recovery codes left.", left)
    return text % {"n": left}


def warn(request: HttpRequest, person: User) -> None:
    """After a sign-in, say that recovery codes run out. Operators learn it of staff from the log."""
    left = codes_left(person)
    if not (text := warning(left)):
        return
    messages.warning(request, f"{text} {gettext('Generate new ones in your profile.')}")
    if person.is_staff and not left:
        logger.warning("a staff account has no recovery codes left", extra={"user": person.pk})
