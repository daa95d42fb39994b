"""The certification file: what pages say in each language, bytes to records."""

from typing import Any, Final

from exams.content.formats.blueprint_yaml import covered
from exams.content.formats.tree import Branch, Fields, dump, finish, open_document
from exams.content.records import CertificationRecord, CertificationTextRecord, TaskTextRecord

REQUIRED: Final = ("name", "summary", "description")
OPTIONAL: Final = (
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
TITLES: Final = ("name", "successor_name")


def read_certification(data: bytes, file: str) -> CertificationRecord:
    """Read a certification file; raises FormatError with every fault and its line."""
    root, problems = open_document(data, file)
    top = root.fields(("code", "texts"))
    record = CertificationRecord(
        code=top.text("code"),
        texts=tuple(_certification_text(*entry) for entry in top["texts"].entries().items()),
        place=root.place,
    )
    finish(problems)
    return record


def _certification_text(language: str, branch: Branch) -> CertificationTextRecord:
    fields = branch.fields(REQUIRED, (*OPTIONAL, "domains", "tasks"))
    domains = fields["domains"].entries() if "domains" in fields else {}
    tasks = fields["tasks"].entries() if "tasks" in fields else {}
    return CertificationTextRecord(
        language=language,
        **{key: _text(fields, key) for key in (*REQUIRED, *OPTIONAL)},
        domains=tuple((_domain_number(key, row), row.title()) for key, row in domains.items()),
        tasks=tuple(_task_text(key, row) for key, row in tasks.items()),
        place=branch.place,
    )


def _text(fields: Fields, key: str) -> str:
    """Return a text, an optional one that is not there as an empty one; names are short."""
    if key in OPTIONAL and not fields.has(key):
        return ""
    return fields[key].title() if key in TITLES else fields.text(key)


def _domain_number(key: str, branch: Branch) -> int:
    # int() takes digits of every script, of which the blueprint has no domain.
    if key.isascii() and key.isdigit():
        return int(key)
    branch.complain(f"a domain is named by its number, not by {key!r}")
    return 0


def _task_text(code: str, branch: Branch) -> TaskTextRecord:
    fields = branch.fields(("title",), ("covers",))
    covers = fields.text("covers") if fields.has("covers") else ""
    return TaskTextRecord(code, fields["title"].title(), covers)


def write_certification(record: CertificationRecord) -> bytes:
    """Write a certification file; reading it again gives an equal record."""
    return dump({"code": record.code, "texts": {text.language: _text_row(text) for text in record.texts}})


def _text_row(text: CertificationTextRecord) -> dict[str, Any]:
    words = {name: getattr(text, name) for name in (*REQUIRED, *OPTIONAL)}
    row: dict[str, Any] = {name: said for name, said in words.items() if said or name in REQUIRED}
    if text.domains:
        row["domains"] = {str(number): name for number, name in text.domains}
    if text.tasks:
        row["tasks"] = {task.code: {"title": task.title, **covered(task.covers)} for task in text.tasks}
    return row
