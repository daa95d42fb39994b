"""Certifications in the admin: facts and texts can be corrected, nothing is deleted."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, StackedInline

from accounts.admin.readonly import ReadOnlyAdmin, ReadOnlyInline
from exams.catalogue.models import (
    Certification,
    CertificationText,
    Domain,
    DomainText,
    TaskStatement,
    TaskStatementText,
)


class CertificationTextInline(StackedInline):  # type: ignore[misc]
    """What the landing page says."""

    model = CertificationText
    extra = 0
    can_delete = False


class DomainInline(ReadOnlyInline):
    """Domains: their weights are frozen into editions, so a change comes with the content files."""

    model = Domain
    fields = ("number", "weight_percent", "is_current")


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
    inlines = (CertificationTextInline, DomainInline)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:  # noqa: ANN401
        """The code stands in addresses and entitlements."""
        return ("code",) if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A certification comes with its content files."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ANN401
        """Attempts need it."""
        return False


class DomainTextInline(ReadOnlyInline):
    """Names of a domain."""

    model = DomainText
    show_change_link = False


@admin.register(Domain)
class DomainAdmin(ReadOnlyAdmin):
    """Domains with their weights."""

    list_display = ("certification", "number", "weight_percent", "is_current")
    list_display_links = ("number",)
    list_select_related = ("certification",)
    list_filter = ("certification", "is_current")
    search_fields = ("texts__name",)
    inlines = (DomainTextInline,)


class TaskTextInline(ReadOnlyInline):
    """Titles of a task statement."""

    model = TaskStatementText
    show_change_link = False


@admin.register(TaskStatement)
class TaskAdmin(ReadOnlyAdmin):
    """Task statements of the exam guides."""

    list_display = ("code", "certification", "domain", "is_current")
    list_select_related = ("domain__certification",)
    list_filter = ("domain__certification", "is_current")
    search_fields = ("code", "texts__title")
    inlines = (TaskTextInline,)

    @admin.display(ordering="domain__certification__code")
    def certification(self, task: TaskStatement) -> str:
        """Whose task it is."""
        return str(task.domain.certification)
