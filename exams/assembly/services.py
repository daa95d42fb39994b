"""Writing forms: draft an edition, publish it, compile its papers. The only writers of these rows."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from exams.assembly.drafts import EditionDraft, Placed
from exams.assembly.models import ExamForm, FormEdition, FormItem, Paper
from exams.assembly.selectors import current_edition, draft_of, places_of
from exams.bank import rulings
from exams.bank.drafts import CannotPublish
from exams.bank.models import ItemText, ItemVersion
from exams.catalog.models import Certification
from exams.content.digest import digest_of
from exams.publication.models import PublishLog
from i18n import languages


def ensure_form(certification: Certification, number: int) -> ExamForm:
    """Return the form of this number, made if it is not there."""
    form, _ = ExamForm.objects.get_or_create(certification=certification, number=number)
    return form


@transaction.atomic
def publish_edition(form: ExamForm, draft: EditionDraft, log: PublishLog) -> FormEdition:
    """Store and freeze the next edition of a form and make it the current one.

    Raises CannotPublish with the reasons against it.
    """
    _check(form, draft)
    last = form.editions.aggregate(last=Max("number"))["last"] or 0
    edition = FormEdition.objects.create(
        form=form,
        number=last + 1,
        minutes=draft.minutes,
        pass_mark=draft.pass_mark,
        scale_min=draft.scale_min,
        scale_max=draft.scale_max,
        weights={str(number): weight for number, weight in draft.weights.items()},
        digest=draft.digest(),
        log=log,
    )
    FormItem.objects.bulk_create(FormItem(edition=edition, **asdict(placed)) for placed in draft.items)
    FormEdition.objects.filter(pk=edition.pk).update(published_at=Now())
    ExamForm.objects.filter(pk=form.pk).update(current=edition)
    edition.refresh_from_db()
    return edition


@transaction.atomic
def renew(form: ExamForm, log: PublishLog) -> FormEdition | None:
    """Publish the current edition of a form anew, with the current version of each of its items.

    Return None where nothing is newer, or nothing was published yet. A withdrawn item keeps its version. The
    papers of its languages are compiled at once. Two at once wait for each other.
    """
    locked = ExamForm.objects.select_for_update(of=("self",)).get(pk=form.pk)
    before = current_edition(locked.pk)
    standing = places_of([before.pk])[before.pk] if before else []
    if before is None or not any(item.is_stale for item in standing):
        return None
    items = [replace(item.placed, version_id=item.current_id or item.placed.version_id) for item in standing]
    return follow(locked, before, items, log)


@transaction.atomic
def follow(form: ExamForm, before: FormEdition, items: Sequence[Placed], log: PublishLog) -> FormEdition:
    """Publish an edition in the place of another one, with other items, and its papers in all its languages.

    Raises CannotPublish.
    """
    edition = publish_edition(form, draft_of(before, items), log)
    for language in offered_languages(edition, before):
        compile_paper(edition, language)
    return edition


@transaction.atomic
def compile_papers(form: ExamForm) -> None:
    """Compile the papers of the current edition of a form anew, where a text of them is newer.

    A language in which all of it is translated now is offered from now on.
    """
    edition = current_edition(form.pk)
    if edition is not None:
        for language in offered_languages(edition, edition):
            compile_paper(edition, language)


def offered_languages(edition: FormEdition, before: FormEdition | None) -> list[str]:
    """Return in which languages an edition is offered after another one.

    The original, what was offered before, and every language in which all of it is translated.
    """
    wanted = {edition.form.certification.original_language}
    if before is not None:
        wanted |= set(before.papers.values_list("language", flat=True))
    versions = list(edition.items.values_list("version_id", flat=True))
    pairs = ItemText.objects.filter(version_id__in=versions).values_list("language", "version_id").distinct()
    counts = Counter(language for language, _version in pairs)
    return sorted(wanted | {language for language, count in counts.items() if count == len(versions)})


def _check(form: ExamForm, draft: EditionDraft) -> None:
    published = ItemVersion.objects.filter(
        pk__in=[placed.version_id for placed in draft.items], published_at__isnull=False
    ).count()
    scored = [placed for placed in draft.items if placed.is_scored]
    domains = {placed.domain_number for placed in scored}
    out = rulings.out_of_score()
    rules = [
        (bool(draft.items), _("It has no questions.")),
        (bool(scored), _("No question counts toward the score.")),
        (
            not scored or any(item.version_id not in out for item in scored),
            _("Every question that counts was ruled out."),
        ),
        (
            [p.position for p in draft.items] == list(range(1, len(draft.items) + 1)),
            _("The positions have gaps."),
        ),
        (published == len(draft.items), _("A question isn't published, or is there twice.")),
        (domains <= set(draft.weights), _("A domain has no weight.")),
    ]
    messages = [message for holds, message in rules if not holds]
    if messages:
        raise CannotPublish(f"{form}: {' '.join(messages)}")


def newest_texts(edition: FormEdition, language: str) -> list[ItemText]:
    """Return the newest text of each position in the language, or in the original where there is none."""
    original = edition.form.certification.original_language
    versions = list(edition.items.order_by("position").values_list("version_id", flat=True))
    rows = (
        ItemText.objects.filter(version_id__in=versions, language__in={language, original})
        .order_by("version_id", "language", "-revision")
        .distinct("version_id", "language")
        .prefetch_related("options__option")
    )
    texts = {(row.version_id, row.language): row for row in rows}
    return [texts.get((version, language)) or texts[version, original] for version in versions]


@transaction.atomic
def compile_paper(edition: FormEdition, language: str) -> tuple[Paper, bool]:
    """Return the paper of the newest texts and whether it had to be made: content without any key."""
    texts = newest_texts(edition, language)
    digest = digest_of({"language": language, "texts": [text.pk for text in texts]})
    last = edition.papers.filter(language=language).order_by("-revision").first()
    # Papers are named by ids of texts, and texts never change: equal ids are an equal paper.
    if last and last.digest == digest:
        return last, False
    paper = Paper.objects.create(
        edition=edition,
        language=language,
        revision=(last.revision if last else 0) + 1,
        digest=digest,
        content=_content(edition, texts),
        text_ids=[text.pk for text in texts],
    )
    if last is None:
        _offer(edition.form.certification_id, language)
    return paper, True


def _offer(certification_id: int, language: str) -> None:
    """Have the pages of a certification say that exams of it can be taken in a language."""
    # Without its key, or everything that is stored meanwhile and points here would wait.
    rows = Certification.objects.select_for_update(of=("self",), no_key=True)
    certification = rows.get(pk=certification_id)
    if language in certification.languages:
        return
    offered, original = {*certification.languages, language}, certification.original_language
    others = [code for code in languages.CODES if code in offered and code != original]
    certification.languages = [original, *others]
    certification.save(update_fields=["languages"])


def _content(edition: FormEdition, texts: Sequence[ItemText]) -> list[dict[str, Any]]:
    items = edition.items.order_by("position").select_related("version")
    return [
        {
            "position": item.position,
            "kind": item.version.kind,
            "choose": item.version.choose,
            "language": text.language,
            "stem": text.stem_html,
            "ask": text.ask_html,
            "options": [
                [part.option_id, part.text_html]
                for part in sorted(text.options.all(), key=lambda part: part.option.order)
            ],
        }
        for item, text in zip(items, texts, strict=True)
    ]
