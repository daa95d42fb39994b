"""The log of publications: one entry for one act, whatever it published."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import pgettext_lazy

from accounts.base import tables


class PublishLog(models.Model):
    """One act of publishing: a load of files, a person's decision, an import, a correction. Insert-only.

    The entry with the id 1 stands for what was published before there was a log.
    """

    table_class = tables.insert_only("actor_id")

    class Source(models.TextChoices):
        """Where what was published came from; files give way to the others."""

        FILES = "files", pgettext_lazy("source of a publication", "content files")
        PERSON = "person", pgettext_lazy("source of a publication", "a person")
        IMPORT = "import", pgettext_lazy("source of a publication", "an import")
        ERRATA = "errata", pgettext_lazy("source of a publication", "a correction")

    at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    source = models.CharField(max_length=8, choices=Source.choices)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_source_display()}"
