"""Loading content: read what is held, plan, and carry the plan out in one transaction, all or nothing."""

from collections.abc import Callable, Iterable
from typing import Final

from django.db import connection, transaction

from exams.assembly import services as assembly
from exams.assembly.models import FormEdition, Paper
from exams.bank import services as bank
from exams.bank.models import ItemText, ItemVersion
from exams.catalogue import services as catalogue
from exams.catalogue.models import Certification
from exams.content.records import FormatError, Problem
from exams.content.rules import options, structure
from exams.content.rules.findings import Breach
from exams.content.rules.measured import Sheet
from exams.exchange.files import ContentFiles
from exams.exchange.plan import (
    FormStep,
    Held,
    HeldForm,
    HeldItem,
    Plan,
    TextStep,
    VersionStep,
    edition_draft,
    make_plan,
)

LOCK: Final = 7_120_001
STRUCTURAL: Final = (structure.v01, structure.v02, options.v17)

type Progress = Callable[[str], None]


def load(files: ContentFiles, *, dry_run: bool = False, progress: Progress = lambda line: None) -> Plan:
    """Bring the bank to the state of the files and return what was done.

    With `dry_run` only the plan is made. Raises FormatError, and stores nothing, where content cannot be
    published; two loads at once wait for each other.
    """
    refuse_unsound(files)
    with transaction.atomic():
        if dry_run:
            return make_plan(files, hold(files.certification.code))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        plan = make_plan(files, hold(files.certification.code))
        _carry_out(plan, progress)
        return plan


def refuse_unsound(files: ContentFiles) -> None:
    """Raise FormatError where a file does not hold what the blueprint plans or its original has."""
    breaches: list[Breach] = []
    originals = {exam.name: exam for exam in files.exams}
    for exam in files.exams:
        plan, place = files.blueprint.plan(exam.name), exam.place
        if plan is None:
            breaches.append(Breach(place.file, place.line, "", "V01", "not planned", "the blueprint"))
            continue
        sheet = Sheet(exam, plan)
        breaches += [breach for rule in STRUCTURAL for breach in rule(sheet).breaches]
    for translation in files.translations:
        original, place = originals.get(translation.name), translation.place
        if original is None:
            breaches.append(Breach(place.file, place.line, "", "T01", "has no original", "exam-N.yaml"))
            continue
        breaches += structure.t01(translation, original).breaches
        breaches += structure.t02(translation, original).breaches
    if breaches:
        raise FormatError(tuple(breach.as_problem() for breach in breaches))


def hold(code: str) -> Held:
    """Return what the database holds of a certification."""
    versions = (
        ItemVersion.objects.filter(item__certification__code=code, published_at__isnull=False)
        .order_by("item_id", "-number")
        .distinct("item_id")
        .select_related("item__task")
    )
    newest = list(versions)
    texts: dict[int, dict[str, str]] = {version.pk: {} for version in newest}
    rows = ItemText.objects.filter(version_id__in=texts).order_by("revision")
    for version_id, language, digest in rows.values_list("version_id", "language", "digest"):
        texts[version_id][language] = digest
    items = {
        version.item.code: HeldItem(
            version.pk,
            version.digest,
            version.item.task.code,
            tuple(version.item.coverage),
            texts[version.pk],
        )
        for version in newest
    }
    return Held(catalogue.held(code), items, _held_forms(code))


def _held_forms(code: str) -> dict[int, HeldForm]:
    editions = list(_newest_editions(code))
    papers: dict[int, set[str]] = {edition.pk: set() for edition in editions}
    for edition_id, language in Paper.objects.filter(edition_id__in=papers).values_list(
        "edition_id", "language"
    ):
        papers[edition_id].add(language)
    return {
        edition.form.number: HeldForm(edition.digest, frozenset(papers[edition.pk])) for edition in editions
    }


def _newest_editions(code: str) -> Iterable[FormEdition]:
    return (
        FormEdition.objects.filter(form__certification__code=code, published_at__isnull=False)
        .order_by("form_id", "-number")
        .distinct("form_id")
        .select_related("form")
    )


def _carry_out(plan: Plan, progress: Progress) -> None:
    catalogue.save(plan.code, plan.catalogue)
    if plan.catalogue:
        progress(f"catalogue: {len(plan.catalogue)} rows")
    certification = Certification.objects.get(code=plan.code)
    for version in plan.versions:
        _publish_version(certification, version)
        progress(f"{version.draft.code}: {'new item' if version.is_new else 'new version'}")
    for move in plan.moves:
        bank.ensure_item(certification, move.draft)
        progress(f"{move.draft.code}: task or coverage")
    versions = _newest_versions(certification)
    for text in plan.texts:
        _add_text(versions, text)
        progress(f"{text.code}: {'new text' if text.is_new else 'new revision'} in {text.draft.language}")
    ids = {code: version.pk for code, version in versions.items()}
    for form in plan.forms:
        _publish_form(certification, plan, form, ids, progress)


def _publish_version(certification: Certification, step: VersionStep) -> None:
    item = bank.ensure_item(certification, step.draft)
    version = bank.draft_version(item, step.draft)
    try:
        bank.publish(version)
    except bank.CannotPublish as error:
        raise FormatError((Problem(step.place, step.draft.code, str(error)),)) from error


def _newest_versions(certification: Certification) -> dict[str, ItemVersion]:
    rows = (
        ItemVersion.objects.filter(item__certification=certification, published_at__isnull=False)
        .order_by("item_id", "-number")
        .distinct("item_id")
        .select_related("item")
    )
    return {version.item.code: version for version in rows}


def _add_text(versions: dict[str, ItemVersion], step: TextStep) -> None:
    bank.add_text(versions[step.code], step.draft)


def _publish_form(
    certification: Certification, plan: Plan, step: FormStep, versions: dict[str, int], progress: Progress
) -> None:
    form = assembly.ensure_form(certification, step.plan.number)
    if step.new_edition:
        draft = edition_draft(plan.blueprint, step.plan, step.codes, versions)
        try:
            edition = assembly.publish_edition(form, draft)
        except assembly.CannotPublish as error:
            raise FormatError((Problem(step.place, "", str(error)),)) from error
        progress(f"exam {step.plan.number}: edition {edition.number}")
    else:
        edition = form.editions.filter(published_at__isnull=False).order_by("-number")[0]
    for language in step.languages:
        paper, _ = assembly.compile_paper(edition, language)
        progress(f"exam {step.plan.number}: paper in {language}, revision {paper.revision}")
