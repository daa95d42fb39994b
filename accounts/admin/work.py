"""Mails, jobs and the record of acts in the admin: looked at, and changed only by acts with a reason."""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from accounts.admin import mail_names, own_jobs
from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.admin.readonly import ReadOnlyAdmin
from accounts.audit.models import AuditEntry
from accounts.base.errors import Text
from accounts.jobs import services as jobs
from accounts.jobs.models import Job
from accounts.outbox import services as outbox
from accounts.outbox.models import Mail


class KindFilter(admin.SimpleListFilter):
    """By what mails are about."""

    title = _("email")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Each kind that was sent, by what people call it."""
        kinds = Mail.objects.order_by("kind").values_list("kind", flat=True).distinct()
        return [(kind, mail_names.name_of(kind)) for kind in kinds]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mail]) -> QuerySet[Mail]:
        """Filter by the choice."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Mail)
class MailAdmin(ActsWithReason, ReadOnlyAdmin):
    """Mails that wait, were sent or given up. What they say is not shown to anybody."""

    row_argument = "mail_id"
    list_display = ("title", "to_address", "created_at", "sent_at", "given_up_at", "tries", "last_error")
    list_filter = (
        ("sent_at", admin.EmptyFieldListFilter),
        ("given_up_at", admin.EmptyFieldListFilter),
        KindFilter,
    )
    search_fields = ("to_address",)
    fields = (
        "title",
        ("to_address", "language"),
        ("created_at", "not_before", "not_after"),
        ("tries", "claimed_at", "sent_at", "given_up_at"),
        "last_error",
    )
    readonly_fields = ("title",)
    actions_detail = ("resend",)

    @admin.display(description=_("email"), ordering="kind")
    def title(self, mail: Mail) -> Text:
        """What people call mails of its kind."""
        return mail_names.name_of(mail.kind)

    @action(description=_("Send again"), url_path="resend", permissions=["act"])  # type: ignore[untyped-decorator]
    def resend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Try again what was given up."""
        return self._act(request, object_id, ReasonForm, _("Send again"), _("Send again"), outbox.resend)


@admin.register(Job)
class JobAdmin(ActsWithReason, ReadOnlyAdmin):
    """Jobs with their progress and errors."""

    row_argument = "job_id"
    list_display = ("kind", "owner", "state", "progress", "tries", "created_at", "finished_at", "error")
    list_filter = ("state", "kind")
    list_select_related = ("owner",)
    search_fields = ("owner__email", "id")
    fields = (
        ("kind", "owner", "state"),
        ("progress", "step"),
        ("created_at", "started_at", "heartbeat_at", "finished_at"),
        ("tries", "not_before"),
        "parameters",
        "result",
        "error",
    )
    readonly_fields = ("progress",)
    actions_detail = ("retry",)

    def get_urls(self) -> list[URLPattern]:
        """Add the page of a job for whoever asked for it."""
        own = self.admin_site.admin_view(own_jobs.own)
        urls: list[URLPattern] = super().get_urls()
        return [path("<path:object_id>/own/", own, name="accounts_job_own"), *urls]

    @admin.display(description=_("progress"))
    def progress(self, job: Job) -> str:
        """How much of how much."""
        return f"{job.done} / {job.total}" if job.total else ""

    @action(description=_("Try again"), url_path="retry", permissions=["act"])  # type: ignore[untyped-decorator]
    def retry(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let a failed job be tried again."""
        return self._act(request, object_id, ReasonForm, _("Try again"), _("Try again"), jobs.retry)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what to what, and why."""

    list_display = ("at", "actor", "action", "thing", "subject_id", "reason")
    list_filter = ("action", "subject_type")
    search_fields = ("actor__email", "subject_id", "reason")
    date_hierarchy = "at"
    fields = (("at", "actor"), ("action", "thing", "subject_id"), "reason", "before", "after")
    readonly_fields = ("thing",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        """Entries with who acted, in one statement."""
        entries: QuerySet[AuditEntry] = super().get_queryset(request)
        return entries.select_related("actor")

    @admin.display(description=_("kind"), ordering="subject_type")
    def thing(self, entry: AuditEntry) -> Text:
        """What people call such a thing."""
        try:
            return apps.get_model(entry.subject_type)._meta.verbose_name or entry.subject_type
        except LookupError:
            return entry.subject_type
