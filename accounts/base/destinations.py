"""What pages of the site are called, for mails that lead there. Packages name theirs in AppConfig.ready."""

from collections.abc import Callable
from typing import Final

type Namer = Callable[[str], str]

_namers: Final[list[Namer]] = []


def names_destinations(namer: Namer) -> Namer:
    """Have `namer(path)` asked for the name of a page: text in the active language, "" when it knows none.

    `path` begins with a slash and may carry a query. Works as a decorator; registering twice counts once.
    """
    if namer not in _namers:
        _namers.append(namer)
    return namer


def name_of(path: str) -> str:
    """Return the name of the page at this path in the active language, or "" when nobody names it."""
    return next((name for namer in _namers if path and (name := namer(path))), "")
