"""Certifications in the admin: to look at; what changes is written as a draft, and nothing is deleted."""

from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline
from unfold.decorators import action

from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.admin.readonly import ReadOnlyAdmin, ReadOnlyInline, Untouched, link_to
from accounts.base.errors import Text
from accounts.users.models import User
from exams.admin import certification_editor
from exams.admin.sheets import sheets_of
from exams.authoring import certifications, history, rights
from exams.catalogue.models import (
    Certification,
    CertificationText,
    Domain,
    DomainText,
    TaskStatement,
    TaskStatementText,
)
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

    @admin.display(description=_("domain"))
    def opened(self, domain: Domain) -> SafeString:
        """Number, leading to its names."""
        return link_to(domain, str(domain))


def put_on_site(*, certification_id: int, actor: User, reason: str) -> Text | None:
    """Put a certification on the site, or propose it; return what is told then. Raises Refused."""
    done = certifications.put_on_site(certification_id=certification_id, actor=actor, reason=reason)
    return None if isinstance(done, Certification) else PROPOSED


@admin.register(Certification)
class CertificationAdmin(ActsWithReason, ReadOnlyAdmin):
    """Facts and texts of a certification, and while it is incomplete the steps that are missing."""

    act_on = "certification_id"
    actions_list = ("new_certification",)
    change_form_outer_before_template = "admin/exams/certification_before.html"
    list_display = (
        "code",
        "vendor",
        "level",
        "status",
        "duration_minutes",
        "items_total",
        "pass_mark",
        "retired_on",
        "is_listed",
    )
    list_filter = ("status", "vendor", "is_listed")
    search_fields = ("code", "texts__name")
    compressed_fields = True
    inlines = (CertificationTextInline, DomainInline)
    readonly_fields = ("available_languages", "planned_parts", "cheat_sheets", "acts", "events")
    fieldsets = (
        (_("Identity"), {"fields": (("code", "vendor"), ("level", "status"), ("is_listed", "acts"))}),
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
                "fields": (
                    ("original_language", "available_languages"),
                    ("planned_forms", "planned_parts"),
                    "cheat_sheets",
                ),
            },
        ),
        (_("What happened"), {"classes": ["collapse"], "fields": ("events",)}),
    )

    @admin.display(description=_("what happened"))
    def events(self, certification: Certification) -> SafeString:
        """Who changed what and why."""
        events = history.of_certification(certification) if certification.pk else []
        return render_to_string("admin/exams/history.html", {"events": events})

    @admin.display(description=_("languages"))
    def available_languages(self, certification: Certification) -> str:
        """Names of the languages."""
        return ", ".join(languages.name_of(code) for code in certification.languages)

    @admin.display(description=_("cheat sheets"))
    def cheat_sheets(self, certification: Certification) -> SafeString:
        """The way to the sheet of each language."""
        return sheets_of(certification)

    @admin.display(description=_("planned"))
    def planned_parts(self, certification: Certification) -> str:
        """How much there will be of what."""
        return ", ".join(f"{part}: {count}" for part, count in certification.planned.items())

    class Media:
        """The look of the steps."""

        css: Final = {"all": ("css/editor.css", "css/form_editor.css")}

    def get_urls(self) -> list[URLPattern]:
        """Add the steps, how a draft begins, and the act that shows it on the site."""
        own = {
            "steps": certification_editor.show_steps,
            "edit": certification_editor.edit,
            "put_on_site": self.put_on_site,
        }
        urls: list[URLPattern] = super().get_urls()
        return [
            *(
                path(
                    f"<path:object_id>/{name}/",
                    self.admin_site.admin_view(view),
                    name=f"exams_certification_{name}",
                )
                for name, view in own.items()
            ),
            *urls,
        ]

    def has_write_permission(self, request: HttpRequest) -> bool:
        """Who writes begins new certifications."""
        return request.user.has_perm(rights.WRITE)

    def has_act_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Who publishes also shows on the site."""
        return request.user.has_perm(rights.REVIEW)

    @action(description=_("New certification"), url_path="new", permissions=["write"])  # type: ignore[untyped-decorator]
    def new_certification(self, request: HttpRequest) -> HttpResponse:
        """Ask for its code, and say what comes then."""
        return certification_editor.new(request)

    def put_on_site(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show a certification on the site."""
        if not self.has_act_permission(request):
            raise PermissionDenied
        return self._act(
            request,
            object_id,
            ReasonForm,
            _("Put the certification on the site"),
            _("Put it on the site"),
            put_on_site,
            leads_on=certification_editor.steps_of,
        )

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Certification | None:
        """Return a certification that knows who reads it: what its page offers depends on that."""
        certification: Certification | None = super().get_object(request, object_id, from_field)
        if certification is not None:
            may = self.has_write_permission(request) or request.user.has_perm(rights.TRANSLATE)
            setattr(certification, "may_edit", may)  # noqa: B010
        return certification

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,  # noqa: ANN401
    ) -> HttpResponse:
        """Show the certification, and above it the steps while some are missing."""
        certification = self.get_object(request, object_id) if self.has_view_permission(request) else None
        steps: dict[str, Any] = {}
        if (
            certification is not None
            and isinstance(request.user, User)
            and rights.may(request.user, rights.SEE)
        ):
            steps = certification_editor.context_of(certification, request.user)
        reply: HttpResponse = super().change_view(
            request, object_id, form_url, {**(extra_context or {}), "steps": steps}
        )
        return reply

    @admin.display(description=_("draft"))
    def acts(self, certification: Certification) -> SafeString:
        """The button that opens the draft, and the way to the steps."""
        steps = format_html(
            '<a class="onward" href="{}">{}</a>',
            certification_editor.steps_of(certification),
            _("Steps of this certification"),
        )
        if not getattr(certification, "may_edit", False):
            return steps
        return format_html(
            '<button type="submit" class="onward" formmethod="post" formaction="{}">{}</button> · {}',
            reverse("admin:exams_certification_edit", args=[certification.pk]),
            _("Edit"),
            steps,
        )


class NamedAdmin(ReadOnlyAdmin):
    """Rows with a text of theirs, `named`, in the original language of their certification."""

    named: str
    language: str

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Rows with that text, in one statement."""
        texts = self.model._meta.get_field("texts")
        wanted = {texts.field.name: OuterRef("pk"), "language": OuterRef(self.language)}
        names = texts.related_model.objects.filter(**wanted).values(self.named)[:1]
        rows: QuerySet[Any] = super().get_queryset(request).annotate(original=Subquery(names))
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

    @admin.display(description=_("certification"), ordering="domain__certification__code")
    def certification(self, task: TaskStatement) -> str:
        """Whose task it is."""
        return str(task.domain.certification)
