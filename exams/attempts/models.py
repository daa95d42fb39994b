"""A sitting and its answers. The SQL that writes the log is in `answers`; the freeze is in the migrations."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.base import tables
from exams.assembly.models import ExamForm, FormEdition, Paper


class State(models.IntegerChoices):
    """The states of an attempt. A trigger allows only the arrows that ARCHITECTURE.md draws."""

    RUNNING = 1, "running"
    SUBMITTED = 2, "submitted"
    EXPIRED = 3, "expired"
    SCORED = 4, "scored"
    VOIDED = 5, "voided"


class EndReason(models.TextChoices):
    """Who or what ended an attempt."""

    SUBMITTED = "submitted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    VOIDED = "voided"


class Attempt(models.Model):
    """One person sits one form once. The row is also the queue for scoring."""

    table_class = tables.kept("guard_attempt", "keep_attempt")

    class Mode(models.TextChoices):
        """How it is taken. Drills and practice will join here."""

        EXAM = "exam"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="attempts", db_index=False
    )
    form = models.ForeignKey(ExamForm, models.PROTECT, related_name="attempts")
    edition = models.ForeignKey(FormEdition, models.PROTECT, related_name="attempts", db_index=False)
    paper = models.ForeignKey(Paper, models.PROTECT, related_name="attempts", db_index=False)
    mode = models.CharField(max_length=12, choices=Mode.choices, default=Mode.EXAM)
    state = models.PositiveSmallIntegerField(choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    deadline_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=12, choices=EndReason.choices, blank=True)
    minutes_allowed = models.PositiveSmallIntegerField(help_text="with the accommodation, stamped at start")
    accommodation = models.CharField(max_length=20, help_text="as it was at the start")
    seen_before = models.BooleanField(help_text="the person had seen the questions of this form before")
    opened_at = models.DateTimeField(
        null=True, help_text="when its questions were first sent to the person, by whatever page"
    )
    lease_no = models.PositiveIntegerField(default=0)
    lease_holder = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the session or token")
    answers_sha256 = models.CharField(max_length=64, blank=True)
    score_tries = models.PositiveSmallIntegerField(
        default=0, help_text="tries to end it, and from the end on to score it"
    )
    score_claimed_at = models.DateTimeField(null=True, help_text="when the last try began")
    score_error = models.CharField(
        max_length=200, default="", db_default="", blank=True, help_text="why the last failed try failed"
    )
    quarantined_at = models.DateTimeField(null=True, help_text="set aside: tried once an hour")

    class Meta:
        constraints = [
            # Two starts at once: one row, and both get it.
            models.UniqueConstraint(
                fields=["user", "form"],
                condition=models.Q(state=State.RUNNING, mode="exam"),
                name="attempt_one_running",
            ),
            models.CheckConstraint(
                name="attempt_ended_has_a_time",
                condition=models.Q(state=State.RUNNING, ended_at=None)
                | (~models.Q(state=State.RUNNING) & models.Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="attempt_deadline_after_start",
                condition=models.Q(deadline_at__gt=models.F("started_at")),
            ),
        ]
        indexes = [
            # "my attempts", newest first, and starts of a day
            models.Index(fields=["user", "-started_at"], name="attempt_of_user"),
            # the sweep: what is past its deadline
            models.Index(
                fields=["deadline_at"],
                condition=models.Q(state=State.RUNNING),
                name="attempt_running_deadline",
            ),
            # the sweep: what ended and has no score
            models.Index(
                fields=["ended_at"],
                condition=models.Q(state__in=[State.SUBMITTED, State.EXPIRED]),
                name="attempt_waits_for_score",
            ),
            # ending a session finds the attempts that it writes
            models.Index(
                fields=["lease_holder"], condition=models.Q(state=State.RUNNING), name="attempt_lease_holder"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or 'Deleted account'}, {self.form}"


class AnswerEvent(models.Model):
    """One acknowledged change of one answer. Append only; the highest (lease, seq) of a position counts."""

    table_class = tables.INSERT_ONLY

    pk = models.CompositePrimaryKey("attempt_id", "lease_no", "seq")
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="events", db_index=False)
    lease_no = models.IntegerField()
    seq = models.IntegerField()
    position = models.SmallIntegerField()
    selected = ArrayField(models.IntegerField())
    flagged = models.BooleanField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="answer_event_seq", condition=models.Q(seq__gte=1) & models.Q(seq__lte=20000)
            ),
            models.CheckConstraint(
                name="answer_event_position",
                condition=models.Q(position__gte=1) & models.Q(position__lte=500),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.lease_no}.{self.seq}"


class RefusedAnswer(models.Model):
    """A change too late, after the end, by an old lease or under a used number: recorded, never scored."""

    table_class = tables.INSERT_ONLY

    pk = models.CompositePrimaryKey("attempt_id", "lease_no", "seq", "reason")
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="refused", db_index=False)
    lease_no = models.IntegerField()
    seq = models.IntegerField()
    position = models.SmallIntegerField()
    selected = ArrayField(models.IntegerField())
    flagged = models.BooleanField()
    received_at = models.DateTimeField()
    reason = models.CharField(max_length=20)

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.lease_no}.{self.seq} {self.reason}"


class Score(models.Model):
    """One scoring of an attempt. Insert-only; the highest revision is the current score."""

    table_class = tables.insert_only("actor_id")

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="scores", db_index=False)
    revision = models.PositiveIntegerField()
    scoring_revision = models.PositiveSmallIntegerField(help_text="which rules of exams.scoring made it")
    raw = models.PositiveSmallIntegerField(help_text="scored items answered right")
    scaled = models.PositiveSmallIntegerField()
    passed = models.BooleanField()
    result = models.JSONField(help_text="domains, band, chance, and right or wrong by position")
    reason = models.TextField(blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "revision"], name="score_revision_once"),
            models.CheckConstraint(name="score_revision_from_1", condition=models.Q(revision__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} r{self.revision}"
