"""A piece of work, and the file that it may make."""

import logging
import uuid
from functools import cached_property
from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models.functions import Length, Now
from django.db.models.lookups import LessThanOrEqual

from accounts.base import tables
from accounts.base.errors import describe
from accounts.jobs.queue import Changes, Work
from accounts.jobs.registry import Progress

MOST_BYTES: Final = 20 * 1024 * 1024

logger = logging.getLogger(__name__)


class State(models.TextChoices):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Job(Work):
    """One piece of work of a registered kind."""

    table_class = tables.ROWS
    MAX_TRIES = 3
    FIRST_PAUSE_SECONDS = 30
    CLAIMED: ClassVar[Changes] = {
        "state": State.RUNNING,
        "started_at": Now(),
        "heartbeat_at": Now(),
        "done": 0,
        "total": 0,
        "step": "",
    }
    RETRIED: ClassVar[Changes] = {"state": State.WAITING}
    GIVEN_UP: ClassVar[Changes] = {"state": State.FAILED, "finished_at": Now()}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="jobs", db_index=False
    )
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    started_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0, help_text="0 while nobody knows")
    step = models.CharField(max_length=60, blank=True, help_text="key of the text that says what it does now")
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="job_finished_has_a_time",
                condition=models.Q(state__in=[State.DONE, State.FAILED], finished_at__isnull=False)
                | models.Q(state__in=[State.WAITING, State.RUNNING], finished_at=None),
            ),
        ]
        indexes = [
            # what a worker looks for
            models.Index(
                fields=["not_before"],
                condition=models.Q(state__in=[State.WAITING, State.RUNNING]),
                name="job_unfinished",
            ),
            # what failed lately
            models.Index(
                fields=["-finished_at"], condition=models.Q(state=State.FAILED), name="job_failed_newest"
            ),
            # "my jobs", newest first
            models.Index(fields=["owner", "-created_at"], name="job_of_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @cached_property
    def progress(self) -> Progress:
        """How far the process is that does it."""
        return Progress()

    def heartbeat(self) -> Changes:
        """Return how far it is."""
        done, total, step = self.progress.read()
        return {"heartbeat_at": Now(), "done": done, "total": total, "step": step}

    def describe(self, error: Exception) -> Changes:
        """Keep one line for staff and the owner; the log has the whole traceback."""
        logger.error("a job failed", exc_info=error, extra={"job": str(self.pk), "kind": self.kind})
        return {"error": describe(error)}


class JobFile(models.Model):
    """What a job made, for its owner alone. Written once, deleted after a week."""

    table_class = tables.LOG

    job = models.OneToOneField(Job, models.CASCADE, primary_key=True, related_name="file")
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=100)
    content = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="job_file_size", condition=LessThanOrEqual(Length("content"), MOST_BYTES)
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="job_file_oldest")]

    def __str__(self) -> str:
        return self.name
