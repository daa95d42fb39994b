"""What Django must know of this package."""

from django.apps import AppConfig
from django.core import checks

from accounts.privacy import registry
from exams.attempts.checks import check_database


class ExamsConfig(AppConfig):
    """Registers the package with Django."""

    name = "exams"

    def ready(self) -> None:
        """Have the database checked at start, and the leases of a session or token end with it."""
        # Models exist only now, so this cannot stand at the head of the file.
        from exams.admin import roles
        from exams.attempts.lifecycle import release_leases

        checks.register(check_database, checks.Tags.database)
        registry.on_session_end(release_leases)
        roles.declare()
