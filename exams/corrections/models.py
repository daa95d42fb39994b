"""How far the scores are brought to a ruling, and which of them were not lowered."""

from django.db import models

from accounts.base import tables
from exams.attempts.models import Attempt
from exams.bank.models import KeyRuling
from exams.publication import pending


class RulingRun(models.Model):
    """How far a ruling is carried out: scores first, then mails. Each step moves it in its own transaction.

    `rescored_to` and `told_to` are the last attempt and the last person that were done. What is counted are
    scores: `revised` got a new row, `raised` and `lowered` another figure, `kept` would be lower.
    """

    table_class = tables.kept()

    class SecondPerson(models.TextChoices):
        """Whether somebody beside who ruled agreed to it before."""

        NOT_NEEDED = "", "not needed"
        CONFIRMED = "confirmed", "confirmed"
        NOBODY_ELSE = "nobody", pending.NOBODY_ELSE

    ruling = models.OneToOneField(KeyRuling, models.PROTECT, primary_key=True, related_name="run")
    people = models.PositiveIntegerField(
        default=0,
        db_default=0,
        help_text="who took or are taking an exam with the version, when it was ruled",
    )
    second_person = models.CharField(
        max_length=10, choices=SecondPerson.choices, blank=True, default="", db_default=""
    )
    rescored_to = models.UUIDField(null=True)
    told_to = models.BigIntegerField(default=0)
    examined = models.PositiveIntegerField(default=0)
    revised = models.PositiveIntegerField(default=0)
    raised = models.PositiveIntegerField(default=0)
    lowered = models.PositiveIntegerField(default=0)
    kept = models.PositiveIntegerField(default=0)
    to_pass = models.PositiveIntegerField(default=0)
    to_fail = models.PositiveIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)
    rescored_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="ruling_run_rescored_before_finished",
                condition=models.Q(finished_at=None) | models.Q(rescored_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ruling_id}: {self.examined}"

    @property
    def changed(self) -> int:
        """How many scores have another figure."""
        return self.raised + self.lowered


class KeptScore(models.Model):
    """A score that a ruling would lower and may not: what it would be. The revision that stays is named."""

    table_class = tables.INSERT_ONLY

    # The unique key begins with the ruling.
    ruling = models.ForeignKey(KeyRuling, models.PROTECT, related_name="+", db_index=False)
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField()
    scaled = models.PositiveSmallIntegerField()
    passed = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ruling", "attempt"], name="kept_score_once")]

    def __str__(self) -> str:
        return f"{self.attempt_id} r{self.revision}"
