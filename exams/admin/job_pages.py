"""The pages of the jobs that authors ask for."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin.own_jobs import Shown, shows
from accounts.jobs.models import Job
from exams.authoring import proof


def register() -> None:
    """Let each kind of job have its page."""
    shows(proof.KIND, Shown(_("Proof sheet as PDF"), _draft_of))


def _draft_of(job: Job) -> str:
    return reverse("admin:exams_draft_proof", args=[job.parameters["draft"]])
