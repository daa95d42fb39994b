"""Checks of questions in the admin: their history, and the queues of authors and translators."""

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.admin.readonly import ReadOnlyAdmin, link_to
from exams.admin import queue_pages, translation_pages
from exams.authoring import rights
from exams.bank.models import Item
from exams.freshness import selectors
from exams.freshness.models import ItemCheck
from i18n import languages

PAGES: Final = {
    "queue": queue_pages.queue,
    "check": queue_pages.check,
    "assign": queue_pages.assign,
    "translations": translation_pages.queue,
    "translate": translation_pages.translate,
    "compare": translation_pages.compare,
}


def checks_of(item: Item) -> SafeString:
    """Return when an item was checked, by whom and by what, and what it waits for. Two statements."""
    context = {"checks": selectors.history(item.pk), "tasks": selectors.open_tasks(item.pk)}
    return render_to_string("admin/exams/item_checks.html", context)


class CheckedFilter(admin.SimpleListFilter):
    """Finds items by when their facts were last checked."""

    title = _("checked on")
    parameter_name = "checked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Lately, long ago, never."""
        days = {"days": settings.CHECK_DAYS}
        return [
            ("fresh", _("in the last %(days)s days") % days),
            ("old", _("more than %(days)s days ago") % days),
            ("never", _("never")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items that were checked then."""
        since = selectors.today() - timedelta(days=settings.CHECK_DAYS)
        conditions: dict[str | None, dict[str, Any]] = {
            "fresh": {"last_checked_on__gte": since},
            "old": {"last_checked_on__lt": since},
            "never": {"last_checked_on": None},
        }
        if self.value() not in conditions:
            return queryset
        return queryset.annotate(last_checked_on=selectors.checked_on()).filter(**conditions[self.value()])


@admin.register(ItemCheck)
class ItemCheckAdmin(ReadOnlyAdmin):
    """Every check, the newest first; nobody changes one."""

    list_display = ("item", "certification", "what", "checked_on", "source", "person", "looked_at", "note")
    list_select_related = ("item__certification", "person")
    list_filter = ("item__certification", "source", "language", "checked_on")
    search_fields = ("item__code",)
    search_help_text = _("Code of the question")
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

    @action(description=_("Work queue"), url_path="work", permissions=["queue"])  # type: ignore[untyped-decorator]
    def work(self, request: HttpRequest) -> HttpResponse:
        """Lead to what waits for authors."""
        return HttpResponseRedirect(reverse("admin:exams_itemcheck_queue"))

    @action(description=_("Translations"), url_path="untranslated", permissions=["queue"])  # type: ignore[untyped-decorator]
    def untranslated(self, request: HttpRequest) -> HttpResponse:
        """Lead to what waits for translators."""
        return HttpResponseRedirect(reverse("admin:exams_itemcheck_translations"))

    @admin.display(description=_("question"))
    def of_item(self, check: ItemCheck) -> SafeString:
        """The way to the question."""
        return link_to(check.item, check.item.code)

    @admin.display(description=_("certification"), ordering="item__certification__code")
    def certification(self, check: ItemCheck) -> str:
        """Whose question it is."""
        return str(check.item.certification)

    @admin.display(description=_("what was checked"), ordering="language")
    def what(self, check: ItemCheck) -> Any:  # noqa: ANN401
        """The facts, or a translation."""
        return languages.name_of(check.language) if check.language else _("facts")

    @admin.display(description=_("pages"))
    def looked_at(self, check: ItemCheck) -> SafeString:
        """The pages that were read."""
        return format_html_join(
            " ", '<a class="onward" href="{}" rel="noreferrer">{}</a>', ((one, one) for one in check.pages)
        )
