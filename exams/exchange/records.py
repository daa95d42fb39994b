"""From rows of the catalogue back to the records of files. Queries nothing."""

from collections.abc import Sequence
from dataclasses import fields

from exams.catalogue.rows import Rows
from exams.content.formats.certification_yaml import OPTIONAL, REQUIRED
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
        facts=Facts(**{one.name: facts[one.name] for one in fields(Facts)}),
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
    current = {path[:2] for path, row in rows.items() if path[0] in ("domain", "task") and row["is_current"]}
    named = {} if language == original else rows
    return CertificationTextRecord(
        language=language,
        **{name: words[name] for name in (*REQUIRED, *OPTIONAL)},
        domains=tuple(
            (int(path[1]), row["name"])
            for path, row in sorted(named.items(), key=lambda pair: str(pair[0]))
            if path[0] == "domain text" and path[2] == language and ("domain", path[1]) in current
        ),
        tasks=tuple(
            TaskTextRecord(str(path[1]), row["title"], row["covers"])
            for path, row in sorted(named.items(), key=lambda pair: str(pair[0]))
            if path[0] == "task text" and path[2] == language and ("task", path[1]) in current
        ),
    )
