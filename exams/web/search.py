"""Search in a certification: all there is to learn from, own finished questions. Works without script."""

from typing import Any, Final
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from accounts.base.errors import Refused
from accounts.users.requests import whole_number
from accounts.web import limits
from exams.catalog import selectors as catalog
from exams.search import providers
from exams.search.providers import Group

ECHOED_CHARACTERS: Final = 100


@require_safe
@gzip_page
def search(request: HttpRequest, code: str) -> HttpResponse:
    """Show what `?q=` finds, by groups; `kind` and `page` show the further hits of one. Six statements."""
    if not catalog.exists(code, request.user):
        raise Http404
    asked, problem = request.GET.get("q", ""), None
    try:
        query = providers.checked(asked)
        # Whoever has typed nothing yet has not searched.
        if query:
            limits.count_or_refuse(request, limits.SEARCH)
    except Refused as refused:
        if refused.status == 429:
            return limits.too_many(request, refused)
        query, problem = "", refused
    kind = request.GET.get("kind", "")
    kind = kind if kind in providers.kinds() else ""
    page = min(max(whole_number(request.GET.get("page"), 2, 1), 1), providers.MOST_PAGES)
    groups = providers.search(
        request.user, code, get_language() or "", query, kind=kind, page=page if kind else 1
    )
    context = {
        "code": code,
        "label": code.upper(),
        "query": query or (asked[:ECHOED_CHARACTERS].replace("\0", "") if problem else ""),
        "problem": problem,
        "is_asked": bool(query),
        "groups": [_group_context(group, query) for group in groups],
        "total": sum(group.total for group in groups),
        "one": kind,
        "everything": f"?{urlencode({'q': query})}",
    }
    status = problem.status if problem else 200
    response = render(request, "exams/search.html", context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _group_context(group: Group, query: str) -> dict[str, Any]:
    more = {"q": query, "kind": group.kind, "page": group.next_page}
    return {"group": group, "more": f"?{urlencode(more)}" if group.next_page else ""}
