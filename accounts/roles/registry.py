"""Which role may do what. Other packages add their permissions in AppConfig.ready."""

from typing import Final

AUTHORS: Final = "authors"
REVIEWERS: Final = "reviewers"
TRANSLATORS: Final = "translators"
SUPPORT: Final = "support"
FINANCE: Final = "finance"

_permissions: Final[dict[str, set[str]]] = {}


def grant(role: str, *permissions: str) -> None:
    """Let `role` do what these permissions (`exams.view_item`) name. Granting twice counts once.

    Raises ValueError for a permission that does not name its app.
    """
    for permission in permissions:
        if "." not in permission:
            raise ValueError(f"{permission!r} does not name its app")
    _permissions.setdefault(role, set()).update(permissions)


def declared() -> dict[str, frozenset[str]]:
    """Return the permissions of each role."""
    return {role: frozenset(permissions) for role, permissions in _permissions.items()}
