"""Loading content: plan what its parts change, and carry the plan out in one transaction, all or nothing."""

from collections.abc import Callable, Collection
from typing import Any

from django.db import transaction

from exams.content.catalogue import CataloguePart
from exams.content.parts import Content
from exams.exchange.parts import StoredPart
from exams.exchange.steps import Plan
from exams.publication import services as publication
from exams.publication.models import PublishLog

type Progress = Callable[[str], None]


def load(
    content: Content,
    *,
    dry_run: bool = False,
    take: Collection[str] = (),
    progress: Progress = lambda line: None,
) -> Plan:
    """Bring the database to the state of the files and return what was done.

    What was last published by a person, an import or a correction is left alone, unless `take` names it.
    With `dry_run` only the plan is made. Raises FormatError, and stores nothing, where content cannot be
    published; it waits for others who publish, and they for it.
    """
    code = content[CataloguePart].certification.code
    with transaction.atomic():
        if dry_run:
            return _plan(code, content, take)
        # The plan is made from what is stored, so nothing may be published between plan and deed.
        publication.wait_for_others()
        plan = _plan(code, content, take)
        if plan.is_empty:
            return plan
        log = publication.begin(PublishLog.Source.FILES)
        parts = {part.name: part for part, _ in _stored(content)}
        for name, step in plan.steps:
            if step.changes:
                parts[name].apply(step, code, log)
            progress(str(step))
        return plan


def _stored(content: Content) -> list[tuple[StoredPart[Any], Any]]:
    return [(part, record) for part, record in content.entries() if isinstance(part, StoredPart)]


def _plan(code: str, content: Content, take: Collection[str]) -> Plan:
    """Plan every part before any is touched.

    What a part adds refers to what the parts before it added, so additions come in their order. What it
    removes must be gone before the rows it refers to, so removals come last and in the opposite order.
    """
    steps = [(part.name, part.plan(record, content, take)) for part, record in _stored(content)]
    adding = [(name, step) for name, taken in steps for step in taken if not step.removes]
    removing = [(name, step) for name, taken in reversed(steps) for step in taken if step.removes]
    return Plan(code, (*adding, *removing))
