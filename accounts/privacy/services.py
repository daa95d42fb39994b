"""Ending what a person can do: sessions, tokens, the account itself."""

import logging
from collections.abc import Collection, Iterable, Iterator

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction

from accounts.base import hooks
from accounts.privacy.models import ErasureRequest
from accounts.users import person_lock, sessions, tokens
from accounts.users.models import User
from accounts.users.tokens import Issued

logger = logging.getLogger(__name__)


def session_holder(session_key: str) -> str:
    """Name a browser session as hooks and leases know it."""
    return f"session:{session_key}"


def token_holder(token_id: int) -> str:
    """Name an API token as hooks and leases know it."""
    return f"token:{token_id}"


def session_ended(user_id: int, holder: str | None) -> None:
    """Tell every hook that this session or token of the person ended, or all of them (None).

    A hook that fails is logged and undone; the others are still called, and nothing is raised.
    """
    for hook in hooks.registered("session_ended"):
        try:
            with transaction.atomic():
                hook(user_id, holder)
        except Exception:
            logger.exception("A hook for the end of a session failed", extra={"user_id": user_id})


def sessions_of(user_ids: Collection[int]) -> Iterator[tuple[Session, dict[str, object]]]:
    """Yield the stored sessions of these people with what is in each. Reads every session once.

    No column says whose a session is: each one is opened and asked.
    """
    people = {str(user_id) for user_id in user_ids}
    for session in Session.objects.iterator():
        content = session.get_decoded()
        if content.get(SESSION_KEY) in people:
            yield session, content


def forget_sessions(user: User) -> int:
    """Delete every session of a person; return how many."""
    keys = [session.pk for session, _content in sessions_of([user.pk])]
    return Session.objects.filter(pk__in=keys).delete()[0]


def issue_token(user: User, name: str) -> Issued:
    """Issue an API token. A person has as many as browsers; the one used longest ago makes room."""
    with transaction.atomic():
        person_lock.hold(user.pk)
        issued = tokens.issue_with_expiry(user, name)
        for token_id in tokens.beyond(user, settings.DEVICES_PER_ACCOUNT):
            revoke_token(user, token_id)
    return issued


def revoke_token(user: User, token_id: int) -> bool:
    """End one API token of `user` and what it held; False when there is no such valid token."""
    with transaction.atomic():
        revoked = tokens.revoke(user, token_id)
        if revoked:
            session_ended(user.pk, token_holder(token_id))
    return revoked


def revoke_tokens(user_id: int) -> None:
    """End every API token of the person and what each held; browser sessions go on."""
    with transaction.atomic():
        for token_id in tokens.revoke_all(user_id):
            session_ended(user_id, token_holder(token_id))


def end_session(user: User, row_id: int) -> bool:
    """Sign the person out of one browser and end what it held; False when there is no such session."""
    with transaction.atomic():
        key = sessions.end(user, row_id)
        if key is not None:
            session_ended(user.pk, session_holder(key))
    return key is not None


def end_other_sessions(user: User, kept_key: str) -> int:
    """Sign the person out everywhere else and end every API token; return how many of both there were."""
    with transaction.atomic():
        # Who asks the oldest browser changes several of the same rows, in another order.
        person_lock.hold(user.pk)
        keys = sessions.end_others(user, kept_key)
        token_ids = tokens.revoke_all(user.pk)
        for holder in (*map(session_holder, keys), *map(token_holder, token_ids)):
            session_ended(user.pk, holder)
    return len(keys) + len(token_ids)


def end_expired_tokens() -> int:
    """End what expired tokens still hold; return how many there were. A token that expires tells nobody."""
    with transaction.atomic():
        ended = tokens.end_expired()
        for user_id, token_id in ended:
            session_ended(user_id, token_holder(token_id))
    return len(ended)


def end_sessions(user: User) -> None:
    """End the API tokens of `user` and tell the hooks that all sessions are over.

    Browser sessions need no deletion: a changed password makes them worthless.
    """
    with transaction.atomic():
        person_lock.hold(user.pk)
        tokens.revoke_all(user.pk)
        sessions.drop_rows(user.pk)
        session_ended(user.pk, None)


def sign_out_everywhere(user: User) -> None:
    """Delete all sessions of `user` and end the API tokens, where no new password makes them worthless."""
    with transaction.atomic():
        person_lock.hold(user.pk)
        sessions.end_all(user.pk)
        end_sessions(user)


def deactivate(user: User) -> None:
    """Close the account without deleting it: no sign-in, no session, no token works any more."""
    with transaction.atomic():
        person_lock.hold(user.pk)
        user.is_active = False
        user.save(update_fields=["is_active"])
        sign_out_everywhere(user)


def close(people: Iterable[User]) -> int:
    """Close accounts as staff do, and return how many were open to their person.

    One that its person had closed, to be deleted, is no longer opened by taking that back.
    """
    closed = 0
    with transaction.atomic():
        # Two who close the same accounts lock them in the same order.
        for user in sorted(people, key=lambda one: one.pk):
            marked = ErasureRequest.objects.filter(user=user, reopens=True).update(reopens=False)
            closed += bool(marked or user.is_active)
            if user.is_active:
                deactivate(user)
    return closed
