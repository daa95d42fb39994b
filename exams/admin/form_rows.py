"""The questions of a drafted exam as rows of a table, and what is found to be added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import OuterRef, QuerySet

from exams.admin import draft_fields, words
from exams.authoring.kinds import Remark
from exams.bank.models import Item
from exams.catalogue.models import Certification
from exams.presentation import item_fields

FOUND: Final = 20


@dataclass(frozen=True, slots=True)
class Row:
    """A question at its place. `item_id` is None where the bank has no such question."""

    number: int
    code: str
    scored: bool
    item_id: int | None
    words: str
    domain: str
    task: str
    kind: str
    difficulty: str
    said: tuple[Remark, ...]


def rows(
    certification: Certification, items: Sequence[Mapping[str, Any]], remarks: Sequence[Remark]
) -> list[Row]:
    """Return the rows of an exam, each with what the rules say about it. One statement."""
    found = {
        item.code: item for item in _with_words(certification).filter(code__in=[one["code"] for one in items])
    }
    return [
        _row(number, one["code"], one["scored"], found.get(one["code"]), remarks)
        for number, one in enumerate(items)
    ]


def search(certification: Certification, term: str, without: Sequence[str]) -> list[Row]:
    """Return published questions that have every word, none of those without. One statement."""
    if not term.strip():
        return []
    able = _with_words(certification).filter(current__isnull=False).exclude(code__in=without)
    able = able.exclude(versions__sample_items__isnull=False)
    items = words.mentioning(able, term, fields=("code", "coverage", "task__code"), by="item")
    return [
        _row(number, item.code, True, item, ()) for number, item in enumerate(items.order_by("code")[:FOUND])
    ]


def _with_words(certification: Certification) -> QuerySet[Item]:
    rows = Item.objects.filter(certification=certification).select_related("task__domain", "current")
    return rows.annotate(words=words.stem(OuterRef("current"), "certification__original_language"))


def _row(number: int, code: str, scored: bool, item: Item | None, remarks: Sequence[Remark]) -> Row:
    current = item.current if item else None
    return Row(
        number=number,
        code=code,
        scored=scored,
        item_id=item.pk if item else None,
        words=words.shown(getattr(item, "words", "")),
        domain=str(item.task.domain.number) if item else "",
        task=item.task.code if item else "",
        kind=str(dict(item_fields.KINDS).get(current.kind, "")) if current else "",
        difficulty=str(dict(draft_fields.DIFFICULTIES).get(current.difficulty, "")) if current else "",
        said=tuple(one for one in remarks if one.field == f"items.{number}"),
    )
