"""Cards with their texts, and what each person has answered: the log of reviews and what follows from it."""

from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.base import tables
from exams.catalog.models import Certification
from exams.publication.models import PublishLog
from flashcards.content.records import CODE_LENGTH
from i18n import languages

# What an own card is called in a file of its owner may have so many characters.
KEY_LENGTH: Final = 64


class Card(models.Model):
    """One card: of the deck of a certification, or somebody's own. What left the files is retired and stays.

    Domain and task are those of the blueprint by number and code; a card keeps them when that drops them.
    """

    table_class = tables.ROWS

    certification = models.ForeignKey(Certification, models.PROTECT, related_name="+")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+", help_text="NULL: of the deck"
    )
    code = models.CharField(max_length=CODE_LENGTH, blank=True, help_text="as in the files; empty: own card")
    key = models.CharField(
        max_length=KEY_LENGTH,
        blank=True,
        default="",
        db_default="",
        help_text="what files know an own card by; empty: of the deck",
    )
    # By number and code, not by key: a retired card must not hold the catalog back.
    domain = models.PositiveSmallIntegerField(null=True)
    task = models.CharField(max_length=12, blank=True)
    tags = ArrayField(models.CharField(max_length=60), default=list)
    coverage = ArrayField(models.CharField(max_length=80), default=list)
    is_preview = models.BooleanField(default=False, help_text="open to everybody")
    position = models.PositiveIntegerField(help_text="the order in which new cards come")
    item_code = models.CharField(
        max_length=40, blank=True, help_text="the question that an own card was made from"
    )
    retired_at = models.DateTimeField(null=True, help_text="when it left the files, or its owner took it out")
    standing_log = models.ForeignKey(
        PublishLog,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        db_index=False,
        help_text="the act that withdrew it or brought it back; NULL: files decide, or its owner",
    )
    changed_at = models.DateTimeField(db_default=Now(), help_text="the last change of its facts")

    class Meta:
        verbose_name = _("flashcard")
        verbose_name_plural = _("flashcards")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["certification", "code"],
                condition=models.Q(owner__isnull=True),
                name="card_code_once",
            ),
            # A click twice makes one card.
            models.UniqueConstraint(
                fields=["owner", "certification", "item_code"],
                condition=~models.Q(item_code=""),
                name="card_of_item_once",
            ),
            # A file that is read twice makes its cards once.
            models.UniqueConstraint(
                fields=["owner", "certification", "key"],
                condition=~models.Q(key=""),
                name="card_key_once",
            ),
            models.CheckConstraint(
                name="card_of_deck_or_own",
                condition=models.Q(owner__isnull=True, domain__isnull=False, item_code="")
                & ~models.Q(code="")
                | models.Q(owner__isnull=False, code="", is_preview=False),
            ),
        ]

    # No word of it: own cards are their owner's alone, and pages of staff name rows.
    def __str__(self) -> str:
        return self.code or f"own card {self.pk}"


class CardText(models.Model):
    """What a card says in one language. A correction is a new revision.

    What was published last is current, whatever its number.
    """

    table_class = tables.TableClass("log", tables.LOG.rights, (tables.INSERT_ONLY_TRIGGER, "keep_deck_text"))

    card = models.ForeignKey(Card, models.CASCADE, related_name="texts")
    language = models.CharField(max_length=12)
    revision = models.PositiveIntegerField()
    front = models.TextField(help_text="Markdown, as written")
    front_html = models.TextField()
    back = models.TextField()
    back_html = models.TextField()
    trap = models.TextField(blank=True)
    trap_html = models.TextField(blank=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the texts as written")
    log = models.ForeignKey(
        PublishLog, models.PROTECT, null=True, editable=False, related_name="+", help_text="NULL: an own card"
    )
    published_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["card", "language", "revision"], name="card_text_once"),
            models.CheckConstraint(name="card_text_from_1", condition=models.Q(revision__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{languages.name_of(self.language)}, revision {self.revision}"


class Review(models.Model):
    """One answer to a card, or the cancellation of one. The log is the truth: states follow from it.

    An erased person or card becomes NULL. `retention`, `rules` and the number of the review are all that
    scheduling took beside rating and time.
    """

    table_class = tables.insert_only("user_id", "card_id")

    # No index of its own: both below begin with the person.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    card = models.ForeignKey(Card, models.SET_NULL, null=True, related_name="+")
    rating = models.PositiveSmallIntegerField(null=True, help_text="1 again, 2 hard, 3 good, 4 easy")
    cancels = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="cancelled_by", help_text="the review that is undone"
    )
    reviewed_at = models.DateTimeField(db_default=Now())
    retention = models.FloatField(null=True, help_text="desired chance of recall when it is due")
    rules = models.PositiveSmallIntegerField(null=True, help_text="revision of parameters, steps and spread")
    elapsed = models.DurationField(null=True, help_text="since the review before")
    taken_ms = models.PositiveIntegerField(null=True, help_text="from front to rating, as the page measured")

    class Meta:
        indexes = [
            models.Index(fields=["user", "card", "id"], name="review_of_card"),
            models.Index(fields=["user", "reviewed_at"], name="review_of_day"),
        ]
        constraints = [
            models.CheckConstraint(
                name="review_rated_or_cancels",
                condition=models.Q(
                    # A check lets NULL pass, so each column that must be there is named.
                    cancels__isnull=True,
                    rating__isnull=False,
                    retention__isnull=False,
                    rating__range=(1, 4),
                    retention__gt=0,
                    retention__lt=1,
                    rules__isnull=False,
                )
                | models.Q(
                    cancels__isnull=False, rating__isnull=True, retention__isnull=True, rules__isnull=True
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"review {self.pk}"


class CardState(models.Model):
    """Where a person is with a card: what follows from the log, kept so that nobody has to read it."""

    table_class = tables.ROWS

    # The unique key begins with the person, and is all that is asked by.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    card = models.ForeignKey(Card, models.CASCADE, related_name="+")
    due = models.DateTimeField()
    stability = models.FloatField(help_text="days in which the chance of recall falls to 90 %")
    difficulty = models.FloatField(help_text="1 to 10")
    phase = models.PositiveSmallIntegerField(help_text="1 learning, 2 review, 3 relearning")
    step = models.PositiveSmallIntegerField(null=True, help_text="within learning and relearning")
    reps = models.PositiveIntegerField()
    lapses = models.PositiveIntegerField(help_text="how often it was forgotten after it had been learned")
    introduced_at = models.DateTimeField(help_text="the first review")
    last_review = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "card"], name="card_state_once"),
            models.CheckConstraint(
                name="card_state_due_after_review", condition=models.Q(due__gte=models.F("last_review"))
            ),
        ]

    def __str__(self) -> str:
        return f"state {self.pk}"


class SuspendedCard(models.Model):
    """A card that does not come up for a person until they resume it."""

    table_class = tables.ROWS

    # The constraints are in the migration: the server deletes these rows with person and card, too, since the
    # version before knows nothing of them.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    card = models.ForeignKey(Card, models.CASCADE, related_name="+", db_constraint=False)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "card"], name="suspended_card_once")]

    def __str__(self) -> str:
        return f"suspended card {self.card_id}"


class StudySettings(models.Model):
    """How a person studies the cards of one certification. A missing row means the defaults."""

    table_class = tables.ROWS

    # The unique key begins with the person, and is all that is asked by.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    certification = models.ForeignKey(Certification, models.CASCADE, related_name="+")
    new_per_day = models.PositiveSmallIntegerField(default=10)
    retention = models.FloatField(default=0.9)
    domain = models.PositiveSmallIntegerField(null=True, help_text="only cards of this domain; NULL: all")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "certification"], name="study_settings_once"),
            models.CheckConstraint(
                name="study_settings_in_range",
                condition=models.Q(new_per_day__lte=200, retention__gte=0.7, retention__lte=0.97),
            ),
        ]

    def __str__(self) -> str:
        return f"settings {self.pk}"
