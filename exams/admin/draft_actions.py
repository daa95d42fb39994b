"""What the page of a draft asks for: its script saves and asks in JSON, its buttons post one act each.

A refusal changes nothing. The script gets its code, status and sentence; a button shows the editor with
the sentence. The preview is a page that only the site may frame, with the policy of candidates' pages.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from http import HTTPStatus
from typing import Any, Final, cast

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.csp import CSP
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.base.errors import Refused
from accounts.users.models import User
from accounts.users.requests import SignedInRequest, whole_number
from exams.admin import draft_editor
from exams.admin.draft_editor import address, page, remarks_of, typed_in
from exams.admin.requests import View, admin_page, posted, row_or_404, staff_view
from exams.authoring import history, items, kinds, rights, selectors, services
from exams.authoring.kinds import Content
from exams.authoring.models import Draft
from exams.bank.drafts import CannotPublish
from exams.bank.models import Item, ItemVersion
from i18n import languages

PROBLEM: Final = "application/problem+json"


def _body(request: HttpRequest) -> dict[str, Any]:
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
    revision = asked.get("revision")
    return revision if isinstance(revision, int) and not isinstance(revision, bool) else 0


def content_asked(request: HttpRequest, draft: Draft) -> Content:
    """Return what the fields of a request say, over what is stored.

    Raises Refused: invalid_body, invalid_content.
    """
    return services.validated(draft, typed_in(_body(request).get("fields"), draft))


@require_POST
@staff_view(rights.WRITE, rights.TRANSLATE)
@replies
def save(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Save what was typed. A stale save gets, beside what is stored, the rows in which both differ."""
    draft = draft_editor.draft_of(object_id)
    asked = _body(request)
    content = typed_in(asked.get("fields"), draft)
    try:
        saved = services.save(
            draft_id=draft.pk, revision=_revision(asked), content=content, actor=request.user
        )
    except Refused as refused:
        if refused.code == "stale_draft":
            _beside(draft, content, refused)
        elif refused.code == "invalid_content":
            label = draft_editor.page_of(draft).label_of(refused.extra["field"])
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
    theirs, mine = refused.extra["content"], services.validated(draft, content)
    rows = draft_editor.page_of(draft).differences(theirs, mine)
    refused.extra["rows"] = [
        {
            "field": row.field,
            "label": row.label,
            "theirs": row.one,
            "mine": row.other,
            "value": "" if draft_editor.value_at(theirs, row.field) is False else row.one,
        }
        for row in rows
    ]
    refused.extra["is_whole"] = not draft_editor.have_same_rows(theirs, mine)
    refused.extra["by"] = selectors.saved_last_by(draft.pk)


@require_POST
@staff_view(rights.SEE)
@replies
def remarks(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Say what the rules find in content that need not be saved."""
    draft = draft_editor.draft_of(object_id)
    content = content_asked(request, draft)
    return JsonResponse({"remarks": remarks_of(draft, content)})


@require_POST
@staff_view(rights.SEE)
@replies
def touch(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Remember that the page is open; say who else has it, what is stored now, and which other saved it."""
    draft = draft_editor.draft_of(object_id)
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


THEMES: Final = ("light", "dark")
POLICY: Final = {**settings.SECURE_CSP, "frame-ancestors": [CSP.SELF]}


@csp_override(POLICY)
@xframe_options_sameorigin
@require_http_methods(["GET", "POST"])
@staff_view(rights.SEE)
def preview(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Show what is stored, or what is posted and need not be."""
    draft = draft_editor.draft_of(object_id)
    page = draft_editor.page_of(draft)
    views = [name for name, _label in page.views(draft.content)]
    if not views:
        raise Http404
    context: dict[str, Any] = {
        "theme": _choice_of(request.GET.get("theme"), THEMES),
        "messages": [],
    }
    status = 200
    try:
        content = content_asked(request, draft) if request.method == "POST" else draft.content
        view = _choice_of(request.GET.get("view"), [name for name, _label in page.views(content)] or views)
        known = page.languages(draft, content)
        language = _choice_of(request.GET.get("language"), known)
        context["offered"] = json.dumps([(code, languages.name_of(code)) for code in known])
        context |= {"view": view, "language": language, **page.preview(draft, content, view, language)}
    except (Refused, CannotPublish) as error:
        context["problem"], status = str(error), 422
    return render(request, page.preview_template, context, status=status)


def _choice_of(asked: str | None, known: Sequence[str]) -> str:
    return asked if asked is not None and asked in known else known[0]


LONGEST_REASON: Final = 2000

type Value = Callable[[SignedInRequest, Draft], object]


def _act(
    act: Callable[..., object],
    done: Promise | None,
    *permissions: str,
    **values: Value,
) -> Callable[..., HttpResponse]:
    """Return a view that does an act with a draft and says so; what is published, its kind says.

    `values` are what the act takes beside draft and actor, by the names of its arguments.
    """

    @staff_view(*permissions)
    @posted(lambda object_id: reverse("admin:exams_draft_edit", args=[object_id]))
    def view(request: SignedInRequest, object_id: str) -> HttpResponse:
        draft = draft_editor.draft_of(object_id)
        try:
            arguments = {name: value(request, draft) for name, value in values.items()}
            act(draft_id=draft.pk, actor=request.user, **arguments)
        except Refused as refused:
            return page(request, selectors.draft(draft.pk), refused=refused)
        messages.success(request, str(done or draft_editor.page_of(draft).published))
        return HttpResponseRedirect(address(draft))

    return view


def _text(name: str) -> Value:
    return lambda request, _draft: request.POST.get(name, "")


def _number(name: str) -> Value:
    return lambda request, _draft: whole_number(request.POST.get(name), 9, 0)


def _colleague(request: SignedInRequest, _draft: Draft) -> User | None:
    """Return who was chosen, None for nobody. Raises Refused: no_colleague."""
    if not (chosen := request.POST.get("assignee", "")):
        return None
    return selectors.colleague(whole_number(chosen, 9, 0))


def _reviewer(request: SignedInRequest, draft: Draft) -> User | None:
    """Return who is to review, None for nobody in particular. Raises Refused: no_reviewer."""
    if not (chosen := request.POST.get("assignee", "")):
        return None
    reviewer = selectors.reviewers(draft).filter(pk=whole_number(chosen, 9, 0)).first()
    if reviewer is None:
        raise services.no_reviewer()
    return reviewer


def _reason(request: SignedInRequest, _draft: Draft) -> str:
    """Return why somebody acts. Raises Refused: missing_reason, too_long."""
    reason = request.POST.get("reason", "").replace("\0", "").strip()
    if len(reason) < 3:
        raise Refused("missing_reason", 422, gettext_lazy("Say why, in a few words."))
    if len(reason) > LONGEST_REASON:
        raise Refused(
            "too_long", 422, gettext_lazy("At most %(most)s characters."), values={"most": LONGEST_REASON}
        )
    return reason


WRITERS: Final = (rights.WRITE, rights.TRANSLATE)
ACTS: Final = {
    "send": _act(
        services.send_to_review,
        gettext_lazy("Sent to review."),
        *WRITERS,
        revision=_number("revision"),
        assignee=_reviewer,
    ),
    "send-back": _act(
        services.send_back, gettext_lazy("Sent back with your comment."), rights.REVIEW, text=_text("text")
    ),
    "approve": _act(
        services.approve,
        gettext_lazy("Approved. It can be published now."),
        rights.REVIEW,
        digest=_text("digest"),
    ),
    "lift": _act(
        services.lift_ruling,
        gettext_lazy("Lifted for this draft. It can have another key."),
        rights.REVIEW,
        ruling_id=_number("ruling"),
        reason=_reason,
    ),
    "publish": _act(
        services.publish,
        None,
        rights.REVIEW,
        digest=_text("digest"),
        reason=_reason,
        seen_ruling=lambda request, _draft: whole_number(request.POST.get("ruling"), 9, 0) or None,
        choice=_text("choice"),
    ),
    "rebase": _act(
        services.rebase,
        gettext_lazy("This draft now follows the version that is published."),
        rights.WRITE,
        revision=_number("revision"),
    ),
    "discard": _act(
        services.discard,
        gettext_lazy("Discarded. It stays readable."),
        *WRITERS,
        rights.REVIEW,
        reason=_reason,
    ),
    "assign": _act(services.assign, gettext_lazy("Assigned."), *WRITERS, rights.REVIEW, assignee=_colleague),
    "comment": _act(
        services.comment,
        gettext_lazy("Comment added."),
        rights.SEE,
        text=_text("text"),
        place=_text("place"),
    ),
}


@require_safe
@staff_view(rights.SEE)
def of_draft(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Compare what is published, what a draft was, and what it is now."""
    draft = draft_editor.draft_of(object_id)
    states = _states(draft)
    one, other = _two_of(request, list(states), default=(next(iter(states)), "now"))
    return admin_page(
        request,
        "admin/exams/changes.html",
        str(draft),
        Draft,
        changes=draft_editor.page_of(draft).differences(states[one][1], states[other][1]),
        one=one,
        other=other,
        names={name: label for name, (label, _content) in states.items()},
        back=address(draft),
        events=history.of_draft(draft),
    )


def _states(draft: Draft) -> dict[str, tuple[str, Content]]:
    """Return each state by its name in the address, the oldest first, with what people call it."""
    current = kinds.kind_of(draft.kind).current(draft.certification, draft.name)
    states: dict[str, tuple[str, Content]] = {}
    if current is not None:
        states["published"] = (_("published now"), current.content)
    for save in reversed(selectors.saves(draft.pk)):
        label = _("revision %(number)s, by %(person)s, %(when)s") % {
            "number": save.revision,
            "person": save.person.email if save.person else "-",
            "when": formats.date_format(timezone.localtime(save.at), "SHORT_DATETIME_FORMAT"),
        }
        states[str(save.revision)] = (label, save.content)
    states["now"] = (_("this draft, revision %(number)s") % {"number": draft.revision}, draft.content)
    return states


@require_safe
@staff_view("exams.view_item")
def of_item(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Compare two versions of an item, the newest two unless the address names others."""
    rows = Item.objects.select_related("certification")
    item = row_or_404(rows, object_id)
    versions = {
        str(version.number): version
        for version in ItemVersion.objects.filter(item=item, published_at__isnull=False)
        .select_related("item__task", "log")
        .order_by("number")
    }
    if not versions:
        raise Http404
    numbers = list(versions)
    one, other = _two_of(request, numbers, default=(numbers[max(0, len(numbers) - 2)], numbers[-1]))
    contents = {number: items.content_of(versions[number]) for number in {one, other}}
    return admin_page(
        request,
        "admin/exams/changes.html",
        f"{item.certification} {item.code}",
        Item,
        changes=draft_editor.differences(contents[one], contents[other]),
        one=one,
        other=other,
        names={number: _version_name(version) for number, version in versions.items()},
        back="../change/",
    )


def _version_name(version: ItemVersion) -> str:
    values = {"number": version.number, "reason": version.log.reason or version.log.get_source_display()}
    return _("version %(number)s: %(reason)s") % values


def _two_of(request: SignedInRequest, names: Sequence[str], default: tuple[str, str]) -> tuple[str, str]:
    """Return the two that are compared, as far as the address names some that there are."""
    one, other = (
        asked if (asked := request.GET.get(name, "")) in names else usual
        for name, usual in zip(("a", "b"), default, strict=True)
    )
    return one, other
