"""What a code of an entitlement is called and where it leads. Packages name theirs in AppConfig.ready."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from accounts.base.errors import Text


@dataclass(frozen=True, slots=True)
class Opening:
    """What a code opens: its name in the active language, and the path of its page, "" without one."""

    name: Text
    path: str = ""


type Namer = Callable[[str], Opening | None]

_namers: Final[list[Namer]] = []


def names_openings(namer: Namer) -> Namer:
    """Have `namer(code)` asked what a code opens; None when it knows none such.

    Works as a decorator; registering twice counts once.
    """
    if namer not in _namers:
        _namers.append(namer)
    return namer


def opening_of(code: str) -> Opening:
    """Return what a code opens; of one that nobody knows the code itself."""
    return next((found for namer in _namers if (found := namer(code))), Opening(code))
