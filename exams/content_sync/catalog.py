"""The catalog part with its tables, and its rows as records of files."""

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import fields

from exams.catalog import services
from exams.catalog.rows import Rows
from exams.content.catalog import CatalogPart, CatalogRecord
from exams.content.exams import ExamsPart, ExamsRecord
from exams.content.formats.blueprint_yaml import write_blueprint
from exams.content.formats.certification_yaml import OPTIONAL, REQUIRED, write_certification
from exams.content.parts import Content
from exams.content.records import (
    BlueprintRecord,
    CertificationRecord,
    CertificationTextRecord,
    DomainRecord,
    ExamPlanRecord,
    Facts,
    TaskRecord,
    TaskTextRecord,
)
from exams.content_sync.files import BLUEPRINT, stored_files
from exams.content_sync.operations import Operation, PaperOperation, RemoveRowOperation, RowOperation
from exams.content_sync.parts import StoredPart, apply
from exams.content_sync.plan import CATALOG, plan_catalog, plan_exams
from exams.content_sync.stored import stored_bank, stored_catalog, written_plans
from exams.publication.models import PublishLog


def blueprint_record(code: str, rows: Rows, plans: Sequence[ExamPlanRecord]) -> BlueprintRecord:
    """Return the blueprint: facts, and what is current of domains and tasks in the original language."""
    facts = rows["certification",]
    original = facts["original_language"]
    domains = sorted(
        (path[1], row) for path, row in rows.items() if path[0] == "domain" and row["is_current"]
    )
    tasks = sorted((path[1], row) for path, row in rows.items() if path[0] == "task" and row["is_current"])
    return BlueprintRecord(
        code=code,
        facts=Facts(
            **{one.name: facts[one.name] for one in fields(Facts)}
            | {"planned_facts": tuple(facts["planned_facts"])}
        ),
        domains=tuple(
            DomainRecord(int(number), rows["domain text", number, original]["name"], row["weight_percent"])
            for number, row in domains
        ),
        tasks=tuple(
            TaskRecord(str(name), row["domain"], text["title"], text["covers"])
            for name, row in tasks
            for text in (rows["task text", name, original],)
        ),
        exams=tuple(plans),
    )


def certification_record(code: str, rows: Rows) -> CertificationRecord:
    """Return what pages say in each language, the original first."""
    original = rows["certification",]["original_language"]
    others = sorted(str(path[1]) for path in rows if path[0] == "text" and path[1] != original)
    return CertificationRecord(
        code, tuple(_text(language, rows, original) for language in (original, *others))
    )


def _text(language: str, rows: Rows, original: str) -> CertificationTextRecord:
    words = rows["text", language]
    # The blueprint has the names of domains and tasks in the original language.
    named = [] if language == original else sorted(rows.items(), key=lambda pair: str(pair[0]))
    texts = [
        (path, row)
        for path, row in named
        if path[0] in ("domain text", "task text") and path[2] == language
        if rows[str(path[0]).removesuffix(" text"), path[1]]["is_current"]
    ]
    return CertificationTextRecord(
        language=language,
        **{name: words[name] for name in (*REQUIRED, *OPTIONAL)},
        domains=tuple((int(path[1]), row["name"]) for path, row in texts if path[0] == "domain text"),
        tasks=tuple(
            TaskTextRecord(str(path[1]), row["title"], row["covers"])
            for path, row in texts
            if path[0] == "task text"
        ),
    )


class StoredCatalogPart(CatalogPart, StoredPart[CatalogRecord]):
    """Facts, domains, tasks and their texts."""

    def plan(self, record: CatalogRecord, content: Content, overwrite: Container[str]) -> Sequence[Operation]:
        """Return the rows that change or leave."""
        code = record.certification.code
        exams = content.get(ExamsPart) or ExamsRecord((), ())
        bank = stored_bank(code)
        offered = {language for form in bank.forms.values() for language in form.languages}
        for operation in plan_exams(exams, record, bank, overwrite):
            offered |= {operation.language} if isinstance(operation, PaperOperation) else set()
        return plan_catalog(
            record,
            exams,
            stored_catalog(code),
            offered=offered,
            planned=content.planned(),
            overwrite=overwrite,
        )

    def names(self, record: CatalogRecord, content: Content) -> Collection[str]:
        """Return the one name of facts, domains and tasks."""
        return (CATALOG,)

    def write(self, code: str) -> Mapping[str, bytes]:
        """Return the blueprint, with the plans of the forms that there are, and the texts of the pages."""
        rows = services.stored(code)
        kept = stored_files(code).get(BLUEPRINT, "").encode()
        return {
            "blueprint.yaml": write_blueprint(blueprint_record(code, rows, written_plans(code)), kept),
            "certification.yaml": write_certification(certification_record(code, rows)),
        }


@apply.register
def _save(operation: RowOperation, code: str, log: PublishLog) -> None:
    services.save(code, {operation.path: dict(operation.values)})
    if operation.is_of_files:
        services.set_log(code, log)


@apply.register
def _remove(operation: RemoveRowOperation, code: str, log: PublishLog) -> None:
    services.remove(code, operation.path)
