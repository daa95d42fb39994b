"""Django's card of this package."""

from django.apps import AppConfig


class ExamsConfig(AppConfig):
    """Registers the package with Django."""

    name = "exams"
