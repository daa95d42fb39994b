"""Rulings on keys."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldBooleanWidget,
)

from accounts.admin.acts import ReasonForm
from accounts.admin.readonly import ReadOnlyAdmin, link_to
from accounts.audit import services as audit
from accounts.base.errors import Refused
from accounts.jobs.models import Job
from accounts.jobs.models import State as JobState
from accounts.users.models import User
from accounts.users.requests import or_404
from exams.admin import statistics
from exams.admin.base import column
from exams.admin.requests import add_refusal, admin_page, page_of
from exams.authoring import item_rulings
from exams.bank.models import ItemText, ItemVersion, KeyRuling, Option
from exams.corrections import impact, proposals, queue, rescoring, services
from exams.corrections.proposals import Proposal
from exams.feedback.models import Reason
from exams.presentation import formatting


def rule_link(version_id: int) -> SafeString:
    """Return the way to the form that rules on the key of a version; who may not rule is refused there."""
    address = reverse("admin:exams_keyruling_rule", args=[version_id])
    return format_html('<a class="onward" href="{}">{}</a>', address, _("Rule on the key"))


KINDS: Final = (
    (KeyRuling.Kind.ALSO, _("Also accept other options")),
    (KeyRuling.Kind.REPLACE, _("Replace the key")),
    (KeyRuling.Kind.CREDIT, _("Credit everybody")),
    (KeyRuling.Kind.OUT, _("Take it out of the score")),
)
PROPOSED: Final = _("Proposed. Everybody who can confirm it gets an email.")
WORDS: Final = 90
REFRESH_SECONDS: Final = 2


class RuleForm(forms.Form):
    """A ruling that somebody thinks of."""

    kind = forms.ChoiceField(label=_("Ruling"), choices=KINDS, widget=UnfoldAdminRadioSelectWidget())
    options = forms.TypedMultipleChoiceField(
        label=_("Options"),
        help_text=_("The ones to also accept, or the new key. Leave empty otherwise."),
        coerce=int,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget(),
    )
    cause = forms.ChoiceField(
        label=_("Cause"),
        help_text=_("Everybody reads it in the list of corrections."),
        choices=[("", "---------"), *KeyRuling.Cause.choices],
        widget=UnfoldAdminSelectWidget(),
    )
    may_lower = forms.BooleanField(
        label=_("Allow lower scores"),
        help_text=_("Otherwise a score that would be lower stays as it is."),
        required=False,
        widget=UnfoldBooleanWidget(),
    )

    def __init__(self, version: ItemVersion, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        """Offer the options of a version."""
        super().__init__(*args, **kwargs)
        self.version_id = version.pk
        field = self.fields["options"]
        assert isinstance(field, forms.TypedMultipleChoiceField)  # noqa: S101
        field.choices = _choices(version)

    def proposal(self) -> Proposal:
        """Return what was chosen, once it is valid."""
        chosen = self.cleaned_data
        return Proposal(
            self.version_id,
            chosen["kind"],
            tuple(chosen["options"]),
            chosen["may_lower"],
            chosen["cause"],
        )


def _choices(version: ItemVersion) -> list[tuple[int, str]]:
    """Return the options of a version with their letters and first words, keys marked."""
    texts = version.texts.filter(language=version.item.certification.original_language)
    text = texts.order_by("-revision").first()
    words = dict(text.options.values_list("option_id", "text_html")) if text else {}
    return [(option.pk, _named(option, words.get(option.pk, ""))) for option in version.options.all()]


def _named(option: Option, html: str) -> str:
    words = formatting.opening(html, WORDS) if html else ""
    mark = f" ({_('key')})" if option.is_key else ""
    return f"{option.letter}. {words}{mark}"


def letters_of(option_ids: Collection[int]) -> str:
    """Return the letters of options. One statement."""
    return ", ".join(option.letter for option in Option.objects.filter(pk__in=option_ids))


def _next_version(ruling: KeyRuling) -> SafeString:
    """Return what became of a ruling with the next version, or what the next one has to do."""
    item = ruling.version.item
    ruled = item_rulings.of(item.certification, item.code)
    acts = audit.of(ruling).filter(action__in=item_rulings.Outcome.values).order_by("-at", "-pk")
    context = {
        "item": item,
        "origin": ruling.carried_from,
        "waits": ruled is not None and ruled.ruling.pk == ruling.pk,
        "is_key": ruling.kind == KeyRuling.Kind.REPLACE,
        "acts": [(act, item_rulings.Outcome(act.action).label) for act in acts],
        "carried": ruling.carried.select_related("version").first(),
    }
    return render_to_string("admin/exams/ruling_next.html", context)


def _report(ruling: KeyRuling) -> SafeString:
    """Return how far a ruling is carried out, what it changed, and the acts of staff."""
    context = {"run": ruling.run, "job": rescoring.job_of(ruling), "audit": audit.of(ruling)}
    return render_to_string("admin/exams/ruling.html", context)


@admin.register(KeyRuling)
class KeyRulingAdmin(ReadOnlyAdmin):
    """Rulings and how far they are carried out."""

    list_display = ("version", "ruled", "why", "made_at", "changed", "state")
    list_select_related = ("version__item", "log", "run")
    list_filter = ("kind", "cause", "version__item__certification")
    search_fields = ("version__item__code",)
    search_help_text = _("Code of the question")
    fields = (
        ("version_link", "ruled", "letters"),
        ("why", "may_lower"),
        ("made_at", "actor", "reason"),
        "next_version",
        "report",
    )
    readonly_fields = (
        *("version_link", "ruled", "letters", "why", "made_at", "actor", "reason"),
        *("next_version", "report"),
    )
    actions_list = ("queue",)
    ruled = column(_("ruling"), lambda ruling: dict(KINDS)[KeyRuling.Kind(ruling.kind)], "kind")
    why = column(_("cause"), lambda ruling: ruling.get_cause_display(), "cause")
    letters = column(_("options"), lambda ruling: letters_of(ruling.option_ids))
    version_link = column(_("question"), lambda ruling: link_to(ruling.version, str(ruling.version)))
    made_at = column(
        _("ruled on"), lambda ruling: date_format(localtime(ruling.log.at), "DATETIME_FORMAT"), "log__at"
    )
    actor = column(_("who"), lambda ruling: ruling.log.actor or "")
    reason = column(_("reason"), lambda ruling: ruling.log.reason)
    changed = column(_("scores changed"), lambda ruling: ruling.run.changed)
    state = column(_("state"), lambda ruling: _("done") if ruling.run.finished_at else _("in progress"))
    next_version = column(_("next version"), _next_version)
    report = column(_("progress"), _report)

    def get_queryset(self, request: HttpRequest) -> QuerySet[KeyRuling]:
        """Rulings with what their names need, in one statement."""
        rows: QuerySet[KeyRuling] = super().get_queryset(request)
        return rows.select_related(
            "version__item__certification", "log__actor", "run", "carried_from__version"
        )

    def get_urls(self) -> list[URLPattern]:
        """Add the form of a ruling and its preview."""
        view = self.admin_site.admin_view
        own = [
            path("rule/<int:version_id>/", view(self.rule), name="exams_keyruling_rule"),
            path("preview/<uuid:job_id>/", view(self.preview), name="exams_keyruling_preview"),
        ]
        return own + list(super().get_urls())

    def has_rule_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Who may add a ruling may rule: nobody adds one by the form of the model."""
        return request.user.has_perm("exams.add_keyruling")

    def has_look_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Who may see rulings sees what waits for one."""
        return request.user.has_perm("exams.view_keyruling")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:  # noqa: ANN401
        """Ask again every two seconds while a ruling is being carried out."""
        response: HttpResponse = super().change_view(request, object_id, *args, **kwargs)
        if rescoring.is_going_on(object_id):
            response.headers["Refresh"] = str(REFRESH_SECONDS)
        return response

    @action(description=_("Reported questions"), url_path="queue", permissions=["look"])  # type: ignore[untyped-decorator]
    def queue(self, request: HttpRequest) -> HttpResponse:
        """List the questions with reports, the most reported first."""
        reported = queue.reported()
        figures = statistics.figures_of([row.version_id for row in reported])
        rows = [
            (
                row,
                [(Reason(reason).label, count) for reason, count in row.reasons.items()],
                figures.get(row.version_id, ()),
            )
            for row in reported
        ]
        context = {"rows": rows, "may_rule": self.has_rule_permission(request)}
        title = _("Reported questions")
        return admin_page(request, "admin/exams/reported.html", title, KeyRuling, **context)

    def rule(self, request: HttpRequest, version_id: int) -> HttpResponse:
        """Ask what to rule on a version, and try it."""
        actor = self._actor(request)
        versions = ItemVersion.objects.select_related("item__certification")
        version = or_404(versions.filter(pk=version_id, published_at__isnull=False).first())
        initial = {"kind": request.GET.get("kind", "")}
        form = RuleForm(version, request.POST if request.method == "POST" else None, initial=initial)
        if form.is_valid():
            try:
                job = impact.start(form.proposal(), actor)
            except Refused as refused:
                add_refusal(form, refused)
            else:
                return HttpResponseRedirect(reverse("admin:exams_keyruling_preview", args=[job.pk]))
        newest = version.texts.order_by("language", "-revision").distinct("language")
        context = {
            "form": form,
            "version": version,
            "question": texts_as_read(newest),
            "figures": statistics.figures_of([version.pk]).get(version.pk, ()),
        }
        return admin_page(request, "admin/exams/rule.html", _("Rule on the key"), KeyRuling, **context)

    def preview(self, request: HttpRequest, job_id: UUID) -> HttpResponse:
        """Show what a ruling would do, while it is measured and after; confirm it with a reason."""
        actor = self._actor(request)
        try:
            job = impact.tried(job_id, actor)
        except Refused:
            raise Http404 from None
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if impact.is_done(job) and form.is_valid():
            return self._confirm(request, job, actor, form.cleaned_data["reason"])
        context = {**_tried(job, actor), "form": form}
        title = _("Preview of a ruling")
        response = admin_page(request, "admin/exams/rule_preview.html", title, KeyRuling, **context)
        if job.state in (JobState.WAITING, JobState.RUNNING):
            response.headers["Refresh"] = str(REFRESH_SECONDS)
        return response

    def _confirm(self, request: HttpRequest, job: Job, actor: User, reason: str) -> HttpResponse:
        seen = job.parameters["until"]
        proposal = Proposal.of(job.parameters)
        try:
            done = services.rule(proposal=proposal, seen=seen, actor=actor, reason=reason, impact=job.result)
        except Refused as refused:
            self.message_user(request, str(refused), messages.ERROR)
            return HttpResponseRedirect(reverse("admin:exams_keyruling_rule", args=[proposal.version_id]))
        is_ruled = isinstance(done, KeyRuling)
        message = _("Ruled. Scores are being brought up to date.") if is_ruled else PROPOSED
        self.message_user(request, message, messages.SUCCESS)
        return HttpResponseRedirect(page_of(done))

    def _actor(self, request: HttpRequest) -> User:
        if not self.has_rule_permission(request) or not isinstance(request.user, User):
            raise PermissionDenied
        return request.user


def texts_as_read(texts: QuerySet[ItemText]) -> SafeString:
    """Return texts of a version with their options: HTML that was cleaned when it was stored."""
    parts = [
        {"text": text, "options": sorted(text.options.all(), key=lambda part: part.option.order)}
        for text in texts.prefetch_related("options__option")
    ]
    return render_to_string("admin/exams/version.html", {"parts": parts})


def _tried(job: Job, actor: User) -> dict[str, Any]:
    """Return what the page of a preview says of its job."""
    proposal = Proposal.of(job.parameters)
    bins = [(size, _range(size), count) for size, count in job.result.get("bins", ())]
    return {
        "job": job,
        "done": impact.is_done(job),
        "failed": job.state == JobState.FAILED,
        "version": ItemVersion.objects.select_related("item").get(pk=proposal.version_id),
        "proposal": proposal,
        "ruled": dict(KINDS)[KeyRuling.Kind(proposal.kind)],
        "cause": KeyRuling.Cause(proposal.cause).label,
        "letters": letters_of(proposal.options),
        "found": job.result,
        "people": proposals.people_touched(proposal.version_id),
        "needs_second": services.needs_second_person(proposal.version_id, actor),
        "most_alone": services.MOST_ALONE,
        "bins": bins,
        "most": max((count for *_, count in bins), default=0),
    }


def _range(size: int) -> str:
    """Return the differences of a column of the histogram: +1 to +10."""
    far = size + (impact.BIN - 1) * (1 if size > 0 else -1)
    low, high = sorted((size, far))
    return f"{low:+d} … {high:+d}"
