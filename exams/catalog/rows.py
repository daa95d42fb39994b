"""The rows of a certification by natural names, so that unchanged ones are recognized and left alone.

A path names a row: ("certification",), ("text", language), ("domain", number),
("domain text", number, language), ("task", code), ("task text", code, language). Knows no database.
"""

from collections.abc import Collection
from typing import Any

type Path = tuple[str | int, ...]
type Rows = dict[Path, dict[str, Any]]

# Rows stand on those before them: written in this order, removed in the opposite one.
KINDS = ("certification", "text", "domain", "domain text", "task", "task text")


def in_order(paths: Collection[Path]) -> list[Path]:
    """Return the paths in the order in which their rows can be written."""
    return sorted(paths, key=lambda path: KINDS.index(str(path[0])))


def changed(wanted: Rows, now: Rows) -> Rows:
    """Return the wanted rows that are not there or differ."""
    return {path: wanted[path] for path in in_order(wanted) if now.get(path) != wanted[path]}


def topic_of(path: Path) -> Path | None:
    """Return the domain or task that a row is or speaks of; None for the others."""
    kind, *names = path
    if kind in ("domain", "domain text"):
        return ("domain", names[0])
    if kind in ("task", "task text"):
        return ("task", names[0])
    return None


def kept_topics(wanted: Rows, now: Rows, tasks: Collection[str], domains: Collection[int]) -> set[Path]:
    """Return domains and tasks that are no longer wanted and must stay, for something refers to them.

    `tasks` are those of stored items, `domains` those by which published editions are scored. A task that
    stays keeps the domain it stands in.
    """
    gone = {path for path in now if path[0] in ("domain", "task") and path not in wanted}
    kept_tasks = {path for path in gone if path[0] == "task" and path[1] in tasks}
    standing = {now[path]["domain"] for path in kept_tasks}
    return kept_tasks | {
        path for path in gone if path[0] == "domain" and (path[1] in domains or path[1] in standing)
    }


def left(wanted: Rows, now: Rows, kept: Collection[Path]) -> tuple[Rows, list[Path]]:
    """Return rows that are to be marked as not current, and rows to be removed, in the order of removal."""
    marked = {path: {**now[path], "is_current": False} for path in in_order(kept)}
    gone = [path for path in now if path not in wanted and topic_of(path) not in kept]
    return changed(marked, now), list(reversed(in_order(gone)))
