"""Hooks that other packages fill in their AppConfig.ready, because accounts knows nothing of them."""

import logging
from collections.abc import Callable
from typing import Final

from django.db import transaction

logger = logging.getLogger(__name__)

type SessionHook = Callable[[int, str | None], object]

_session_hooks: Final[list[SessionHook]] = []


def on_session_end(hook: SessionHook) -> SessionHook:
    """Have `hook(user_id, holder)` called whenever a session or token ends. Registering twice counts once.

    `holder` is `session:<key>` or `token:<pk>`, or None when every session and token of the person has
    ended. Works as a decorator.
    """
    if hook not in _session_hooks:
        _session_hooks.append(hook)
    return hook


def session_ended(user_id: int, holder: str | None) -> None:
    """Tell every hook that a session or token of this person ended, or all of them (None).

    A hook that fails is logged and undone; the others are still called, and nothing is raised.
    """
    for hook in tuple(_session_hooks):
        try:
            with transaction.atomic():
                hook(user_id, holder)
        except Exception:
            logger.exception("A hook for the end of a session failed", extra={"user_id": user_id})
