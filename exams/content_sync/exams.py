"""The parts with the exams and the free sample: items into the bank, the rest into the assembly."""

from collections.abc import Collection, Container, Mapping, Sequence

from exams.assembly import sample as samples
from exams.assembly import services as assembly
from exams.assembly.selectors import current_editions
from exams.bank import services as bank
from exams.bank.models import ItemVersion
from exams.bank.services import current_versions
from exams.catalog.models import Certification
from exams.content.catalog import CatalogPart
from exams.content.exams import ExamsPart, ExamsRecord
from exams.content.formats.exam_yaml import write_exam, write_sample, write_translation
from exams.content.parts import Content
from exams.content.records import SAMPLE_NAME, SampleRecord
from exams.content.sample import FILE, SamplePart, sample_of
from exams.content_sync.operations import (
    EditionOperation,
    MoveOperation,
    Operation,
    PaperOperation,
    RenewOperation,
    SampleOperation,
    TextOperation,
    VersionOperation,
)
from exams.content_sync.parts import StoredPart, apply
from exams.content_sync.plan import edition_draft, plan_exams, plan_sample
from exams.content_sync.stored import (
    drawings,
    exam_record,
    standing_forms,
    stored_bank,
    stored_items,
    translations,
    whole_items,
)
from exams.publication import services as publication
from exams.publication.models import PublishLog


class StoredExamsPart(ExamsPart, StoredPart[ExamsRecord]):
    """Items, editions and papers. Unchanged ones are left alone."""

    def plan(self, record: ExamsRecord, content: Content, overwrite: Container[str]) -> Sequence[Operation]:
        """Return what has changed since the last load. Raises FormatError where a file is unsound."""
        catalog = content[CatalogPart]
        return plan_exams(record, catalog, stored_bank(catalog.certification.code), overwrite)

    def names(self, record: ExamsRecord, content: Content) -> Collection[str]:
        """Return the names of the exams as the plan of a load has them: by their numbers."""
        plans = (content[CatalogPart].blueprint.plan(exam.name) for exam in record.exams)
        return [f"exam-{plan.number}" for plan in plans if plan]

    def write(self, code: str) -> Mapping[str, bytes]:
        """Return a file for each form and language, with the figures that they show."""
        files: dict[str, bytes] = {}
        for form in standing_forms(code):
            items = [whole for _, whole in form.items]
            files[f"exams/exam-{form.number}.yaml"] = write_exam(exam_record(form))
            for record in translations(form.name, items):
                files[f"exams/exam-{form.number}.{record.language}.yaml"] = write_translation(record)
            files |= drawings(items)
        return files


@apply.register
def _publish_version(operation: VersionOperation, code: str, log: PublishLog) -> None:
    item = bank.ensure_item(Certification.objects.get(code=code), operation.draft)
    bank.publish(bank.draft_version(item, operation.draft, log))


@apply.register
def _move(operation: MoveOperation, code: str, log: PublishLog) -> None:
    bank.ensure_item(Certification.objects.get(code=code), operation.draft)


@apply.register
def _add_text(operation: TextOperation, code: str, log: PublishLog) -> None:
    bank.add_text(current_versions(code).get(item__code=operation.code), operation.draft, log)


@apply.register
def _publish_edition(operation: EditionOperation, code: str, log: PublishLog) -> None:
    form = assembly.ensure_form(Certification.objects.get(code=code), operation.plan.number)
    items = stored_items(code)
    versions = {name: items[name].version_id for name in operation.codes}
    draft = edition_draft(operation.blueprint, operation.plan, operation.codes, versions)
    assembly.publish_edition(form, draft, log)


@apply.register
def _renew(operation: RenewOperation, code: str, log: PublishLog) -> None:
    edition = current_editions(code).get(form__number=operation.number)
    # Its shape stays that of whoever put it together: named as of files, the next load would undo it.
    if edition.log.source != log.source:
        log = publication.begin(PublishLog.Source(edition.log.source), reason=str(operation))
    assembly.renew(edition.form, log)


@apply.register
def _compile(operation: PaperOperation, code: str, log: PublishLog) -> None:
    assembly.compile_paper(current_editions(code).get(form__number=operation.number), operation.language)


class StoredSamplePart(SamplePart, StoredPart[SampleRecord]):
    """Items as those of exams, and which of them form the sample, in which order."""

    def plan(self, record: SampleRecord, content: Content, overwrite: Container[str]) -> Sequence[Operation]:
        """Return what has changed since the last load. Raises FormatError where the file is unsound."""
        catalog = content[CatalogPart]
        code = catalog.certification.code
        return plan_sample(
            sample_of(record, content),
            catalog.original_language,
            stored_items(code),
            samples.positions(code),
            overwrite,
        )

    def write(self, code: str) -> Mapping[str, bytes]:
        """Return the sample in each language, with the figures that it shows; nothing where there is none."""
        placed = [version_id for _, version_id in samples.positions(code)]
        by_version = whole_items(ItemVersion.objects.filter(pk__in=placed))
        items = [by_version[version_id] for version_id in placed]
        if not items:
            return {}
        files = {FILE: write_sample(SampleRecord(tuple(whole.record for whole in items)))}
        for record in translations(SAMPLE_NAME, items):
            files[f"sample.{record.language}.yaml"] = write_translation(record)
        return files | drawings(items)


@apply.register
def _place_sample(operation: SampleOperation, code: str, log: PublishLog) -> None:
    stored = stored_items(code)
    keys = [stored[name].version_id for name in operation.codes]
    versions = ItemVersion.objects.select_related("item").in_bulk(keys)
    samples.place(Certification.objects.get(code=code), [versions[key] for key in keys])
