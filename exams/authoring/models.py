"""Drafts, who worked on them, and what was said about them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Length, Now
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.base import tables
from accounts.jobs.models import MOST_BYTES
from exams.authoring import kinds
from exams.bank.models import KeyRuling
from exams.catalog.models import Certification
from exams.publication.models import PublishLog

COMMENT_MAX = 4000


class State(models.TextChoices):
    """Where a draft is on its way. The first three are open: there is one open draft of a thing at most."""

    DRAFT = "draft", pgettext_lazy("state of a draft", "draft")
    REVIEW = "review", pgettext_lazy("state of a draft", "in review")
    APPROVED = "approved", pgettext_lazy("state of a draft", "approved")
    PUBLISHED = "published", pgettext_lazy("state of a draft", "published")
    DISCARDED = "discarded", pgettext_lazy("state of a draft", "discarded")


OPEN = (State.DRAFT, State.REVIEW, State.APPROVED)


class Draft(models.Model):
    """One thing as it is being written: an item, an exam, texts of a certification.

    `content` is whatever its kind reads (`exams.authoring.kinds`). `revision` counts saves: whoever saves
    says which one they saw. An approval names the digest that it saw; a save takes the approval back.
    """

    table_class = tables.kept("guard_draft")

    kind = models.CharField(max_length=20)
    certification = models.ForeignKey(Certification, models.PROTECT, related_name="drafts")
    name = models.CharField(max_length=60, help_text="as the content files name it: E1-Q07")
    content = models.JSONField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content")
    revision = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    base = models.ForeignKey(
        PublishLog,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="what was current when it was begun",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    approved_digest = models.CharField(max_length=64, blank=True)
    lifted_ruling = models.ForeignKey(
        KeyRuling,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        help_text="the ruling that a reviewer let this draft not follow",
    )
    log = models.ForeignKey(PublishLog, models.PROTECT, null=True, related_name="+")
    begun_at = models.DateTimeField(db_default=Now())
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        ordering = ["-saved_at", "-pk"]
        permissions = [
            ("write_draft", "Can write drafts"),
            ("translate_draft", "Can write texts of drafts in other languages than the original"),
            ("review_draft", "Can approve, send back and publish drafts"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "certification", "name"],
                condition=models.Q(state__in=OPEN),
                name="draft_open_once",
            ),
            models.CheckConstraint(
                name="draft_approved_by_digest",
                condition=~models.Q(state__in=(State.APPROVED, State.PUBLISHED))
                | models.Q(approved_digest=models.F("digest")),
            ),
            models.CheckConstraint(
                name="draft_published_by_log",
                condition=models.Q(state=State.PUBLISHED, log__isnull=False)
                | ~models.Q(state=State.PUBLISHED) & models.Q(log__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.certification} {self.title}"

    @property
    def title(self) -> str:
        """What people call the thing, in the language that is active."""
        return kinds.title_of(self.kind, self.name)


class DraftEditor(models.Model):
    """Somebody who saved a draft: they do not approve it. `seen_at` is when they last had it open."""

    table_class = tables.ROWS

    draft = models.ForeignKey(Draft, models.CASCADE, related_name="editors")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(db_default=Now())
    saved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["draft", "person"], name="draft_editor_once")]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.person_id}"


class DraftSave(models.Model):
    """What a draft was before somebody else went on with it, or before it changed its state: its history."""

    table_class = tables.insert_only("person_id")

    draft = models.ForeignKey(Draft, models.PROTECT, related_name="saves")
    revision = models.PositiveIntegerField()
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    content = models.JSONField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-revision"]
        constraints = [models.UniqueConstraint(fields=["draft", "revision"], name="draft_save_once")]

    def __str__(self) -> str:
        return f"{self.draft_id}, revision {self.revision}"


class DraftComment(models.Model):
    """What somebody said about a draft. `at_revision` is what they had before them."""

    table_class = tables.insert_only("person_id")

    draft = models.ForeignKey(Draft, models.PROTECT, related_name="comments")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    text = models.TextField()
    place = models.CharField(max_length=60, blank=True, help_text="the field that it is about")
    at_revision = models.PositiveIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:60]


class ImportFile(models.Model):
    """A file that somebody uploaded to import, for a job to read. Deleted after a week."""

    table_class = tables.LOG

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    certification = models.ForeignKey(Certification, models.CASCADE, related_name="+")
    format = models.CharField(max_length=12)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = pgettext_lazy("a file that was uploaded", "import")
        verbose_name_plural = pgettext_lazy("files that were uploaded", "imports")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                name="import_file_size", condition=LessThanOrEqual(Length("content"), MOST_BYTES)
            ),
        ]

    def __str__(self) -> str:
        return self.name
