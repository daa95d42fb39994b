"""The pages of the jobs that authors ask for."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin.own_jobs import Shown, shows
from accounts.jobs.models import Job
from exams.authoring import exports, proof


def register() -> None:
    """Let each kind of job have its page."""
    shows(proof.KIND, Shown(_("Proof sheet as PDF"), _draft_of))
    shows(exports.KIND, Shown(_("Export questions"), _questions_of, "admin/exams/export_job.html"))


def _draft_of(job: Job) -> str:
    return reverse("admin:exams_draft_proof", args=[job.parameters["draft"]])


def _questions_of(job: Job) -> str:
    form = job.parameters.get("form")
    return (
        reverse("admin:exams_examform_change", args=[form])
        if form
        else reverse("admin:exams_item_changelist")
    )
