"""Which task statement each item of an edition belongs to, with titles in a language."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from exams.assembly.models import FormItem
from exams.catalogue.models import TaskStatement
from exams.catalogue.selectors import pick

KEPT_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Topics:
    """The task at each position, in order, whether it counts, its domain, and the title of each task.

    What counts is secret before the end: read this for ended attempts only.
    """

    codes: tuple[str, ...]
    scored: tuple[bool, ...]
    domains: tuple[int, ...]
    titles: Mapping[str, str]


def of_edition(edition_id: int, language: str) -> Topics:
    """Return the tasks of an edition. Two or three queries, once a minute in a process.

    Loading content may move an item to another task or correct a title, so a copy is not kept for ever.
    """
    return _read(edition_id, language, int(time.monotonic() // KEPT_SECONDS))


@lru_cache(maxsize=64)
def _read(edition_id: int, language: str, _minute: int) -> Topics:
    places = FormItem.objects.filter(edition_id=edition_id).order_by("position")
    rows = list(places.values_list("version__item__task_id", "is_scored", "domain_number"))
    tasks = {
        task.pk: task
        for task in TaskStatement.objects.filter(pk__in={pk for pk, _, _ in rows})
        .select_related("domain__certification")
        .prefetch_related("texts")
    }
    return Topics(
        codes=tuple(tasks[pk].code for pk, _, _ in rows),
        scored=tuple(counts for _, counts, _ in rows),
        domains=tuple(domain for _, _, domain in rows),
        titles={task.code: _title(task, language) for task in tasks.values()},
    )


def _title(task: TaskStatement, language: str) -> str:
    text = pick(task.texts.all(), language, task.domain.certification.original_language)
    return text.title if text else ""
