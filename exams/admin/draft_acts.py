"""What is done with a draft as a whole: each act is a form that is posted, and leads back to the editor.

A refusal changes nothing and shows the editor with its sentence, under its status.
"""

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.users.requests import SignedInRequest
from exams.admin import draft_pages
from exams.admin.draft_views import address, page, staff_view
from exams.admin.posted import posted
from exams.authoring import rights, selectors, services
from exams.authoring.models import Draft

LONGEST_REASON: Final = 2000

type Act = Callable[[SignedInRequest, Draft], object]


def _act(act: Act, done: Promise | None, *permissions: str) -> Callable[..., HttpResponse]:
    """Return a view that does something with a draft and says so; what is published, its kind says."""

    @staff_view(*permissions)
    @posted(lambda object_id: reverse("admin:exams_draft_edit", args=[object_id]))
    def view(request: SignedInRequest, object_id: str) -> HttpResponse:
        draft = draft_pages.draft_of(object_id)
        try:
            act(request, draft)
        except Refused as refused:
            return page(request, selectors.draft(draft.pk), refused=refused)
        messages.success(request, str(done or draft_pages.of(draft).published))
        return HttpResponseRedirect(address(draft))

    return view


def _whole(given: str | None) -> int:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 10 else 0


def _colleague(request: SignedInRequest) -> User | None:
    """Return who was chosen, None for nobody. Raises Refused: no_colleague."""
    given = request.POST.get("assignee", "")
    if not given:
        return None
    colleague = selectors.colleagues().filter(pk=_whole(given)).first()
    if colleague is None:
        raise Refused("no_colleague", 422, _("Choose somebody who works on content."))
    return colleague


def _reviewer(request: SignedInRequest, draft: Draft) -> User | None:
    """Return who is to review, None for nobody in particular. Raises Refused: no_reviewer."""
    given = request.POST.get("assignee", "")
    if not given:
        return None
    reviewer = selectors.reviewers(draft).filter(pk=_whole(given)).first()
    if reviewer is None:
        raise services.no_reviewer()
    return reviewer


def _reason(request: SignedInRequest, name: str = "reason") -> str:
    """Return why somebody acts. Raises Refused: missing_reason, too_long."""
    reason = request.POST.get(name, "").replace("\0", "").strip()
    if len(reason) < 3:
        raise Refused("missing_reason", 422, _("Say why, in a few words."))
    if len(reason) > LONGEST_REASON:
        raise Refused("too_long", 422, _("At most %(most)s characters."), values={"most": LONGEST_REASON})
    return reason


def _send(request: SignedInRequest, draft: Draft) -> Any:  # noqa: ANN401
    return services.send_to_review(
        draft_id=draft.pk,
        revision=_whole(request.POST.get("revision")),
        actor=request.user,
        assignee=_reviewer(request, draft),
    )


def _send_back(request: SignedInRequest, draft: Draft) -> Any:  # noqa: ANN401
    return services.send_back(draft_id=draft.pk, actor=request.user, text=request.POST.get("text", ""))


def _approve(request: SignedInRequest, draft: Draft) -> Any:  # noqa: ANN401
    return services.approve(draft_id=draft.pk, digest=request.POST.get("digest", ""), actor=request.user)


def _publish(request: SignedInRequest, draft: Draft) -> Any:  # noqa: ANN401
    return services.publish(
        draft_id=draft.pk,
        digest=request.POST.get("digest", ""),
        actor=request.user,
        reason=_reason(request),
        seen_ruling=_whole(request.POST.get("ruling")) or None,
        choice=request.POST.get("choice", ""),
    )


def _lift(request: SignedInRequest, draft: Draft) -> Any:  # noqa: ANN401
    return services.lift_ruling(
        draft_id=draft.pk,
        ruling_id=_whole(request.POST.get("ruling")),
        actor=request.user,
        reason=_reason(request),
    )


def _rebase(request: SignedInRequest, draft: Draft) -> Any:  # noqa: ANN401
    return services.rebase(
        draft_id=draft.pk, revision=_whole(request.POST.get("revision")), actor=request.user
    )


def _discard(request: SignedInRequest, draft: Draft) -> Any:  # noqa: ANN401
    return services.discard(draft_id=draft.pk, actor=request.user, reason=_reason(request))


def _assign(request: SignedInRequest, draft: Draft) -> Any:  # noqa: ANN401
    return services.assign(draft_id=draft.pk, actor=request.user, assignee=_colleague(request))


def _comment(request: SignedInRequest, draft: Draft) -> Any:  # noqa: ANN401
    return services.comment(
        draft_id=draft.pk,
        actor=request.user,
        text=request.POST.get("text", ""),
        place=request.POST.get("place", ""),
    )


send = _act(_send, _("Sent to review."), rights.WRITE, rights.TRANSLATE)
send_back = _act(_send_back, _("Sent back with your comment."), rights.REVIEW)
approve = _act(_approve, _("Approved. It can be published now."), rights.REVIEW)
lift = _act(_lift, _("Lifted for this draft. It can have another key."), rights.REVIEW)
publish = _act(_publish, None, rights.REVIEW)
rebase = _act(_rebase, _("This draft now follows the version that is published."), rights.WRITE)
discard = _act(_discard, _("Discarded. It stays readable."), rights.WRITE, rights.TRANSLATE, rights.REVIEW)
assign = _act(_assign, _("Assigned."), rights.WRITE, rights.TRANSLATE, rights.REVIEW)
comment = _act(_comment, _("Comment added."), rights.SEE)
