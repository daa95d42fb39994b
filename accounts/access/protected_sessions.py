"""What a person is doing that must not be interrupted, such as an exam, and which views are not looked at."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.base import hooks
from accounts.base.errors import Text
from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class Running:
    """Something that runs by the clock: its name in the active language, and the path of its page."""

    name: Text
    path: str


type GoesOn = Callable[[User, str, Mapping[str, Any]], bool]
type WhatRuns = Callable[[User], Iterable[Running]]


def goes_on(user: User, view_name: str, values: Mapping[str, Any]) -> bool:
    """Say whether this view must not be interrupted now. `values` are those of the address."""
    answers: tuple[GoesOn, ...] = hooks.registered("uninterrupted_views")
    return any(answer(user, view_name, values) for answer in answers)


def running(user: User) -> list[Running]:
    """Return what runs by the clock, so that a page in between can lead back to it."""
    answers: tuple[WhatRuns, ...] = hooks.registered("running_attempts")
    return [running for answer in answers for running in answer(user)]


def is_beginning(view_name: str) -> bool:
    """Say whether a POST of this view begins something that could not be interrupted afterward."""
    return view_name in hooks.registered("beginning_views")


def is_impersonal(view_name: str) -> bool:
    """Say whether a view does not look at who asks, such as a style sheet: it is not looked at either."""
    return view_name in hooks.registered("impersonal_views")
