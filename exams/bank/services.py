"""The bank: draft a version, publish it, add texts, keep images; nobody else writes these rows.

Images are stored once by their content, called by their names, and never changed. Nobody is asked who they
are before an image is sent: its address is the SHA-256 of its content, which nobody can guess, and stands
only where its text may be read. So an image of a rationale is as secret as that text (G5), and a paper, which
holds no rationale, names no such image.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from string import ascii_uppercase
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.db.models.functions import Left, Now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exams.bank import markdown, rulings
from exams.bank.drafts import CannotPublish, ItemDraft, TextDraft
from exams.bank.markdown import Raster
from exams.bank.models import Item, ItemImage, ItemText, ItemVersion, Option, OptionText
from exams.catalog.models import Certification, TaskStatement
from exams.content.exchange_formats.pictures import DIGITS, NAME
from exams.content.exchange_formats.shape import Picture
from exams.content.markdown import TEXT_LENGTH, figure_names, is_image
from exams.content.question import split_question
from exams.kinds.kinds import KINDS
from exams.publication.models import PublishLog

WORDS: Final = ("stem", "ask", "why", "principle", "tip")
"""The texts of an item beside its options; each has a column for its HTML."""


def ensure_item(certification: Certification, draft: ItemDraft) -> Item:
    """Return the item of this code, made or brought to the draft's task and coverage."""
    task = TaskStatement.objects.get(domain__certification=certification, code=draft.task_code)
    item, _ = Item.objects.update_or_create(
        certification=certification,
        code=draft.code,
        defaults={"task": task, "coverage": list(draft.coverage), **_filing(draft)},
    )
    return item


def _filing(draft: ItemDraft) -> dict[str, Any]:
    if draft.filing is None:
        return {}
    return {**asdict(draft.filing), "tags": list(draft.filing.tags)}


@transaction.atomic
def draft_version(item: Item, draft: ItemDraft, log: PublishLog) -> ItemVersion:
    """Store the next version of an item with its options and its original text, not yet published.

    Raises CannotPublish as `add_text` does.
    """
    # Two editors at once take the same number, and the unique key refuses the second.
    last = item.versions.aggregate(last=Max("number"))["last"] or 0
    version = ItemVersion.objects.create(
        item=item,
        number=last + 1,
        kind=draft.kind,
        choose=draft.choose,
        difficulty=draft.difficulty,
        cognitive_level=draft.cognitive_level,
        digest=draft.digest(),
        log=log,
    )
    options = Option.objects.bulk_create(
        Option(version=version, order=order, is_key=is_key, failure=failure)
        for order, (is_key, failure) in enumerate(zip(draft.keys, draft.failures, strict=True))
    )
    _store_text(version, options, draft.text, 1, log)
    return version


@transaction.atomic
def add_text(version: ItemVersion, draft: TextDraft, log: PublishLog) -> ItemText:
    """Store a text of a version as the next revision in its language, rendered and cleaned once.

    Raises CannotPublish where it shows a figure that is not there or not sound.
    """
    last = version.texts.filter(language=draft.language).aggregate(last=Max("revision"))["last"] or 0
    return _store_text(version, version.options.all(), draft, last + 1, log)


def _store_text(
    version: ItemVersion, options: Iterable[Option], draft: TextDraft, revision: int, log: PublishLog
) -> ItemText:
    html = rendered(draft, f"{version.item.code}-{draft.language}{revision}")
    text = ItemText.objects.create(
        version=version,
        language=draft.language,
        revision=revision,
        digest=draft.digest(),
        **{name: getattr(draft, name) for name in WORDS},
        **{f"{name}_html": getattr(html, name) for name in WORDS},
        figures=dict(draft.figures),
        references=[{"title": title, "url": url} for title, url in draft.references],
        log=log,
    )
    OptionText.objects.bulk_create(
        OptionText(
            item_text=text,
            option=option,
            text=words,
            text_html=text_html,
            rationale=rationale,
            rationale_html=rationale_html,
        )
        for option, (words, rationale), (text_html, rationale_html) in zip(
            options, draft.options, html.options, strict=True
        )
    )
    return text


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text as HTML that was cleaned, with its options as (text, rationale)."""

    stem: str
    ask: str
    why: str
    principle: str
    tip: str
    options: tuple[tuple[str, str], ...]


def rendered(draft: TextDraft, prefix: str) -> Rendered:
    """Return a text as it is shown, ids in it beginning with `prefix`: what is stored, and what is tried.

    Raises CannotPublish where it shows a figure that is not there or not sound, and for a text that is longer
    than any may be: rendering takes the square of its length at worst.
    """
    texts = [getattr(draft, name) for name in WORDS] + [text for pair in draft.options for text in pair]
    longest = max(map(len, texts))
    if longest > TEXT_LENGTH:
        raise CannotPublish(
            gettext_lazy("A text has %(length)d characters. At most %(most)d are allowed."),
            length=longest,
            most=TEXT_LENGTH,
        )
    stem, ask = _parts(draft)
    images = rasters([name for name in figure_names(*draft.words) if is_image(name)])
    setting = markdown.Setting(dict(draft.figures), prefix, draft.language, images=images)
    return Rendered(
        markdown.render(stem, setting.part("s")),
        markdown.render_inline(ask),
        markdown.render(draft.why, setting.part("w")),
        markdown.render(draft.principle, setting.part("p")),
        markdown.render(draft.tip, setting.part("t")),
        tuple(
            (
                markdown.render_option(words, setting.part(letter, scrolls=False)),
                markdown.render_option(rationale, setting.part(f"{letter}w")),
            )
            for letter, (words, rationale) in zip(ascii_uppercase, draft.options, strict=False)
        ),
    )


def _parts(draft: TextDraft) -> tuple[str, str]:
    """Return setting and question; a text that does not part them has the question in its last sentence."""
    if draft.ask:
        return draft.stem, draft.ask
    parts = split_question(draft.stem)
    return parts.setting, f"{parts.ask} {parts.note}"


def problems(version: ItemVersion) -> list[str]:
    """Return why a version may not be published; an empty list means that it may."""
    options: Sequence[Option] = list(version.options.all())
    keys = sum(option.is_key for option in options)
    kind = KINDS[version.kind]
    texts = list(
        OptionText.objects.filter(
            option__version=version, item_text__language=version.item.certification.original_language
        ).values_list("text", flat=True)
    )
    rules = [
        (
            keys == version.choose,
            _("Options marked as correct: %(keys)s. Options to choose: %(choose)s. Both must be the same.")
            % {"keys": keys, "choose": version.choose},
        ),
        (keys < len(options), _("Every option is a key.")),
        (kind.takes(keys), _(kind.key_rule)),
        (len(texts) >= len(options), _("An option has no text in the original language.")),
        (len(set(texts)) == len(texts), _("Two options read the same.")),
    ]
    return [message for holds, message in rules if not holds]


@transaction.atomic
def publish(version: ItemVersion, *, past_ruling: int | None = None) -> ItemVersion:
    """Freeze a version for good and make it the current one of its item.

    `past_ruling` is the ruling on the version before of which the publisher said what becomes. Raises
    CannotPublish with every reason against it, and where that version is scored by another ruling: the next
    one would undo it.
    """
    # Two who publish a version at once: the second finds it published and changes nothing.
    locked = (
        ItemVersion.objects.select_for_update(of=("self",))
        .select_related("item__certification")
        .get(pk=version.pk)
    )
    reasons = problems(locked)
    if reasons:
        raise CannotPublish(f"{locked.item.code}: {' '.join(reasons)}")
    if locked.published_at is None:
        _refuse_undoing(locked, past_ruling)
        ItemVersion.objects.filter(pk=locked.pk).update(published_at=Now())
        Item.objects.filter(pk=locked.item_id).update(current=locked.pk)
    version.refresh_from_db()
    return version


def _refuse_undoing(version: ItemVersion, past_ruling: int | None) -> None:
    """Raise CannotPublish where a ruling on the version before would be undone unsaid."""
    before = rulings.standing_version(version.item) if version.number > 1 else None
    ruling = rulings.deciding([before.pk]).get(before.pk) if before else None
    if before and ruling and ruling.pk != past_ruling:
        raise CannotPublish(
            gettext_lazy(
                "%(code)s: there is a ruling on version %(number)s. Publish the next version from a draft."
            ),
            code=version.item.code,
            number=before.number,
        )


def current_versions(code: str) -> QuerySet[ItemVersion]:
    """Return the current version of each item of a certification."""
    return ItemVersion.objects.filter(item__certification__code=code, item__current=F("pk"))


def item_tasks(code: str) -> dict[str, str]:
    """Return the code of the task of each item of a certification, by the code of the item."""
    return dict(Item.objects.filter(certification__code=code).values_list("code", "task__code"))


def store_images(pictures: Iterable[Picture]) -> None:
    """Keep images; those that are there already are left as they are.

    Raises CannotPublish where another image has the same name, which is no accident.
    """
    by_digest = {sha256(one.data).hexdigest(): one for one in pictures}
    ItemImage.objects.bulk_create(
        [
            ItemImage(
                digest=digest,
                media_type=picture.media_type,
                width=picture.width,
                height=picture.height,
                content=picture.data,
            )
            for digest, picture in by_digest.items()
        ],
        ignore_conflicts=True,
    )
    # What was not stored and is not there shares its name with other content.
    kept = set(ItemImage.objects.filter(digest__in=by_digest).values_list("digest", flat=True))
    for digest in by_digest.keys() - kept:
        raise CannotPublish(
            gettext_lazy("Another image is called %(name)s."), name=ItemImage(digest=digest).name
        )


def rasters(names: Collection[str]) -> dict[str, Raster]:
    """Return where images are and how large, by their names; nothing of those that are not there.

    One statement, none without names.
    """
    if not names:
        return {}
    rows = _images_named(names).values_list("digest", "width", "height")
    return {ItemImage(digest=digest).name: Raster(digest, width, height) for digest, width, height in rows}


def pictures(names: Collection[str], most: int | None = None) -> tuple[Picture, ...]:
    """Return images with their content, by name; of `most` bytes those that come first. One statement."""
    if not names:
        return ()
    chosen, size = [], 0
    # One at a time: what is beyond `most` is not even read.
    for row in _images_named(names).order_by("digest").iterator(chunk_size=1):
        size += len(row.content)
        if most is not None and size > most:
            break
        chosen.append(Picture(row.name, row.media_type, bytes(row.content), row.width, row.height))
    return tuple(chosen)


def image(digest: str) -> ItemImage | None:
    """Return an image by its SHA-256, or None. One statement."""
    return ItemImage.objects.filter(digest=digest).first()


def _images_named(names: Collection[str]) -> QuerySet[ItemImage]:
    starts = [name.removeprefix(NAME) for name in names]
    return ItemImage.objects.alias(start=Left("digest", DIGITS)).filter(start__in=starts)
