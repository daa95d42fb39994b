"""Certifications in the admin: to look at; what changes is written as a draft, and nothing is deleted."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.decorators import action

from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.admin.readonly import ReadOnlyAdmin, ReadOnlyInline, Untouched, link_to
from accounts.base.errors import Text
from accounts.users.models import User
from exams.admin import certification_editor
from exams.admin.base import DraftedAdmin, column
from exams.admin.requests import staff_view
from exams.admin.sheets import sheets_of
from exams.authoring import certifications, history, rights
from exams.authoring.catalog import NAME
from exams.catalog.models import (
    Certification,
    CertificationText,
    Domain,
    DomainText,
    TaskStatement,
    TaskStatementText,
)
from exams.content.states import state_on
from exams.presentation import states
from i18n import languages

PROPOSED: Final = _("Proposed. Everybody who can confirm it gets an email.")
KEPT: Final = _("Scores of finished exams do not change with these: each edition keeps its own.")


class CertificationTextInline(Untouched, StackedInline):  # type: ignore[misc]
    """What the landing page says, a language at a time."""

    model = CertificationText
    verbose_name_plural = _("Texts")
    extra = 0
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


class DomainInline(ReadOnlyInline):
    """Domains: their weights are frozen into editions, so a change comes with the content files."""

    model = Domain
    fields = ("opened", "weight_percent", "is_current")
    tab = True
    opened = column(_("domain"), lambda domain: link_to(domain, str(domain)))


def put_on_site(*, certification_id: int, actor: User, reason: str) -> Text | None:
    """Put a certification on the site, or propose it; return what is told then. Raises Refused."""
    done = certifications.put_on_site(certification_id=certification_id, actor=actor, reason=reason)
    return None if isinstance(done, Certification) else PROPOSED


@admin.register(Certification)
class CertificationAdmin(DraftedAdmin, ActsWithReason):
    """Facts and texts of a certification, and while it is incomplete the steps that are missing."""

    draft_kind = NAME
    row_argument = "certification_id"
    actions_list = ("new_certification",)
    change_form_outer_before_template = "admin/exams/certification_before.html"
    list_display = (
        "code",
        "vendor",
        "level",
        "state",
        "duration_minutes",
        "items_total",
        "pass_mark",
        "retired_on",
        "is_listed",
    )
    list_filter = ("vendor", "is_listed")
    search_fields = ("code", "texts__name")
    compressed_fields = True
    inlines = (CertificationTextInline, DomainInline)
    readonly_fields = (
        "state",
        "planned_names",
        "available_languages",
        "planned_parts",
        "cheat_sheets",
        "acts",
        "events",
    )
    fieldsets = (
        (_("Identity"), {"fields": (("code", "vendor"), ("level", "state"), ("is_listed", "acts"))}),
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
                    ("beta_on", "live_on", "retired_on"),
                    ("planned_names", "successor_code"),
                ),
            },
        ),
        (
            _("Available on this site"),
            {
                "fields": (
                    ("original_language", "available_languages"),
                    ("planned_forms", "planned_parts"),
                    "cheat_sheets",
                ),
            },
        ),
        (_("What happened"), {"classes": ["collapse"], "fields": ("events",)}),
    )

    events = column(
        _("what happened"),
        lambda row: render_to_string("admin/exams/history.html", {"events": history.of_certification(row)}),
    )
    state = column(_("state"), lambda row: states.NAMES[state_on(row, timezone.localdate())])
    planned_names = column(
        certification_editor.LABELS["planned_facts"],
        lambda row: ", ".join(str(certification_editor.LABELS[name]) for name in row.planned_facts),
    )
    available_languages = column(
        _("languages"), lambda row: ", ".join(languages.name_of(code) for code in row.languages)
    )
    cheat_sheets = column(_("cheat sheets"), sheets_of)
    planned_parts = column(
        _("planned"), lambda row: ", ".join(f"{part}: {count}" for part, count in row.planned.items())
    )

    class Media:
        """The look of the steps."""

        css: Final = {"all": ("css/editor.css", "css/form_editor.css")}

    def draft_key(self, row: Certification) -> tuple[Certification, str]:
        """Return a certification, and the name of its one draft."""
        return row, NAME

    def row_views(self) -> Mapping[str, Callable[..., HttpResponse]]:
        """Add the steps, and the act that shows it on the site."""
        return {
            **super().row_views(),
            "steps": certification_editor.show_steps,
            "put_on_site": staff_view(rights.REVIEW)(self.put_on_site),
        }

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Leave the button to the page: a certification is changed rarely."""
        return self.list_display

    @action(description=_("New certification"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_certification(self, request: HttpRequest) -> HttpResponse:
        """Ask for its code, and say what comes then."""
        return certification_editor.new(request)

    def put_on_site(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a certification on the site."""
        return self._act(
            request,
            object_id,
            ReasonForm,
            _("Put the certification on the site"),
            _("Put it on the site"),
            put_on_site,
            next_page=certification_editor.steps_of,
        )

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        """Show the certification, and above it the steps while some are missing."""
        certification = self.get_object(request, object_id) if self.has_view_permission(request) else None
        steps: dict[str, Any] = {}
        if certification is not None and request.user.has_perm(rights.SEE):
            steps = certification_editor.context_of(certification, cast(User, request.user))
        kwargs["extra_context"] = {**(kwargs.get("extra_context") or {}), "steps": steps}
        reply: HttpResponse = super().change_view(request, object_id, *args, **kwargs)
        return reply

    @admin.display(description=_("draft"))
    def acts(self, row: Any) -> str:  # noqa: ANN401
        """Return the button that opens the draft, for who writes, and the way to the steps."""
        steps = format_html(
            '<a class="onward" href="{}">{}</a>',
            certification_editor.steps_of(row),
            _("Steps of this certification"),
        )
        return format_html("{} · {}", self.edit_button(row), steps) if row.may_edit else steps


class NamedAdmin(ReadOnlyAdmin):
    """Rows with a text of theirs, `named`, in the original language of their certification."""

    named: str
    language: str

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows with that text, in one statement."""
        texts = self.model._meta.get_field("texts")
        where = {texts.field.name: OuterRef("pk"), "language": OuterRef(self.language)}
        names = texts.related_model.objects.filter(**where).values(self.named)[:1]
        rows: QuerySet[Any] = super().get_queryset(request).annotate(original=Subquery(names))
        return rows


def _original(row: Any) -> str:  # noqa: ANN401
    """Return that text, "" where there is none."""
    return row.original or ""


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
    name = column(_("name"), _original, "original")


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
    title = column(_("title"), _original, "original")
    certification = column(
        _("certification"), lambda task: task.domain.certification, "domain__certification__code"
    )
