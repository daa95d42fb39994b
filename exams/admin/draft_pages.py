"""Each kind of draft has a page of its own at the same address: which one, and how its states compare."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.users.requests import SignedInRequest
from exams.admin import draft_fields, draft_views, form_fields, form_views
from exams.admin.draft_fields import Difference
from exams.admin.draft_views import staff_view
from exams.authoring import forms, items, rights, selectors
from exams.authoring.kinds import Content
from exams.authoring.models import Draft


@dataclass(frozen=True, slots=True)
class Page:
    """The page of a kind: how it answers, how it is shown after a refusal, what two contents differ in.

    `published` is what it says once a draft of the kind is published.
    """

    edit: Callable[[SignedInRequest, Draft], HttpResponse]
    show: Callable[..., HttpResponse]
    differences: Callable[[Content, Content], list[Difference]]
    published: Promise


def _edit_item(request: SignedInRequest, draft: Draft) -> HttpResponse:
    return draft_views.edit(request, str(draft.pk))


_PAGES: Final[Mapping[str, Page]] = {
    items.NAME: Page(
        _edit_item,
        draft_views.page,
        draft_fields.differences,
        _("Published. Exams with this question have a new edition."),
    ),
    forms.NAME: Page(
        form_views.edit,
        form_views.page,
        form_fields.differences,
        _("Published. Whoever takes this exam now keeps the edition they began."),
    ),
}


def of(draft: Draft) -> Page:
    """Return the page of a draft."""
    return _PAGES[draft.kind]


def has(draft: Draft) -> bool:
    """Tell whether a draft has a page of its own."""
    return draft.kind in _PAGES


def draft_of(object_id: str, kind: str = "") -> Draft:
    """Return a draft that has a page, of a kind if one is asked for.

    Raises Http404, and Refused: not_found.
    """
    draft = selectors.draft(int(object_id)) if object_id.isdigit() and len(object_id) < 19 else None
    if draft is None or draft.kind not in _PAGES or (kind and draft.kind != kind):
        raise Http404
    return draft


@require_http_methods(["GET", "POST"])
@staff_view(rights.SEE)
def edit(request: SignedInRequest, object_id: str) -> Any:  # noqa: ANN401
    """Show a draft; save what its form sends."""
    draft = draft_of(object_id)
    return of(draft).edit(request, draft)
