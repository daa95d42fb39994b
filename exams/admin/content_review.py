"""Keeping questions true: what waits for authors, checks, watched names."""

import datetime as dt
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.db.models.lookups import GreaterThanOrEqual, IsNull, LessThan
from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from accounts.admin.readonly import ReadOnlyAdmin, link_to
from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest, whole_number
from exams.admin import draft_editor, search
from exams.admin.base import Option, OptionsFilter, acts_of_staff, column
from exams.admin.draft_editor import address
from exams.admin.requests import (
    add_refusal,
    admin_page,
    certification_field,
    form_page,
    page_of,
    row_or_404,
    staff_view,
)
from exams.authoring import kinds, missing_translations, rights, selectors, services, work_queue
from exams.authoring.missing_translations import PAGE
from exams.authoring.work_queue import Asked, Reason, Waiting
from exams.bank.models import Item
from exams.catalog.models import Certification
from exams.content.records import WatchedNameRecord
from exams.corrections.services import RULE
from exams.freshness import selectors as checks
from exams.freshness.models import NAME_MAX, PAGE_MAX, ItemCheck, WatchedName
from exams.presentation.item_figures import FLAGS
from i18n import languages

ASSIGNED: Final = (("me", gettext_lazy("to me")), ("nobody", gettext_lazy("to nobody")))
FILTERS: Final = ("certification", "reason", "assigned")


def page_number(query: QueryDict) -> int:
    """Return the page that is asked for, from 1 on."""
    return max(1, whole_number(query.get("page"), 9, 0))


def _asked(query: QueryDict) -> Asked:
    certification, reason, assigned = (query.get(name, "") for name in FILTERS)
    return Asked(
        certification=certification.replace("\0", ""),
        reason=reason if reason in Reason.values else "",
        assigned=assigned if assigned in dict(ASSIGNED) else "",
        page=page_number(query),
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
        {
            "row": row,
            "words": search.excerpt(row.html),
            "reasons": _reasons(row),
            # Whoever checks it says again what they have seen.
            "seen": seen.get(row.item_id, ""),
            "is_chosen": row.item_id in chosen,
        }
        for row in waiting.rows
    ]
    person = request.user
    context = {
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
        "may_write": rights.may(person, rights.WRITE),
        "may_review": rights.may(person, rights.REVIEW),
        "may_rule": rights.may(person, RULE),
        "refused": refused,
        "wrong": refused.extra.get("field", "") if refused else "",
    }
    return admin_page(request, "admin/exams/work_queue.html", _("Work queue"), ItemCheck, **context)


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
            % {"names": ", ".join(_moved_name(name) for name in row.names), "age": age(row.named_days)}
        ),
        Reason.UNCHECKED: lambda: _("never checked"),
        Reason.OLD: lambda: _("checked %(age)s") % {"age": age(row.checked_days or 0)},
    }
    return [sentences[reason]() for reason in row.reasons]


def _moved_name(pair: tuple[str, str]) -> str:
    name, successor = pair
    if successor:
        return _("“%(name)s” (new name “%(successor)s”)") % {"name": name, "successor": successor}
    return _("“%(name)s” (closed or closing)") % {"name": name}


def age(days: int) -> str:
    """Return how long ago something was, in whole days."""
    if days < 1:
        return _("today")
    return ngettext("%(days)s day ago", "%(days)s days ago", days) % {"days": days}


def _chosen(post: QueryDict) -> list[int]:
    """Return the ids that are ticked, as many as a page shows."""
    ids = (whole_number(pk, 18, None) for pk in post.getlist("item"))
    return list(dict.fromkeys(pk for pk in ids if pk is not None))[:PAGE]


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
                work_queue.check(item_id=item.pk, seen=seen, page=page, note=note, actor=request.user)
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
        person_id = request.POST.get("person", "")
        person = selectors.colleague(whole_number(person_id, 9, 0)) if person_id else None
        work_queue.assign(item_ids=[item.pk for item in items], person=person, actor=request.user)
    except Refused as refused:
        return _page(request, _asked(request.POST), refused)
    messages.success(request, _("Assigned."))
    return _back(request)


def _back(request: SignedInRequest) -> HttpResponse:
    query = query_of(_asked(request.POST), (*FILTERS, "page"))
    return HttpResponseRedirect(f"{reverse('admin:exams_itemcheck_queue')}?{query}")


TRANSLATION_FILTERS: Final = ("certification", "language", "kind", "lack", "is_mine")


def _asked_translations(query: QueryDict) -> missing_translations.Asked:
    values = {name: query.get(name, "").replace("\0", "") for name in TRANSLATION_FILTERS}
    return missing_translations.Asked(
        certification=values["certification"],
        language=values["language"],
        kind=values["kind"] if values["kind"] in kinds.names() else "",
        lack=values["lack"] if values["lack"] in missing_translations.Reason.values else "",
        is_mine=bool(values["is_mine"]),
        page=page_number(query),
    )


@require_safe
@staff_view(rights.SEE)
def translation_queue(request: SignedInRequest) -> HttpResponse:
    """Show what lacks a translation."""
    asked = _asked_translations(request.GET)
    queue = missing_translations.queue(asked, request.user.pk)
    context = {
        "asked": asked,
        "lines": _translation_lines(queue.rows),
        "found": queue,
        "query": query_of(asked, TRANSLATION_FILTERS),
        "kept": kept(asked, TRANSLATION_FILTERS),
        "certifications": Certification.objects.order_by("code").values_list("code", flat=True),
        "languages": [(code, languages.name_of(code)) for code in languages.CODES],
        "lacks": missing_translations.Reason.choices,
        "kinds": [(name, kinds.kind_of(name).label, count) for name, count in queue.counts.items()],
        "may_translate": rights.may(request.user, rights.WRITE, rights.TRANSLATE),
    }
    template = "admin/exams/translation_queue.html"
    return admin_page(request, template, _("Translations"), ItemCheck, **context)


def _translation_lines(rows: Sequence[missing_translations.Row]) -> list[dict[str, Any]]:
    """Return what the page says of each gap. A statement for the words, and one for each language."""
    words = search.excerpts([row.gap.version_id for row in rows if row.gap.version_id])
    seen: dict[str, Mapping[int, str]] = {}
    for language in {
        row.gap.language
        for row in rows
        if row.gap.lack == missing_translations.Reason.OLDER and row.gap.item_id
    }:
        ids = [row.gap.item_id for row in rows if row.gap.language == language]
        seen[language] = checks.seen(ids, language)
    return [_translation_line(row, words, seen.get(row.gap.language, {})) for row in rows]


def _translation_line(
    row: missing_translations.Row, words: Mapping[int, str], seen: Mapping[int, str]
) -> dict[str, Any]:
    gap = row.gap
    return {
        "row": row,
        "kind": str(kinds.kind_of(gap.kind).label),
        "words": words.get(gap.version_id, "") or gap.words,
        "language": languages.name_of(gap.language),
        "lack": str(missing_translations.Reason(gap.lack).label),
        "age": "" if row.days is None else age(row.days),
        "changed": _changed(row),
        "seen": seen.get(gap.item_id, "") if gap.lack == missing_translations.Reason.OLDER else "",
        "is_open": draft_editor.has_page(gap.kind),
    }


def _changed(row: missing_translations.Row) -> str:
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
    if certification is None or kind not in kinds.names() or not draft_editor.has_page(kind):
        raise Http404
    try:
        draft = services.open_draft(kind=kind, certification=certification, name=name, actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return _back_to_translations(request)
    return HttpResponseRedirect(address(draft))


@require_POST
@staff_view(rights.WRITE, rights.TRANSLATE)
def compare(request: SignedInRequest) -> HttpResponse:
    """Remember that the translation of a question still says what the original says."""
    item_id = request.POST.get("item", "")
    language = request.POST.get("language_of_item", "").replace("\0", "")
    try:
        work_queue.compare(
            item_id=whole_number(item_id, 9, 0),
            language=language,
            seen=request.POST.get("seen", ""),
            actor=request.user,
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The translation counts as up to date."))
    return _back_to_translations(request)


def _back_to_translations(request: SignedInRequest) -> HttpResponse:
    query = query_of(_asked_translations(request.POST), (*TRANSLATION_FILTERS, "page"))
    return HttpResponseRedirect(f"{reverse('admin:exams_itemcheck_translations')}?{query}")


FIRST_DAY = dt.date(2000, 1, 1)


class NameForm(forms.Form):
    """What is known of a name."""

    name = forms.CharField(
        label=gettext_lazy("Old name"),
        max_length=NAME_MAX,
        help_text=gettext_lazy("As questions write it. Uppercase and lowercase letters count."),
        widget=UnfoldAdminTextInputWidget(),
    )
    successor = forms.CharField(
        label=gettext_lazy("New name"),
        max_length=NAME_MAX,
        required=False,
        help_text=gettext_lazy("Leave it empty if the service closes, be it to new customers only."),
        widget=UnfoldAdminTextInputWidget(),
    )
    since = forms.DateField(
        label=gettext_lazy("Since"),
        help_text=gettext_lazy("Such as 2025-03-31. It may be a day to come."),
        widget=UnfoldAdminTextInputWidget(),
    )
    page = forms.CharField(
        label=gettext_lazy("Source page"),
        max_length=PAGE_MAX,
        help_text=gettext_lazy("The address of the page that says so."),
        widget=UnfoldAdminTextInputWidget(),
    )

    def clean_since(self) -> dt.date:
        """Refuse a day before there were such services."""
        day: dt.date = self.cleaned_data["since"]
        if day < FIRST_DAY:
            raise forms.ValidationError(_("Enter a day from 2000 on."))
        return day

    def facts(self) -> WatchedNameRecord:
        """Return what was written, once it is valid."""
        values = self.cleaned_data
        return WatchedNameRecord(values["name"], values["successor"], values["since"], values["page"])


class NewNameForm(NameForm):
    """A name that is to be watched."""

    certification = certification_field()
    field_order = ("certification", "name", "successor", "since", "page")


class ChangedNameForm(NameForm):
    """A name that is watched, or is to be let go."""

    revision = forms.IntegerField(widget=forms.HiddenInput())
    is_watched = forms.BooleanField(
        label=gettext_lazy("Watched"),
        required=False,
        help_text=gettext_lazy("Without it, tasks of this name are closed."),
        widget=UnfoldBooleanWidget(),
    )


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def new_name(request: SignedInRequest) -> HttpResponse:
    """Ask for a name, then watch it."""
    form, title, refusal = NewNameForm(request.POST or None), _("Watch a name"), None
    if form.is_valid():
        certification = form.cleaned_data["certification"]
        try:
            row = work_queue.watch(certification_id=certification.pk, facts=form.facts(), actor=request.user)
        except Refused as refused:
            add_refusal(form, refusal := refused)
        else:
            messages.success(request, _("Watched. Questions that mention it are in the work queue."))
            return HttpResponseRedirect(page_of(row))
    return form_page(request, form, title, _("Watch"), WatchedName, refused=refusal)


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def edit_name(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Change a name, or let it go."""
    row, refusal = row_or_404(WatchedName.objects.select_related("certification"), object_id), None
    stored = model_to_dict(row) | {"since": row.since.isoformat()}
    form = ChangedNameForm(request.POST or None, initial=stored)
    if form.is_valid():
        try:
            work_queue.change(
                watched_id=row.pk,
                revision=form.cleaned_data["revision"],
                facts=form.facts(),
                is_watched=form.cleaned_data["is_watched"],
                actor=request.user,
            )
        except Refused as refused:
            add_refusal(form, refusal := refused)
        else:
            messages.success(request, _("Saved"))
            return HttpResponseRedirect(page_of(row))
    title = _("Change %(name)s") % {"name": row}
    return form_page(request, form, title, _("Save"), WatchedName, page_of(row), refusal)


def _links(pages: Sequence[str]) -> SafeString:
    """Return the ways to pages that say something."""
    link = '<a class="onward" href="{0}" rel="noreferrer">{0}</a>'
    return format_html_join(" ", link, ((page,) for page in pages))


@admin.register(WatchedName)
class WatchedNameAdmin(ReadOnlyAdmin):
    """Names that are watched or were, and how many questions wait because of each."""

    list_display = ("name", "became", "certification", "since", "is_watched", "waiting")
    list_select_related = ("certification",)
    list_filter = ("certification", "is_watched")
    search_fields = ("name", "successor")
    fields = (
        ("name", "became", "certification"),
        ("since", "source", "is_watched"),
        "waiting",
        "log",
    )
    readonly_fields = ("became", "source", "waiting", "log")
    actions_list = ("new_name",)
    actions_detail = ("change_name",)
    became = column(
        gettext_lazy("new name"), lambda row: row.successor or _("closed or closing"), "successor"
    )
    source = column(gettext_lazy("source page"), lambda row: _links([row.page]))
    waiting = column(gettext_lazy("questions that wait"), lambda row: row.open_tasks, "open_tasks")
    log = column(gettext_lazy("what happened"), acts_of_staff)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WatchedName]:
        """Names with what waits because of them, in one statement."""
        rows: QuerySet[WatchedName] = super().get_queryset(request)
        return rows.annotate(open_tasks=Count("tasks", filter=Q(tasks__closed_at=None)))

    def has_write_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Who writes questions watches names."""
        return request.user.has_perm(rights.WRITE)

    @action(description=gettext_lazy("Watch a name"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_name(self, request: HttpRequest) -> HttpResponse:
        """Ask for a name."""
        return new_name(request)

    @action(description=gettext_lazy("Change"), url_path="edit", permissions=["write"])  # type: ignore[untyped-decorator]
    def change_name(self, request: HttpRequest, object_id: int | str) -> HttpResponse:
        """Ask what is to be changed."""
        return edit_name(request, str(object_id))


def checks_of(item: Item) -> SafeString:
    """Return when an item was checked, by whom and by what, and what it waits for. Two statements."""
    context = {"checks": checks.history(item.pk), "tasks": checks.open_tasks(item.pk)}
    return render_to_string("admin/exams/item_checks.html", context)


class CheckedFilter(OptionsFilter):
    """Finds items by when their facts were last checked."""

    title = gettext_lazy("checked on")
    parameter_name = "checked"

    def options(self, request: HttpRequest) -> Mapping[str, Option]:
        """Lately, long ago, never."""
        days, checked_on = {"days": settings.CHECK_DAYS}, checks.checked_on()
        since = checks.today() - timedelta(days=settings.CHECK_DAYS)
        return {
            "fresh": (
                gettext_lazy("in the last %(days)s days") % days,
                Q(GreaterThanOrEqual(checked_on, since)),
            ),
            "old": (gettext_lazy("more than %(days)s days ago") % days, Q(LessThan(checked_on, since))),
            "never": (gettext_lazy("never"), Q(IsNull(checked_on, True))),
        }


@admin.register(ItemCheck)
class ItemCheckAdmin(ReadOnlyAdmin):
    """Every check, the newest first; nobody changes one."""

    list_display = ("item", "certification", "what", "checked_on", "source", "person", "looked_at", "note")
    list_select_related = ("item__certification", "person")
    list_filter = ("item__certification", "source", "language", "checked_on")
    search_fields = ("item__code",)
    search_help_text = gettext_lazy("Code of the question")
    fields = ("of_item", "what", "checked_on", "looked_at", "note", "source", "person", "at")
    readonly_fields = ("of_item", "what", "looked_at")
    actions_list = ("work", "untranslated")
    of_item = column(gettext_lazy("question"), lambda check: link_to(check.item, check.item.code))
    certification = column(
        gettext_lazy("certification"), lambda check: check.item.certification, "item__certification__code"
    )
    what = column(
        gettext_lazy("what was checked"),
        lambda check: languages.name_of(check.language) if check.language else gettext_lazy("facts"),
        "language",
    )
    looked_at = column(gettext_lazy("pages"), lambda check: _links(check.pages))

    def get_urls(self) -> list[URLPattern]:
        """Add the queues and what is done in them."""
        views = {
            "queue": queue,
            "check": check,
            "assign": assign,
            "translations": translation_queue,
            "translate": translate,
            "compare": compare,
        }
        own = [
            path(f"{name}/", self.admin_site.admin_view(view), name=f"exams_itemcheck_{name}")
            for name, view in views.items()
        ]
        urls: list[URLPattern] = super().get_urls()
        return [*own, *urls]

    def has_queue_permission(self, request: HttpRequest) -> bool:
        """Who sees drafts sees what waits for one."""
        return request.user.has_perm(rights.SEE)

    @action(description=gettext_lazy("Work queue"), url_path="work", permissions=["queue"])  # type: ignore[untyped-decorator]
    def work(self, request: HttpRequest) -> HttpResponse:
        """Lead to what waits for authors."""
        return HttpResponseRedirect(reverse("admin:exams_itemcheck_queue"))

    @action(description=gettext_lazy("Translations"), url_path="untranslated", permissions=["queue"])  # type: ignore[untyped-decorator]
    def untranslated(self, request: HttpRequest) -> HttpResponse:
        """Lead to what waits for translators."""
        return HttpResponseRedirect(reverse("admin:exams_itemcheck_translations"))
