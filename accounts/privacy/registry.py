"""Hooks that other packages fill in their AppConfig.ready, because accounts knows nothing of them."""

import logging
from collections.abc import Callable
from typing import Final

from django.db import transaction

logger = logging.getLogger(__name__)

type SessionHook = Callable[[int, str | None], object]

_session_hooks: Final[list[SessionHook]] = []


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
