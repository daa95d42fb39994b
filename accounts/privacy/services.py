"""Ending what a person can do: sessions, tokens, the account itself."""

from django.db import transaction

from accounts.privacy import registry
from accounts.users import tokens
from accounts.users.models import User


def end_all_sessions(user: User) -> None:
    """End the API tokens of `user` and tell the hooks that all sessions are over.

    Browser sessions need no deletion: a changed password or `is_active=False` makes them worthless.
    """
    tokens.revoke_all(user.pk)
    registry.session_ended(user.pk, None)


def deactivate(user: User) -> None:
    """Close the account without deleting it: no sign-in, no session, no token works any more."""
    with transaction.atomic():
        user.is_active = False
        user.save(update_fields=["is_active"])
        end_all_sessions(user)
