"""Writing certifications, row by row under their natural names. The only writer of these rows."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction

from exams.catalog.models import (
    Certification,
    CertificationText,
    Domain,
    DomainText,
    TaskStatement,
    TaskStatementText,
)
from exams.catalog.rows import Path, Rows, in_order
from exams.publication.models import PublishLog
from i18n import languages

TEXT_FIELDS = tuple(
    field.name
    for field in CertificationText._meta.concrete_fields
    if field.name not in ("id", "certification", "language")
)
# Who wrote the facts, and whether the site shows them, is nothing that content says.
FACT_FIELDS = tuple(
    field.name
    for field in Certification._meta.concrete_fields
    if field.name not in ("id", "code", "log", "is_listed")
)


def stored(code: str) -> Rows:
    """Return the rows of a certification as they are now; none for an unknown code. At most six queries."""
    certifications = Certification.objects.filter(code=code).prefetch_related(
        "texts", "domains__texts", "domains__tasks__texts"
    )
    rows: Rows = {}
    for certification in certifications:
        rows["certification",] = {name: getattr(certification, name) for name in FACT_FIELDS}
        for text in certification.texts.all():
            rows["text", text.language] = {name: getattr(text, name) for name in TEXT_FIELDS}
        for domain in certification.domains.all():
            rows |= _stored_domain(domain)
    return rows


def begin(code: str, original_language: str) -> Certification:
    """Make a certification of which nothing is known yet; the site does not show it.

    Its numbers say nothing: they are the least that the table takes. Raises IntegrityError for a code that
    is taken.
    """
    return Certification.objects.create(
        code=code,
        duration_minutes=1,
        items_total=1,
        items_scored=1,
        pass_mark=1,
        scale_min=0,
        scale_max=1,
        exam_fee_usd=0,
        validity_years=0,
        retake_wait_days=0,
        accommodation_minutes=0,
        original_language=original_language,
        languages=[original_language],
        is_listed=False,
    )


def list_on_site(certification: Certification) -> bool:
    """Show a certification on the site. Return whether that changed anything: of two at once one did it."""
    rows = Certification.objects.filter(pk=certification.pk, is_listed=False)
    return bool(rows.update(is_listed=True))


def add_languages(certification: Certification, added: Collection[str]) -> None:
    """Remember, in the transaction of the caller, that exams can be taken in these languages.

    Locked, since two exams that are published at once add to the same list. The original comes first.
    """
    row = Certification.objects.select_for_update(of=("self",), no_key=True).get(pk=certification.pk)
    wanted = {*row.languages, *added} - {row.original_language}
    ordered = [row.original_language, *(code for code in languages.CODES if code in wanted)]
    if ordered != row.languages:
        Certification.objects.filter(pk=row.pk).update(languages=ordered)


def is_edited_in_admin(code: str) -> bool:
    """Say whether facts and texts were written here last, and not by files. One statement."""
    rows = Certification.objects.filter(code=code).exclude(log=None)
    return rows.exclude(log__source=PublishLog.Source.FILES).exists()


def set_log(code: str, log: PublishLog) -> None:
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
    if path[0] == "task":
        _save_task(code, str(path[1]), values["domain"], is_current=values["is_current"])
        return
    model, named = _row_of(code, path)
    model.objects.update_or_create(**named, defaults=values)


def _row_of(code: str, path: Path) -> tuple[Any, dict[str, Any]]:
    """Return the table of a row and what finds it there. What it belongs to has to be there."""
    match path:
        case ("certification",):
            return Certification, {"code": code}
        case ("text", language):
            return CertificationText, {"certification": _certification(code), "language": language}
        case ("domain", number):
            return Domain, {"certification": _certification(code), "number": number}
        case ("domain text", number, language):
            domain = Domain.objects.get(certification__code=code, number=number)
            return DomainText, {"domain": domain, "language": language}
        case ("task", task_code):
            return TaskStatement, {"domain__certification__code": code, "code": task_code}
        case ("task text", task_code, language):
            task = TaskStatement.objects.get(domain__certification__code=code, code=task_code)
            return TaskStatementText, {"task": task, "language": language}
    raise ValueError(f"no row is named {path!r}")


def _certification(code: str) -> Certification:
    return Certification.objects.get(code=code)


def _save_task(code: str, task_code: str, number: int, *, is_current: bool) -> None:
    """Store a task statement, moving it when it has changed its domain."""
    domain = Domain.objects.get(certification__code=code, number=number)
    # Found by the certification, not by the domain: items belong to the task and move with it.
    moved = TaskStatement.objects.filter(domain__certification__code=code, code=task_code)
    if not moved.update(domain=domain, is_current=is_current):
        TaskStatement.objects.create(domain=domain, code=task_code, is_current=is_current)


def remove(code: str, path: Path) -> None:
    """Remove one row. Raises ProtectedError where something still belongs to it."""
    model, named = _row_of(code, path)
    model.objects.filter(**named).delete()
