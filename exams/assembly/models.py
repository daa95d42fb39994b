"""Forms, their editions and the papers compiled from them. What is published never changes (G4)."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.base import tables
from exams.bank.models import ItemVersion, KeyRuling
from exams.catalog.models import Certification
from exams.publication.models import PublishLog
from exams.scoring import rules
from i18n import languages


class ExamForm(models.Model):
    """One practice exam of a certification: its number never changes, its editions do.

    `current` is the edition that can be sat: published, and of this form (a trigger sees to it).
    """

    table_class = tables.TableClass(tables.ROWS.name, tables.ROWS.rights, ("guard_current_edition",))

    certification = models.ForeignKey(Certification, models.PROTECT, related_name="forms")
    number = models.PositiveSmallIntegerField()
    current = models.ForeignKey(
        "FormEdition", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("exam")
        verbose_name_plural = _("exams")
        ordering = ["certification", "number"]
        constraints = [models.UniqueConstraint(fields=["certification", "number"], name="form_number_once")]

    def __str__(self) -> str:
        return f"{self.certification} Practice Exam {self.number}"


class FormEdition(models.Model):
    """One list of item versions with the parameters by which it is timed and scored."""

    table_class = tables.frozen("freeze_form_edition")

    form = models.ForeignKey(ExamForm, models.PROTECT, related_name="editions")
    number = models.PositiveIntegerField()
    minutes = models.PositiveSmallIntegerField()
    pass_mark = models.PositiveSmallIntegerField()
    scale_min = models.PositiveSmallIntegerField()
    scale_max = models.PositiveSmallIntegerField()
    weights = models.JSONField(help_text="domain number to weight in percent")
    digest = models.CharField(max_length=64, help_text="SHA-256 of parameters, item versions and positions")
    log = models.ForeignKey(PublishLog, models.PROTECT, editable=False, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("exam edition")
        verbose_name_plural = _("exam editions")
        ordering = ["form", "number"]
        constraints = [models.UniqueConstraint(fields=["form", "number"], name="edition_number_once")]

    def __str__(self) -> str:
        return f"{self.form}, edition {self.number}"

    @property
    def scale(self) -> rules.Scale:
        """The scale by which it is scored."""
        return rules.Scale(self.scale_min, self.scale_max, self.pass_mark)


class FormItem(models.Model):
    """An item version at its position. Whether it is scored is never shown while taking."""

    table_class = tables.frozen("freeze_form_item")

    edition = models.ForeignKey(FormEdition, models.PROTECT, related_name="items")
    position = models.PositiveSmallIntegerField()
    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="form_items")
    is_scored = models.BooleanField()
    domain_number = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "position"], name="form_item_position_once"),
            models.UniqueConstraint(fields=["edition", "version"], name="form_item_version_once"),
            models.CheckConstraint(
                name="form_item_position_range",
                condition=models.Q(position__gte=1) & models.Q(position__lte=500),
            ),
        ]

    def __str__(self) -> str:
        return f"Question {self.position}"


class Paper(models.Model):
    """What a candidate sees of an edition in one language, without keys. Insert-only."""

    table_class = tables.INSERT_ONLY

    edition = models.ForeignKey(FormEdition, models.PROTECT, related_name="papers")
    language = models.CharField(max_length=12)
    revision = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content and its text rows")
    content = models.JSONField(help_text="list of {position, kind, choose, stem, ask, options, language}")
    text_ids = models.JSONField(help_text="id of the item text behind each position, in order")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("edition in one language")
        verbose_name_plural = _("editions by language")
        constraints = [
            models.UniqueConstraint(fields=["edition", "language", "revision"], name="paper_once"),
        ]

    def __str__(self) -> str:
        return f"{self.edition}, {languages.name_of(self.language)}, revision {self.revision}"


class DrawnPaper(models.Model):
    """The items of one drill, drawn for one person: versions and their texts, in order. Insert-only."""

    table_class = tables.insert_only("owner_id")

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    certification = models.ForeignKey(Certification, models.PROTECT, related_name="+", db_index=False)
    language = models.CharField(max_length=12)
    version_ids = ArrayField(models.BigIntegerField(), help_text="by position")
    text_ids = ArrayField(models.BigIntegerField(), help_text="the text behind each position")
    asked = models.JSONField(default=dict, help_text="by what filters it was drawn")
    ruling = models.ForeignKey(
        KeyRuling,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="the last ruling of all when it was drawn",
    )
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="drawn_paper_items",
                condition=models.Q(version_ids__len__gte=1)
                & models.Q(version_ids__len__lte=500)
                & models.Q(version_ids__len=models.F("text_ids__len")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.certification} drill of {len(self.version_ids)}"


class SampleItem(models.Model):
    """An item version at its place in the free sample: anybody may see it, with its key and its reasons."""

    table_class = tables.ROWS

    certification = models.ForeignKey(Certification, models.PROTECT, related_name="sample")
    position = models.PositiveSmallIntegerField()
    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="sample_items")

    class Meta:
        ordering = ["certification", "position"]
        constraints = [
            models.UniqueConstraint(fields=["certification", "position"], name="sample_position_once"),
            models.UniqueConstraint(fields=["certification", "version"], name="sample_version_once"),
            models.CheckConstraint(name="sample_position_from_1", condition=models.Q(position__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.certification} sample {self.position}"
