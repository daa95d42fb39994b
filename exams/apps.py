"""Django's card of this package."""

from django.apps import AppConfig
from django.core import checks

from exams.attempts.checks import check_database


class ExamsConfig(AppConfig):
    """Registers the package with Django."""

    name = "exams"

    def ready(self) -> None:
        """Have the database checked at start."""
        checks.register(check_database, checks.Tags.database)
