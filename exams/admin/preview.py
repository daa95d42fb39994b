"""A draft as its readers see it: a page of its own that only the site may frame, for staff of content.

It has the policy of candidates' pages; what it shows, the page of its kind says.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.csp import CSP
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest
from exams.admin import draft_pages
from exams.admin.draft_script import content_asked
from exams.admin.draft_views import staff_view
from exams.authoring import rights
from exams.bank.drafts import CannotPublish
from i18n import languages

THEMES: Final = ("light", "dark")
POLICY: Final = {**settings.SECURE_CSP, "frame-ancestors": [CSP.SELF]}


@csp_override(POLICY)
@xframe_options_sameorigin
@require_http_methods(["GET", "POST"])
@staff_view(rights.SEE)
def preview(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Show what is stored, or what is posted and need not be."""
    draft = draft_pages.draft_of(object_id)
    page = draft_pages.of(draft)
    views = [name for name, _label in page.views(draft.content)]
    if not views:
        raise Http404
    context: dict[str, Any] = {
        "theme": _one_of(request.GET.get("theme"), THEMES),
        "messages": [],
    }
    status = 200
    try:
        content = content_asked(request, draft) if request.method == "POST" else draft.content
        view = _one_of(request.GET.get("view"), [name for name, _label in page.views(content)] or views)
        known = page.languages(draft, content)
        language = _one_of(request.GET.get("language"), known)
        context["offered"] = json.dumps([(code, languages.name_of(code)) for code in known])
        context |= {"view": view, "language": language, **page.preview(draft, content, view, language)}
    except (Refused, CannotPublish) as error:
        context["problem"], status = str(error), 422
    return render(request, page.preview_template, context, status=status)


def _one_of(asked: str | None, known: Sequence[str]) -> str:
    return asked if asked is not None and asked in known else known[0]
