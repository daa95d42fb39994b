"""What waits for translators: what is missing or older than its original, and who works on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib import admin, messages
from django.http import Http404, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest
from exams.admin import draft_pages, words
from exams.admin.draft_views import address, staff_view
from exams.admin.queue_pages import age, kept, page_of, query_of, whole
from exams.authoring import freshness, kinds, rights, services, translations
from exams.authoring.translations import Asked, Lack, Row
from exams.catalogue.models import Certification
from exams.freshness import selectors as checks
from exams.freshness.models import ItemCheck
from i18n import languages

TEMPLATE: Final = "admin/exams/translation_queue.html"
FILTERS: Final = ("certification", "language", "kind", "lack", "is_mine")


@dataclass(frozen=True, slots=True)
class Line:
    """Something without its translation as the page shows it; `changed` leads to how the original did."""

    row: Row
    kind: str
    words: str
    language: str
    lack: str
    age: str
    changed: str
    seen: str
    is_open: bool


def _asked(query: QueryDict) -> Asked:
    values = {name: query.get(name, "").replace("\0", "") for name in FILTERS}
    return Asked(
        certification=values["certification"],
        language=values["language"],
        kind=values["kind"] if values["kind"] in kinds.names() else "",
        lack=values["lack"] if values["lack"] in Lack.values else "",
        is_mine=bool(values["is_mine"]),
        page=page_of(query),
    )


@require_safe
@staff_view(rights.SEE)
def queue(request: SignedInRequest) -> HttpResponse:
    """Show what lacks a translation."""
    asked = _asked(request.GET)
    found = translations.queue(asked, request.user.pk)
    context = {
        **admin.site.each_context(request),
        "title": _("Translations"),
        "asked": asked,
        "lines": _lines(found.rows),
        "found": found,
        "query": query_of(asked, FILTERS),
        "kept": kept(asked, FILTERS),
        "certifications": Certification.objects.order_by("code").values_list("code", flat=True),
        "languages": [(code, languages.name_of(code)) for code in languages.CODES],
        "lacks": Lack.choices,
        "kinds": [(name, kinds.kind_of(name).label, count) for name, count in found.counts.items()],
        "may_translate": rights.may(request.user, rights.WRITE, rights.TRANSLATE),
        "opts": ItemCheck._meta,
    }
    return render(request, TEMPLATE, context)


def _lines(rows: Sequence[Row]) -> list[Line]:
    """Return what the page says of each gap. A statement for the words, and one for each language."""
    said = words.openings([row.gap.version_id for row in rows if row.gap.version_id])
    seen: dict[str, Mapping[int, str]] = {}
    for language in {row.gap.language for row in rows if row.gap.lack == Lack.OLDER and row.gap.item_id}:
        ids = [row.gap.item_id for row in rows if row.gap.language == language]
        seen[language] = checks.seen(ids, language)
    return [_line(row, said, seen.get(row.gap.language, {})) for row in rows]


def _line(row: Row, said: Mapping[int, str], seen: Mapping[int, str]) -> Line:
    gap = row.gap
    return Line(
        row=row,
        kind=str(kinds.kind_of(gap.kind).label),
        words=said.get(gap.version_id, "") or gap.words,
        language=languages.name_of(gap.language),
        lack=str(Lack(gap.lack).label),
        age="" if row.days is None else age(row.days),
        changed=_changed(row),
        seen=seen.get(gap.item_id, "") if gap.lack == Lack.OLDER else "",
        is_open=draft_pages.has_page(gap.kind),
    )


def _changed(row: Row) -> str:
    gap = row.gap
    if not gap.item_id or not 0 < gap.before < gap.now:
        return ""
    return f"{reverse('admin:exams_item_compare', args=[gap.item_id])}?a={gap.before}&b={gap.now}"


@require_POST
@staff_view(rights.WRITE, rights.TRANSLATE)
def translate(request: SignedInRequest) -> HttpResponse:
    """Open the draft in which something is translated, begun from what is published where there is none."""
    kind, code, name = (
        request.POST.get(one, "").replace("\0", "") for one in ("kind", "certification", "name")
    )
    certification = Certification.objects.filter(code=code).first()
    if certification is None or kind not in kinds.names() or not draft_pages.has_page(kind):
        raise Http404
    try:
        draft = services.open_draft(kind=kind, certification=certification, name=name, actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return _back(request)
    return HttpResponseRedirect(address(draft))


@require_POST
@staff_view(rights.WRITE, rights.TRANSLATE)
def compare(request: SignedInRequest) -> HttpResponse:
    """Remember that the translation of a question still says what the original says."""
    given = request.POST.get("item", "")
    language = request.POST.get("language_of_item", "").replace("\0", "")
    try:
        freshness.compare(
            item_id=whole(given),
            language=language,
            seen=request.POST.get("seen", ""),
            actor=request.user,
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The translation counts as up to date."))
    return _back(request)


def _back(request: SignedInRequest) -> HttpResponse:
    query = query_of(_asked(request.POST), (*FILTERS, "page"))
    return HttpResponseRedirect(f"{reverse('admin:exams_itemcheck_translations')}?{query}")
