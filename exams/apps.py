"""What Django must know of this package."""

from django.apps import AppConfig

from accounts.base import destinations
from accounts.jobs import registry as jobs
from accounts.privacy import registry


class ExamsConfig(AppConfig):
    """Registers the package with Django."""

    name = "exams"

    def ready(self) -> None:
        """Have leases end with their session or token; declare roles, pages for mails, kinds of jobs."""
        # Models exist only now, so this cannot stand at the head of the file.
        from exams.admin import roles
        from exams.attempts.lifecycle import release_leases
        from exams.reports import files as reports
        from exams.web.destinations import name_of

        registry.on_session_end(release_leases)
        destinations.names_destinations(name_of)
        roles.declare()
        jobs.register(reports.KIND, reports.make)
