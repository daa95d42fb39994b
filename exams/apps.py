"""What Django must know of this package."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from accounts.base import hooks
from accounts.jobs.registry import JobKind


class ExamsConfig(AppConfig):
    """Registers the package with Django."""

    name = "exams"
    verbose_name = _("Exams")

    def ready(self) -> None:
        """Answer the hooks of accounts, and those of exams between its own packages."""
        # Models exist only now, so imports of what has them cannot stand at the head of the file.
        self._answer_accounts()
        self._register_jobs()
        self._register_authoring()

    def _answer_accounts(self) -> None:
        from exams.archive import personal_data as candidates
        from exams.attempts.lifecycle import release_leases
        from exams.authoring import personal_data as authors
        from exams.authoring.models import Draft
        from exams.catalog.selectors import opened_to
        from exams.presentation.before_paying import codes, targets_of
        from exams.web import running_attempts
        from exams.web.start import name_of

        hooks.register("session_ended", release_leases)
        hooks.register("page_names", name_of)
        hooks.register("access_titles", targets_of)
        hooks.register("access_codes", codes)
        hooks.register("staff_access", opened_to)
        hooks.register("before_closing", candidates.before_closing)
        hooks.register("before_erasure", candidates.before_erasure)
        hooks.register("audited_things", lambda person: Draft.objects.filter(author=person))
        hooks.register("personal_data", (*candidates.TABLES, *authors.TABLES), key=self.name)
        running_attempts.register()

    def _register_jobs(self) -> None:
        from exams.authoring import exports, imports, news, proof, rights
        from exams.cheatsheet import files, personal
        from exams.corrections import impact, rescoring
        from exams.freshness import jobs as freshness
        from exams.insights import study_mail
        from exams.reports import files as reports
        from exams.statistics import jobs as statistics

        for job in (
            JobKind(files.KIND, files.make),
            JobKind(personal.KIND, personal.make),
            JobKind(reports.KIND, reports.make),
            JobKind(
                statistics.KIND,
                statistics.make,
                atomic=False,
                statement_seconds=statistics.STATEMENT_SECONDS,
            ),
            JobKind(freshness.KIND, freshness.make),
            JobKind(imports.CHECK, imports.run_check),
            JobKind(imports.TAKE, imports.run_take),
            JobKind(exports.KIND, exports.run, permission=rights.WRITE),
            JobKind(proof.KIND, proof.run, permission=rights.SEE),
            # A ruling that is tried is read alone; one that is made commits in batches.
            JobKind(impact.KIND, impact.measure),
            JobKind(rescoring.KIND, rescoring.carry_out, atomic=False),
        ):
            hooks.register("job_kinds", job, key=job.name)
        hooks.register("mail_checks", news.is_wanted, key=news.MAIL)
        hooks.register("mail_checks", study_mail.is_still_due, key=study_mail.MAIL)

    def _register_authoring(self) -> None:
        from exams.authoring import certifications, missing_translations
        from exams.authoring.catalog import CatalogKind
        from exams.authoring.forms import FormKind
        from exams.authoring.items import ItemKind
        from exams.authoring.sheets import SheetKind
        from exams.cheatsheet import selectors
        from exams.corrections import services as rulings
        from exams.search.questions import QUESTIONS
        from exams.search.sheet import SHEET

        hooks.register("coverage_links", selectors.links)
        for provider in (SHEET, QUESTIONS):
            hooks.register("search_providers", provider, key=provider.kind)
        for drafted in (ItemKind(), FormKind(), CatalogKind(), SheetKind()):
            hooks.register("draft_kinds", drafted, key=drafted.name)
        for kind, missing in missing_translations.BY_KIND.items():
            hooks.register("translation_gaps", missing, key=kind)
        for proposed in (certifications.PROPOSED, rulings.PROPOSED):
            hooks.register("second_person_acts", proposed, key=proposed.name)
