"""When roles reach the database: after the permissions of their apps are there."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.dispatch import receiver

from accounts.roles import registry, services


@receiver(post_migrate, dispatch_uid="accounts.roles")
def sync_roles(sender: AppConfig, **kwargs: object) -> None:
    """Set the roles once the permissions of an app that they name are made (Django's receiver is first)."""
    named = {permission.partition(".")[0] for names in registry.declared().values() for permission in names}
    if sender.label in named:
        services.sync()
