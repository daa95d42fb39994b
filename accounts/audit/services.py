"""Writing and reading the record of acts."""

from collections.abc import Mapping
from typing import Any

from django.db.models import CharField, Model, QuerySet
from django.db.models.functions import Cast

from accounts.audit.models import AuditEntry
from accounts.base import hooks
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


def of_all(model: type[Model], rows: QuerySet[Any]) -> QuerySet[AuditEntry]:
    """Return the acts on all of some rows of a model, the newest first."""
    keys = rows.order_by().values(key=Cast("pk", CharField()))
    entries = AuditEntry.objects.filter(subject_type=model._meta.label_lower, subject_id__in=keys)
    return entries.select_related("actor").order_by("-at", "-pk")


def about(person: User) -> QuerySet[AuditEntry]:
    """Return what was done to a person or to what is theirs, and what they did, the newest first."""
    entries = AuditEntry.objects.order_by().values("pk")
    # A statement of one branch for each kind of thing: each finds its rows by an index, an OR would not.
    things: list[QuerySet[Any]] = [things_of(person) for things_of in hooks.registered("audited_things")]
    branches = [
        entries.filter(
            subject_type=rows.model._meta.label_lower,
            subject_id__in=rows.order_by().values(key=Cast("pk", CharField())),
        )
        for rows in things
    ]
    own = entries.filter(subject_type=User._meta.label_lower, subject_id=str(person.pk))
    every = entries.filter(actor=person).union(own, *branches)
    return AuditEntry.objects.filter(pk__in=every).select_related("actor").order_by("-at", "-pk")
