"""What Django must know of this package."""

from django.apps import AppConfig

from accounts.privacy import registry


class ExamsConfig(AppConfig):
    """Registers the package with Django."""

    name = "exams"

    def ready(self) -> None:
        """Have the leases of a session or token end with it, and declare the roles of staff."""
        # Models exist only now, so this cannot stand at the head of the file.
        from exams.admin import roles
        from exams.attempts.lifecycle import release_leases

        registry.on_session_end(release_leases)
        roles.declare()
