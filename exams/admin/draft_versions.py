"""What a question was before: two states of a draft, or two versions of an item, with their words marked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.users.requests import SignedInRequest
from exams.admin import draft_fields, draft_pages
from exams.admin.draft_views import address, staff_view
from exams.authoring import history, items, kinds, rights, selectors
from exams.authoring.kinds import Content
from exams.authoring.models import Draft
from exams.bank.models import Item, ItemVersion
from exams.presentation.word_diff import Piece, marked

type Differences = Callable[[Content, Content], list[draft_fields.Difference]]


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs, its pieces marked."""

    label: str
    pieces: Sequence[Piece]


def changes(
    one: Content, other: Content, differences: Differences = draft_fields.differences
) -> list[Change]:
    """Return the fields in which two contents differ, word by word."""
    return [Change(row.label, marked(row.one, row.other)) for row in differences(one, other)]


@require_safe
@staff_view(rights.SEE)
def of_draft(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Compare what is published, what a draft was, and what it is now."""
    draft = draft_pages.draft_of(object_id)
    states = _states(draft)
    names = {name: label for name, (label, _content) in states.items()}
    contents = {name: content for name, (_label, content) in states.items()}
    context = _compared(request, contents, draft_pages.of(draft).differences)
    return _page(
        request,
        context
        | {
            "names": names,
            "title": str(draft),
            "back": address(draft),
            "events": history.of_draft(draft),
        },
    )


def _states(draft: Draft) -> dict[str, tuple[str, Content]]:
    """Return each state by its name in the address, the oldest first, with what people call it."""
    current = kinds.kind_of(draft.kind).current(draft.certification, draft.name)
    found: dict[str, tuple[str, Content]] = {}
    if current is not None:
        found["published"] = (_("published now"), current.content)
    for save in reversed(selectors.saves(draft.pk)):
        label = _("revision %(number)s, by %(person)s, %(when)s") % {
            "number": save.revision,
            "person": save.person.email if save.person else "-",
            "when": formats.date_format(timezone.localtime(save.at), "SHORT_DATETIME_FORMAT"),
        }
        found[str(save.revision)] = (label, save.content)
    found["now"] = (_("this draft, revision %(number)s") % {"number": draft.revision}, draft.content)
    return found


@require_safe
@staff_view("exams.view_item")
def of_item(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Compare two versions of an item, the newest two unless the address names others."""
    rows = Item.objects.select_related("certification")
    item = rows.filter(pk=int(object_id)).first() if object_id.isdecimal() and len(object_id) < 19 else None
    if item is None:
        raise Http404
    versions = {
        str(one.number): one
        for one in ItemVersion.objects.filter(item=item, published_at__isnull=False)
        .select_related("item__task", "log")
        .order_by("number")
    }
    asked = _asked(request, list(versions))
    contents = {number: items.content_of(versions[number]) for number in set(asked)}
    context = {
        "one": asked[0],
        "other": asked[1],
        "changes": changes(contents[asked[0]], contents[asked[1]]) if contents else [],
        "names": {number: _name(one) for number, one in versions.items()},
        "title": f"{item.certification} {item.code}",
        "back": "../change/",
    }
    return _page(request, context)


def _name(version: ItemVersion) -> str:
    values = {"number": version.number, "reason": version.log.reason or version.log.get_source_display()}
    return _("version %(number)s: %(reason)s") % values


def _asked(request: SignedInRequest, names: Sequence[str]) -> tuple[str, str]:
    """Return the two that are compared, the last two where the address names none."""
    if not names:
        raise Http404
    one, other = (request.GET.get(name, "") for name in ("a", "b"))
    return (one if one in names else names[max(0, len(names) - 2)]), (other if other in names else names[-1])


def _compared(
    request: SignedInRequest, contents: Mapping[str, Content], differences: Differences
) -> dict[str, Any]:
    names = list(contents)
    one, other = _asked(request, names)
    if "a" not in request.GET:
        one = names[0]
    return {"one": one, "other": other, "changes": changes(contents[one], contents[other], differences)}


def _page(request: SignedInRequest, context: Mapping[str, Any]) -> HttpResponse:
    whole = {**admin.site.each_context(request), **context}
    return render(request, "admin/exams/changes.html", whole)
