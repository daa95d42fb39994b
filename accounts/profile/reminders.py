"""The signed links that turn emails off: a press is enough, without signing in."""

from typing import Final

from django.core.signing import BadSignature, Signer

from accounts.profile import services
from accounts.users.models import User

ACCESS: Final = "access_reminders"
STUDY: Final = "study_reminders"
# A link turns off what it was sent with, and nothing else.
_SALTS: Final = {ACCESS: "accounts.access.reminders", STUDY: "accounts.profile.study"}


def token(user_id: int, reminder: str) -> str:
    """Return what stands in the link that turns a kind of email off. It does nothing else, and never ends."""
    return Signer(salt=_SALTS[reminder]).sign(str(user_id))


def reader_of(signed: str, reminder: str) -> User | None:
    """Return the person whom a link belongs to, or None for one that we did not make."""
    try:
        return User.objects.filter(pk=int(Signer(salt=_SALTS[reminder]).unsign(signed))).first()
    except (BadSignature, ValueError):
        return None


def turn_off(user: User, reminder: str) -> None:
    """Write no more emails of this kind to this person."""
    services.update(user, **{reminder: False})
