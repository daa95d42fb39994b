"""The exams part with its tables: items into the bank, forms and papers into the assembly."""

from collections.abc import Collection, Mapping, Sequence

from exams.assembly import services as assembly
from exams.assembly.models import FormEdition
from exams.assembly.selectors import current_editions
from exams.bank import services as bank
from exams.bank.drafts import CannotPublish
from exams.bank.models import ItemVersion
from exams.bank.services import current_versions
from exams.catalogue.models import Certification
from exams.content.catalogue import CataloguePart
from exams.content.exams import ExamsPart, ExamsRecord
from exams.content.formats.exam_yaml import write_exam, write_translation
from exams.content.parts import Content
from exams.content.records import FormatError, Problem
from exams.exchange.drafts import edition_draft
from exams.exchange.parts import StoredPart
from exams.exchange.plan import plan_exams
from exams.exchange.plans import exam_record, standing_forms, translations
from exams.exchange.steps import EditionStep, MoveStep, PaperStep, RenewStep, Step, TextStep, VersionStep
from exams.exchange.stored import stored_bank, stored_items
from exams.exchange.whole import drawings
from exams.publication.models import PublishLog


class StoredExamsPart(ExamsPart, StoredPart[ExamsRecord]):
    """Items, editions and papers. Unchanged ones are left alone."""

    def plan(self, record: ExamsRecord, content: Content, take: Collection[str]) -> Sequence[Step]:
        """Return what has changed since the last load. Raises FormatError where a file is unsound."""
        catalogue = content[CataloguePart]
        return plan_exams(record, catalogue, stored_bank(catalogue.certification.code), take)

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

    def apply(self, step: Step, code: str, log: PublishLog) -> None:
        """Write one version, move, text, edition or paper. Raises FormatError where it may not be."""
        certification = Certification.objects.get(code=code)
        match step:
            case VersionStep() | MoveStep() | TextStep():
                write_item(certification, step, log)
            case EditionStep():
                _publish_edition(certification, step, log)
            case RenewStep():
                assembly.renew(assembly.ensure_form(certification, step.number), log)
            case PaperStep():
                assembly.compile_paper(_current_edition(certification, step.number), step.language)


def write_item(
    certification: Certification, step: VersionStep | MoveStep | TextStep, log: PublishLog
) -> None:
    """Write a version, a move or a text of one item. Raises FormatError where it may not be."""
    match step:
        case VersionStep():
            _publish_version(certification, step, log)
        case MoveStep():
            bank.ensure_item(certification, step.draft)
        case TextStep():
            _add_text(certification, step, log)


def _publish_version(certification: Certification, step: VersionStep, log: PublishLog) -> None:
    item = bank.ensure_item(certification, step.draft)
    try:
        bank.publish(bank.draft_version(item, step.draft, log))
    except CannotPublish as error:
        raise FormatError((Problem(step.place, step.draft.code, str(error)),)) from error


def _add_text(certification: Certification, step: TextStep, log: PublishLog) -> None:
    try:
        bank.add_text(_current_version(certification, step.code), step.draft, log)
    except CannotPublish as error:
        raise FormatError((Problem(step.place, step.code, str(error)),)) from error


def _publish_edition(certification: Certification, step: EditionStep, log: PublishLog) -> None:
    form = assembly.ensure_form(certification, step.plan.number)
    items = stored_items(certification.code)
    versions = {code: items[code].version_id for code in step.codes}
    try:
        assembly.publish_edition(form, edition_draft(step.blueprint, step.plan, step.codes, versions), log)
    except CannotPublish as error:
        raise FormatError((Problem(step.place, "", str(error)),)) from error


def _current_version(certification: Certification, code: str) -> ItemVersion:
    return current_versions(certification.code).get(item__code=code)


def _current_edition(certification: Certification, number: int) -> FormEdition:
    return current_editions(certification.code).get(form__number=number)
