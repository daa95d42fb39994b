"""Roles of staff are declared once and kept in the database by every migration."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from accounts.roles import registry, services
from accounts.users.models import User
from tests.hooked import register_too

pytestmark = pytest.mark.django_db


def names_of(group: Group) -> set[str]:
    """The permissions of a group as the registry writes them."""
    rows = group.permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


def test_every_permission_that_a_role_names_exists() -> None:
    for role, permissions in registry.declared().items():
        assert names_of(Group.objects.get(name=role)) == permissions


def test_authors_may_read_content_and_nothing_of_candidates() -> None:
    permissions = registry.declared()[registry.AUTHORS]
    assert {"exams.view_item", "exams.view_examform", "exams.write_draft"} <= permissions
    assert not [name for name in permissions if "attempt" in name or "score" in name or "delete" in name]


def test_a_migration_brings_back_a_role_that_was_lost_or_changed() -> None:
    Group.objects.all().delete()
    call_command("migrate", verbosity=0)
    authors = Group.objects.get(name=registry.AUTHORS)
    assert names_of(authors) == registry.declared()[registry.AUTHORS]
    authors.permissions.set([Permission.objects.get(codename="delete_user")])
    call_command("migrate", verbosity=0)
    assert names_of(authors) == registry.declared()[registry.AUTHORS]


def test_a_person_gets_a_role_and_its_permissions(anna: User) -> None:
    services.give(anna, registry.AUTHORS)
    assert anna.has_perm("exams.view_item")
    assert not anna.has_perm("exams.view_attempt")


def test_a_role_that_nobody_declared_is_a_programming_error(anna: User) -> None:
    with pytest.raises(KeyError):
        services.give(anna, "owners")
    assert not anna.groups.exists()


def test_a_permission_without_its_app_is_a_programming_error(monkeypatch: pytest.MonkeyPatch) -> None:
    register_too(monkeypatch, "role_permissions", lambda: {registry.AUTHORS: ["view_item"]})
    with pytest.raises(ValueError):
        registry.declared()
