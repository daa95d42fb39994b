"""The page of a draft, whatever its kind: who may write, what is stored, conflicts, people, comments, acts.

It works as a plain form; `draft_script` answers what its script asks. What differs by kind, its
`draft_pages.DraftPage` does.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, cast

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.users.requests import SignedInRequest
from exams.admin import draft_form, draft_pages, draft_words
from exams.admin.draft_fields import Difference, Layout
from exams.admin.draft_pages import Desk
from exams.authoring import kinds, rights, selectors, services
from exams.authoring.kinds import Content, Remark
from exams.authoring.models import OPEN, Draft, State
from i18n import languages

type View[**P] = Callable[Concatenate[SignedInRequest, P], HttpResponse]


def staff_view[**P](*permissions: str) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Let those in who have one of the permissions."""

    def make(view: View[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            person = request.user
            if not isinstance(person, User) or not rights.may(person, *permissions):
                raise PermissionDenied
            try:
                return view(cast(SignedInRequest, request), *args, **kwargs)
            except Refused as refused:
                if refused.status == HTTPStatus.NOT_FOUND:
                    raise Http404(str(refused)) from refused
                raise

        return checked

    return make


def address(draft: Draft, name: str = "edit") -> str:
    """Return an address of a draft."""
    return reverse(f"admin:exams_draft_{name}", args=[draft.pk])


@require_http_methods(["GET", "POST"])
@staff_view(rights.SEE)
def edit(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Show a draft; save what its form sends, then do what its button says."""
    draft = draft_pages.draft_of(object_id)
    return _saved(request, draft) if request.method == "POST" else page(request, draft)


def _saved(request: SignedInRequest, draft: Draft) -> HttpResponse:
    own = draft_pages.of(draft)
    content = own.changed(own.content_of(request.POST, draft.content), request.POST, draft)
    try:
        services.save(
            draft_id=draft.pk,
            revision=draft_form.revision_of(request.POST),
            content=content,
            actor=request.user,
        )
    except Refused as refused:
        return not_saved(request, draft, content, refused)
    if request.POST.get("do", "save") == "save":
        messages.success(request, _("Saved"))
    return HttpResponseRedirect(f"{address(draft)}{own.next_place(request.POST)}")


def not_saved(
    request: SignedInRequest, draft: Draft, content: Mapping[str, Any], refused: Refused
) -> HttpResponse:
    """Show what was written, beside what is stored where that is newer, with the reason."""
    own = draft_pages.of(draft)
    try:
        shown = kinds.kind_of(draft.kind).clean(content)
    except kinds.ContentError:
        shown = own.typed(content, draft.content)
    differing: Sequence[Difference] = ()
    if refused.code == "stale_draft":
        draft.revision = refused.extra["revision"]
        differing = own.differences(refused.extra["content"], shown)
    return page(request, draft, content=shown, refused=refused, differing=differing)


def layout_of(draft: Draft, person: User, *, is_open: bool) -> Layout:
    """Return who may write what of a draft that is open, or is not."""
    translates = rights.only_translates(person) and not kinds.is_translation(
        draft.kind, draft.certification, draft.name
    )
    able = (rights.WRITE, rights.TRANSLATE) if draft_pages.of(draft).has_texts else (rights.WRITE,)
    writes = rights.may(person, *able)
    return Layout(draft.certification.original_language, is_open and writes, translates)


def page(
    request: SignedInRequest,
    draft: Draft,
    *,
    content: Content | None = None,
    refused: Refused | None = None,
    differing: Sequence[Difference] = (),
) -> HttpResponse:
    """Return the page with what is stored, or with content that was not."""
    person, own = request.user, draft_pages.of(draft)
    asked = content is not None or "write" in request.GET
    is_open = draft.state == State.DRAFT or (asked and draft.state in OPEN)
    wrong = _wrong(refused)
    shown = draft.content if content is None else content
    desk = Desk(
        draft,
        shown,
        layout_of(draft, person, is_open=is_open),
        found_in(draft, shown) if draft.state in OPEN and not wrong else [],
        wrong,
        request.GET,
        request.POST,
        refused,
        person,
    )
    context = {
        **admin.site.each_context(request),
        "title": str(draft),
        "draft": draft,
        "content": shown,
        "layout": desk.layout,
        "refused": refused,
        "wrong": [(name, own.label_of(name), sentence) for name, sentence in wrong.items()],
        "differing": differing,
        "saved_by": selectors.saved_last_by(draft.pk) if differing else "",
        "remarks": [_remark(draft, remark) for remark in desk.remarks],
        "words": json.dumps(draft_words.spoken(), ensure_ascii=False),
        "closed": draft_pages.CLOSED,
        "views": own.views(shown),
        "preview_languages": [(code, languages.name_of(code)) for code in own.languages(draft, shown)],
        "is_refused": shown != draft.content,
        "whole": own.whole,
        "places": own.places(desk),
        "opts": Draft._meta,
        **around(draft, person),
        **own.context(desk),
    }
    return render(request, own.template, context, status=refused.status if refused else HTTPStatus.OK)


def _wrong(refused: Refused | None) -> dict[str, str]:
    """Return what cannot be stored by its field."""
    if refused is None or refused.code != "invalid_content":
        return {}
    return {str(refused.extra["field"]): str(refused.extra["sentence"])}


def around(draft: Draft, person: User) -> dict[str, Any]:
    """Return what stands beside the fields: people, comments, and what may be done now."""
    reviews = rights.may(person, rights.REVIEW)
    writes = rights.may(person, rights.WRITE, rights.TRANSLATE)
    is_own = services.wrote(draft, person)
    mine = draft.author_id == person.pk
    label_of = draft_pages.of(draft).label_of
    return {
        "others": selectors.others(draft.pk, person),
        "comments": [(comment, label_of(comment.place)) for comment in selectors.comments(draft.pk)],
        "colleagues": list(selectors.colleagues()) if draft.state in OPEN else [],
        "reviewers": list(selectors.reviewers(draft)) if writes and draft.state == State.DRAFT else [],
        "four_eyes": settings.FOUR_EYES,
        "is_own": is_own,
        "may_send": writes and draft.state == State.DRAFT,
        "may_judge": reviews and draft.state == State.REVIEW,
        "may_approve": reviews and draft.state == State.REVIEW and not (is_own and settings.FOUR_EYES),
        "may_publish": reviews and draft.state == State.APPROVED,
        "may_reopen": writes and draft.state in (State.REVIEW, State.APPROVED),
        "may_discard": draft.state in OPEN and (reviews or (writes and mine)),
        "is_open": draft.state in OPEN,
    }


def found_in(draft: Draft, content: Content) -> list[Remark]:
    """Return what the rules say about content, what blocks first."""
    remarks = kinds.kind_of(draft.kind).remarks(draft.certification, draft.name, content)
    return sorted(remarks, key=lambda remark: not remark.blocks)


def remarks_of(draft: Draft, content: Content) -> list[dict[str, Any]]:
    """Return the same with the label of each field."""
    return [_remark(draft, remark) for remark in found_in(draft, content)]


def _remark(draft: Draft, remark: Remark) -> dict[str, Any]:
    label = draft_pages.of(draft).label_of(remark.field)
    return {**asdict(remark), "sentence": str(remark.sentence), "label": label}


def typed_in(fields: object, draft: Draft) -> Mapping[str, Any]:
    """Return what the fields that a script sends say, over what is stored; others are left out."""
    if not isinstance(fields, dict):
        return cast("Mapping[str, Any]", draft.content)
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    return draft_pages.of(draft).content_of(texts, draft.content)
