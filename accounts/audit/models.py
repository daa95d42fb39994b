"""One act of somebody."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.base import tables


class AuditEntry(models.Model):
    """What was done to which thing, by whom, and why. Insert-only; an erased actor becomes NULL.

    The thing is named by its type and id, not by a foreign key: what is deleted later keeps its record.
    """

    table_class = tables.insert_only("actor_id")

    at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DB_SET_NULL, null=True, related_name="+", db_index=False
    )
    action = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=60, help_text="app.model, such as exams.attempt")
    subject_id = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit entries"
        ordering: ClassVar[list[str]] = ["-at", "-pk"]
        indexes = [
            # what happened to one thing
            models.Index(fields=["subject_type", "subject_id", "at"], name="audit_of_subject"),
            # what happened lately
            models.Index(fields=["-at"], name="audit_newest"),
            # erasing a person finds their acts
            models.Index(fields=["actor"], name="audit_of_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_type} {self.subject_id}"
