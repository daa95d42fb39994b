"""What follows from signals of Django and allauth: a sign-in, a log-out, a new second factor."""

from typing import Protocol

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver

from accounts.access import device_limit
from accounts.privacy import services
from accounts.users.models import User


class HasSession(Protocol):
    """What is needed of a request."""

    session: SessionBase
    META: dict[str, str]


@receiver(user_logged_in, dispatch_uid="accounts.session_seen")
def logged_in(sender: object, request: HasSession, user: AbstractBaseUser, **kwargs: object) -> None:
    """List the session from its first moment; of too many, ask the oldest. Django has stored it by then."""
    if request.session.session_key:
        agent = request.META.get("HTTP_USER_AGENT", "")
        device_limit.signed_in(user.pk, request.session.session_key, agent)


@receiver(user_logged_out, dispatch_uid="accounts.session_ended")
def logged_out(
    sender: object, request: HasSession, user: AbstractBaseUser | AnonymousUser | None, **kwargs: object
) -> None:
    """Tell the hooks about a log-out, by whichever view. Django calls it before the session is flushed."""
    key = request.session.session_key
    if user is not None and user.pk is not None and key:
        services.session_ended(user.pk, services.session_holder(key))


@receiver(authenticator_added, dispatch_uid="accounts.second_factor")
def second_factor_added(
    sender: object,
    user: User,
    authenticator: Authenticator,
    request: HasSession | None = None,
    **kwargs: object,
) -> None:
    """End the API tokens, and other sessions of staff: what a password alone gave must not outlive it.

    The session that sets up the first one has shown it by that. Not those that add a further one: for these
    the password is enough, and it may be an old session that somebody else began.
    """
    services.revoke_tokens(user.pk)
    others = Authenticator.objects.filter(user=user).exclude(pk=authenticator.pk)
    if request is None or others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists():
        return
    record_authentication(request, user, "mfa", type=authenticator.type)
    if user.is_staff:
        services.end_other_sessions(user, request.session.session_key or "")
