"""Django's configuration of this package."""

from importlib import import_module

from django.apps import AppConfig
from django.core import checks

from accounts.base.checks import check_database
from accounts.base.site_operator import check_operator


class AccountsConfig(AppConfig):
    """Registers the package with Django, and its receivers of signals of Django and allauth."""

    name = "accounts"

    def ready(self) -> None:
        """Have the database checked at start, and connect receivers: they know models, loaded only now."""
        checks.register(check_database, checks.Tags.database)
        checks.register(check_operator, "operator")
        import_module("accounts.privacy.sessions")
        import_module("accounts.privacy.ready").register()
        import_module("accounts.roles.signals")
