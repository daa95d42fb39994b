"""Hooks in tests: answered by the test alone, within it."""

from typing import Any

import pytest

from accounts.base import hooks


def register_only(monkeypatch: pytest.MonkeyPatch, hook: str, *answers: Any) -> None:
    """Let these be all that is registered to a hook."""
    monkeypatch.setitem(hooks._registered, hook, {one: one for one in answers})


def register_too(monkeypatch: pytest.MonkeyPatch, hook: str, *answers: Any) -> None:
    """Let these be asked after all that is registered to a hook."""
    monkeypatch.setitem(hooks._registered, hook, {**hooks.by_key(hook), **{one: one for one in answers}})
