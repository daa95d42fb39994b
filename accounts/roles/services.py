"""Roles in the database: one group for each, with exactly the permissions that were declared."""

from django.apps import AppConfig
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import Q
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from accounts.roles import registry
from accounts.users.models import User


def give(user: User, role: str) -> None:
    """Give `user` this role. Raises KeyError for a role that nobody declared."""
    if role not in registry.declared():
        raise KeyError(role)
    group, _ = Group.objects.get_or_create(name=role)
    user.groups.add(group)


@transaction.atomic
def sync() -> None:
    """Make the groups of all roles and set their permissions; what was added by hand is removed.

    Permissions that do not exist yet are left out: their app is migrated later, and then this runs again.
    """
    for role, permissions in registry.declared().items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set(_rows(permissions))


def _rows(names: frozenset[str]) -> list[Permission]:
    rows = Q()
    for name in names:
        app, _, codename = name.partition(".")
        rows |= Q(content_type__app_label=app, codename=codename)
    return list(Permission.objects.filter(rows)) if names else []


# Django's own receiver, which makes the permissions, is called before.
@receiver(post_migrate, dispatch_uid="accounts.roles")
def sync_roles(sender: AppConfig, **kwargs: object) -> None:
    """Set the roles once the permissions of an app that they name are made."""
    app_labels = {
        permission.partition(".")[0] for names in registry.declared().values() for permission in names
    }
    if sender.label in app_labels:
        sync()
