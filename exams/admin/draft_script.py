"""What the script of a draft's page asks: it saves while one types, asks for remarks, says that it is open.

It posts JSON and gets JSON; a refusal has the code and status of `exams.authoring.services` and a sentence.
"""

import json
from collections.abc import Mapping
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest
from exams.admin import draft_fields, draft_pages
from exams.admin.draft_views import View, remarks_of, staff_view, typed_in
from exams.authoring import rights, selectors, services
from exams.authoring.kinds import Content
from exams.authoring.models import Draft

PROBLEM: Final = "application/problem+json"


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Return the body of a request as an object. Raises Refused: invalid_body."""
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused("invalid_body", HTTPStatus.BAD_REQUEST, _("The body is not a JSON object."))
    return body


def replies[**P](view: View[P]) -> View[P]:
    """Answer a refusal with its code, sentence and fields as JSON."""

    @wraps(view)
    def answer(request: SignedInRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Refused as refused:
            body = {"code": refused.code, "status": refused.status, "detail": str(refused), **refused.extra}
            return JsonResponse(body, status=refused.status, content_type=PROBLEM)

    return cast("View[P]", answer)


def _revision(asked: Mapping[str, Any]) -> int:
    given = asked.get("revision")
    return given if isinstance(given, int) and not isinstance(given, bool) else 0


def content_asked(request: HttpRequest, draft: Draft) -> Content:
    """Return what the fields of a request say, over what is stored.

    Raises Refused: invalid_body, invalid_content.
    """
    return services.clean(draft, typed_in(_asked(request).get("fields"), draft))


@require_POST
@staff_view(rights.WRITE, rights.TRANSLATE)
@replies
def save(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Save what was typed. A stale save gets, beside what is stored, the rows in which both differ."""
    draft = draft_pages.draft_of(object_id)
    asked = _asked(request)
    content = typed_in(asked.get("fields"), draft)
    try:
        saved = services.save(
            draft_id=draft.pk, revision=_revision(asked), content=content, actor=request.user
        )
    except Refused as refused:
        if refused.code == "stale_draft":
            _beside(draft, content, refused)
        elif refused.code == "invalid_content":
            label = draft_pages.of(draft).label_of(refused.extra["field"])
            refused.extra["detail"] = f"{label}: {refused.extra['sentence']}"
        raise
    return JsonResponse(
        {
            "revision": saved.revision,
            "digest": saved.digest,
            "state": saved.state,
            "state_name": saved.get_state_display(),
            "saved_at": formats.time_format(timezone.localtime(saved.saved_at), "TIME_FORMAT"),
        }
    )


def _beside(draft: Draft, content: Mapping[str, Any], refused: Refused) -> None:
    """Add both texts of each field that differs, and whether the texts have other rows than each other."""
    theirs, mine = refused.extra["content"], services.clean(draft, content)
    rows = draft_pages.of(draft).differences(theirs, mine)
    refused.extra["rows"] = [
        {
            "field": row.field,
            "label": row.label,
            "theirs": row.one,
            "mine": row.other,
            "value": "" if draft_fields.value_at(theirs, row.field) is False else row.one,
        }
        for row in rows
    ]
    refused.extra["is_whole"] = not draft_fields.have_same_rows(theirs, mine)
    refused.extra["by"] = selectors.saved_last_by(draft.pk)


@require_POST
@staff_view(rights.SEE)
@replies
def remarks(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Say what the rules find in content that need not be saved."""
    draft = draft_pages.draft_of(object_id)
    content = content_asked(request, draft)
    return JsonResponse({"remarks": remarks_of(draft, content)})


@require_POST
@staff_view(rights.SEE)
@replies
def touch(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Remember that the page is open; say who else has it, what is stored now, and which other saved it."""
    draft = draft_pages.draft_of(object_id)
    services.touch(draft_id=draft.pk, actor=request.user)
    by = selectors.saved_last_by(draft.pk)
    return JsonResponse(
        {
            "people": selectors.others(draft.pk, request.user),
            "revision": draft.revision,
            "state": draft.state,
            "by": "" if by == request.user.email else by,
        }
    )
