"""Keeping questions true: what waits for authors, checks, watched names."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanWidget

from accounts.admin.readonly import ReadOnlyAdmin, link_to
from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.users.requests import SignedInRequest
from exams.admin import draft_editor, search
from exams.admin.draft_editor import address
from exams.admin.requests import staff_view, whole_number
from exams.authoring import kinds, missing_translations, rights, selectors, services, work_queue
from exams.authoring.work_queue import PAGE, Asked, Reason, Waiting
from exams.bank.models import Item
from exams.catalogue.models import Certification
from exams.content.records import WatchedNameRecord
from exams.errata.services import RULE
from exams.freshness import selectors as checks
from exams.freshness.models import NAME_MAX, PAGE_MAX, ItemCheck, WatchedName
from exams.presentation.item_figures import FLAGS
from i18n import languages

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


def page_of(query: QueryDict) -> int:
    """Return the page that is asked for, from 1 on."""
    return max(1, whole_number(query.get("page"), 9, 0))


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
        Line(row, search.excerpt(row.html), _reasons(row), seen.get(row.item_id, ""), row.item_id in chosen)
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
            % {"names": ", ".join(_moved_name(name) for name in row.names), "age": age(row.named_days)}
        ),
        Reason.UNCHECKED: lambda: _("never checked"),
        Reason.OLD: lambda: _("checked %(age)s") % {"age": age(row.checked_days or 0)},
    }
    return [sentences[reason]() for reason in row.reasons]


def _moved_name(pair: tuple[str, str]) -> str:
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
        given = request.POST.get("person", "")
        person = selectors.colleagues().filter(pk=whole_number(given, 9, 0)).first() if given else None
        if given and person is None:
            raise Refused("no_colleague", 422, gettext_lazy("Choose somebody who works on content."))
        work_queue.assign(item_ids=[item.pk for item in items], person=person, actor=request.user)
    except Refused as refused:
        return _page(request, _asked(request.POST), refused)
    messages.success(request, _("Assigned."))
    return _back(request)


def _back(request: SignedInRequest) -> HttpResponse:
    query = query_of(_asked(request.POST), (*FILTERS, "page"))
    return HttpResponseRedirect(f"{reverse('admin:exams_itemcheck_queue')}?{query}")


TRANSLATIONS_TEMPLATE: Final = "admin/exams/translation_queue.html"
TRANSLATION_FILTERS: Final = ("certification", "language", "kind", "lack", "is_mine")


@dataclass(frozen=True, slots=True)
class TranslationLine:
    """Something without its translation as the page shows it; `changed` leads to how the original did."""

    row: missing_translations.Row
    kind: str
    words: str
    language: str
    lack: str
    age: str
    changed: str
    seen: str
    is_open: bool


def _asked_translations(query: QueryDict) -> missing_translations.Asked:
    values = {name: query.get(name, "").replace("\0", "") for name in TRANSLATION_FILTERS}
    return missing_translations.Asked(
        certification=values["certification"],
        language=values["language"],
        kind=values["kind"] if values["kind"] in kinds.names() else "",
        lack=values["lack"] if values["lack"] in missing_translations.Reason.values else "",
        is_mine=bool(values["is_mine"]),
        page=page_of(query),
    )


@require_safe
@staff_view(rights.SEE)
def translation_queue(request: SignedInRequest) -> HttpResponse:
    """Show what lacks a translation."""
    asked = _asked_translations(request.GET)
    found = missing_translations.queue(asked, request.user.pk)
    context = {
        **admin.site.each_context(request),
        "title": _("Translations"),
        "asked": asked,
        "lines": _translation_lines(found.rows),
        "found": found,
        "query": query_of(asked, TRANSLATION_FILTERS),
        "kept": kept(asked, TRANSLATION_FILTERS),
        "certifications": Certification.objects.order_by("code").values_list("code", flat=True),
        "languages": [(code, languages.name_of(code)) for code in languages.CODES],
        "lacks": missing_translations.Reason.choices,
        "kinds": [(name, kinds.kind_of(name).label, count) for name, count in found.counts.items()],
        "may_translate": rights.may(request.user, rights.WRITE, rights.TRANSLATE),
        "opts": ItemCheck._meta,
    }
    return render(request, TRANSLATIONS_TEMPLATE, context)


def _translation_lines(rows: Sequence[missing_translations.Row]) -> list[TranslationLine]:
    """Return what the page says of each gap. A statement for the words, and one for each language."""
    said = search.excerpts([row.gap.version_id for row in rows if row.gap.version_id])
    seen: dict[str, Mapping[int, str]] = {}
    for language in {
        row.gap.language
        for row in rows
        if row.gap.lack == missing_translations.Reason.OLDER and row.gap.item_id
    }:
        ids = [row.gap.item_id for row in rows if row.gap.language == language]
        seen[language] = checks.seen(ids, language)
    return [_translation_line(row, said, seen.get(row.gap.language, {})) for row in rows]


def _translation_line(
    row: missing_translations.Row, said: Mapping[int, str], seen: Mapping[int, str]
) -> TranslationLine:
    gap = row.gap
    return TranslationLine(
        row=row,
        kind=str(kinds.kind_of(gap.kind).label),
        words=said.get(gap.version_id, "") or gap.words,
        language=languages.name_of(gap.language),
        lack=str(missing_translations.Reason(gap.lack).label),
        age="" if row.days is None else age(row.days),
        changed=_changed(row),
        seen=seen.get(gap.item_id, "") if gap.lack == missing_translations.Reason.OLDER else "",
        is_open=draft_editor.has_page(gap.kind),
    )


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
    given = request.POST.get("item", "")
    language = request.POST.get("language_of_item", "").replace("\0", "")
    try:
        work_queue.compare(
            item_id=whole_number(given, 9, 0),
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
        help_text=gettext_lazy("Leave it empty if the service was closed."),
        widget=UnfoldAdminTextInputWidget(),
    )
    since = forms.DateField(
        label=gettext_lazy("Since"),
        help_text=gettext_lazy("Such as 2025-03-31."),
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
        given = self.cleaned_data
        return WatchedNameRecord(given["name"], given["successor"], given["since"], given["page"])


class NewNameForm(NameForm):
    """A name that is to be watched."""

    certification = forms.ModelChoiceField(
        label=gettext_lazy("Certification"),
        queryset=Certification.objects.order_by("code"),
        widget=UnfoldAdminSelectWidget(),
    )
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
    form = NewNameForm(request.POST or None)
    if form.is_valid():
        try:
            row = work_queue.watch(
                certification_id=form.cleaned_data["certification"].pk,
                facts=form.facts(),
                actor=request.user,
            )
        except Refused as refused:
            return _name_page(
                request, _refused(form, refused), _("Watch a name"), _("Watch"), refused=refused
            )
        messages.success(request, _("Watched. Questions that mention it are in the work queue."))
        return HttpResponseRedirect(reverse("admin:exams_watchedname_change", args=[row.pk]))
    return _name_page(request, form, _("Watch a name"), _("Watch"))


@require_http_methods(["GET", "POST"])
@staff_view(rights.WRITE)
def edit_name(request: SignedInRequest, object_id: str) -> HttpResponse:
    """Change a name, or let it go."""
    rows = WatchedName.objects.filter(pk=whole_number(object_id, 18, 0))
    row = rows.select_related("certification").first()
    if row is None:
        raise Http404
    stored = {
        name: getattr(row, name) for name in ("name", "successor", "page", "is_watched", "revision")
    } | {"since": row.since.isoformat()}
    form = ChangedNameForm(request.POST or None, initial=stored)
    back = reverse("admin:exams_watchedname_change", args=[row.pk])
    title = _("Change %(name)s") % {"name": row}
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
            return _name_page(request, _refused(form, refused), title, _("Save"), back, refused)
        messages.success(request, _("Saved"))
        return HttpResponseRedirect(back)
    return _name_page(request, form, title, _("Save"), back)


def _refused(form: forms.Form, refused: Refused) -> forms.Form:
    field = refused.extra.get("field")
    form.add_error(field if field in form.fields else None, str(refused))
    return form


def _name_page(
    request: SignedInRequest,
    form: forms.Form,
    title: str,
    verb: str,
    back: str = "",
    refused: Refused | None = None,
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": title,
        "verb": verb,
        "form": form,
        "back": back or reverse("admin:exams_watchedname_changelist"),
        "opts": WatchedName._meta,
    }
    wrong = refused.status if refused else HTTPStatus.UNPROCESSABLE_ENTITY
    return render(request, "admin/act.html", context, status=wrong if form.errors else HTTPStatus.OK)


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

    @admin.display(description=gettext_lazy("new name"), ordering="successor")
    def became(self, row: WatchedName) -> str:
        """What it is called now."""
        return row.successor or _("closed")

    @admin.display(description=gettext_lazy("source page"))
    def source(self, row: WatchedName) -> SafeString:
        """The way to the page that says so."""
        return format_html('<a class="onward" href="{0}" rel="noreferrer">{0}</a>', row.page)

    @admin.display(description=gettext_lazy("questions that wait"), ordering="open_tasks")
    def waiting(self, row: WatchedName) -> int:
        """How many questions mention it and were not read again."""
        return int(getattr(row, "open_tasks", 0))

    @admin.display(description=gettext_lazy("what happened"))
    def log(self, row: WatchedName) -> SafeString:
        """Acts of staff."""
        return render_to_string("admin/exams/acts.html", {"audit": audit.of(row)})


PAGES: Final = {
    "queue": queue,
    "check": check,
    "assign": assign,
    "translations": translation_queue,
    "translate": translate,
    "compare": compare,
}


def checks_of(item: Item) -> SafeString:
    """Return when an item was checked, by whom and by what, and what it waits for. Two statements."""
    context = {"checks": checks.history(item.pk), "tasks": checks.open_tasks(item.pk)}
    return render_to_string("admin/exams/item_checks.html", context)


class CheckedFilter(admin.SimpleListFilter):
    """Finds items by when their facts were last checked."""

    title = gettext_lazy("checked on")
    parameter_name = "checked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Lately, long ago, never."""
        days = {"days": settings.CHECK_DAYS}
        return [
            ("fresh", gettext_lazy("in the last %(days)s days") % days),
            ("old", gettext_lazy("more than %(days)s days ago") % days),
            ("never", gettext_lazy("never")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items that were checked then."""
        since = checks.today() - timedelta(days=settings.CHECK_DAYS)
        conditions: dict[str | None, dict[str, Any]] = {
            "fresh": {"last_checked_on__gte": since},
            "old": {"last_checked_on__lt": since},
            "never": {"last_checked_on": None},
        }
        if self.value() not in conditions:
            return queryset
        return queryset.annotate(last_checked_on=checks.checked_on()).filter(**conditions[self.value()])


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

    def get_urls(self) -> list[URLPattern]:
        """Add the queues and what is done in them."""
        own = [
            path(f"{name}/", self.admin_site.admin_view(view), name=f"exams_itemcheck_{name}")
            for name, view in PAGES.items()
        ]
        found: list[URLPattern] = super().get_urls()
        return [*own, *found]

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

    @admin.display(description=gettext_lazy("question"))
    def of_item(self, check: ItemCheck) -> SafeString:
        """The way to the question."""
        return link_to(check.item, check.item.code)

    @admin.display(description=gettext_lazy("certification"), ordering="item__certification__code")
    def certification(self, check: ItemCheck) -> str:
        """Whose question it is."""
        return str(check.item.certification)

    @admin.display(description=gettext_lazy("what was checked"), ordering="language")
    def what(self, check: ItemCheck) -> Any:  # noqa: ANN401
        """The facts, or a translation."""
        return languages.name_of(check.language) if check.language else gettext_lazy("facts")

    @admin.display(description=gettext_lazy("pages"))
    def looked_at(self, check: ItemCheck) -> SafeString:
        """The pages that were read."""
        return format_html_join(
            " ", '<a class="onward" href="{}" rel="noreferrer">{}</a>', ((one, one) for one in check.pages)
        )
