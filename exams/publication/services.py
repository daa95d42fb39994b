"""Writing the log of publications, one act at a time."""

from accounts.base import locks
from accounts.users.models import User
from exams.publication.models import PublishLog


def wait_for_others() -> None:
    """Let one act through at a time, until its transaction ends: call it before what is current is read.

    What an act compares with is then still current when it publishes; rows of versions and editions are
    insert-only and cannot be locked themselves.
    """
    # One lock for all: an act may publish questions and exams together.
    locks.hold("exams:publication")


def begin(source: PublishLog.Source, *, actor: User | None = None, reason: str = "") -> PublishLog:
    """Return a new entry, to be named by all that this act publishes, in the same transaction."""
    return PublishLog.objects.create(source=source, actor=actor, reason=reason)
