"""The pages of the jobs that authors ask for."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin.own_jobs import JobPage
from accounts.base import hooks
from accounts.jobs.models import Job
from exams.authoring import exports, proof


def register() -> None:
    """Let each kind of job have its page."""
    for kind, page in (
        (proof.KIND, JobPage(_("Proof sheet as PDF"), _draft_of)),
        (exports.KIND, JobPage(_("Export questions"), _questions_of, "admin/exams/export_job.html")),
    ):
        hooks.register("job_pages", page, key=kind)


def _draft_of(job: Job) -> str:
    return reverse("admin:exams_draft_proof", args=[job.parameters["draft"]])


def _questions_of(job: Job) -> str:
    form = job.parameters.get("form")
    return (
        reverse("admin:exams_examform_change", args=[form])
        if form
        else reverse("admin:exams_item_changelist")
    )
