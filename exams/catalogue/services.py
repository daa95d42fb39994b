"""Writing certifications, row by row under their natural names. The only writer of these rows."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from exams.catalogue.models import (
    Certification,
    CertificationText,
    Domain,
    DomainText,
    TaskStatement,
    TaskStatementText,
)
from exams.catalogue.rows import Path, Rows, in_order
from exams.publication.models import PublishLog

TEXT_FIELDS = tuple(
    field.name
    for field in CertificationText._meta.concrete_fields
    if field.name not in ("id", "certification", "language")
)
FACT_FIELDS = tuple(
    field.name for field in Certification._meta.concrete_fields if field.name not in ("id", "code", "log")
)


def stored(code: str) -> Rows:
    """Return the rows of a certification as they are now; none for an unknown code. At most six queries."""
    found = Certification.objects.filter(code=code).prefetch_related(
        "texts", "domains__texts", "domains__tasks__texts"
    )
    rows: Rows = {}
    for certification in found:
        rows["certification",] = {name: getattr(certification, name) for name in FACT_FIELDS}
        for text in certification.texts.all():
            rows["text", text.language] = {name: getattr(text, name) for name in TEXT_FIELDS}
        for domain in certification.domains.all():
            rows |= _stored_domain(domain)
    return rows


def is_ours(code: str) -> bool:
    """Say whether facts and texts were written here last, and not by files. One statement."""
    rows = Certification.objects.filter(code=code).exclude(log=None)
    return rows.exclude(log__source=PublishLog.Source.FILES).exists()


def wrote(code: str, log: PublishLog) -> None:
    """Remember who wrote facts and texts last."""
    Certification.objects.filter(code=code).update(log=log)


def _stored_domain(domain: Domain) -> Rows:
    rows: Rows = {
        ("domain", domain.number): {"weight_percent": domain.weight_percent, "is_current": domain.is_current}
    }
    for name in domain.texts.all():
        rows["domain text", domain.number, name.language] = {"name": name.name}
    for task in domain.tasks.all():
        rows["task", task.code] = {"domain": domain.number, "is_current": task.is_current}
        for text in task.texts.all():
            rows["task text", task.code, text.language] = {"title": text.title, "covers": text.covers}
    return rows


@transaction.atomic
def save(code: str, rows: Mapping[Path, dict[str, Any]]) -> None:
    """Write the given rows of a certification; the caller passes only what has changed."""
    for path in in_order(rows):
        _save_row(code, path, rows[path])


def _save_row(code: str, path: Path, values: dict[str, Any]) -> None:
    match path:
        case ("certification",):
            Certification.objects.update_or_create(code=code, defaults=values)
        case ("text", language):
            certification = Certification.objects.get(code=code)
            CertificationText.objects.update_or_create(
                certification=certification, language=language, defaults=values
            )
        case ("domain", number):
            certification = Certification.objects.get(code=code)
            Domain.objects.update_or_create(certification=certification, number=number, defaults=values)
        case ("domain text", number, language):
            domain = Domain.objects.get(certification__code=code, number=number)
            DomainText.objects.update_or_create(domain=domain, language=language, defaults=values)
        case ("task", task_code):
            _save_task(code, str(task_code), values["domain"], is_current=values["is_current"])
        case ("task text", task_code, language):
            task = TaskStatement.objects.get(domain__certification__code=code, code=task_code)
            TaskStatementText.objects.update_or_create(task=task, language=language, defaults=values)
        case _:
            raise ValueError(f"no row is named {path!r}")


def _save_task(code: str, task_code: str, number: int, *, is_current: bool) -> None:
    """Store a task statement, moving it when it has changed its domain."""
    domain = Domain.objects.get(certification__code=code, number=number)
    moved = TaskStatement.objects.filter(domain__certification__code=code, code=task_code)
    if not moved.update(domain=domain, is_current=is_current):
        TaskStatement.objects.create(domain=domain, code=task_code, is_current=is_current)


def remove(code: str, path: Path) -> None:
    """Remove one row. Raises ProtectedError where an item still belongs to the task."""
    match path:
        case ("text", language):
            CertificationText.objects.filter(certification__code=code, language=language).delete()
        case ("domain", number):
            Domain.objects.filter(certification__code=code, number=number).delete()
        case ("domain text", number, language):
            domains = Domain.objects.filter(certification__code=code, number=number)
            DomainText.objects.filter(domain__in=domains, language=language).delete()
        case ("task", task_code):
            TaskStatement.objects.filter(domain__certification__code=code, code=task_code).delete()
        case ("task text", task_code, language):
            tasks = TaskStatement.objects.filter(domain__certification__code=code, code=task_code)
            TaskStatementText.objects.filter(task__in=tasks, language=language).delete()
        case _:
            raise ValueError(f"no row that can be removed is named {path!r}")
