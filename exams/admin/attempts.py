"""Attempts, and what support does with them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from accounts.access.models import EVERYTHING
from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.admin.panels import Act, Figure, Figures, Panel, Row
from accounts.admin.person import BACK
from accounts.admin.readonly import ReadOnlyAdmin
from accounts.audit import services as audit
from accounts.base import hooks, statements
from accounts.base.errors import Text
from accounts.users.models import User
from exams.admin.base import Option as FilterOption
from exams.admin.base import OptionsFilter, column
from exams.admin.requests import list_of
from exams.attempts import answers, grading, metrics, staff
from exams.attempts.models import CHECK, Attempt, EndReason, Mode, RefusedAnswer, Score, State
from exams.bank.models import Option


class EmailedReasonForm(ReasonForm):
    """Why staff act on an attempt, which its person reads as well."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Say who reads the reason."""
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = _("The candidate reads it in the email about this.")


class ExtendForm(EmailedReasonForm):
    """How much longer."""

    minutes = forms.IntegerField(
        label=_("Extra minutes"),
        help_text=_("Support can give an attempt 60 in all."),
        min_value=1,
        max_value=24 * 60,
        widget=UnfoldAdminIntegerFieldWidget(),
    )
    expected_deadline = forms.DateTimeField(
        widget=forms.HiddenInput(),
        error_messages={"required": staff.DEADLINE_CHANGED, "invalid": staff.DEADLINE_CHANGED},
    )
    field_order = ("minutes", "reason")


class WaitsFilter(OptionsFilter):
    """Finds what waits for its end or its score, and what waits because it failed."""

    title = _("waiting for a score")
    parameter_name = "waits"

    def options(self, request: HttpRequest) -> Mapping[str, FilterOption]:
        """Everything that waits, what failed at least once, what failed five times."""
        overdue = Q(state=State.RUNNING, deadline_at__lt=Now() - answers.GRACE)
        waiting = Q(state__in=grading.ENDED) | overdue
        return {
            "score": (_("all"), waiting),
            "failing": (_("tried and failed"), waiting & ~Q(score_error="")),
            "set-aside": (_("set aside"), waiting & Q(quarantined_at__isnull=False)),
        }


def _score(attempt: Any) -> str:  # noqa: ANN401
    """Return the current score, and whether it is a pass."""
    if attempt.current_score is None:
        return ""
    return f"{attempt.current_score}, {_('pass') if attempt.current_passed else _('not a pass')}"


def _log(attempt: Attempt) -> SafeString:
    """Return answers that count, refused answers, scores and acts of staff."""
    counted = answers.current(attempt.pk)
    refused = list(RefusedAnswer.objects.filter(attempt=attempt).order_by("received_at")[:200])
    chosen = {option for row in counted for option in row.selected}
    chosen |= {option for row in refused for option in row.selected}
    letters = {option.pk: option.letter for option in Option.objects.filter(pk__in=chosen)}
    context = {
        "answers": [(row, [letters.get(option, option) for option in row.selected]) for row in counted],
        "refused": [(row, [letters.get(option, option) for option in row.selected]) for row in refused],
        "scores": attempt.scores.select_related("actor").order_by("-revision"),
        "audit": audit.of(attempt),
        "no_rescore": grading.NOTHING_WOULD_CHANGE
        if attempt.state == State.SCORED and not grading.rescore_would_change(attempt.pk)
        else "",
    }
    return render_to_string("admin/exams/attempt.html", context)


def _of(object_id: Any, holds: Callable[[UUID], bool]) -> bool:  # noqa: ANN401
    """Ask something of the attempt of a page; True where there is no page yet, False for no id."""
    if object_id is None:
        return True
    try:
        return holds(UUID(str(object_id)))
    except ValueError:
        return False


@admin.register(Attempt)
class AttemptAdmin(ActsWithReason, ReadOnlyAdmin):
    """Attempts of candidates."""

    row_argument = "attempt_id"

    list_display = (
        "person",
        "exam",
        "state",
        "score",
        "started_at",
        "deadline_at",
        "ended_at",
        "score_tries",
        "next_try",
        "score_error",
    )
    list_display_links = ("person", "exam")
    list_filter = (
        WaitsFilter,
        "mode",
        "state",
        "form__certification",
        "end_reason",
    )
    search_fields = ("user__email", "id")
    search_help_text = _("Email address or ID")
    date_hierarchy = "started_at"
    ordering = ("-started_at",)
    fields = (
        ("user", "form", "mode", "feedback"),
        ("state", "score", "end_reason", "seen_before"),
        ("id", "edition", "paper", "drawn"),
        ("started_at", "opened_at", "deadline_at", "ended_at"),
        ("minutes_allowed", "accommodation"),
        ("windows", "receipt"),
        ("score_tries", "score_claimed_at", "next_try", "set_aside"),
        "score_error",
        "log",
    )
    readonly_fields = ("score", "windows", "receipt", "next_try", "set_aside", "log")
    actions_detail = ("extend", "void", "release", "rescore")
    person = column(_("person"), lambda attempt: attempt.user or _("Deleted account"), "user__email")
    exam = column(_("exam"), lambda attempt: attempt.form or attempt.drawn, "form")
    score = column(_("score"), _score, "current_score")
    next_try = column(_("next try"), grading.next_try_at)
    # In how many windows one after the other it was taken: the last one writes.
    windows = column(_("windows opened"), lambda attempt: attempt.lease_no)
    receipt = column(_("receipt of the answers"), lambda attempt: attempt.answers_sha256)
    set_aside = column(_("scoring failed again and again since"), lambda attempt: attempt.quarantined_at)
    log = column(_("what happened"), _log)

    def get_queryset(self, request: HttpRequest) -> Any:  # noqa: ANN401
        """Attempts with their scores and everything that their names need, in one statement."""
        rows = super().get_queryset(request)
        current = Score.objects.filter(attempt=OuterRef("pk")).order_by("-revision")
        return rows.select_related(
            "user",
            "form__certification",
            "edition__form__certification",
            "paper__edition__form__certification",
            "drawn__certification",
        ).annotate(
            current_score=Subquery(current.values("scaled")[:1]),
            current_passed=Subquery(current.values("passed")[:1]),
        )

    def facts_of(self, row: Attempt) -> list[tuple[Any, Any]]:
        """Whose attempt it is, and at what."""
        state = f"{row.get_state_display()} {getattr(row, 'current_score', None) or ''}".strip()
        return [
            (_("Person"), row.user or _("Deleted account")),
            (_("Exam"), row.form or row.drawn),
            (_("Started"), row.started_at),
            (_("State"), state),
            *([(_("Ends"), row.deadline_at)] if row.deadline_at else []),
            (_("Extra minutes so far"), staff.extra_minutes(row)),
            (_("Attempt"), row.pk),
        ]

    def obstacle(self, request: HttpRequest, row: Attempt, act: str) -> Text:
        """What has ended is not extended or voided; support does neither for itself or for staff."""
        if act == "extend" and (row.deadline_at is None or row.state not in (State.RUNNING, State.EXPIRED)):
            return staff.CANNOT_EXTEND
        if act == "void" and row.state != State.RUNNING:
            return staff.ENDED
        if act in ("extend", "void") and isinstance(request.user, User):
            return staff.obstacle(request.user, row.user)
        return super().obstacle(request, row, act)

    def has_help_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Administrators and support extend and void."""
        return isinstance(request.user, User) and staff.may_act(request.user)

    def has_release_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """A release is offered for what waits for its score."""
        return self.has_act_permission(request) and _of(object_id, staff.waits)

    def has_rescore_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """A rescore is offered where it would change something; the page says why it is not."""
        return self.has_act_permission(request) and _of(object_id, grading.rescore_would_change)

    @action(description=_("Extend"), url_path="extend", permissions=["help"])  # type: ignore[untyped-decorator]
    def extend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give more time."""

        def deadline() -> str:
            row = self.get_object(request, object_id)
            return row.deadline_at.isoformat() if row and row.deadline_at else ""

        initial = {"expected_deadline": deadline}
        return self._act(
            request, object_id, ExtendForm, _("Extend the time"), _("Extend"), staff.extend, initial
        )

    @action(description=_("Void"), url_path="void", permissions=["help"])  # type: ignore[untyped-decorator]
    def void(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Take out of the count."""
        return self._act(request, object_id, EmailedReasonForm, _("Void the attempt"), _("Void"), staff.void)

    @action(description=_("Release"), url_path="release", permissions=["release"])  # type: ignore[untyped-decorator]
    def release(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let scoring begin anew at once."""
        return self._act(request, object_id, ReasonForm, _("Try again now"), _("Release"), staff.release)

    @action(description=_("Rescore"), url_path="rescore", permissions=["rescore"])  # type: ignore[untyped-decorator]
    def rescore(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Score by today's rules; keys never change."""
        return self._act(
            request, object_id, ReasonForm, _("Rescore with the current rules"), _("Rescore"), grading.rescore
        )


# A day of the site's own zone, found by the index of when it was. Text, since the day is to be known even
# where nothing happened in it: the ORM has no row to say it with, and would need a second statement.
TODAY: Final = """
SELECT day.at, e.exams, e.drills, s.scored, s.passed
FROM (SELECT date_trunc('day', statement_timestamp(), %s) AS at) AS day
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE mode = 'exam') AS exams, count(*) FILTER (WHERE mode = 'drill') AS drills
  FROM exams_attempt WHERE started_at >= day.at) AS e
CROSS JOIN LATERAL (
  SELECT count(scaled) FILTER (WHERE revision = 1) AS scored,
    count(scaled) FILTER (WHERE revision = 1 AND passed) AS passed
  FROM exams_score WHERE created_at >= day.at) AS s
"""


MODES: Final = {Mode.EXAM: _("Exam"), Mode.DRILL: _("Practice")}
STATES: Final = {
    State.RUNNING: _("In progress"),
    State.SUBMITTED: _("Submitted"),
    State.EXPIRED: _("Expired"),
    State.SCORED: _("Scored"),
    State.VOIDED: _("Voided"),
}


def _today() -> Sequence[Figure]:
    """One statement."""
    day, exams, drills, scored, passed = statements.first(TODAY, [settings.SITE_ZONE])
    since, mode = day.isoformat(), Mode.EXAM.value
    started = list_of(Attempt, started_at__gte=since, mode__exact=mode)
    ended = list_of(Attempt, ended_at__gte=since, state__exact=State.SCORED.value, mode__exact=mode)
    return [
        Figure(_("Exams started today"), exams, started, _("Practice sets: %(count)d") % {"count": drills}),
        Figure(_("Exams scored today"), scored, ended, _("Passed: %(count)d") % {"count": passed}),
    ]


def _waiting() -> Sequence[Figure]:
    """One statement."""
    counts = metrics.read_backlog()
    note = _("Set aside after errors: %(count)d") % {"count": counts.quarantined}
    waiting = counts.unscored + counts.unfinished + counts.quarantined
    bad = counts.quarantined > 0
    return [Figure(_("Waiting for a score"), waiting, list_of(Attempt, waits="score"), note, is_bad=bad)]


def _attempts(person: User, reader: User, which: slice) -> Sequence[Row]:
    """One statement."""
    scores = Score.objects.filter(attempt=OuterRef("pk")).order_by("-revision")
    attempts = Attempt.objects.filter(user=person).select_related(
        "form__certification", "drawn__certification"
    )
    rows: list[Any] = list(
        attempts.annotate(scaled=Subquery(scores.values("scaled")[:1])).order_by("-started_at", "-pk")[which]
    )
    may_act = not staff.obstacle(reader, person)
    return [
        Row(
            (
                *(row.form or row.drawn, MODES[row.mode], STATES[row.state]),
                *("" if row.scaled is None else row.scaled, row.started_at, row.ended_at or ""),
            ),
            reverse("admin:exams_attempt_change", args=[row.pk]),
            _acts_on(row) if may_act else (),
        )
        for row in rows
    ]


def _acts_on(attempt: Attempt) -> list[Act]:
    """Return what can be done with an attempt while it runs."""
    acts = {"extend": _("Extend"), "void": _("Void")} if attempt.state == State.RUNNING else {}
    query = urlencode(BACK)
    return [
        Act(verb, f"{reverse(f'admin:exams_attempt_{act}', args=[attempt.pk])}?{query}")
        for act, verb in acts.items()
        if act == "void" or attempt.deadline_at is not None
    ]


def _begun(person: User, codes: Collection[str], since: datetime) -> Sequence[str]:
    """Return how many exams and drills somebody has started of what codes open, canceled ones among them.

    What staff voided does not count: it may have been our fault. Nor does a check, which is free. One
    statement.
    """
    rows = Attempt.objects.filter(user=person, started_at__gte=since).exclude(end_reason=EndReason.VOIDED)
    rows = rows.exclude(drawn__asked__contains={"pool": CHECK})
    if EVERYTHING not in codes:
        certifications = [code.removeprefix("cert:") for code in codes]
        rows = rows.filter(
            Q(form__certification__code__in=certifications) | Q(drawn__certification__code__in=certifications)
        )
    counts = rows.aggregate(
        exams=Count("pk", filter=Q(mode=Mode.EXAM)),
        drills=Count("pk", filter=Q(mode=Mode.DRILL)),
        canceled=Count("pk", filter=Q(end_reason=EndReason.CANCELLED)),
        first=Min("started_at"),
    )
    labels = {
        "exams": gettext("Exams: %(count)d"),
        "drills": gettext("Practice sets: %(count)d"),
        "canceled": gettext("canceled again: %(count)d"),
    }
    parts = [text % {"count": counts[name]} for name, text in labels.items() if counts[name]]
    if counts["first"]:
        at = date_format(localtime(counts["first"]), "DATETIME_FORMAT")
        parts.append(gettext("the first on %(at)s") % {"at": at})
    return parts


hooks.register(
    "person_panels",
    Panel(
        "attempts",
        _("Attempts"),
        "exams.view_attempt",
        (_("Exam"), _("Mode"), _("State"), _("Score"), _("Started"), _("Ended")),
        _("No attempts."),
        _attempts,
        3,
    ),
    key="attempts",
)
hooks.register("begun_since", _begun)
hooks.register("start_page_figures", Figures("exams.view_attempt", _today, 1))
hooks.register("start_page_figures", Figures("exams.view_attempt", _waiting, 3))
hooks.register("audited_things", lambda person: Attempt.objects.filter(user=person))
