"""Compiled papers, kept by each process: they are immutable, so a copy can never be stale."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from exams.assembly.models import Paper


@dataclass(frozen=True, slots=True)
class PaperItem:
    """One item as a candidate sees it: HTML that was cleaned at publication, and option ids."""

    position: int
    kind: str
    choose: int
    stem: str
    ask: str
    options: tuple[tuple[int, str], ...]
    language: str


@dataclass(frozen=True, slots=True)
class CompiledPaper:
    """A paper in one language. It holds no key, no rationale and no mark of what is scored."""

    id: int
    edition_id: int
    language: str
    items: tuple[PaperItem, ...]
    text_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a position takes: at most `choose` of these option ids."""

    choose: int
    options: frozenset[int]


@lru_cache(maxsize=64)
def get(paper_id: int) -> CompiledPaper:
    """Return a paper by id; one query the first time in a process. Raises Paper.DoesNotExist."""
    row = Paper.objects.get(pk=paper_id)
    items = tuple(
        PaperItem(
            position=part["position"],
            kind=part["kind"],
            choose=part["choose"],
            stem=part["stem"],
            ask=part["ask"],
            options=tuple((option_id, html) for option_id, html in part["options"]),
            language=part["language"],
        )
        for part in row.content
    )
    return CompiledPaper(row.pk, row.edition_id, row.language, items, tuple(row.text_ids))


@lru_cache(maxsize=64)
def allowed(paper_id: int) -> Mapping[int, Allowed]:
    """Return what each position of a paper takes, for judging a save without any query."""
    return {
        item.position: Allowed(item.choose, frozenset(option_id for option_id, _ in item.options))
        for item in get(paper_id).items
    }


def newest(edition_id: int) -> dict[str, int]:
    """Return the id of the newest paper of each language."""
    rows = (
        Paper.objects.filter(edition_id=edition_id)
        .order_by("language", "-revision")
        .distinct("language")
        .values_list("language", "pk")
    )
    return dict(rows)
