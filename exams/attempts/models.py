"""Attempts and their answers. The SQL that writes the log is in `answers`; the freeze is in migrations."""

import uuid
from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.base import tables
from exams.assembly.models import DrawnPaper, ExamForm, FormEdition, Paper
from exams.bank.models import KeyRuling

CONFIDENCE = (1, 3)
"""Least and most of `confidence`: 1 is a guess, 2 unsure, 3 sure."""
SEEN_MS_MAX = 86_400_000
"""A day in milliseconds: nobody looks at a question for longer."""


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
    CANCELLED = "cancelled", pgettext_lazy("why an attempt ended", "Canceled")
    VOIDED = "voided"
    IDLE = "idle"


class Mode(models.TextChoices):
    """What is taken: an exam by its form, timed and scored on the scale, or a drill drawn for one person."""

    EXAM = "exam"
    DRILL = "drill"


CHECK: Final = "check"
"""The pool that `DrawnPaper.asked` names for a check: the free sample, whole and in order."""


class Feedback(models.TextChoices):
    """When a person is told what was correct: after the end, or for each question once it is closed."""

    AT_END = "at_end"
    AT_ONCE = "at_once"


EMPTY = models.Value([], output_field=ArrayField(models.IntegerField()))

_EXAM = models.Q(form__isnull=False, edition__isnull=False, paper__isnull=False, drawn=None, mode=Mode.EXAM)
_DRILL = models.Q(form=None, edition=None, paper=None, drawn__isnull=False, mode=Mode.DRILL)


class Attempt(models.Model):
    """One person takes one form, or one drill, once. The row is also the queue for scoring.

    An exam has form, edition and paper, a drill has a drawn paper; `deadline_at` is NULL when untimed.
    """

    table_class = tables.kept("guard_attempt", "keep_attempt")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="attempts", db_index=False
    )
    form = models.ForeignKey(ExamForm, models.PROTECT, null=True, related_name="attempts")
    edition = models.ForeignKey(
        FormEdition, models.PROTECT, null=True, related_name="attempts", db_index=False
    )
    paper = models.ForeignKey(Paper, models.PROTECT, null=True, related_name="attempts", db_index=False)
    drawn = models.OneToOneField(DrawnPaper, models.PROTECT, null=True, related_name="attempt")
    mode = models.CharField(max_length=12, choices=Mode.choices, default=Mode.EXAM)
    feedback = models.CharField(
        max_length=12, choices=Feedback.choices, default=Feedback.AT_END, db_default=Feedback.AT_END
    )
    state = models.PositiveSmallIntegerField(choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    deadline_at = models.DateTimeField(null=True, help_text="empty when there is no time limit")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=12, choices=EndReason.choices, blank=True)
    minutes_allowed = models.PositiveSmallIntegerField(
        help_text="with the accommodation, stamped at start; 0 without a time limit"
    )
    accommodation = models.CharField(max_length=20, help_text="as it was at the start")
    seen_before = models.BooleanField(
        verbose_name=_("questions seen before"),
        help_text="the person had seen the questions of this form before",
    )
    seen_positions = ArrayField(
        models.SmallIntegerField(),
        default=list,
        db_default=EMPTY,
        help_text="whose items the person had been shown before the start",
    )
    seen_ms = ArrayField(
        models.IntegerField(null=True),
        default=list,
        db_default=EMPTY,
        help_text="how long each position was looked at, as the page said when it submitted",
    )
    hidden_at = models.DateTimeField(null=True, help_text="when the person took it off their lists")
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
        permissions = [("support_attempt", "Can extend and void attempts of candidates within limits")]
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
            models.CheckConstraint(name="attempt_edition_or_drawn_paper", condition=_EXAM | _DRILL),
            models.CheckConstraint(
                name="attempt_exam_is_timed",
                condition=models.Q(mode=Mode.DRILL)
                | models.Q(deadline_at__isnull=False, feedback=Feedback.AT_END),
            ),
            models.CheckConstraint(
                name="attempt_feedback_known", condition=models.Q(feedback__in=Feedback.values)
            ),
            models.CheckConstraint(
                name="attempt_drill_is_hidden",
                condition=models.Q(hidden_at=None) | models.Q(mode=Mode.DRILL),
            ),
            models.CheckConstraint(
                name="attempt_deadline_after_start",
                condition=models.Q(deadline_at__gt=models.F("started_at")),
            ),
        ]
        indexes = [
            # "my attempts", newest first, and starts of a day
            models.Index(fields=["user", "-started_at"], name="attempt_of_user"),
            # what was started lately
            models.Index(fields=["-started_at"], name="attempt_newest"),
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
            # the sweep: what has no deadline and may be abandoned
            models.Index(
                fields=["started_at"],
                condition=models.Q(state=State.RUNNING, deadline_at=None),
                name="attempt_running_untimed",
            ),
            # ending a session finds the attempts that it writes
            models.Index(
                fields=["lease_holder"], condition=models.Q(state=State.RUNNING), name="attempt_lease_holder"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or 'Deleted account'}, {self.form or self.drawn}"


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
    confidence = models.SmallIntegerField(null=True, help_text="1 guess, 2 unsure, 3 sure")
    seen_ms = models.IntegerField(null=True, help_text="how long the question had been looked at by then")
    closes = models.BooleanField(
        default=False, db_default=False, help_text="the review of the position was shown: it never changes"
    )

    class Meta:
        constraints = [
            # Of two closings at once one is stored, and both are shown what it says.
            models.UniqueConstraint(
                fields=["attempt", "position"],
                condition=models.Q(closes=True),
                name="answer_event_closed_once",
            ),
            models.CheckConstraint(
                name="answer_event_confidence",
                condition=models.Q(confidence__gte=CONFIDENCE[0]) & models.Q(confidence__lte=CONFIDENCE[1]),
            ),
            models.CheckConstraint(
                name="answer_event_seen_ms",
                condition=models.Q(seen_ms__gte=0) & models.Q(seen_ms__lte=SEEN_MS_MAX),
            ),
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
    """A change too late, after the end, by an old lease or under a used number: recorded, never scored.

    Deleted once it is `REFUSED_ANSWER_DAYS` old.
    """

    table_class = tables.LOG

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
    scaled = models.PositiveSmallIntegerField(null=True, help_text="a drill has none")
    passed = models.BooleanField(null=True, help_text="a drill has no pass line")
    result = models.JSONField(help_text="domains, band, and right or wrong by position")
    reason = models.TextField(blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    ruling = models.ForeignKey(
        KeyRuling,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="the last ruling on any of its items that it counts",
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["attempt", "revision"], name="score_revision_once"),
            models.CheckConstraint(name="score_revision_from_1", condition=models.Q(revision__gte=1)),
            models.CheckConstraint(
                name="score_scaled_and_passed_together",
                condition=models.Q(scaled__isnull=False, passed__isnull=False)
                | models.Q(scaled=None, passed=None),
            ),
        ]
        # what was scored lately; rows stand in the order of their making, so that a small index will do
        indexes = [
            BrinIndex(fields=["created_at"], name="score_newest"),
            # what a ruling changed
            models.Index(fields=["ruling"], condition=models.Q(ruling__isnull=False), name="score_by_ruling"),
        ]

    def __str__(self) -> str:
        return f"{self.attempt_id} r{self.revision}"


class PracticeOpening(models.Model):
    """A person opened an exam that they had not taken for drills: it no longer counts as new."""

    table_class = tables.insert_only("user_id")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="openings")
    form = models.ForeignKey(ExamForm, models.PROTECT, related_name="openings")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "form"], name="practice_opening_once")]

    def __str__(self) -> str:
        return f"{self.user or 'Deleted account'}, {self.form}"
