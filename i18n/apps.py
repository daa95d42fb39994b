"""Django's card of this package."""

from django.apps import AppConfig

from i18n.names import translate_names


class I18nConfig(AppConfig):
    """Registers the package with Django."""

    name = "i18n"

    def ready(self) -> None:
        """Translate the names that Django makes of the code."""
        translate_names()
