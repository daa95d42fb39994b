"""The day on which somebody takes the real exam. Whatever plans towards it reads it here."""

from django.conf import settings
from django.db import models

from accounts.base import tables
from exams.catalog.models import Certification


class ExamDate(models.Model):
    """A person's exam date of one certification, as they said it. A missing row means: not known."""

    table_class = tables.ROWS

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="exam_dates", db_index=False
    )
    certification = models.ForeignKey(Certification, models.CASCADE, related_name="+")
    day = models.DateField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "certification"], name="exam_date_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.certification}: {self.day}"
