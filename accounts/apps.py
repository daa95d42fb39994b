"""Django's configuration of this package."""

from importlib import import_module

from django.apps import AppConfig
from django.core import checks

from accounts.base import destinations
from accounts.base.checks import check_database
from accounts.base.site_operator import check_operator


class AccountsConfig(AppConfig):
    """Registers the package with Django, and its receivers of signals of Django and allauth."""

    name = "accounts"

    def ready(self) -> None:
        """Have the database checked at start, declare roles and pages, connect receivers of signals."""
        checks.register(check_database, checks.Tags.database)
        checks.register(check_operator, "operator")
        # Models exist only now, so these cannot stand at the head of the file.
        from accounts.admin import roles
        from accounts.web.redeem import name_of

        roles.declare()
        destinations.names_destinations(name_of)
        import_module("accounts.privacy.sessions")
        import_module("accounts.roles.signals")
        # Models exist only now, so these cannot stand at the head of the file.
        from accounts.access import reminders
        from accounts.outbox import wanted

        for kind in (reminders.ENDING, reminders.ENDED):
            wanted.register(kind, reminders.is_still_wanted)
