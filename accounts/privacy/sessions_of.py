"""The browser sessions of people. No column says whose a session is: each one is opened and asked."""

from collections.abc import Collection, Iterator

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from accounts.users.models import User


def sessions_of(user_ids: Collection[int]) -> Iterator[tuple[Session, dict[str, object]]]:
    """Yield the stored sessions of these people with what is in each. Reads every session once."""
    wanted = {str(user_id) for user_id in user_ids}
    for session in Session.objects.iterator():
        content = session.get_decoded()
        if content.get(SESSION_KEY) in wanted:
            yield session, content


def forget(user: User) -> int:
    """Delete every session of a person; return how many."""
    keys = [session.pk for session, _content in sessions_of([user.pk])]
    return Session.objects.filter(pk__in=keys).delete()[0]
