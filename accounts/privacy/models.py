"""The wish of a person to be deleted, and the days in which they can change their mind."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.base import tables


class ErasureRequest(models.Model):
    """A closed account that is deleted once `due_at` is over. Whoever changes their mind deletes this row."""

    table_class = tables.ROWS

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(help_text="from then on the account is deleted and cannot come back")

    reopens = models.BooleanField(
        db_default=True, help_text="whether taking it back opens the account: not when staff closed it"
    )

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="erasure_due")]

    def __str__(self) -> str:
        return f"{self.user}, {self.due_at}"
