"""Which role may do what. Packages say it with the hook `role_permissions`."""

from collections.abc import Callable, Collection, Mapping
from typing import Final

from accounts.base import hooks

AUTHORS: Final = "authors"
REVIEWERS: Final = "reviewers"
TRANSLATORS: Final = "translators"
SUPPORT: Final = "support"
FINANCE: Final = "finance"

type PermissionsOf = Callable[[], Mapping[str, Collection[str]]]
"""Permissions by role, each with its app: `exams.view_item`."""


def declared() -> dict[str, frozenset[str]]:
    """Return the permissions of each role. Raises ValueError for one that does not name its app."""
    answers: tuple[PermissionsOf, ...] = hooks.registered("role_permissions")
    roles: dict[str, frozenset[str]] = {}
    for answer in answers:
        for role, permissions in answer().items():
            if unnamed := [permission for permission in permissions if "." not in permission]:
                raise ValueError(f"{unnamed[0]!r} does not name its app")
            roles[role] = roles.get(role, frozenset()).union(permissions)
    return roles
