"""Items and their versions. A published version never changes; triggers in the migrations see to it (G4)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Func
from django.db.models.functions import Left, Length, Now
from django.db.models.lookups import LessThanOrEqual
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.base import tables
from exams.catalog.models import Certification, TaskStatement
from exams.content.exchange_formats.limits import IMAGE_SIZE
from exams.content.exchange_formats.pictures import DIGITS, NAME, SUFFIXES
from exams.kinds.kinds import KINDS
from exams.publication.models import PublishLog
from i18n import languages


def kind_choices() -> list[tuple[str, Promise]]:
    """Return the kinds of questions. Migrations name this function, so a new kind needs none."""
    return [(kind.name, _(kind.short)) for kind in KINDS.values()]


class Item(models.Model):
    """The identity of an item. It outlives its versions and is never deleted once used.

    `current` is the version that is read today: published, and of this item (a trigger sees to it).
    """

    table_class = tables.TableClass(tables.ROWS.name, tables.ROWS.rights, ("guard_current_version",))

    certification = models.ForeignKey(Certification, models.PROTECT, related_name="items")
    code = models.CharField(max_length=40, help_text="as in the content files: E1-Q01")
    task = models.ForeignKey(TaskStatement, models.PROTECT, related_name="items")
    coverage = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    tags = ArrayField(models.CharField(max_length=60), default=list, db_default=[], blank=True)
    twins = models.CharField(
        max_length=40, blank=True, db_default="", help_text="items of one name ask alike: one exam has one"
    )
    source_id = models.CharField(
        max_length=200,
        blank=True,
        db_default="",
        help_text="its ID in the system it was imported from",
    )
    current = models.ForeignKey(
        "ItemVersion", models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["certification", "code"], name="item_code_once"),
            models.UniqueConstraint(
                fields=["certification", "source_id"],
                condition=~models.Q(source_id=""),
                name="item_source_once",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ItemVersion(models.Model):
    """One wording and key of an item. Numbers count from 1; two editors at once collide loudly."""

    table_class = tables.frozen("freeze_item_version")

    class Difficulty(models.TextChoices):
        """What the blueprint expects, not what was measured."""

        EASY = "easy"
        MEDIUM = "medium"
        HARD = "hard"

    item = models.ForeignKey(Item, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=kind_choices)
    choose = models.PositiveSmallIntegerField(help_text=_("how many options make a full answer"))
    difficulty = models.CharField(max_length=12, choices=Difficulty.choices)
    cognitive_level = models.CharField(max_length=20, blank=True)
    digest = models.CharField(max_length=64, help_text="SHA-256 of kind, options, keys and original texts")
    log = models.ForeignKey(PublishLog, models.PROTECT, editable=False, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("question version")
        verbose_name_plural = _("question versions")
        ordering = ["item", "number"]
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="item_version_once"),
            models.CheckConstraint(name="item_version_from_1", condition=models.Q(number__gte=1)),
            models.CheckConstraint(name="item_version_choose_from_1", condition=models.Q(choose__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.item}, version {self.number}"


class Option(models.Model):
    """An option and whether it is a key. The taking code never reads this table: it reads papers."""

    table_class = tables.frozen("freeze_option")

    id = models.AutoField(primary_key=True)  # fits integer[] of the answer log
    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="options")
    order = models.PositiveSmallIntegerField()
    is_key = models.BooleanField()
    failure = models.CharField(max_length=4, blank=True, help_text=_("why a distractor fails: W1 to W6"))

    class Meta:
        ordering = ["order"]
        constraints = [models.UniqueConstraint(fields=["version", "order"], name="option_order_once")]

    def __str__(self) -> str:
        return self.letter

    @property
    def letter(self) -> str:
        """A for the first option, B for the second, and so on."""
        return chr(ord("A") + self.order)


class ItemText(models.Model):
    """Everything a person reads of a version in one language. A correction is a new revision."""

    table_class = tables.frozen("freeze_item_text")

    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="texts")
    language = models.CharField(max_length=12)
    revision = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the texts as written")
    stem = models.TextField(help_text="as written, Markdown; without ask its last sentence is the question")
    stem_html = models.TextField()
    ask = models.TextField(blank=True, default="", db_default="", help_text="the question, as written")
    ask_html = models.TextField(help_text="the question itself, a paragraph of its own")
    why = models.TextField()
    why_html = models.TextField()
    principle = models.TextField()
    principle_html = models.TextField()
    tip = models.TextField()
    tip_html = models.TextField()
    references = models.JSONField(default=list, help_text="list of {title, url}")
    figures = models.JSONField(default=dict, db_default={}, help_text="{name: SVG} of those that it shows")
    log = models.ForeignKey(PublishLog, models.PROTECT, editable=False, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "language", "revision"], name="item_text_once"),
            models.CheckConstraint(name="item_text_from_1", condition=models.Q(revision__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{languages.name_of(self.language)}, revision {self.revision}"


class OptionText(models.Model):
    """An option and its rationale in the language and revision of its item text."""

    table_class = tables.frozen("freeze_option_text")

    item_text = models.ForeignKey(ItemText, models.PROTECT, related_name="options")
    option = models.ForeignKey(Option, models.PROTECT, related_name="texts")
    text = models.TextField()
    text_html = models.TextField()
    rationale = models.TextField()
    rationale_html = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item_text", "option"], name="option_text_once")]

    def __str__(self) -> str:
        return f"{self.item_text_id} {self.option_id}"


class ItemImage(models.Model):
    """An image of pixels that texts show, by its content. Texts call it by the beginning of its digest."""

    table_class = tables.INSERT_ONLY

    digest = models.CharField(max_length=64, primary_key=True, help_text="SHA-256 of the content")
    media_type = models.CharField(max_length=12)
    width = models.PositiveSmallIntegerField(help_text="pixels")
    height = models.PositiveSmallIntegerField(help_text="pixels")
    content = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = pgettext_lazy("in a question", "image")
        verbose_name_plural = pgettext_lazy("in questions", "images")
        constraints = [
            models.UniqueConstraint(Left("digest", DIGITS), name="item_image_name_once"),
            models.CheckConstraint(
                name="item_image_by_content",
                condition=models.Q(
                    digest=Func(
                        Func("content", function="sha256", output_field=models.BinaryField()),
                        models.Value("hex"),
                        function="encode",
                        output_field=models.TextField(),
                    )
                ),
            ),
            models.CheckConstraint(
                name="item_image_kind", condition=models.Q(media_type__in=tuple(sorted(SUFFIXES)))
            ),
            models.CheckConstraint(
                name="item_image_size", condition=LessThanOrEqual(Length("content"), IMAGE_SIZE)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Return how texts call it."""
        return NAME + self.digest[:DIGITS]


class KeyRuling(models.Model):
    """What counts as correct of a published version from now on. Insert-only; the last of a version decides.

    It takes the place of all rulings before it on the version: the published key is what it begins from. One
    with `carried_from` was carried over from the version before, by who published the version.
    """

    table_class = tables.TableClass(
        tables.INSERT_ONLY.name,
        tables.INSERT_ONLY.rights,
        (tables.INSERT_ONLY_TRIGGER, "check_key_ruling"),
    )

    class Kind(models.TextChoices):
        """What was ruled, as everybody may read it: no answer is named."""

        ALSO = "also", pgettext_lazy("ruling on a question", "Another answer is also accepted.")
        REPLACE = "replace", pgettext_lazy("ruling on a question", "The correct answer was changed.")
        CREDIT = "credit", pgettext_lazy("ruling on a question", "Every answer counts as correct.")
        OUT = "out", pgettext_lazy("ruling on a question", "The question no longer counts.")

    class Cause(models.TextChoices):
        """Why, as everybody may read it."""

        SECOND = "second", pgettext_lazy("cause of a ruling", "More than one answer is correct.")
        WRONG = "wrong", pgettext_lazy("cause of a ruling", "The answer marked as correct was wrong.")
        UNCLEAR = "unclear", pgettext_lazy("cause of a ruling", "The question was unclear.")
        OUTDATED = "outdated", pgettext_lazy("cause of a ruling", "The question was out of date.")
        BROKEN = "broken", pgettext_lazy("cause of a ruling", "The question wasn't displayed correctly.")

    version = models.ForeignKey(ItemVersion, models.PROTECT, related_name="rulings")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    option_ids = ArrayField(models.IntegerField(), default=list, help_text="also accepted, or the new key")
    may_lower = models.BooleanField(help_text="scores that it lowers are lowered")
    cause = models.CharField(max_length=8, choices=Cause.choices)
    log = models.ForeignKey(PublishLog, models.PROTECT, related_name="+", db_index=False)
    carried_from = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="carried", db_index=False
    )

    class Meta:
        verbose_name = _("ruling")
        verbose_name_plural = _("rulings")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="key_ruling_options_by_kind",
                condition=models.Q(kind__in=("also", "replace"), option_ids__len__gte=1)
                | models.Q(kind__in=("credit", "out"), option_ids__len=0),
            ),
            models.CheckConstraint(
                name="key_ruling_cause_known",
                condition=models.Q(cause__in=("second", "wrong", "unclear", "outdated", "broken")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version}, ruling {self.pk}"
