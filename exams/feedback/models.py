"""Notes, bookmarks and reports of people, and how often each option was chosen."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models.functions import Length, Now
from django.db.models.lookups import GreaterThan, LessThanOrEqual
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.base import tables
from exams.attempts.models import Attempt
from exams.bank.models import Item, ItemVersion, Option

NOTE_MAX: Final = 10_000
REPORT_MAX: Final = 2_000
ANSWER_MAX: Final = 4_000


class Note(models.Model):
    """What a person wrote down about an item, as plain text. It stays when the item is reworded."""

    table_class = tables.ROWS

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    text = models.TextField()
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "item"], name="note_once"),
            models.CheckConstraint(
                name="note_length",
                condition=GreaterThan(Length("text"), 0) & LessThanOrEqual(Length("text"), NOTE_MAX),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.item}"


class Bookmark(models.Model):
    """An item that a person wants to find again."""

    table_class = tables.ROWS

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    item = models.ForeignKey(Item, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "item"], name="bookmark_once")]

    def __str__(self) -> str:
        return f"{self.user}, {self.item}"


class Reason(models.TextChoices):
    """What somebody says is wrong with a question."""

    KEY = "key", _("The correct answer is wrong")
    UNCLEAR = "unclear", _("The question is unclear")
    OUTDATED = "outdated", _("It's outdated")
    TYPO = "typo", _("There's a typo")
    TRANSLATION = "translation", _("The translation is wrong")
    OTHER = "other", _("Something else")


class ReportState(models.TextChoices):
    """Whether a report was answered, and what followed from it."""

    OPEN = "open", pgettext_lazy("state of a report", "Waiting for an answer")
    CORRECTED = "corrected", pgettext_lazy("state of a report", "We're correcting it")
    UNCHANGED = "unchanged", pgettext_lazy("state of a report", "No change needed")


class ProblemReport(models.Model):
    """A problem that a person reported at a position of an ended attempt, and the answer of staff."""

    table_class = tables.ROWS

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveSmallIntegerField()
    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=Reason.choices)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=12, help_text="of the page on which it was reported")
    created_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=12, choices=ReportState.choices, default=ReportState.OPEN)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("problem report")
        verbose_name_plural = _("problem reports")
        ordering = ["-created_at", "-pk"]
        constraints = [
            # Pressed twice, a button reports once.
            models.UniqueConstraint(
                fields=["user", "version", "reason"],
                condition=models.Q(state=ReportState.OPEN),
                name="report_open_once",
            ),
            models.CheckConstraint(name="report_reason_known", condition=models.Q(reason__in=Reason.values)),
            models.CheckConstraint(
                name="report_text_length",
                condition=LessThanOrEqual(Length("text"), REPORT_MAX),
            ),
            models.CheckConstraint(
                name="report_answered_has_an_answer",
                condition=models.Q(state=ReportState.OPEN, answered_at=None, answer="")
                | models.Q(
                    state__in=[ReportState.CORRECTED, ReportState.UNCHANGED], answered_at__isnull=False
                )
                & ~models.Q(answer=""),
            ),
        ]
        indexes = [
            # a person's reports, newest first; how many they made today
            models.Index(fields=["user", "-created_at"], name="report_of_user"),
            # what waits for an answer
            models.Index(
                fields=["created_at"], condition=models.Q(state=ReportState.OPEN), name="report_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_reason_display()}"


class OptionCount(models.Model):
    """How many of those who answered a version chose an option; `answers` is the same for all its options."""

    table_class = tables.kept()

    option = models.OneToOneField(Option, models.PROTECT, primary_key=True, related_name="+")
    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="+")
    chosen = models.PositiveIntegerField()
    answers = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="option_count_of_answers", condition=models.Q(chosen__lte=models.F("answers"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.option_id}: {self.chosen} of {self.answers}"


class CountedAttempt(models.Model):
    """An attempt whose answers are in the counts. The answers of an ended attempt never change."""

    table_class = tables.INSERT_ONLY

    attempt = models.OneToOneField(Attempt, models.PROTECT, primary_key=True, related_name="+")
    counted_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return str(self.attempt_id)


class CountingRun(models.Model):
    """When answers were last counted: one row, taken by whoever counts next."""

    table_class = tables.kept()

    id = models.SmallIntegerField(primary_key=True)
    began_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="counting_run_one_row", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return str(self.began_at)
