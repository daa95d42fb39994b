"""The catalogue part with its tables."""

from collections.abc import Collection, Mapping, Sequence

from exams.catalogue import services
from exams.content.catalogue import CataloguePart, CatalogueRecord
from exams.content.exams import ExamsPart, ExamsRecord
from exams.content.formats.blueprint_write import write_blueprint
from exams.content.formats.certification_yaml import write_certification
from exams.content.parts import Content
from exams.exchange.files import BLUEPRINT, stored_files
from exams.exchange.parts import StoredPart
from exams.exchange.plan import brought_translations, offered_languages, plan_catalogue
from exams.exchange.plans import written_plans
from exams.exchange.records import blueprint_record, certification_record
from exams.exchange.steps import RemoveRowStep, RowStep, Step
from exams.exchange.stored import stored_bank, stored_catalogue
from exams.publication.models import PublishLog


class StoredCataloguePart(CataloguePart, StoredPart[CatalogueRecord]):
    """Facts, domains, tasks and their texts."""

    def plan(self, record: CatalogueRecord, content: Content, take: Collection[str]) -> Sequence[Step]:
        """Return the rows that change or leave."""
        code = record.certification.code
        exams = content.get(ExamsPart) or ExamsRecord((), ())
        bank = stored_bank(code)
        offered = offered_languages(bank.forms, brought_translations(exams, record, bank))
        stored = stored_catalogue(code)
        return plan_catalogue(record, exams, stored, offered=offered, planned=content.planned(), take=take)

    def write(self, code: str) -> Mapping[str, bytes]:
        """Return the blueprint, with the plans of the forms that there are, and the texts of the pages."""
        rows = services.stored(code)
        kept = stored_files(code).get(BLUEPRINT, "").encode()
        return {
            "blueprint.yaml": write_blueprint(blueprint_record(code, rows, written_plans(code)), kept),
            "certification.yaml": write_certification(certification_record(code, rows)),
        }

    def apply(self, step: Step, code: str, log: PublishLog) -> None:
        """Write or remove one row."""
        match step:
            case RowStep():
                services.save(code, {step.path: dict(step.values)})
                if not step.is_ours:
                    services.set_log(code, log)
            case RemoveRowStep():
                services.remove(code, step.path)
