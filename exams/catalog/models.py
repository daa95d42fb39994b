"""Certifications are data: nothing in the code knows that there is only one."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models

from accounts.base import tables
from exams.publication.models import PublishLog
from i18n import languages

CODE = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$", "lower-case letters, digits and single hyphens")


class Certification(models.Model):
    """One exam of a vendor, with the facts that pages, clocks and scores need."""

    table_class = tables.ROWS

    code = models.CharField(
        max_length=40, unique=True, validators=[CODE], help_text="as in addresses: mls-c01"
    )
    vendor = models.CharField(max_length=100)
    level = models.CharField(max_length=60)
    duration_minutes = models.PositiveSmallIntegerField()
    items_total = models.PositiveSmallIntegerField()
    items_scored = models.PositiveSmallIntegerField()
    pass_mark = models.PositiveSmallIntegerField()
    scale_min = models.PositiveSmallIntegerField()
    scale_max = models.PositiveSmallIntegerField()
    exam_fee_usd = models.PositiveSmallIntegerField(help_text="what the vendor asks for the real exam")
    validity_years = models.PositiveSmallIntegerField()
    retake_wait_days = models.PositiveSmallIntegerField()
    accommodation_minutes = models.PositiveSmallIntegerField(help_text="extra time for a foreign language")
    beta_on = models.DateField(null=True, blank=True, help_text="the first day of the beta")
    live_on = models.DateField(null=True, blank=True, help_text="the first day of the exam")
    retired_on = models.DateField(null=True, blank=True, help_text="the last day of the exam")
    planned_facts = ArrayField(
        models.CharField(max_length=40),
        default=list,
        db_default=[],
        blank=True,
        help_text="names of facts that the vendor has not confirmed (exams.content.states)",
    )
    successor_code = models.CharField(max_length=40, blank=True)
    original_language = models.CharField(max_length=12, default="en")
    languages = ArrayField(models.CharField(max_length=12), default=list)
    planned_forms = models.PositiveSmallIntegerField(default=0)
    planned = models.JSONField(
        default=dict, blank=True, help_text="how much there will be, by the name of a part of the content"
    )
    profile = models.JSONField(
        default=dict,
        db_default={},
        blank=True,
        help_text="what is asked of its questions, where that is not the usual (exams.kinds.profile)",
    )
    is_listed = models.BooleanField(
        default=True,
        db_default=True,
        help_text="whether the site shows it; until then only staff who work on content find it",
    )
    log = models.ForeignKey(
        PublishLog,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        help_text="who wrote facts, texts, domains and tasks last; NULL: before there was a log",
    )

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="certification_scale_in_order",
                condition=models.Q(scale_min__lt=models.F("pass_mark"))
                & models.Q(pass_mark__lte=models.F("scale_max")),
            ),
            models.CheckConstraint(
                name="certification_scored_within_total",
                condition=models.Q(items_scored__gt=0) & models.Q(items_scored__lte=models.F("items_total")),
            ),
        ]

    def __str__(self) -> str:
        return self.code.upper()

    @property
    def is_written(self) -> bool:
        """Whether facts and texts were ever published; one that was just begun has none yet."""
        return self.is_listed or self.log_id is not None

    @property
    def access_code(self) -> str:
        """What an entitlement must hold to open this certification."""
        return f"cert:{self.code}"


class CertificationText(models.Model):
    """What the landing page says, in one language."""

    table_class = tables.ROWS

    certification = models.ForeignKey(Certification, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=12)
    name = models.CharField(max_length=200)
    summary = models.TextField()
    description = models.TextField()
    retirement_note = models.TextField(blank=True)
    successor_name = models.CharField(max_length=200, blank=True)
    successor_note = models.TextField(blank=True)
    recommended_experience = models.TextField(blank=True)
    question_types = models.TextField(blank=True)
    delivery = models.TextField(blank=True)
    retake = models.TextField(blank=True)
    results_note = models.TextField(blank=True)
    accommodation = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["certification", "language"], name="certification_text_once")
        ]

    def __str__(self) -> str:
        return languages.name_of(self.language)


class Domain(models.Model):
    """A part of the exam with its weight in percent of the scored items."""

    table_class = tables.ROWS

    certification = models.ForeignKey(Certification, models.CASCADE, related_name="domains")
    number = models.PositiveSmallIntegerField()
    weight_percent = models.PositiveSmallIntegerField()
    is_current = models.BooleanField(
        default=True,
        db_default=True,
        help_text="whether the blueprint has it; what left it stays for what refers to it",
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["certification", "number"], name="domain_number_once"),
            models.CheckConstraint(
                name="domain_weight_in_range",
                condition=models.Q(weight_percent__gte=1) & models.Q(weight_percent__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return f"Domain {self.number}"


class DomainText(models.Model):
    """The name of a domain in one language."""

    table_class = tables.ROWS

    domain = models.ForeignKey(Domain, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=12)
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "language"], name="domain_text_once")]

    def __str__(self) -> str:
        return self.name


class TaskStatement(models.Model):
    """A task statement of the exam guide; items belong to one."""

    table_class = tables.ROWS

    domain = models.ForeignKey(Domain, models.CASCADE, related_name="tasks")
    code = models.CharField(max_length=12)
    is_current = models.BooleanField(
        default=True,
        db_default=True,
        help_text="whether the blueprint has it; what left it stays for what refers to it",
    )

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["domain", "code"], name="task_code_once")]

    def __str__(self) -> str:
        return self.code


class TaskStatementText(models.Model):
    """The title of a task statement in one language, and what it covers."""

    table_class = tables.ROWS

    task = models.ForeignKey(TaskStatement, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=12)
    title = models.CharField(max_length=200)
    covers = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["task", "language"], name="task_text_once")]

    def __str__(self) -> str:
        return self.title


class ContentFile(models.Model):
    """A file of a certification's folder that no other table holds, as it is written.

    What the rules must know of a vendor, checked pages, plans: what is exported is whole.
    """

    table_class = tables.ROWS

    certification = models.ForeignKey(Certification, models.CASCADE, related_name="files")
    name = models.CharField(max_length=120, help_text="within the folder: guide.yaml")
    content = models.TextField()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["certification", "name"], name="content_file_once")]

    def __str__(self) -> str:
        return self.name
