"""What a person is doing that must not be interrupted. Packages above say so in AppConfig.ready."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from accounts.base.errors import Text
from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class Running:
    """Something that runs by the clock: its name in the active language, and the path of its page."""

    name: Text
    path: str


type GoesOn = Callable[[User, str, Mapping[str, Any]], bool]
type WhatRuns = Callable[[User], Iterable[Running]]

_going_on: Final[list[GoesOn]] = []
_running: Final[list[WhatRuns]] = []
_beginnings: Final[set[str]] = set()
_impersonal: Final[set[str]] = set()


def lets_go_on(hook: GoesOn) -> GoesOn:
    """Have `hook(user, view_name, values)` say whether this view belongs to what must not be interrupted.

    `values` are those of the address. Works as a decorator; registering twice counts once.
    """
    if hook not in _going_on:
        _going_on.append(hook)
    return hook


def goes_on(user: User, view_name: str, values: Mapping[str, Any]) -> bool:
    """Say whether this view must not be interrupted now."""
    return any(hook(user, view_name, values) for hook in _going_on)


def tells_running(hook: WhatRuns) -> WhatRuns:
    """Have `hook(user)` name what runs by the clock, so that a page in between can lead back to it."""
    if hook not in _running:
        _running.append(hook)
    return hook


def running(user: User) -> list[Running]:
    """Return what runs by the clock."""
    return [one for hook in _running for one in hook(user)]


def begins(*view_names: str) -> None:
    """Name views whose POST begins something that could not be interrupted afterward."""
    _beginnings.update(view_names)


def is_beginning(view_name: str) -> bool:
    """Say whether a POST of this view begins something."""
    return view_name in _beginnings


def is_for_everybody(*view_names: str) -> None:
    """Name views that do not look at who asks, such as a style sheet: they are not looked at either."""
    _impersonal.update(view_names)


def is_impersonal(view_name: str) -> bool:
    """Say whether a view does not look at who asks."""
    return view_name in _impersonal
