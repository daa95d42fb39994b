"""Writing and reading the record of acts."""

from collections.abc import Mapping

from django.db.models import Model, QuerySet

from accounts.audit.models import AuditEntry
from accounts.users.models import User


def record(
    *,
    actor: User | None,
    action: str,
    subject: Model,
    reason: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> AuditEntry:
    """Record an act, in the transaction of the act itself. `before` and `after` hold what JSON can hold."""
    return AuditEntry.objects.create(
        actor=actor,
        action=action,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        reason=reason,
        before=dict(before or {}),
        after=dict(after or {}),
    )


def of(subject: Model) -> QuerySet[AuditEntry]:
    """Return the acts on one thing, the newest first."""
    return AuditEntry.objects.filter(
        subject_type=subject._meta.label_lower, subject_id=str(subject.pk)
    ).select_related("actor")
