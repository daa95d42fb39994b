"""Django's card of this package."""

from django.apps import AppConfig


class I18nConfig(AppConfig):
    """Registers the package with Django."""

    name = "i18n"
