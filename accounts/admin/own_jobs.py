"""A job of one's own in the admin: how far it is, what it made, and what else its kind tells."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.views.decorators.http import require_safe

from accounts.base import hooks
from accounts.base.errors import Refused
from accounts.jobs import services
from accounts.jobs.models import Job, State
from accounts.users.models import User
from accounts.users.requests import is_part


@dataclass(frozen=True, slots=True)
class JobPage:
    """What the page of a kind's jobs says: its title, the way back, and a template for the result.

    The template gets `job` and `result`; `back` gets the job.
    """

    title: Promise
    back: Callable[[Job], str]
    template: str = ""


def url_of(job: Job) -> str:
    """Return the URL of the page of a job."""
    return reverse("admin:accounts_job_own", args=[job.pk])


def progress(job: Job | None) -> Mapping[str, Any]:
    """Return how far a job is, for a template."""
    return {
        "job": job,
        "is_done": job is not None and job.state == State.DONE,
        "is_failed": job is not None and job.state == State.FAILED,
        "is_making": job is not None and job.state in (State.WAITING, State.RUNNING),
    }


@require_safe
def own(request: HttpRequest, object_id: str) -> HttpResponse:
    """Show a job to whoever asked for it; anybody else's is as absent as none."""
    person = request.user
    job = _own(person, object_id) if isinstance(person, User) else None
    page: JobPage | None = hooks.by_key("job_pages").get(job.kind) if job else None
    if job is None or page is None or not isinstance(person, User):
        raise Http404
    context = {
        **admin.site.each_context(request),
        **progress(job),
        "title": page.title,
        "back": page.back(job),
        "template": page.template,
        "result": job.result,
        "file": _file(job, person),
        "poll": url_of(job),
    }
    template = "admin/accounts/own_job.html#making" if is_part(request) else "admin/accounts/own_job.html"
    response = render(request, template, context)
    response["Cache-Control"] = "no-store, private"
    return response


def _own(person: User, object_id: str) -> Job | None:
    try:
        return Job.objects.filter(pk=UUID(object_id), owner=person).first()
    except ValueError:
        return None


def _file(job: Job, person: User) -> Any:  # noqa: ANN401
    try:
        return services.file_of(job_id=job.pk, owner=person)
    except Refused:
        return None
