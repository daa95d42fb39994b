"""The work queue of authors: what was ruled on, reported, flagged, is old, or has a name that moved on."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest
from exams.admin import words
from exams.admin.draft_views import staff_view
from exams.authoring import freshness, rights, selectors, work_queue
from exams.authoring.work_queue import PAGE, Asked, Reason, Waiting
from exams.bank.models import Item
from exams.catalogue.models import Certification
from exams.errata.services import RULE
from exams.freshness import selectors as checks
from exams.freshness.models import ItemCheck
from exams.presentation.item_figures import FLAGS

TEMPLATE: Final = "admin/exams/work_queue.html"
ASSIGNED: Final = (("me", gettext_lazy("to me")), ("nobody", gettext_lazy("to nobody")))
FILTERS: Final = ("certification", "reason", "assigned")


@dataclass(frozen=True, slots=True)
class Line:
    """A question of the queue as the page shows it; `seen` is said again by whoever checks it."""

    row: Waiting
    words: str
    reasons: Sequence[Promise]
    seen: str
    is_chosen: bool


def whole(given: str | None) -> int:
    """Return a whole number that stands in an address or a form, 0 for what is none."""
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 10 else 0


def page_of(query: QueryDict) -> int:
    """Return the page that is asked for, from 1 on."""
    return max(1, whole(query.get("page")))


def _asked(query: QueryDict) -> Asked:
    certification, reason, assigned = (query.get(name, "") for name in FILTERS)
    return Asked(
        certification=certification.replace("\0", ""),
        reason=reason if reason in Reason.values else "",
        assigned=assigned if assigned in dict(ASSIGNED) else "",
        page=page_of(query),
    )


@require_safe
@staff_view(rights.SEE)
def queue(request: SignedInRequest) -> HttpResponse:
    """Show what waits."""
    return _page(request, _asked(request.GET))


def _page(request: SignedInRequest, asked: Asked, refused: Refused | None = None) -> HttpResponse:
    waiting = work_queue.waiting(asked, request.user.pk)
    seen = checks.seen([row.item_id for row in waiting.rows])
    chosen = set(_chosen(request.POST))
    lines = [
        Line(row, words.shown(row.html), _reasons(row), seen.get(row.item_id, ""), row.item_id in chosen)
        for row in waiting.rows
    ]
    context = {
        **admin.site.each_context(request),
        "title": _("Work queue"),
        "asked": asked,
        "lines": lines,
        "found": waiting,
        "query": query_of(asked, FILTERS),
        "kept": kept(asked, FILTERS),
        "page_read": request.POST.get("page_read", ""),
        "note": request.POST.get("note", ""),
        "certifications": Certification.objects.order_by("code").values_list("code", flat=True),
        "reasons": Reason.choices,
        "assigned": ASSIGNED,
        "days": settings.CHECK_DAYS,
        "colleagues": selectors.colleagues(),
        "may_write": rights.may(request.user, rights.WRITE),
        "may_review": rights.may(request.user, rights.REVIEW),
        "may_rule": rights.may(request.user, RULE),
        "refused": refused,
        "wrong": refused.extra.get("field", "") if refused else "",
        "opts": ItemCheck._meta,
    }
    return render(request, TEMPLATE, context, status=refused.status if refused else HTTPStatus.OK)


def query_of(asked: Any, names: Sequence[str]) -> str:  # noqa: ANN401
    """Return the part of an address that asks for the same again, without its page."""
    return urlencode({name: getattr(asked, name) for name in names if getattr(asked, name)})


def kept(asked: Any, names: Sequence[str]) -> list[tuple[str, object]]:  # noqa: ANN401
    """Return what a form sends along, so that its answer leads back to the same part of a queue."""
    return [(name, getattr(asked, name)) for name in (*names, "page") if getattr(asked, name)]


def _reasons(row: Waiting) -> list[Any]:
    """Return why a question waits, each as a sentence with its age."""
    sentences = {
        Reason.RULED: lambda: (
            _("ruling on version %(number)s, %(age)s")
            % {"number": row.ruled_number, "age": age(row.ruled_days)}
        ),
        Reason.WITHDRAWN: lambda: (
            _("withdrawn %(age)s, waits for a second reviewer") % {"age": age(row.withdrawn_days)}
        ),
        Reason.REPORTED: lambda: (
            ngettext(
                "%(count)s report, the oldest %(age)s", "%(count)s reports, the oldest %(age)s", row.reports
            )
            % {"count": row.reports, "age": age(row.reported_days)}
        ),
        Reason.FLAGGED: lambda: (
            _("flagged by statistics, counted %(age)s: %(flags)s")
            % {"age": age(row.flagged_days), "flags": ", ".join(str(FLAGS[flag]) for flag in row.flags)}
        ),
        Reason.NAMED: lambda: (
            _("mentions %(names)s, %(age)s")
            % {"names": ", ".join(_named(name) for name in row.names), "age": age(row.named_days)}
        ),
        Reason.UNCHECKED: lambda: _("never checked"),
        Reason.OLD: lambda: _("checked %(age)s") % {"age": age(row.checked_days or 0)},
    }
    return [sentences[reason]() for reason in row.reasons]


def _named(pair: tuple[str, str]) -> str:
    name, successor = pair
    if successor:
        return _("“%(name)s” (now “%(successor)s”)") % {"name": name, "successor": successor}
    return _("“%(name)s” (closed)") % {"name": name}


def age(days: int) -> str:
    """Return how long ago something was, in whole days."""
    if days < 1:
        return _("today")
    return ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days}


def _chosen(post: QueryDict) -> list[int]:
    """Return the ids that are ticked, as many as a page shows."""
    ids = [pk for pk in post.getlist("item") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    return list(dict.fromkeys(int(pk) for pk in ids))[:PAGE]


def _some(request: SignedInRequest) -> list[Item]:
    """Return the questions that are ticked. Raises Refused: no_items."""
    items = list(Item.objects.filter(pk__in=_chosen(request.POST)).order_by("code"))
    if not items:
        raise Refused("no_items", 422, gettext_lazy("Choose at least one question."))
    return items


@require_POST
@staff_view(rights.WRITE)
def check(request: SignedInRequest) -> HttpResponse:
    """Mark questions as checked, by one page or for one reason; each is tried by itself."""
    page, note = (request.POST.get(name, "") for name in ("page_read", "note"))
    done = 0
    try:
        for item in _some(request):
            seen = request.POST.get(f"seen.{item.pk}", "")
            try:
                freshness.check(item_id=item.pk, seen=seen, page=page, note=note, actor=request.user)
            except Refused as refused:
                if "field" in refused.extra:
                    raise
                messages.error(request, f"{item.code}: {refused}")
            else:
                done += 1
    except Refused as refused:
        return _page(request, _asked(request.POST), refused)
    if done:
        sentence = ngettext(
            "%(count)s question marked as checked.", "%(count)s questions marked as checked.", done
        )
        messages.success(request, sentence % {"count": done})
    return _back(request)


@require_POST
@staff_view(rights.WRITE)
def assign(request: SignedInRequest) -> HttpResponse:
    """Say who looks after questions."""
    try:
        items = _some(request)
        given = request.POST.get("person", "")
        person = selectors.colleagues().filter(pk=whole(given)).first() if given else None
        if given and person is None:
            raise Refused("no_colleague", 422, gettext_lazy("Choose somebody who works on content."))
        freshness.assign(item_ids=[item.pk for item in items], person=person, actor=request.user)
    except Refused as refused:
        return _page(request, _asked(request.POST), refused)
    messages.success(request, _("Assigned."))
    return _back(request)


def _back(request: SignedInRequest) -> HttpResponse:
    query = query_of(_asked(request.POST), (*FILTERS, "page"))
    return HttpResponseRedirect(f"{reverse('admin:exams_itemcheck_queue')}?{query}")
