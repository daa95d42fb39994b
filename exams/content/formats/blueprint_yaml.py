"""The blueprint and the certification file: bytes to records."""

from typing import Final

from exams.content.formats.tree import Branch, Fields, finish, open_document
from exams.content.records import (
    BlueprintRecord,
    CertificationRecord,
    CertificationTextRecord,
    DomainRecord,
    ExamPlanRecord,
    FactsRecord,
    SlotRecord,
    TaskRecord,
    TaskTextRecord,
)

FACT_KEYS: Final = (
    "code",
    "name",
    "vendor",
    "level",
    "duration_minutes",
    "questions_total",
    "questions_scored",
    "pass_mark",
    "score_scale_min",
    "score_scale_max",
    "price_usd",
    "validity_years",
    "status",
    "retired_on",
    "successor",
    "accommodation",
    "retake",
    "seconds_per_question",
)
BLUEPRINT_KEYS: Final = ("certification", "domains", "task_statements", "coverage_items", "exams")
SLOT_KEYS: Final = (
    "slot",
    "id",
    "domain",
    "task",
    "scored",
    "type",
    "options",
    "correct",
    "difficulty",
    "cognitive_level",
    "covers",
    "key_positions",
)
SLOT_NOTES: Final = ("topic", "key_insight")
KINDS: Final = ("single", "multiple")
DIFFICULTIES: Final = ("easy", "medium", "hard")
STATUSES: Final = ("active", "retired", "announced")
TITLES: Final = ("name", "successor_name")
LEVELS: Final = ("understand", "apply", "analyze", "evaluate")
TEXT_KEYS: Final = (
    "name",
    "summary",
    "description",
    "recommended_experience",
    "question_types",
    "delivery",
    "retake",
    "results_note",
    "accommodation",
    "retirement_note",
    "successor_name",
    "successor_note",
)


def read_blueprint(data: bytes, file: str) -> BlueprintRecord:
    """Read a blueprint; notes for writers are passed over. Raises FormatError with every fault."""
    root, problems = open_document(data, file)
    top = root.fields(BLUEPRINT_KEYS, open_ended=True)
    record = BlueprintRecord(
        facts=_facts(top["certification"].fields(FACT_KEYS, open_ended=True)),
        domains=tuple(_domain(row) for row in top.rows("domains")),
        tasks=tuple(_task(row) for row in top.rows("task_statements")),
        coverage=tuple(_coverage(row) for row in top.rows("coverage_items")),
        exams=tuple(_exam(row) for row in top.rows("exams")),
        place=root.place,
    )
    finish(problems)
    return record


def _facts(fields: Fields) -> FactsRecord:
    successor = fields["successor"].fields(("code", "name"), open_ended=True)
    return FactsRecord(
        code=fields.text("code"),
        name=fields.text("name"),
        vendor=fields.text("vendor"),
        level=fields.text("level"),
        duration_minutes=fields.number("duration_minutes"),
        items_total=fields.number("questions_total"),
        items_scored=fields.number("questions_scored"),
        pass_mark=fields.number("pass_mark"),
        scale_min=fields.number("score_scale_min"),
        scale_max=fields.number("score_scale_max"),
        price_usd=fields.number("price_usd"),
        validity_years=fields.number("validity_years"),
        status=fields["status"].one_of(STATUSES),
        retired_on=fields["retired_on"].iso_date(),
        successor_code=successor.text("code"),
        successor_name=successor.text("name"),
        accommodation_minutes=fields["accommodation"]
        .fields(("extra_minutes",), open_ended=True)
        .number("extra_minutes"),
        retake_wait_days=fields["retake"].fields(("wait_days",), open_ended=True).number("wait_days"),
        seconds_per_item=fields.number("seconds_per_question"),
    )


def _domain(branch: Branch) -> DomainRecord:
    fields = branch.fields(("id", "name", "weight_percent"))
    return DomainRecord(fields.number("id"), fields["name"].title(), fields.number("weight_percent"))


def _task(branch: Branch) -> TaskRecord:
    fields = branch.fields(("id", "domain", "title", "covers"))
    return TaskRecord(
        fields.text("id"), fields.number("domain"), fields["title"].title(), fields.text("covers")
    )


def _coverage(branch: Branch) -> tuple[str, str]:
    fields = branch.fields(("id", "name"), open_ended=True)
    return fields.text("id"), fields.text("name")


def _exam(branch: Branch) -> ExamPlanRecord:
    fields = branch.fields(("id", "number", "title", "time_limit_minutes", "slots"))
    return ExamPlanRecord(
        name=fields.text("id"),
        number=fields.number("number"),
        title=fields.text("title"),
        minutes=fields.number("time_limit_minutes"),
        slots=tuple(_slot(row) for row in fields.rows("slots")),
        place=branch.place,
    )


def _slot(branch: Branch) -> SlotRecord:
    fields = branch.fields(SLOT_KEYS, SLOT_NOTES)
    return SlotRecord(
        id=fields.text("id"),
        number=fields.number("slot"),
        domain=fields.number("domain"),
        task=fields.text("task"),
        scored=fields.flag("scored"),
        kind=fields["type"].one_of(KINDS),
        options=fields.number("options"),
        choose=fields.number("correct"),
        difficulty=fields["difficulty"].one_of(DIFFICULTIES),
        cognitive_level=fields["cognitive_level"].one_of(LEVELS),
        covers=fields["covers"].texts(),
        key_positions=fields["key_positions"].texts(),
        place=branch.place,
    )


def read_certification(data: bytes, file: str) -> CertificationRecord:
    """Read a certification file; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    top = root.fields(("code", "planned_cards", "planned_sections", "texts"))
    record = CertificationRecord(
        code=top.text("code"),
        planned_cards=top.number("planned_cards"),
        planned_sections=top.number("planned_sections"),
        texts=tuple(_certification_text(*entry) for entry in top["texts"].entries().items()),
        place=root.place,
    )
    finish(problems)
    return record


def _certification_text(language: str, branch: Branch) -> CertificationTextRecord:
    fields = branch.fields(TEXT_KEYS, ("domains", "tasks"))
    domains = fields["domains"].entries() if "domains" in fields else {}
    tasks = fields["tasks"].entries() if "tasks" in fields else {}
    return CertificationTextRecord(
        language=language,
        **{key: fields[key].title() if key in TITLES else fields.text(key) for key in TEXT_KEYS},
        domains=tuple((_domain_number(key, row), row.title()) for key, row in domains.items()),
        tasks=tuple(_task_text(key, row) for key, row in tasks.items()),
        place=branch.place,
    )


def _domain_number(key: str, branch: Branch) -> int:
    if key.isascii() and key.isdigit():
        return int(key)
    branch.complain(f"a domain is named by its number, not by {key!r}")
    return 0


def _task_text(code: str, branch: Branch) -> TaskTextRecord:
    fields = branch.fields(("title", "covers"))
    return TaskTextRecord(code, fields["title"].title(), fields.text("covers"))
