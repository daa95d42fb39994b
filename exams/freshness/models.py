"""Checks of questions, names that moved on, the tasks that follow, and who looks after a question."""

from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Length, Now
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.base import tables
from exams.bank.models import Item, ItemText
from exams.catalog.models import Certification

NAME_MAX: Final = 120
PAGE_MAX: Final = 500
NOTE_MAX: Final = 500


class ItemCheck(models.Model):
    """Somebody checked a question: its facts, or that a translation still says what the original says.

    Insert-only, so the newest holds and the history stays. It is no part of a version: checking a question
    publishes nothing.
    """

    table_class = tables.insert_only("person_id")

    class Source(models.TextChoices):
        """Where it comes from; the fact check is a file of its own, which says it by exam."""

        FACT_CHECK = "factcheck", pgettext_lazy("source of a check", "fact check of the files")
        FILES = "files", pgettext_lazy("source of a check", "content files")
        PERSON = "person", pgettext_lazy("source of a check", "a person")

    # The index below begins with the item.
    item = models.ForeignKey(Item, models.PROTECT, related_name="checks", db_index=False)
    text = models.ForeignKey(
        ItemText,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="the original as it was read",
    )
    language = models.CharField(
        max_length=12, blank=True, help_text="of the translation that was compared; empty: the facts"
    )
    checked_on = models.DateField()
    pages = ArrayField(models.CharField(max_length=PAGE_MAX), default=list, help_text="what was read for it")
    note = models.CharField(max_length=NOTE_MAX, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("question check")
        verbose_name_plural = _("question checks")
        ordering = ["-checked_on", "-pk"]
        indexes = [
            # the newest of an item
            models.Index(fields=["item", "language", "-checked_on", "-id"], name="item_check_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                name="item_check_source_known",
                condition=models.Q(source__in=["factcheck", "files", "person"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}, {self.checked_on}"


class WatchedName(models.Model):
    """A name of a service that moved on. Questions that mention it get a task; never deleted, only let go."""

    table_class = tables.kept()

    certification = models.ForeignKey(
        Certification, models.PROTECT, related_name="watched_names", verbose_name=_("certification")
    )
    name = models.CharField(max_length=NAME_MAX, verbose_name=_("old name"))
    successor = models.CharField(max_length=NAME_MAX, blank=True, verbose_name=_("new name"))
    since = models.DateField(verbose_name=_("since"))
    page = models.CharField(max_length=PAGE_MAX, verbose_name=_("source page"))
    is_watched = models.BooleanField(default=True, verbose_name=_("watched"))
    is_ours = models.BooleanField(help_text="written here last, and not by files")
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("watched service")
        verbose_name_plural = _("watched services")
        ordering = ["certification", "name"]
        constraints = [
            models.UniqueConstraint(fields=["certification", "name"], name="watched_name_once"),
            models.CheckConstraint(name="watched_name_given", condition=GreaterThan(Length("name"), 0)),
            models.CheckConstraint(name="watched_name_page", condition=GreaterThan(Length("page"), 0)),
        ]

    def __str__(self) -> str:
        return self.name


class ReviewTask(models.Model):
    """A question that mentions a watched name is to be read again. A closed one stays as it was closed."""

    table_class = tables.kept()

    class Outcome(models.TextChoices):
        """Why it is closed; empty while it is open."""

        CHECKED = "checked", pgettext_lazy("outcome of a task", "checked, the name may stay")
        GONE = "gone", pgettext_lazy("outcome of a task", "the name is gone")
        LET_GO = "let go", pgettext_lazy("outcome of a task", "the name is no longer watched")

    item = models.ForeignKey(Item, models.PROTECT, related_name="tasks")
    watched = models.ForeignKey(WatchedName, models.PROTECT, related_name="tasks")
    watched_revision = models.PositiveIntegerField(help_text="what was known of the name")
    text_ids = ArrayField(models.BigIntegerField(), help_text="the texts that mention it")
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    outcome = models.CharField(max_length=10, blank=True, choices=Outcome.choices)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["item", "watched"],
                condition=models.Q(closed_at=None),
                name="review_task_open_once",
            ),
            models.CheckConstraint(
                name="review_task_closed_with_outcome",
                condition=models.Q(closed_at=None, outcome="")
                | models.Q(closed_at__isnull=False, outcome__in=["checked", "gone", "let go"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.watched}"


class ItemAssignment(models.Model):
    """Who looks after a question that waits for somebody."""

    table_class = tables.ROWS

    item = models.OneToOneField(Item, models.PROTECT, primary_key=True, related_name="assignment")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.item_id}: {self.person_id}"
