"""What packages above add to those below, which cannot import them.

AppConfig.ready of whoever answers registers functions or values under the name of a hook; the package that
has the hook asks for them. ARCHITECTURE.md lists every hook with what is registered, who asks and who
answers; a test compares the list with the code.
"""

from collections.abc import Hashable, Mapping
from typing import Any, Final

_registered: Final[dict[str, dict[Hashable, Any]]] = {}


def register(hook: str, answer: Any, key: Hashable = None) -> None:  # noqa: ANN401
    """Add a function or value to a hook, under a key where the hook is asked by keys. Twice counts once.

    Raises ValueError when another answer has this key.
    """
    key = answer if key is None else key
    if _registered.setdefault(hook, {}).setdefault(key, answer) != answer:
        raise ValueError(f"two answers to the hook {hook!r} for {key!r}")


def registered(hook: str) -> tuple[Any, ...]:
    """Return what was registered, in that order. Only the caller knows of which type it is."""
    return tuple(_registered.get(hook, {}).values())


def by_key(hook: str) -> Mapping[Any, Any]:
    """Return what was registered, by its key."""
    return _registered.get(hook, {})
