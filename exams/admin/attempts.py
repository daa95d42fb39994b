"""Attempts in the admin: found by address or id, read in full, changed only by audited acts with a reason."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.admin.readonly import ReadOnlyAdmin
from accounts.audit import services as audit
from exams.attempts import answers, grading, lifecycle
from exams.attempts.models import Attempt, RefusedAnswer
from exams.bank.models import Option


class ExtendForm(ReasonForm):
    """How much longer."""

    minutes = forms.IntegerField(
        label=_("More minutes"), min_value=1, max_value=24 * 60, widget=UnfoldAdminIntegerFieldWidget()
    )
    field_order = ("minutes", "reason")


@admin.register(Attempt)
class AttemptAdmin(ActsWithReason, ReadOnlyAdmin):
    """Attempts of candidates."""

    act_on = "attempt_id"

    list_display = ("id", "user", "form", "state", "started_at", "deadline_at", "ended_at", "quarantined_at")
    list_select_related = ("user", "form__certification")
    list_filter = (
        "state",
        "form__certification",
        "end_reason",
        ("quarantined_at", admin.EmptyFieldListFilter),
    )
    search_fields = ("user__email", "id")
    search_help_text = _("Email address or id")
    date_hierarchy = "started_at"
    ordering = ("-started_at",)
    fields = (
        ("id", "user"),
        ("form", "edition", "paper"),
        ("state", "end_reason", "seen_before"),
        ("started_at", "deadline_at", "ended_at"),
        ("minutes_allowed", "accommodation"),
        ("lease_no", "answers_sha256"),
        ("score_tries", "score_claimed_at", "quarantined_at"),
        "log",
    )
    readonly_fields = ("log",)
    actions_detail = ("extend", "void", "rescore")

    def get_queryset(self, request: HttpRequest) -> Any:  # noqa: ANN401
        """Attempts with everything that their names need, in one statement."""
        rows = super().get_queryset(request)
        return rows.select_related("user", "form__certification", "edition__form__certification", "paper")

    @admin.display(description=_("what happened"))
    def log(self, attempt: Attempt) -> SafeString:
        """Answers that count, refused answers, scores and acts of staff."""
        given = answers.current(attempt.pk)
        refused = list(RefusedAnswer.objects.filter(attempt=attempt).order_by("received_at")[:200])
        selections = [row.selected for row in given] + [tuple(row.selected) for row in refused]
        chosen = {option_id for selected in selections for option_id in selected}
        letters = {option.pk: option.letter for option in Option.objects.filter(pk__in=chosen)}
        context = {
            "answers": [(row, [letters.get(one, one) for one in row.selected]) for row in given],
            "refused": [(row, [letters.get(one, one) for one in row.selected]) for row in refused],
            "scores": attempt.scores.select_related("actor").order_by("-revision"),
            "audit": audit.of(attempt),
        }
        return render_to_string("admin/exams/attempt.html", context)

    @action(description=_("Extend"), url_path="extend", permissions=["act"])  # type: ignore[untyped-decorator]
    def extend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give more time."""
        return self._act(request, object_id, ExtendForm, _("Extend the time"), lifecycle.extend)

    @action(description=_("Void"), url_path="void", permissions=["act"])  # type: ignore[untyped-decorator]
    def void(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take out of the count."""
        return self._act(request, object_id, ReasonForm, _("Void the attempt"), lifecycle.void)

    @action(description=_("Score again"), url_path="rescore", permissions=["act"])  # type: ignore[untyped-decorator]
    def rescore(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Score by today's rules and keys."""
        return self._act(request, object_id, ReasonForm, _("Score again"), grading.rescore)
