"""Hooks that other packages fill in their AppConfig.ready, because accounts knows nothing of them."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.functional import Promise

if TYPE_CHECKING:
    from accounts.users.models import User

logger = logging.getLogger(__name__)

type SessionHook = Callable[[int, str | None], object]
type ClosingHook = Callable[[User], Iterable[str]]
type ErasureHook = Callable[[User], object]

_session_hooks: Final[list[SessionHook]] = []
_closing_hooks: Final[list[ClosingHook]] = []
_erasure_hooks: Final[list[ErasureHook]] = []
_staying: Final[list[Promise]] = []


def session_holder(session_key: str) -> str:
    """Name a browser session as hooks and leases know it."""
    return f"session:{session_key}"


def token_holder(token_id: int) -> str:
    """Name an API token as hooks and leases know it."""
    return f"token:{token_id}"


def on_session_end(hook: SessionHook) -> SessionHook:
    """Have `hook(user_id, holder)` called whenever a session or an API token ends. Works as a decorator.

    `holder` is `session:<key>` or `token:<id>`, None when every session and token of the person has ended.
    Registering twice counts once.
    """
    if hook not in _session_hooks:
        _session_hooks.append(hook)
    return hook


def session_ended(user_id: int, holder: str | None) -> None:
    """Tell every hook that this session or token of the person ended, or all of them (None).

    A hook that fails is logged and undone; the others are still called, and nothing is raised.
    """
    for hook in tuple(_session_hooks):
        try:
            with transaction.atomic():
                hook(user_id, holder)
        except Exception:
            logger.exception("A hook for the end of a session failed", extra={"user_id": user_id})


def tells_before_closing(hook: ClosingHook) -> ClosingHook:
    """Have `hook(user)` say, in the active language, what a person should know before closing an account."""
    if hook not in _closing_hooks:
        _closing_hooks.append(hook)
    return hook


def before_closing(user: "User") -> list[str]:
    """Return the sentences of every hook."""
    return [sentence for hook in _closing_hooks for sentence in hook(user)]


def on_erasure(hook: ErasureHook) -> ErasureHook:
    """Have `hook(user)` called in the transaction that erases a person, while everything is still there.

    What it raises undoes the erasure, which is tried again the next night.
    """
    if hook not in _erasure_hooks:
        _erasure_hooks.append(hook)
    return hook


def erasing(user: "User") -> None:
    """Call every hook. Raises what they raise."""
    for hook in _erasure_hooks:
        hook(user)


def stays(sentence: Promise) -> None:
    """Name what is kept after an erasure, and why: a translatable sentence for the page."""
    if sentence not in _staying:
        _staying.append(sentence)


def staying() -> Sequence[Promise]:
    """Return what is kept after an erasure, in the order of registration."""
    return tuple(_staying)
