"""Forms, editions and papers in the admin: what candidates sat and sit, to look at."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.admin.readonly import ReadOnlyAdmin, ReadOnlyInline, link_to
from exams.admin import bulk, examform_editor, search
from exams.admin.base import DraftedAdmin, column
from exams.admin.statistics import WithStatistics
from exams.assembly import papers
from exams.assembly.models import ExamForm, FormEdition, FormItem, Paper
from exams.authoring import history, rights
from exams.authoring.forms import NAME, PREFIX
from exams.catalog.models import Certification
from i18n import languages


class EditionInline(ReadOnlyInline):
    """The editions of a form."""

    model = FormEdition
    fields = ("opened", "minutes", "pass_mark", "published_at")
    ordering = ("-number",)
    opened = column(
        _("edition"), lambda edition: link_to(edition, _("Edition %(number)s") % {"number": edition.number})
    )


@admin.register(ExamForm)
class ExamFormAdmin(search.SearchesTexts, DraftedAdmin):
    """The exams of a certification, found by what their questions say today."""

    draft_kind = NAME
    writers = (rights.WRITE,)
    list_display = ("__str__", "question", "editions_made")
    list_display_links = ("__str__", "question")
    list_select_related = ("certification",)
    actions_list = ("new_exam",)
    fields = ("certification", "number", "acts", "log")
    readonly_fields = ("acts", "log")
    list_filter = ("certification",)
    search_fields = ("certification__code",)
    search_help_text = _("Words of its questions, or the code of the certification")
    inlines = (EditionInline,)
    question = column(_("question 1"), search.excerpt_of)
    editions_made = column(_("editions"), lambda form: form.editions_made, "editions_made")
    log = column(
        _("what happened"),
        lambda form: render_to_string("admin/exams/history.html", {"events": history.of_form(form)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExamForm]:
        """Forms with the number of their editions and their first question, in one statement."""
        rows: QuerySet[ExamForm] = super().get_queryset(request)
        return rows.annotate(editions_made=Count("editions"), words=search.first_question("current"))

    def mentioning(self, rows: QuerySet[ExamForm], term: str) -> QuerySet[ExamForm]:
        """Keep the exams in which a question says it now."""
        return search.search_editions(rows, term, fields=self.search_fields, edition="current")

    def draft_key(self, row: ExamForm) -> tuple[Certification, str]:
        """Return the certification and the name of the draft of an exam."""
        return row.certification, f"{PREFIX}{row.number}"

    def row_views(self) -> Mapping[str, Callable[..., HttpResponse]]:
        """Add the export."""
        return {**super().row_views(), "export": bulk.export_exam}

    @action(description=_("New exam"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_exam(self, request: HttpRequest) -> HttpResponse:
        """Ask for certification and number, then begin."""
        return examform_editor.new(request)

    @admin.display(description=_("draft"))
    def acts(self, row: Any) -> str:  # noqa: ANN401
        """Return what can be begun with the exam, for who writes."""
        if not row.may_edit:
            return ""
        export = reverse("admin:exams_examform_export", args=[row.pk])
        return format_html(
            '{} · <a class="onward" href="{}">{}</a>', self.edit_button(row), export, _("Export")
        )


class FormItemInline(ReadOnlyInline):
    """The items of an edition at their positions."""

    model = FormItem
    fields = ("position", "item", "question", "kind", "task", "domain_number", "difficulty", "is_scored")
    item = column(_("item"), lambda place: link_to(place.version, str(place.version)))
    question = column(_("question"), search.excerpt_of)
    kind = column(_("kind"), lambda place: place.version.get_kind_display())
    task = column(_("task"), lambda place: place.version.item.task.code)
    difficulty = column(_("difficulty"), lambda place: place.version.get_difficulty_display())

    def get_queryset(self, request: HttpRequest) -> QuerySet[FormItem]:
        """Items with their versions and words, in one statement."""
        rows: QuerySet[FormItem] = super().get_queryset(request)
        language = "version__item__certification__original_language"
        return rows.select_related("version__item__task").annotate(
            words=search.stem(OuterRef("version"), language)
        )


class PaperInline(ReadOnlyInline):
    """The papers compiled from an edition."""

    model = Paper
    fields = ("opened", "created_at")
    ordering = ("language", "-revision")
    opened = column(_("paper"), lambda paper: link_to(paper, _paper_name(paper)))


def _paper_name(paper: Paper) -> str:
    values = {"language": languages.name_of(paper.language), "number": paper.revision}
    return _("%(language)s, revision %(number)s") % values


def _weights(edition: FormEdition) -> SafeString:
    """Return what each domain counts of the score."""
    shares = sorted((int(number), weight) for number, weight in edition.weights.items())
    rows = ((_("Domain %(number)s") % {"number": number}, weight) for number, weight in shares)
    return format_html_join(SafeString("<br>"), "{}: {}%", rows)


@admin.register(FormEdition)
class FormEditionAdmin(search.SearchesTexts, WithStatistics, ReadOnlyAdmin):
    """An edition with its items and papers, found by what its questions say."""

    list_display = ("exam", "number", "question", "minutes", "pass_mark", "published_at")
    list_display_links = ("exam", "number", "question")
    list_select_related = ("form__certification",)
    list_filter = ("form__certification",)
    search_fields = ("form__certification__code",)
    search_help_text = _("Words of its questions, the code of one, or the code of the certification")
    fields = (
        ("form", "number", "published_at"),
        ("minutes", "pass_mark", "scale_min", "scale_max"),
        ("domains", "digest"),
    )
    readonly_fields = ("domains",)
    inlines = (PaperInline, FormItemInline)
    actions_detail = ("statistics",)
    question = column(_("question 1"), search.excerpt_of)
    exam = column(_("exam"), lambda edition: edition.form, "form")
    domains = column(_("weights"), _weights)

    def get_queryset(self, request: HttpRequest) -> QuerySet[FormEdition]:
        """Editions with what their names need, in one statement."""
        rows: QuerySet[FormEdition] = super().get_queryset(request)
        return rows.select_related("form__certification").annotate(words=search.first_question("pk"))

    def mentioning(self, rows: QuerySet[FormEdition], term: str) -> QuerySet[FormEdition]:
        """Keep the editions in which a question says it."""
        return search.search_editions(rows, term, fields=self.search_fields, edition="pk")


@admin.register(Paper)
class PaperAdmin(ReadOnlyAdmin):
    """A paper as candidates see it."""

    list_display = ("edition", "written_in", "revision", "question", "created_at")
    list_display_links = ("edition", "question")
    list_select_related = ("edition__form__certification",)
    list_filter = ("edition__form__certification", "language")
    fields = (("edition", "language", "revision"), ("digest", "created_at"), "preview")
    readonly_fields = ("preview",)
    written_in = column(_("language"), lambda paper: languages.name_of(paper.language), "language")
    question = column(_("question 1"), search.excerpt_of)
    preview = column(
        _("as candidates see it"),
        lambda paper: render_to_string("admin/exams/paper.html", {"paper": papers.compiled(paper.pk)}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Paper]:
        """Papers with their first words, without reading the rest of them."""
        rows: QuerySet[Paper] = super().get_queryset(request)
        begin = Cast(KT("content__0__stem"), TextField())
        return rows.select_related("edition__form__certification").defer("content").annotate(words=begin)
