"""The log of publications, and acts that wait for a second person before they are done."""

from typing import ClassVar

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
        CORRECTION = "errata", pgettext_lazy("source of a publication", "a correction")

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


class PendingAct(models.Model):
    """An act that one person proposed and another one has to confirm before it is done.

    `kind` names what is to be done, `subject` to which thing as people call it, which is nothing else's name,
    `parameters` how. Each thing has one that waits at most. Its state changes once; who proposed and who
    decided may be erased.
    """

    table_class = tables.kept("guard_pending_act")

    class State(models.TextChoices):
        """What has come of it."""

        WAITING = "waiting", pgettext_lazy("state of a proposal", "waiting")
        CONFIRMED = "confirmed", pgettext_lazy("state of a proposal", "confirmed")
        DECLINED = "declined", pgettext_lazy("state of a proposal", "declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("state of a proposal", "withdrawn")

    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=120)
    parameters = models.JSONField(default=dict)
    reason = models.TextField()
    proposer = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    proposed_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    decided_at = models.DateTimeField(null=True)
    decision = models.TextField(blank=True, help_text="why it was declined or withdrawn")

    class Meta:
        verbose_name = "proposal"
        verbose_name_plural = "proposals"
        ordering: ClassVar[list[str]] = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=models.Q(state="waiting"), name="pending_act_once"
            ),
            models.CheckConstraint(
                name="pending_act_decided_has_a_time",
                condition=models.Q(state="waiting", decided_at=None)
                | (~models.Q(state="waiting") & models.Q(decided_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.subject
