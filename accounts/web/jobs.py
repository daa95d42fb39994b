"""The file that a job made, for its owner."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.base.errors import Refused
from accounts.jobs import registry, services
from accounts.users.models import User
from accounts.users.requests import lacks_second_factor


@login_required
@require_safe
def file(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Send the file, to be saved and not shown. A file of somebody else is as absent as none.

    What is made for staff goes to a session alone that the admin would let in.
    """
    person = request.user
    assert isinstance(person, User)  # noqa: S101
    try:
        found = services.file_of(job_id=job_id, owner=person)
    except Refused as refusal:
        raise Http404(str(refusal)) from None
    if registry.permission_of(found.job.kind) and lacks_second_factor(request):
        raise Http404
    response = HttpResponse(found.content, content_type=found.media_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=found.name)
    return response
