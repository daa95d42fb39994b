"""Items as a kind of draft: from the current version to content, and from content to a new version."""

from collections.abc import Iterator, Sequence
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exams.assembly import sample as samples
from exams.assembly import services as assembly
from exams.assembly.models import ExamForm
from exams.authoring import item_content, item_remarks, item_rulings
from exams.authoring.kinds import Content, Current, PastRuling, Remark
from exams.bank import services as bank
from exams.bank.drafts import CannotPublish, Filing
from exams.bank.models import Item, ItemText, ItemVersion, KeyRuling
from exams.bank.services import current_versions
from exams.catalog.models import Certification, TaskStatement
from exams.content.markdown import figure_names, has_blocks, is_image, silent_images
from exams.content.question import split_question
from exams.content_sync.stored import whole_items
from exams.freshness import tasks
from exams.kinds.kinds import KINDS
from exams.kinds.profile import Profile
from exams.publication.models import PublishLog

NAME: Final = "item"


class ItemKind:
    """Items of the bank. Publishing one gives its exams a new edition, or new papers for a translation."""

    name = NAME
    label = gettext_lazy("Question")

    def current(self, certification: Certification, name: str) -> Current | None:
        """Return the current version with the newest text of each language. Six statements."""
        version = _current(certification, name)
        if version is None:
            return None
        newest = max([version.log, *(text.log for text in _newest(version))], key=lambda log: log.pk)
        return Current(content_of(version), newest)

    def empty(self, certification: Certification) -> Content:
        """Return an item without words."""
        return item_content.empty(certification.original_language)

    def validate(self, content: Content) -> Content:
        """Return the content in its one shape. Raises ContentError."""
        return item_content.clean(content)

    def remarks(self, certification: Certification, name: str, content: Content) -> Sequence[Remark]:
        """Return what is missing, what the rules find, and what of the bank is too near.

        Three statements, and more for a question that was ruled on or whose kind is not used.
        """
        return [
            *_missing(certification, content),
            *_unused_kind(certification, name, content),
            *item_rulings.remarks(certification, name, content),
            *item_remarks.by_markdown(content),
            *item_remarks.by_rules(certification, name, content),
            *item_remarks.by_bank(certification, name, content),
        ]

    def ruling_on(self, certification: Certification, name: str) -> KeyRuling | None:
        """Return the ruling by which the version is scored that the next one follows."""
        ruled = item_rulings.of(certification, name)
        return ruled.ruling if ruled else None

    def begin(self, certification: Certification, name: str, content: Content) -> Content:
        """Return the published content, with another key where a ruling replaced it."""
        return item_rulings.begun(item_rulings.of(certification, name), content)

    def publish(self, certification: Certification, name: str, content: Content, log: PublishLog) -> None:
        """Publish it where nobody said anything of a ruling. Raises as `publish_past`."""
        self.publish_past(certification, name, content, log, PastRuling())

    def publish_past(
        self, certification: Certification, name: str, content: Content, log: PublishLog, past: PastRuling
    ) -> None:
        """Publish a version, or only texts where nothing else differs, and what is made of them.

        A ruling on the version before is answered, carried over or lifted with it; texts alone leave it in
        force. Raises CannotPublish, and Refused as `item_rulings.decide`.
        """
        original = certification.original_language
        draft = item_content.item_draft(content, name, original)
        texts = [
            item_content.text_draft(content, language)
            for language, text in content["texts"].items()
            if language != original and item_content.written(text)
        ]
        version = _current(certification, name)
        is_moved = version is not None and _filed(version.item) != (
            draft.task_code,
            draft.coverage,
            draft.filing,
        )
        try:
            item = bank.ensure_item(certification, draft)
        except TaskStatement.DoesNotExist as error:
            raise CannotPublish(f"{name}: unknown task statement {draft.task_code!r}") from error
        if version is None or version.digest != draft.digest():
            decision = item_rulings.decide(item_rulings.of(certification, name), content, past)
            made = bank.draft_version(item, draft, log)
            for text in texts:
                bank.add_text(made, text, log)
            bank.publish(made, past_ruling=decision.ruled.ruling.pk if decision else None)
            if decision is not None:
                item_rulings.carry_out(decision, made, log)
        else:
            known = {text.language: text.digest for text in _newest(version)}
            changed = [text for text in texts if known.get(text.language) != text.digest()]
            # Where an item belongs has no entry of the log: its text, said again, tells who moved it.
            for text in changed or ([draft.text] if is_moved else []):
                bank.add_text(version, text, log)
        renew(certification, item, log)
        tasks.refresh(certification.pk, [item.pk])


def _filed(item: Item) -> tuple[str, tuple[str, ...], Filing]:
    filing = Filing(tuple(item.tags), item.twins, item.source_id)
    return item.task.code, tuple(item.coverage), filing


def _current(certification: Certification, name: str) -> ItemVersion | None:
    rows = current_versions(certification.code).filter(item__code=name)
    return rows.select_related("item__task", "log").first()


def _newest(version: ItemVersion) -> list[ItemText]:
    rows = ItemText.objects.filter(version=version).select_related("log").order_by("language", "-revision")
    return list(rows.distinct("language"))


def content_of(version: ItemVersion) -> Content:
    """Return a version with the newest text of each language, as content. Four statements."""
    whole = whole_items(ItemVersion.objects.filter(pk=version.pk))[version.pk]
    return item_content.from_whole(whole, twins=version.item.twins)


def renew(certification: Certification, item: Item, log: PublishLog) -> None:
    """Give each exam that has the item what it needs: a new edition, or papers of the newest texts."""
    forms = ExamForm.objects.filter(certification=certification, current__items__version__item=item)
    for form in forms.distinct():
        edition = assembly.renew(form, log)
        if edition is None:
            assembly.compile_papers(form)
    samples.renew(certification)


def _missing(certification: Certification, content: Content) -> Iterator[Remark]:
    """Yield what the bank would refuse, each at its field."""
    original, profile = certification.original_language, Profile.of(certification.profile)
    keys = sum(option["key"] for option in content["options"])
    tasks = TaskStatement.objects.filter(domain__certification=certification, code=content["task"])
    if not tasks.exists():
        yield _blocking("task", "known-task", _("Choose a task statement."))
    if keys != content["choose"]:
        yield _blocking(
            "options",
            "number-of-keys",
            _("Options marked as correct: %(keys)s. Options to choose: %(choose)s. Both must be the same.")
            % {"keys": keys, "choose": content["choose"]},
        )
    if keys == len(content["options"]):
        yield _blocking("options", "every-option-a-key", _("Every option is marked as correct."))
    if not KINDS[content["kind"]].takes(content["choose"]):
        yield _blocking(
            "choose", "keys-of-kind", _("One answer is chosen in a single-choice question, else two or more.")
        )
    if original not in content["texts"]:
        yield _blocking(f"texts.{original}", "original-text", _("The original text is missing."))
    known = _images(content)
    for language, text in content["texts"].items():
        if language == original or item_content.written(text):
            yield from _missing_words(language, text, profile)
            yield from _missing_figures(language, text, known)


def _unused_kind(certification: Certification, name: str, content: Content) -> Iterator[Remark]:
    """Yield that the profile has no such kind. What was published before it lost the kind may be mended."""
    if content["kind"] not in Profile.of(certification.profile).options:
        published = _current(certification, name)
        is_new = published is None or published.kind != content["kind"]
        yield Remark("kind", "unused-kind", str(item_remarks.UNUSED_KIND), blocks=is_new)


def _missing_words(language: str, text: Content, profile: Profile) -> Iterator[Remark]:
    place = f"texts.{language}"
    for name in ("stem", "why", *(part for part in ("principle", "tip") if part in profile.required)):
        if not text[name].strip():
            yield _blocking(f"{place}.{name}", "missing-text", _("This text is missing."), language)
    if not text["ask"].strip() and has_blocks(split_question(text["stem"]).ask):
        sentence = _(
            "Write the question into its own field, or the table or code above it is shown as plain text."
        )
        yield _blocking(f"{place}.ask", "question-apart", sentence, language)
    for number, option in enumerate(text["options"]):
        for name in ("text", "why") if "rationale" in profile.required else ("text",):
            if not option[name].strip():
                field = f"{place}.options.{number}.{name}"
                yield _blocking(field, "missing-text", _("This text is missing."), language)


def _images(content: Content) -> frozenset[str]:
    """Return the names of the images that texts show and the bank has. One statement if they show any."""
    texts = (words for text in content["texts"].values() for words in item_content.texts_of(text).values())
    return frozenset(bank.rasters([name for name in figure_names(*texts) if is_image(name)]))


def _missing_figures(language: str, text: Content, known: frozenset[str]) -> Iterator[Remark]:
    """Yield the figures that are not there, and the images of which no word says what they show."""
    there = known.union(figure["name"] for figure in text["figures"])
    for path, words in item_content.texts_of(text).items():
        field = f"texts.{language}.{path}"
        for name in figure_names(words):
            if name not in there:
                sentence = _("The figure %(name)s isn't here. Add its file below.") % {"name": name}
                yield _blocking(field, "known-figure", sentence, language)
        if silent_images(words):
            sentence = _("Describe the image between its brackets: some candidates can't see it.")
            yield _blocking(field, "image-words", sentence, language)


def _blocking(field: str, rule: str, sentence: str, language: str = "") -> Remark:
    return Remark(field, rule, sentence, blocks=True, language=language)
