"""Django's configuration of this package."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Registers the package with Django, and its receivers of signals of Django and allauth."""

    name = "accounts"

    def ready(self) -> None:
        """Connect the receivers: they know models, which are loaded only now."""
        import_module("accounts.privacy.sessions")
        import_module("accounts.roles.signals")
