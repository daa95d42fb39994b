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
