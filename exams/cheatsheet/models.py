"""The cheat sheet as it was published, and the file made of it, which never change (G4); who opened it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Length, Now
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from accounts.base import tables
from accounts.jobs.models import MOST_BYTES
from exams.catalog.models import Certification
from exams.publication.models import PublishLog
from i18n import languages


class SheetEdition(models.Model):
    """The whole sheet in one language. The one published last is current; without blocks there is none."""

    table_class = tables.INSERT_ONLY

    certification = models.ForeignKey(Certification, models.PROTECT, related_name="sheets")
    language = models.CharField(max_length=12)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of all blocks as they are written")
    log = models.ForeignKey(PublishLog, models.PROTECT, editable=False, related_name="+")
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("cheat sheet")
        verbose_name_plural = _("cheat sheets")
        ordering = ["certification", "language", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["certification", "language", "number"], name="sheet_edition_number_once"
            ),
            models.CheckConstraint(name="sheet_edition_from_1", condition=models.Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.certification}, {languages.name_of(self.language)}, edition {self.number}"


class SheetBlock(models.Model):
    """A block at its place: what it teaches, as it is written and as pages show it."""

    # The second trigger fills the words for the search when a row is inserted.
    table_class = tables.TableClass(
        tables.INSERT_ONLY.name, tables.INSERT_ONLY.rights, (tables.INSERT_ONLY_TRIGGER, "search_block")
    )

    edition = models.ForeignKey(SheetEdition, models.PROTECT, related_name="blocks", db_index=False)
    position = models.PositiveSmallIntegerField()
    section_number = models.PositiveSmallIntegerField()
    section_title = models.CharField(max_length=200)
    number = models.CharField(max_length=12, help_text="as in the file: 2.3")
    title = models.CharField(max_length=200)
    source = models.TextField(help_text="as written, Markdown")
    html = models.TextField()
    covers = ArrayField(models.CharField(max_length=60), default=list, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "position"], name="sheet_block_position_once"),
            models.UniqueConstraint(fields=["edition", "number"], name="sheet_block_number_once"),
            models.CheckConstraint(name="sheet_block_from_1", condition=models.Q(position__gte=1)),
        ]
        indexes = [GinIndex(fields=["covers"], name="sheet_block_covers")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class SheetFile(models.Model):
    """A sheet as PDF, found by the digest of all that decides how it looks: made once, for everybody."""

    table_class = tables.INSERT_ONLY

    digest = models.CharField(max_length=64, primary_key=True)
    edition = models.ForeignKey(SheetEdition, models.PROTECT, related_name="files")
    content = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="sheet_file_size", condition=LessThanOrEqual(Length("content"), MOST_BYTES)
            ),
        ]

    def __str__(self) -> str:
        return self.digest[:12]


class SheetOpening(models.Model):
    """That a person has read in the sheet of a certification: one of the first steps is done."""

    table_class = tables.ROWS

    # The unique key begins with the person, and is all that is asked by.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    certification = models.ForeignKey(Certification, models.CASCADE, related_name="+")
    opened_at = models.DateTimeField(db_default=Now(), help_text="the first time")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "certification"], name="sheet_opening_once")]

    def __str__(self) -> str:
        return f"{self.user}, {self.certification}"
