"""The editor of a question: its page, which works as a plain form, and what its script asks.

The script saves while one types, asks for remarks, and says every few seconds that the page is open. It posts
JSON and gets JSON; a refusal has the code and status of `exams.authoring.services` and a sentence.
"""

import json
import zoneinfo
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, Final, cast

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, Func, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.base.errors import Refused
from accounts.profile import selectors as profiles
from accounts.users.models import User
from accounts.users.requests import SignedInRequest
from exams.admin import draft_fields, draft_form, draft_words
from exams.admin.draft_fields import Difference, Layout
from exams.authoring import kinds, rights, selectors, services
from exams.authoring.item_content import MOST_OPTIONS
from exams.authoring.items import NAME
from exams.authoring.kinds import Content, Remark
from exams.authoring.models import OPEN, Draft, State
from exams.bank.models import Item
from exams.catalogue.models import TaskStatement, TaskStatementText

type View[**P] = Callable[Concatenate[SignedInRequest, P], HttpResponse]

PROBLEM: Final = "application/problem+json"
TEMPLATE: Final = "admin/exams/draft.html"


def staff_view[**P](*permissions: str) -> Callable[[View[P]], Callable[..., HttpResponse]]:
    """Let those in who have one of the permissions; they read in the language and zone of their profile."""

    def make(view: View[P]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            person = request.user
            if not isinstance(person, User) or not rights.may(person, *permissions):
                raise PermissionDenied
            profile = profiles.of(person)
            zone = timezone.override(zoneinfo.ZoneInfo(profile.time_zone))
            with translation.override(profile.ui_language), zone:
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


# --- The page ----------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@staff_view(rights.SEE)
def edit(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Show a draft; save what a browser without script sends."""
    draft = item_draft(object_id)
    if request.method == "POST":
        return _saved(request, draft)
    return page(request, draft)


def item_draft(object_id: str) -> Draft:
    """Return the draft of a question. Raises Http404, and Refused: not_found."""
    draft = selectors.draft(int(object_id)) if object_id.isdigit() and len(object_id) < 19 else None
    if draft is None or draft.kind != NAME:
        raise Http404
    return draft


def _saved(request: SignedInRequest, draft: Draft) -> HttpResponse:
    content = draft_form.content_of(request.POST, draft.content)
    act = request.POST.get("do", "save")
    try:
        services.save(
            draft_id=draft.pk,
            revision=draft_form.revision_of(request.POST),
            content=draft_form.changed(content, act),
            actor=request.user,
        )
    except Refused as refused:
        return not_saved(request, draft, content, refused)
    if act == "save":
        messages.success(request, _("Saved"))
    return HttpResponseRedirect(address(draft))


def not_saved(
    request: SignedInRequest, draft: Draft, content: Mapping[str, Any], refused: Refused
) -> HttpResponse:
    """Show what was written, beside what is stored where that is newer, with the reason."""
    try:
        # Of what a form holds, only a number can be something else than its type.
        choose = content["choose"] if isinstance(content["choose"], int) else draft.content["choose"]
        shown = kinds.kind_of(draft.kind).clean({**content, "choose": choose})
    except kinds.ContentError:
        shown = draft.content
    differing: Sequence[Difference] = ()
    if refused.code == "stale_draft":
        draft.revision = refused.extra["revision"]
        differing = draft_fields.differences(refused.extra["content"], shown)
    return page(request, draft, content=shown, refused=refused, differing=differing)


def page(
    request: SignedInRequest,
    draft: Draft,
    *,
    content: Content | None = None,
    refused: Refused | None = None,
    differing: Sequence[Difference] = (),
) -> HttpResponse:
    """Return the editor with what is stored, or with content that was not."""
    shown = draft.content if content is None else content
    person = request.user
    asked = content is not None or "write" in request.GET
    opened = draft.state == State.DRAFT or (asked and draft.state in OPEN)
    writes = rights.may(person, rights.WRITE, rights.TRANSLATE)
    layout = Layout(draft.certification.original_language, opened and writes, rights.only_translates(person))
    context = {
        **admin.site.each_context(request),
        "title": f"{draft.certification} {draft.name}",
        "draft": draft,
        "content": shown,
        "layout": layout,
        "refused": refused,
        "image": _image(request, shown, layout, refused),
        "differing": differing,
        "saved_by": selectors.saved_last_by(draft.pk) if differing else "",
        **_fields(draft, shown, layout),
        **around(draft, person),
        "remarks": remarks_of(draft, shown) if draft.state in OPEN else [],
        "words": json.dumps(draft_words.spoken(), ensure_ascii=False),
        "opts": Draft._meta,
    }
    return render(request, TEMPLATE, context, status=refused.status if refused else HTTPStatus.OK)


def _fields(draft: Draft, content: Content, layout: Layout) -> dict[str, Any]:
    return {
        "stem": draft_fields.words_of(content, layout, ("stem", "ask")),
        "explanation": draft_fields.words_of(content, layout, ("why", "principle", "tip")),
        "options": draft_fields.option_rows(content, layout),
        "references": list(enumerate(content["references"])),
        "most_options": MOST_OPTIONS,
        "covers": " ".join(content["covers"]),
        "tags": " ".join(content["tags"]),
        "known_coverage": _coverage(draft),
        "tasks": _tasks(draft),
        "labels": draft_fields.LABELS,
        "kinds": draft_fields.KINDS,
        "difficulties": draft_fields.DIFFICULTIES,
        "levels": draft_fields.LEVELS,
        "failures": draft_fields.failures(),
    }


def _image(
    request: SignedInRequest, content: Content, layout: Layout, refused: Refused | None
) -> dict[str, Any]:
    """Return the fields of an image that may be added, and what was refused of one."""
    field = str(refused.extra.get("field", "")) if refused else ""
    return {
        "places": draft_fields.image_places(content, layout),
        "place": request.POST.get("image.field", ""),
        "told": request.POST.get("image.told", ""),
        "said": str(refused) if field.startswith("image.") else "",
    }


def _tasks(draft: Draft) -> list[tuple[str, str]]:
    """Return the task statements that the blueprint has, with their titles. One statement."""
    titles = TaskStatementText.objects.filter(
        task=OuterRef("pk"), language=draft.certification.original_language
    )
    rows = TaskStatement.objects.filter(domain__certification=draft.certification, is_current=True)
    named = rows.order_by("code").annotate(title=Subquery(titles.values("title")[:1]))
    return [(code, f"{code} {title or ''}") for code, title in named.values_list("code", "title")]


def _coverage(draft: Draft) -> list[str]:
    """Return what questions of the certification cover, as suggestions. One statement."""
    each = Func(F("coverage"), function="unnest")
    rows = Item.objects.filter(certification=draft.certification).annotate(one=each)
    return list(rows.order_by("one").values_list("one", flat=True).distinct())


def around(draft: Draft, person: User) -> dict[str, Any]:
    """Return what stands beside the fields: people, comments, and what may be done now."""
    reviews = rights.may(person, rights.REVIEW)
    writes = rights.may(person, rights.WRITE, rights.TRANSLATE)
    is_own = services.wrote(draft, person)
    mine = draft.author_id == person.pk
    return {
        "others": selectors.others(draft.pk, person),
        "comments": [(one, draft_fields.label_of(one.place)) for one in selectors.comments(draft.pk)],
        "colleagues": list(selectors.colleagues()) if draft.state in OPEN else [],
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


def remarks_of(draft: Draft, content: Content) -> list[dict[str, Any]]:
    """Return what the rules say about content, with the label of each field, what blocks first."""
    found = kinds.kind_of(draft.kind).remarks(draft.certification, draft.name, content)
    return [_remark(one) for one in sorted(found, key=lambda one: not one.blocks)]


def _remark(one: Remark) -> dict[str, Any]:
    return {**asdict(one), "sentence": str(one.sentence), "label": draft_fields.label_of(one.field)}


# --- What the script asks ----------------------------------------------------------------------------
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
    return _clean(draft, _content(_asked(request), draft))


def _content(asked: Mapping[str, Any], draft: Draft) -> Mapping[str, Any]:
    fields = asked.get("fields")
    if not isinstance(fields, dict):
        return cast("Mapping[str, Any]", draft.content)
    texts = {name: value for name, value in fields.items() if isinstance(value, str)}
    return draft_form.content_of(texts, draft.content)


def _clean(draft: Draft, content: Mapping[str, Any]) -> Content:
    try:
        return kinds.kind_of(draft.kind).clean(content)
    except kinds.ContentError as error:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        raise Refused("invalid_content", status, str(error), field=error.field) from error


@require_POST
@staff_view(rights.WRITE, rights.TRANSLATE)
@replies
def save(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Save what was typed. A stale save gets, beside what is stored, the rows in which both differ."""
    draft = item_draft(object_id)
    asked = _asked(request)
    content = _content(asked, draft)
    try:
        saved = services.save(
            draft_id=draft.pk, revision=_revision(asked), content=content, actor=request.user
        )
    except Refused as refused:
        if refused.code == "stale_draft":
            _beside(draft, content, refused)
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
    mine = kinds.kind_of(draft.kind).clean(content)
    rows = draft_fields.differences(refused.extra["content"], mine)
    refused.extra["rows"] = [
        {
            "field": row.field,
            "label": row.label,
            "theirs": row.one,
            "mine": row.other,
            "value": "" if row.one == _("no") and row.field.endswith(".key") else row.one,
        }
        for row in rows
    ]
    refused.extra["by"] = selectors.saved_last_by(draft.pk)


@require_POST
@staff_view(rights.SEE)
@replies
def remarks(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Say what the rules find in content that need not be saved."""
    draft = item_draft(object_id)
    content = content_asked(request, draft)
    return JsonResponse({"remarks": remarks_of(draft, content)})


@require_POST
@staff_view(rights.SEE)
@replies
def touch(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Remember that the page is open; say who else has it, and what is stored now."""
    draft = item_draft(object_id)
    services.touch(draft_id=draft.pk, actor=request.user)
    return JsonResponse(
        {
            "people": selectors.others(draft.pk, request.user),
            "revision": draft.revision,
            "state": draft.state,
            "by": selectors.saved_last_by(draft.pk),
        }
    )
