"""What Django must know of this package."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.access import openings
from accounts.base import destinations
from accounts.jobs import registry as jobs
from accounts.privacy import registry
from exams.presentation import sections


class ExamsConfig(AppConfig):
    """Registers the package with Django."""

    name = "exams"
    verbose_name = _("Exams")

    def ready(self) -> None:
        """Have leases end with their session; declare roles, pages, links, kinds of jobs, searches."""
        # Models exist only now, so this cannot stand at the head of the file.
        from accounts.access import policy
        from accounts.outbox import names
        from exams.admin import attempts, author_figures, imports, mail_names, pending, roles
        from exams.admin.statistics import figures_of
        from exams.archive import ready as archive
        from exams.attempts.lifecycle import release_leases
        from exams.authoring import ready as authoring
        from exams.catalogue.visibility import opened_to
        from exams.cheatsheet import files, personal, selectors
        from exams.errata import queue
        from exams.errata import ready as errata
        from exams.freshness import jobs as freshness
        from exams.insights import drills, hooks
        from exams.presentation.openings import codes, openings_of
        from exams.reports import files as reports
        from exams.search import providers
        from exams.search.questions import QUESTIONS
        from exams.search.sheet import SHEET
        from exams.statistics import jobs as statistics
        from exams.web import going_on
        from exams.web.destinations import name_of

        registry.on_session_end(release_leases)
        destinations.names_destinations(name_of)
        openings.names_openings(openings_of, codes)
        policy.opens_to_staff(opened_to)
        roles.declare()
        attempts.register()
        author_figures.register()
        imports.register()
        names.register(mail_names.NAMES)
        pending.register()
        sections.adds_links(selectors.as_links)
        jobs.register(files.KIND, files.make)
        jobs.register(personal.KIND, personal.make)
        jobs.register(reports.KIND, reports.make)
        seconds = statistics.STATEMENT_SECONDS
        jobs.register(statistics.KIND, statistics.make, atomic=False, statement_seconds=seconds)
        jobs.register(freshness.KIND, freshness.make)
        hooks.tells_drills(drills.by_domain)
        providers.provides(SHEET)
        providers.provides(QUESTIONS)
        archive.register()
        authoring.register()
        errata.register()
        queue.tells_figures(figures_of)
        going_on.register()
