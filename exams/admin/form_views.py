"""The page of a drafted exam: a plain form for its numbers and questions, with what the rules say.

Every button sends the whole form, so nothing that was typed is lost by moving or looking for a question.
"""

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest
from exams.admin import form_fields, form_rows
from exams.admin.draft_fields import Difference, Layout
from exams.admin.draft_views import address, around
from exams.authoring import kinds, rights, selectors, services
from exams.authoring.kinds import Content, Remark
from exams.authoring.models import OPEN, Draft, State
from exams.catalogue.models import Domain

TEMPLATE: Final = "admin/exams/form_draft.html"


def edit(request: SignedInRequest, draft: Draft) -> HttpResponse:
    """Show a drafted exam; save what its form sends, then do what its button says."""
    return _saved(request, draft) if request.method == "POST" else page(request, draft)


def _saved(request: SignedInRequest, draft: Draft) -> HttpResponse:
    typed = form_fields.content_of(request.POST, draft.content)
    act = request.POST.get("do", "save")
    codes = request.POST.get("codes", "")
    content = form_fields.changed(typed, act, codes)
    if codes:
        # Whichever button was pressed, codes that were typed are not lost.
        content = form_fields.changed(content, "add", codes)
    given = request.POST.get("revision", "")
    try:
        services.save(
            draft_id=draft.pk,
            revision=int(given) if given.isdigit() and len(given) < 10 else 0,
            content=content,
            actor=request.user,
        )
    except Refused as refused:
        return _not_saved(request, draft, content, refused)
    if act == "save":
        messages.success(request, _("Saved"))
    query = request.POST.get("q", "").strip()
    found = f"?{urlencode({'q': query})}" if query else ""
    if act == "save":
        return HttpResponseRedirect(f"{address(draft)}{found}")
    is_looking = bool(query) and act.partition(".")[0] in {"search", "add"}
    return HttpResponseRedirect(f"{address(draft)}{found}#{'found' if is_looking else 'items'}")


def _not_saved(
    request: SignedInRequest, draft: Draft, content: Mapping[str, Any], refused: Refused
) -> HttpResponse:
    """Show what was written, beside what is stored where that is newer, with the reason."""
    differing: Sequence[Difference] = ()
    if refused.code == "stale_draft":
        draft.revision = refused.extra["revision"]
        differing = form_fields.differences(refused.extra["content"], content)
    return page(request, draft, content=content, refused=refused, differing=differing)


def page(
    request: SignedInRequest,
    draft: Draft,
    *,
    content: Content | None = None,
    refused: Refused | None = None,
    differing: Sequence[Difference] = (),
) -> HttpResponse:
    """Return the page with what is stored, or with content that was not."""
    shown = draft.content if content is None else content
    asked = content is not None or "write" in request.GET
    opened = draft.state == State.DRAFT or (asked and draft.state in OPEN)
    layout = Layout(
        draft.certification.original_language, opened and rights.may(request.user, rights.WRITE), False
    )
    is_whole = refused is None or refused.code != "invalid_content"
    remarks = _remarks(draft, shown) if draft.state in OPEN and is_whole else []
    term = request.GET.get("q", request.POST.get("q", ""))
    codes = [one["code"] for one in shown["items"]]
    context = {
        **admin.site.each_context(request),
        "title": f"{draft.certification} {draft.name}",
        "draft": draft,
        "content": shown,
        "layout": layout,
        "refused": refused,
        "said": _said(refused),
        "differing": differing,
        "saved_by": selectors.saved_last_by(draft.pk) if differing else "",
        "numbers": list(_numbers(shown, remarks)),
        "weights": list(_weights(draft, shown)),
        "rows": form_rows.rows(draft.certification, shown["items"], remarks),
        "scored": sum(one["scored"] for one in shown["items"]),
        "remarks": [
            {"field": one.field, "label": form_fields.label_of(one.field), "one": one} for one in remarks
        ],
        "q": term,
        "found": form_rows.search(draft.certification, term, codes) if layout.is_open else [],
        **around(draft, request.user),
        "about": _("the whole exam"),
        "opts": Draft._meta,
    }
    return render(request, TEMPLATE, context, status=refused.status if refused else HTTPStatus.OK)


def _remarks(draft: Draft, content: Content) -> list[Remark]:
    found = kinds.kind_of(draft.kind).remarks(draft.certification, draft.name, content)
    return sorted(found, key=lambda one: not one.blocks)


def _numbers(content: Content, remarks: Sequence[Remark]) -> Iterator[dict[str, Any]]:
    for name in form_fields.NUMBERS:
        least, most = form_fields.bounds_of(name)
        said = [one for one in remarks if one.field == name]
        yield {
            "name": name,
            "label": form_fields.LABELS[name],
            "value": content[name],
            "least": least,
            "most": most,
            "said": said,
        }


def _weights(draft: Draft, content: Content) -> Iterator[dict[str, Any]]:
    """Yield the weight of each domain that the blueprint or the exam has. One statement."""
    current = Domain.objects.filter(certification=draft.certification, is_current=True)
    numbers = {str(number) for number in current.values_list("number", flat=True)} | set(content["weights"])
    for number in sorted(numbers, key=int):
        name = f"weights.{number}"
        yield {
            "name": name,
            "label": form_fields.label_of(name),
            "value": content["weights"].get(number, ""),
        }


def _said(refused: Refused | None) -> dict[str, str]:
    """Return what is wrong with a field that could not be stored."""
    if refused is None or refused.code != "invalid_content":
        return {}
    field = str(refused.extra.get("field", ""))
    if field in form_fields.NUMBERS or field.startswith("weights."):
        least, most = form_fields.bounds_of(field)
        said = _("Enter a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
    else:
        said = _("Enter the code of a question, such as E1-Q07.")
    return {"field": field, "label": form_fields.label_of(field), "sentence": said}
