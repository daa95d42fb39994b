"""Forms, editions and papers in the admin: what candidates sat and sit, to look at."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.readonly import ReadOnlyAdmin, ReadOnlyInline
from exams.assembly import papers
from exams.assembly.models import ExamForm, FormEdition, FormItem, Paper


class EditionInline(ReadOnlyInline):
    """The editions of a form."""

    model = FormEdition
    fields = ("number", "minutes", "pass_mark", "published_at")
    ordering = ("-number",)


@admin.register(ExamForm)
class ExamFormAdmin(ReadOnlyAdmin):
    """The exams of a certification."""

    list_display = ("certification", "number", "editions_made")
    list_display_links = ("number",)
    list_select_related = ("certification",)
    list_filter = ("certification",)
    search_fields = ("certification__code",)
    inlines = (EditionInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExamForm]:
        """Forms with the number of their editions, in one statement."""
        rows: QuerySet[ExamForm] = super().get_queryset(request)
        return rows.annotate(editions_made=Count("editions"))

    @admin.display(description=_("editions"), ordering="editions_made")
    def editions_made(self, form: ExamForm) -> int:
        """How many editions there are."""
        return int(getattr(form, "editions_made", 0))


class FormItemInline(ReadOnlyInline):
    """The items of an edition at their positions."""

    model = FormItem
    fields = ("position", "item", "is_scored", "domain_number", "kind", "difficulty")
    readonly_fields = ("item", "kind", "difficulty")
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[FormItem]:
        """Items with their versions, in one statement."""
        rows: QuerySet[FormItem] = super().get_queryset(request)
        return rows.select_related("version__item")

    @admin.display(description=_("item"))
    def item(self, place: FormItem) -> str:
        """Code and version."""
        return f"{place.version.item.code} v{place.version.number}"

    @admin.display(description=_("kind"))
    def kind(self, place: FormItem) -> str:
        """How it is answered."""
        return place.version.kind

    @admin.display(description=_("difficulty"))
    def difficulty(self, place: FormItem) -> str:
        """As the blueprint expects it."""
        return place.version.difficulty


class PaperInline(ReadOnlyInline):
    """The papers compiled from an edition."""

    model = Paper
    fields = ("language", "revision", "created_at")
    ordering = ("language", "-revision")


@admin.register(FormEdition)
class FormEditionAdmin(ReadOnlyAdmin):
    """An edition with its items and papers."""

    list_display = ("form", "number", "minutes", "pass_mark", "published_at")
    list_display_links = ("form", "number")
    list_select_related = ("form__certification",)
    list_filter = ("form__certification",)
    search_fields = ("form__certification__code", "items__version__item__code")
    inlines = (PaperInline, FormItemInline)


@admin.register(Paper)
class PaperAdmin(ReadOnlyAdmin):
    """A paper as candidates see it."""

    list_display = ("edition", "language", "revision", "created_at")
    list_select_related = ("edition__form__certification",)
    list_filter = ("edition__form__certification", "language")
    fields = (("edition", "language", "revision"), ("digest", "created_at"), "preview")
    readonly_fields = ("preview",)

    @admin.display(description=_("as it is sat"))
    def preview(self, paper: Paper) -> SafeString:
        """The questions without keys: HTML that was cleaned when it was stored."""
        return render_to_string("admin/exams/paper.html", {"paper": papers.get(paper.pk)})
