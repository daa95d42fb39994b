"""Writing the log of publications."""

from accounts.users.models import User
from exams.publication.models import PublishLog


def begin(source: PublishLog.Source, *, actor: User | None = None, reason: str = "") -> PublishLog:
    """Return a new entry, to be named by all that this act publishes, in the same transaction."""
    return PublishLog.objects.create(source=source, actor=actor, reason=reason)
