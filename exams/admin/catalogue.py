"""Certifications in the admin: facts and texts can be corrected, nothing is deleted."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline

from accounts.admin.readonly import ReadOnlyAdmin, ReadOnlyInline, link_to
from exams.authoring import history
from exams.catalogue.models import (
    Certification,
    CertificationText,
    Domain,
    DomainText,
    TaskStatement,
    TaskStatementText,
)
from i18n import languages

# What the content files decide altogether: here to look at.
FROM_FILES: Final = ("code", "available_languages", "planned_forms", "planned_parts")
KEPT: Final = _(
    "Scores of finished exams do not change with these: each edition keeps its own. "
    "Loading the content files writes them again."
)


class CertificationTextInline(StackedInline):  # type: ignore[misc]
    """What the landing page says, a language at a time."""

    model = CertificationText
    verbose_name_plural = _("Texts")
    extra = 0
    can_delete = False
    tab = True
    collapsible = True
    fieldsets = (
        (None, {"fields": ("language", "name", "summary", "description")}),
        (_("After retirement"), {"fields": ("retirement_note", "successor_name", "successor_note")}),
        (
            _("Exam details"),
            {
                "fields": (
                    ("recommended_experience", "question_types"),
                    ("delivery", "retake"),
                    ("results_note", "accommodation"),
                )
            },
        ),
    )
    readonly_fields = ("language",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        """A language comes with the content files."""
        return False


class DomainInline(ReadOnlyInline):
    """Domains: their weights are frozen into editions, so a change comes with the content files."""

    model = Domain
    fields = ("opened", "weight_percent", "is_current")
    tab = True

    @admin.display(description=_("domain"))
    def opened(self, domain: Domain) -> SafeString:
        """Number, leading to its names."""
        return link_to(domain, str(domain))


@admin.register(Certification)
class CertificationAdmin(ModelAdmin):  # type: ignore[misc]
    """Facts of a certification. Loading the content files writes them again."""

    list_display = (
        "code",
        "vendor",
        "level",
        "status",
        "duration_minutes",
        "items_total",
        "pass_mark",
        "retired_on",
    )
    list_filter = ("status", "vendor")
    search_fields = ("code", "texts__name")
    compressed_fields = True
    inlines = (CertificationTextInline, DomainInline)
    readonly_fields = (*FROM_FILES, "log_shown")
    fieldsets = (
        (_("Identity"), {"fields": (("code", "vendor"), ("level", "status"))}),
        (
            _("Time and scoring"),
            {
                "description": KEPT,
                "fields": (
                    ("duration_minutes", "accommodation_minutes"),
                    ("items_total", "items_scored"),
                    ("pass_mark", "scale_min", "scale_max"),
                ),
            },
        ),
        (
            _("The real exam"),
            {
                "fields": (
                    ("exam_fee_usd", "validity_years", "retake_wait_days"),
                    ("retired_on", "successor_code"),
                ),
            },
        ),
        (
            _("Available on this site"),
            {
                "fields": (("original_language", "available_languages"), ("planned_forms", "planned_parts")),
            },
        ),
        (_("What happened"), {"fields": ("log_shown",)}),
    )

    @admin.display(description=_("what happened"))
    def log_shown(self, certification: Certification) -> SafeString:
        """Who changed what and why."""
        events = history.of_certification(certification) if certification.pk else []
        return render_to_string("admin/exams/history.html", {"events": events})

    @admin.display(description=_("languages"))
    def available_languages(self, certification: Certification) -> str:
        """Names of the languages."""
        return ", ".join(languages.name_of(code) for code in certification.languages)

    @admin.display(description=_("planned"))
    def planned_parts(self, certification: Certification) -> str:
        """How much there will be of what."""
        return ", ".join(f"{part}: {count}" for part, count in certification.planned.items())

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A certification comes with its content files."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        """Attempts need it."""
        return False


class NamedAdmin(ReadOnlyAdmin):
    """Rows with a text of theirs, `named`, in the original language of their certification."""

    named: str
    language: str

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows with that text, in one statement."""
        texts = self.model._meta.get_field("texts")
        wanted = {texts.field.name: OuterRef("pk"), "language": OuterRef(self.language)}
        found = texts.related_model.objects.filter(**wanted).values(self.named)[:1]
        rows: QuerySet[Any] = super().get_queryset(request).annotate(original=Subquery(found))
        return rows


class DomainTextInline(ReadOnlyInline):
    """Names of a domain."""

    model = DomainText


@admin.register(Domain)
class DomainAdmin(NamedAdmin):
    """Domains with their weights."""

    list_display = ("number", "name", "certification", "weight_percent", "is_current")
    list_display_links = ("number", "name")
    list_select_related = ("certification",)
    list_filter = ("certification", "is_current")
    search_fields = ("texts__name",)
    inlines = (DomainTextInline,)
    named, language = "name", "certification__original_language"

    @admin.display(description=_("name"), ordering="original")
    def name(self, domain: Domain) -> str:
        """The name in the original."""
        return getattr(domain, "original", "") or ""


class TaskTextInline(ReadOnlyInline):
    """Titles of a task statement."""

    model = TaskStatementText


@admin.register(TaskStatement)
class TaskAdmin(NamedAdmin):
    """Task statements of the exam guides."""

    list_display = ("code", "title", "certification", "domain", "is_current")
    list_display_links = ("code", "title")
    list_select_related = ("domain__certification",)
    list_filter = ("domain__certification", "is_current")
    search_fields = ("code", "texts__title")
    inlines = (TaskTextInline,)
    named, language = "title", "domain__certification__original_language"

    @admin.display(description=_("title"), ordering="original")
    def title(self, task: TaskStatement) -> str:
        """The title in the original."""
        return getattr(task, "original", "") or ""

    @admin.display(ordering="domain__certification__code")
    def certification(self, task: TaskStatement) -> str:
        """Whose task it is."""
        return str(task.domain.certification)
