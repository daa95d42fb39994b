"""Figures of editions, as they were computed, and of items, as they are now; what authors decided by them."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Length, Now
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.base import tables
from exams.assembly.models import FormEdition
from exams.attempts.models import Score
from exams.bank.models import ItemVersion
from exams.scoring.item_flags import Proposal


class EditionStatistics(models.Model):
    """What was computed of an edition at one time. Insert-only, and only where something had changed.

    So the history is kept, and costs a row for each day on which somebody took the exam.
    """

    table_class = tables.INSERT_ONLY

    edition = models.ForeignKey(FormEdition, models.PROTECT, related_name="+", db_index=False)
    computed_at = models.DateTimeField(db_default=Now())
    n = models.PositiveIntegerField(help_text="attempts counted")
    until_score = models.ForeignKey(
        Score,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="the newest that counted",
    )
    figures = models.JSONField(help_text="of the form, see exams.statistics.counting")
    items = models.JSONField(help_text="figures by position, in order")

    class Meta:
        # the newest of an edition, and those before it
        indexes = [models.Index(fields=["edition", "-id"], name="edition_statistics_newest")]

    def __str__(self) -> str:
        return f"{self.edition}: {self.n}"


class ItemStatistics(models.Model):
    """The figures of an item version now, over all its editions: one row, written anew each time."""

    table_class = tables.kept()

    version = models.OneToOneField(ItemVersion, models.PROTECT, primary_key=True, related_name="statistics")
    computed_at = models.DateTimeField(db_default=Now())
    n = models.PositiveIntegerField(help_text="attempts counted")
    facility = models.FloatField(help_text="share of attempts that answered it correctly")
    point_biserial = models.FloatField(null=True, help_text="correlation with the rest score")
    discrimination = models.FloatField(help_text="upper less lower 27 percent")
    flags = ArrayField(models.CharField(max_length=20), default=list)
    figures = models.JSONField(help_text="all of them, see exams.statistics.counting")

    def __str__(self) -> str:
        return f"{self.version}: {self.n}"


class ItemDecision(models.Model):
    """What an author decided about an item that does not count yet; the highest number holds.

    It changes nothing by itself: an edition that is made later reads it.
    """

    table_class = tables.insert_only("actor_id")

    class Kind(models.TextChoices):
        """What becomes of the item."""

        PROMOTE = "promote", pgettext_lazy("decision about a question", "Promote: let it count")
        RETIRE = "retire", pgettext_lazy("decision about a question", "Retire: take it out")
        WAIT = "wait", pgettext_lazy("decision about a question", "Wait: keep collecting data")

    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="decisions", db_index=False)
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    proposed = models.CharField(
        max_length=8, choices=[(one.value, one.value) for one in Proposal], help_text="by the figures then"
    )
    figures = models.JSONField(help_text="n, facility and correlation by which it was decided")
    reason = models.TextField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("question decision")
        verbose_name_plural = _("question decisions")
        constraints = [
            # Of two at once one is stored, and the other author is told.
            models.UniqueConstraint(fields=["version", "number"], name="item_decision_once"),
            models.CheckConstraint(
                name="item_decision_kind", condition=models.Q(kind__in=["promote", "retire", "wait"])
            ),
            models.CheckConstraint(
                name="item_decision_has_a_reason", condition=GreaterThan(Length("reason"), 0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_kind_display()}"
