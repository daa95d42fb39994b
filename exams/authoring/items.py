"""Items as a kind of draft: from the current version to content, and from content to a new version."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db.models import F, Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exams.assembly import sample as samples
from exams.assembly import services as assembly
from exams.assembly.models import ExamForm
from exams.authoring import item_content
from exams.authoring.kinds import Content, Current, Remark
from exams.bank import services as bank
from exams.bank.drafts import CannotPublish
from exams.bank.models import Item, ItemText, ItemVersion, OptionText
from exams.catalogue.models import Certification, TaskStatement
from exams.publication.models import PublishLog

NAME: Final = "item"


class ItemKind:
    """Items of the bank. Publishing one gives its exams a new edition, or new papers for a translation."""

    name = NAME
    label = gettext_lazy("Question")

    def current(self, certification: Certification, name: str) -> Current | None:
        """Return the current version with the newest text of each language. Four statements."""
        version = _current(certification, name)
        if version is None:
            return None
        texts = _newest(version)
        newest = max([version.log, *(text.log for text in texts)], key=lambda log: log.pk)
        return Current(_content(version, texts, certification.original_language), newest)

    def empty(self, certification: Certification) -> Content:
        """Return an item without words."""
        return item_content.empty(certification.original_language)

    def clean(self, content: Content) -> Content:
        """Return the content in its one shape. Raises ContentError."""
        return item_content.clean(content)

    def remarks(self, certification: Certification, name: str, content: Content) -> Sequence[Remark]:
        """Return what keeps the item from publication."""
        return list(_missing(certification, content))

    def publish(self, certification: Certification, name: str, content: Content, log: PublishLog) -> None:
        """Publish a version, or only texts where nothing else differs, and what is made of them.

        Raises CannotPublish.
        """
        original = certification.original_language
        draft = item_content.item_draft(content, name, original)
        texts = [
            item_content.text_draft(content, language)
            for language, text in content["texts"].items()
            if language != original and item_content.written(text)
        ]
        try:
            item = bank.ensure_item(certification, draft)
        except TaskStatement.DoesNotExist as error:
            raise CannotPublish(f"{name}: unknown task statement {draft.task_code!r}") from error
        version = _current(certification, name)
        if version is None or version.digest != draft.digest():
            made = bank.draft_version(item, draft, log)
            for text in texts:
                bank.add_text(made, text, log)
            bank.publish(made)
        else:
            known = {text.language: text.digest for text in _newest(version)}
            for text in texts:
                if known.get(text.language) != text.digest():
                    bank.add_text(version, text, log)
        renew(certification, item, log)


def _current(certification: Certification, name: str) -> ItemVersion | None:
    rows = ItemVersion.objects.filter(
        item__certification=certification, item__code=name, item__current=F("pk")
    )
    return rows.select_related("item__task", "log").first()


def _newest(version: ItemVersion) -> list[ItemText]:
    rows = ItemText.objects.filter(version=version).select_related("log").order_by("language", "-revision")
    options = OptionText.objects.order_by("option__order")
    return list(rows.distinct("language").prefetch_related(Prefetch("options", options)))


def content_of(version: ItemVersion, original: str) -> dict[str, Any]:
    """Return a version with the newest text of each language, as content. Three statements."""
    return _content(version, _newest(version), original)


def _content(version: ItemVersion, texts: Sequence[ItemText], original: str) -> dict[str, Any]:
    by_language = {text.language: text for text in texts}
    return item_content.clean(
        {
            "task": version.item.task.code,
            "kind": version.kind,
            "choose": version.choose,
            "difficulty": version.difficulty,
            "level": version.cognitive_level,
            "covers": list(version.item.coverage),
            "options": [{"key": one.is_key, "failure": one.failure} for one in version.options.all()],
            "references": by_language[original].references,
            "texts": {language: _words(text) for language, text in by_language.items()},
        }
    )


def _words(text: ItemText) -> dict[str, Any]:
    return {
        **{name: getattr(text, name) for name in item_content.WORDS},
        "options": [{"text": one.text, "why": one.rationale} for one in text.options.all()],
        "figures": [{"name": name, "svg": svg} for name, svg in text.figures.items()],
    }


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
    original = certification.original_language
    keys = sum(option["key"] for option in content["options"])
    tasks = TaskStatement.objects.filter(domain__certification=certification, code=content["task"])
    if not tasks.exists():
        yield _blocking("task", "known-task", _("Choose a task statement."))
    if keys != content["choose"]:
        yield _blocking(
            "options",
            "number-of-keys",
            _("%(keys)s options are marked as correct, but %(choose)s are to be chosen.")
            % {"keys": keys, "choose": content["choose"]},
        )
    if keys == len(content["options"]):
        yield _blocking("options", "every-option-a-key", _("Every option is marked as correct."))
    if (content["kind"] == "single") != (content["choose"] == 1):
        yield _blocking(
            "choose", "keys-of-kind", _("One answer is chosen in a single-choice question, else two or more.")
        )
    if original not in content["texts"]:
        yield _blocking(f"texts.{original}", "original-text", _("The original text is missing."))
    for language, text in content["texts"].items():
        if language == original or item_content.written(text):
            yield from _missing_words(language, text)


def _missing_words(language: str, text: Content) -> Iterator[Remark]:
    place = f"texts.{language}"
    for name in ("stem", "why", "principle", "tip"):
        if not text[name].strip():
            yield _blocking(f"{place}.{name}", "missing-text", _("This text is missing."), language)
    seen: set[str] = set()
    for number, option in enumerate(text["options"]):
        for name in ("text", "why"):
            if not option[name].strip():
                field = f"{place}.options.{number}.{name}"
                yield _blocking(field, "missing-text", _("This text is missing."), language)
        words = option["text"].strip()
        if words and words in seen:
            field = f"{place}.options.{number}.text"
            yield _blocking(field, "same-options", _("Two options read the same."), language)
        seen.add(words)


def _blocking(field: str, rule: str, sentence: str, language: str = "") -> Remark:
    return Remark(field, rule, sentence, blocks=True, language=language)
