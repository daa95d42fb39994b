"""Reports of problems in the admin: read with their question, answered once, by an audited act with a reason.

Who reported is shown only to staff who may see people: authors answer without knowing.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.admin.readonly import ReadOnlyAdmin, link_to
from exams.admin.base import acts_of_staff, column
from exams.admin.rulings import rule_link
from exams.feedback import services
from exams.feedback.models import ANSWER_MAX, ProblemReport, ReportState

OUTCOMES = [choice for choice in ReportState.choices if choice[0] != ReportState.OPEN]


class AnswerForm(ReasonForm):
    """What follows from a report, what the person is told, and why."""

    state = forms.ChoiceField(label=_("Outcome"), choices=OUTCOMES, widget=UnfoldAdminSelectWidget())
    answer = forms.CharField(
        label=_("Answer to the person, in the language of the report"),
        max_length=ANSWER_MAX,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
    )
    field_order = ("state", "answer", "reason")


@admin.register(ProblemReport)
class ProblemReportAdmin(ActsWithReason, ReadOnlyAdmin):
    """Reports of problems: what waits comes first, the oldest in front."""

    row_argument = "report_id"

    list_display = ("question", "reason", "begin", "language", "state", "created_at", "answered_at")
    list_display_links = ("question",)
    list_filter = ("state", "reason", "language", "version__item__certification")
    list_select_related = ("version__item",)
    search_fields = ("version__item__code", "text", "answer")
    search_help_text = _("Code of the question, or words of the report")
    date_hierarchy = "created_at"
    ordering = (F("answered_at").desc(nulls_first=True), "created_at")
    readonly_fields = ("version_link", "ruling", "log", "person")
    actions_detail = ("answer_report",)
    actions_list = ("by_question",)
    question = column(_("question"), lambda report: report.version, "version__item__code")
    begin = column(_("report"), lambda report: report.text[:90])
    version_link = column(_("question"), lambda report: link_to(report.version, str(report.version)))
    ruling = column(_("ruling"), lambda report: rule_link(report.version_id))
    person = column(_("person"), lambda report: report.user)
    log = column(_("what happened"), acts_of_staff)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:  # noqa: ANN401
        """Nobody finds by a filter who reported, unless they may see people."""
        if lookup.partition("__")[0] == "user" and not request.user.has_perm("accounts.view_user"):
            return False
        return bool(super().lookup_allowed(lookup, value, request))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:  # noqa: ANN401
        """Everything; the person only for staff who may see people."""
        who = ("person",) if request.user.has_perm("accounts.view_user") else ()
        rule = ("ruling",) if request.user.has_perm("exams.add_keyruling") else ()
        return (
            ("version_link", "position", "language", *rule),
            ("reason", "state", "created_at"),
            "text",
            "answer",
            ("answered_at", *who),
            "log",
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProblemReport]:
        """Reports with their question, in one statement."""
        rows: QuerySet[ProblemReport] = super().get_queryset(request)
        return rows.select_related("version__item", "user")

    def facts_of(self, row: ProblemReport) -> list[tuple[Any, Any]]:
        """What was reported, and of which question."""
        return [
            (_("Question"), self.version_link(row)),
            (_("Reason"), row.get_reason_display()),
            (_("Report"), row.text),
            (_("Language"), row.language),
            (_("State"), row.get_state_display()),
        ]

    def has_answer_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """An answer is offered for what has none."""
        if not self.has_act_permission(request):
            return False
        waiting = ProblemReport.objects.filter(state=ReportState.OPEN)
        return object_id is None or waiting.filter(pk=object_id).exists()

    def has_queue_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Who may see rulings sees what waits for one."""
        return request.user.has_perm("exams.view_keyruling")

    @action(description=_("By question"), url_path="by-question", permissions=["queue"])  # type: ignore[untyped-decorator]
    def by_question(self, request: HttpRequest) -> HttpResponse:
        """Lead to the questions, the most reported first."""
        return HttpResponseRedirect(reverse("admin:exams_keyruling_queue"))

    @action(description=_("Answer"), url_path="answer", permissions=["answer"])  # type: ignore[untyped-decorator]
    def answer_report(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer once; the person gets a mail."""
        return self._act(
            request, object_id, AnswerForm, _("Answer the report"), _("Send answer"), services.answer
        )
