"""Loading content, all or nothing in one transaction, and the way back: the bank as files."""

from collections.abc import Callable, Collection, Container
from typing import Final

from django.db import transaction

from exams.bank.drafts import CannotPublish
from exams.content.catalog import CatalogPart
from exams.content.parts import Content
from exams.content.records import FormatError, Problem
from exams.content_sync.operations import Operation, Plan
from exams.content_sync.parts import StoredPart, apply, content_parts
from exams.publication import services as publication
from exams.publication.models import PublishLog

type Progress = Callable[[str], None]
EVERYTHING: Final = "all"


class Everything(Container[str]):
    """Every name that there is."""

    def __contains__(self, name: object) -> bool:
        return True


def load(
    content: Content,
    *,
    dry_run: bool = False,
    overwrite: Collection[str] = (),
    progress: Progress = lambda line: None,
) -> Plan:
    """Bring the database to the state of the files and return what was done.

    What was last published by a person, an import or a correction is left alone, unless `overwrite` names it,
    as E1-Q07, exam-1, cheatsheet/en, or all. With `dry_run` only the plan is made. Raises FormatError, and
    stores nothing, where content cannot be published; it waits for others who publish, and they for it.
    """
    code = content[CatalogPart].certification.code
    names = Everything() if EVERYTHING in overwrite else frozenset(overwrite)
    with transaction.atomic():
        if dry_run:
            return _plan(content, names)
        # The plan is made from what is stored, so nothing may be published between plan and deed.
        publication.wait_for_others()
        plan = _plan(content, names)
        if plan.is_empty:
            return plan
        log = publication.begin(PublishLog.Source.FILES)
        for operation in plan.operations:
            if operation.changes:
                _apply(operation, code, log)
            progress(str(operation))
        return plan


def names(content: Content) -> frozenset[str]:
    """Return what `overwrite` may name apart from items and `all`."""
    return frozenset(
        name
        for part, record in content.entries()
        if isinstance(part, StoredPart)
        for name in part.names(record, content)
    )


def _apply(operation: Operation, code: str, log: PublishLog) -> None:
    try:
        apply(operation, code, log)
    except CannotPublish as error:
        raise FormatError((Problem(operation.place, operation.item, str(error)),)) from error


def _plan(content: Content, overwrite: Container[str]) -> Plan:
    """Plan every part before any is touched.

    What a part adds refers to what the parts before it added, so additions come in their order. What it
    removes must be gone before the rows it refers to, so removals come last and in the opposite order.
    """
    # Each part compares with what is stored before the load, so none sees what another one writes.
    taken = [
        part.plan(record, content, overwrite)
        for part, record in content.entries()
        if isinstance(part, StoredPart)
    ]
    adding = [operation for operations in taken for operation in operations if not operation.removes]
    removing = [operation for operations in reversed(taken) for operation in operations if operation.removes]
    return Plan((*adding, *removing))


def export(code: str) -> dict[str, bytes]:
    """Return the files of a certification by name, in the form of `fixtures/<code>/`.

    Raises KeyError for an unknown code.
    """
    files: dict[str, bytes] = {}
    for part in content_parts():
        if isinstance(part, StoredPart):
            files |= part.write(code)
    return dict(sorted(files.items()))
