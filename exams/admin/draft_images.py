"""An image or a drawing added to a drafted question: a button of its form, which sends the file along."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest
from exams.admin import draft_form, draft_pages
from exams.admin.draft_views import address, not_saved, staff_view
from exams.authoring import images, rights
from exams.authoring.images import Upload
from exams.authoring.items import NAME
from exams.content.exchange_formats import limits


@require_POST
@staff_view(rights.WRITE, rights.TRANSLATE)
def image(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Save what the form holds, with the image below the paragraph that was written in last."""
    draft = draft_pages.draft_of(object_id, NAME)
    content = draft_form.content_of(request.POST, draft.content)
    try:
        images.add(
            draft_id=draft.pk,
            revision=draft_form.revision_of(request.POST),
            content=content,
            upload=_upload(request),
            actor=request.user,
        )
    except Refused as refused:
        return not_saved(request, draft, content, refused)
    messages.success(request, _("Image added"))
    return HttpResponseRedirect(address(draft))


def _upload(request: SignedInRequest) -> Upload:
    """Return what was sent; of a file that is too large, enough to see that it is."""
    file = request.FILES.get(images.FILE)
    at = request.POST.get("image.at", "")
    return Upload(
        data=file.read(limits.IMAGE_SIZE + 1) if file else b"",
        file=(file.name or "") if file else "",
        told=request.POST.get(images.TOLD, ""),
        field=request.POST.get(images.FIELD, ""),
        at=int(at) if at.isascii() and at.isdigit() and len(at) < 6 else None,
    )
