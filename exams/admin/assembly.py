"""Forms, editions and papers in the admin: what candidates sat and sit, to look at."""

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, TextField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.admin.readonly import ReadOnlyAdmin, ReadOnlyInline, link_to
from exams.admin import bulk, examform_editor, search
from exams.admin.statistics import WithStatistics
from exams.assembly import papers
from exams.assembly.models import ExamForm, FormEdition, FormItem, Paper
from exams.authoring import history, rights
from i18n import languages


class EditionInline(ReadOnlyInline):
    """The editions of a form."""

    model = FormEdition
    fields = ("opened", "minutes", "pass_mark", "published_at")
    ordering = ("-number",)

    @admin.display(description=_("edition"))
    def opened(self, edition: FormEdition) -> SafeString:
        """Number, leading to items and papers."""
        return link_to(edition, _("Edition %(number)s") % {"number": edition.number})


@admin.register(ExamForm)
class ExamFormAdmin(search.SearchesTexts, ReadOnlyAdmin):
    """The exams of a certification, found by what their questions say today."""

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

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExamForm]:
        """Forms with the number of their editions and their first question, in one statement."""
        rows: QuerySet[ExamForm] = super().get_queryset(request)
        return rows.annotate(editions_made=Count("editions"), words=search.first_question("current"))

    def mentioning(self, rows: QuerySet[ExamForm], term: str) -> QuerySet[ExamForm]:
        """Keep the exams in which a question says it now."""
        return search.search_editions(rows, term, fields=self.search_fields, edition="current")

    @admin.display(description=_("question 1"))
    def question(self, form: ExamForm) -> str:
        """The first words of the first question."""
        return search.excerpt(getattr(form, "words", ""))

    def get_urls(self) -> list[URLPattern]:
        """Add how a draft begins, and the export."""
        own = {"edit": examform_editor.edit, "export": bulk.export_exam}
        found: list[URLPattern] = super().get_urls()
        return [
            *(
                path(
                    f"<path:object_id>/{name}/",
                    self.admin_site.admin_view(view),
                    name=f"exams_examform_{name}",
                )
                for name, view in own.items()
            ),
            *found,
        ]

    def has_write_permission(self, request: HttpRequest) -> bool:
        """Who writes begins new exams."""
        return request.user.has_perm(rights.WRITE)

    @action(description=_("New exam"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_exam(self, request: HttpRequest) -> HttpResponse:
        """Ask for certification and number, then begin."""
        return examform_editor.new(request)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Who writes has a button at each exam."""
        may = self.has_write_permission(request)
        return (*self.list_display, "edit_button") if may else self.list_display

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> ExamForm | None:
        """Return an exam that knows who reads it: what its page offers depends on that."""
        form: ExamForm | None = super().get_object(request, object_id, from_field)
        if form is not None:
            setattr(form, "may_edit", self.has_write_permission(request))  # noqa: B010
        return form

    @admin.display(description=_("draft"))
    def edit_button(self, form: ExamForm) -> SafeString:
        """A button that opens the draft; the list is a form with a token already."""
        return format_html(
            '<button type="submit" class="onward" formmethod="post" formaction="{}">{}</button>',
            reverse("admin:exams_examform_edit", args=[form.pk]),
            _("Edit"),
        )

    @admin.display(description=_("draft"))
    def acts(self, form: ExamForm) -> SafeString:
        """What can be begun with the exam."""
        if not getattr(form, "may_edit", False):
            return SafeString("")
        export = reverse("admin:exams_examform_export", args=[form.pk])
        return format_html(
            '{} · <a class="onward" href="{}">{}</a>', self.edit_button(form), export, _("Export")
        )

    @admin.display(description=_("what happened"))
    def log(self, form: ExamForm) -> SafeString:
        """Who changed what and why."""
        return render_to_string("admin/exams/history.html", {"events": history.of_form(form)})

    @admin.display(description=_("editions"), ordering="editions_made")
    def editions_made(self, form: ExamForm) -> int:
        """How many editions there are."""
        return int(getattr(form, "editions_made", 0))


class FormItemInline(ReadOnlyInline):
    """The items of an edition at their positions."""

    model = FormItem
    fields = ("position", "item", "question", "kind", "task", "domain_number", "difficulty", "is_scored")

    def get_queryset(self, request: HttpRequest) -> QuerySet[FormItem]:
        """Items with their versions and words, in one statement."""
        rows: QuerySet[FormItem] = super().get_queryset(request)
        language = "version__item__certification__original_language"
        return rows.select_related("version__item__task").annotate(
            words=search.stem(OuterRef("version"), language)
        )

    @admin.display(description=_("item"))
    def item(self, place: FormItem) -> SafeString:
        """Code and version, leading to the texts."""
        return link_to(place.version, str(place.version))

    @admin.display(description=_("question"))
    def question(self, place: FormItem) -> str:
        """The first words."""
        return search.excerpt(getattr(place, "words", ""))

    @admin.display(description=_("task"))
    def task(self, place: FormItem) -> str:
        """The task statement that it is on."""
        return place.version.item.task.code

    @admin.display(description=_("kind"))
    def kind(self, place: FormItem) -> str:
        """How it is answered."""
        return place.version.get_kind_display()

    @admin.display(description=_("difficulty"))
    def difficulty(self, place: FormItem) -> str:
        """As the blueprint expects it."""
        return place.version.get_difficulty_display()


class PaperInline(ReadOnlyInline):
    """The papers compiled from an edition."""

    model = Paper
    fields = ("opened", "created_at")
    ordering = ("language", "-revision")

    @admin.display(description=_("paper"))
    def opened(self, paper: Paper) -> SafeString:
        """Language and revision, leading to the paper."""
        return link_to(
            paper,
            _("%(language)s, revision %(number)s")
            % {"language": languages.name_of(paper.language), "number": paper.revision},
        )


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

    def get_queryset(self, request: HttpRequest) -> QuerySet[FormEdition]:
        """Editions with what their names need, in one statement."""
        rows: QuerySet[FormEdition] = super().get_queryset(request)
        return rows.select_related("form__certification").annotate(words=search.first_question("pk"))

    def mentioning(self, rows: QuerySet[FormEdition], term: str) -> QuerySet[FormEdition]:
        """Keep the editions in which a question says it."""
        return search.search_editions(rows, term, fields=self.search_fields, edition="pk")

    @admin.display(description=_("question 1"))
    def question(self, edition: FormEdition) -> str:
        """The first words of the first question."""
        return search.excerpt(getattr(edition, "words", ""))

    @admin.display(description=_("weights"))
    def domains(self, edition: FormEdition) -> SafeString:
        """What each domain counts of the score."""
        shares = sorted((int(number), weight) for number, weight in edition.weights.items())
        rows = ((_("Domain %(number)s") % {"number": number}, weight) for number, weight in shares)
        return format_html_join(SafeString("<br>"), "{}: {}%", rows)

    @admin.display(description=_("exam"), ordering="form")
    def exam(self, edition: FormEdition) -> str:
        """Certification and number of the exam."""
        return str(edition.form)


@admin.register(Paper)
class PaperAdmin(ReadOnlyAdmin):
    """A paper as candidates see it."""

    list_display = ("edition", "written_in", "revision", "question", "created_at")
    list_display_links = ("edition", "question")
    list_select_related = ("edition__form__certification",)
    list_filter = ("edition__form__certification", "language")
    fields = (("edition", "language", "revision"), ("digest", "created_at"), "preview")
    readonly_fields = ("preview",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Paper]:
        """Papers with their first words, without reading the rest of them."""
        rows: QuerySet[Paper] = super().get_queryset(request)
        begin = Cast(KT("content__0__stem"), TextField())
        return rows.select_related("edition__form__certification").defer("content").annotate(words=begin)

    @admin.display(description=_("language"), ordering="language")
    def written_in(self, paper: Paper) -> str:
        """Name of the language."""
        return languages.name_of(paper.language)

    @admin.display(description=_("question 1"))
    def question(self, paper: Paper) -> str:
        """The first words of the first question."""
        return search.excerpt(getattr(paper, "words", ""))

    @admin.display(description=_("as candidates see it"))
    def preview(self, paper: Paper) -> SafeString:
        """The questions without keys: HTML that was cleaned when it was stored."""
        return render_to_string("admin/exams/paper.html", {"paper": papers.compiled(paper.pk)})
