"""How questions and editions did: figures, charts and flags beside the pages of the bank."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.audit import services as audit
from accounts.base.errors import Refused, Text
from accounts.users.models import User
from accounts.users.requests import or_404
from exams.admin import search
from exams.assembly.models import FormEdition
from exams.bank.models import Item, ItemVersion, OptionText
from exams.presentation import charts, item_figures
from exams.presentation.item_figures import DIFFICULTIES, FLAGS, NOT_ENOUGH, PROPOSALS
from exams.scoring import item_flags
from exams.scoring.item_flags import Difficulty
from exams.scoring.item_statistics import LEAST_ATTEMPTS, OptionFigures
from exams.statistics import jobs, selectors, services
from exams.statistics.models import ItemDecision, ItemStatistics
from exams.statistics.selectors import Earlier, Measured, Report

SEE: Final = "exams.view_editionstatistics"

type Key = Callable[[Measured], Any]

# What sorts the items; without a value they come last whichever way.
SORTS: Final[Mapping[str, tuple[Text, Key]]] = {
    "position": (_("No."), lambda item: item.position),
    "question": (_("Question"), lambda item: item.version.item.code),
    "facility": (_("Answered correctly"), lambda item: item.figures.facility),
    "correlation": (_("Correlation"), lambda item: item.figures.point_biserial),
    "discrimination": (_("Discrimination"), lambda item: item.figures.discrimination),
    "seconds": (_("Median time"), lambda item: item.figures.median_seconds),
    "difficulty": (_("Difficulty"), lambda item: -item.figures.facility),
    "flags": (_("Flags"), lambda item: len(item.flags)),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """An item that does not count, what is proposed for it and what was decided."""

    item: Measured
    line: Mapping[str, Any]
    proposal: Text
    why: str
    decision: ItemDecision | None
    act: str


def line(item: Measured, begins: Mapping[int, str] | None = None) -> dict[str, Any]:
    """Return an item in words; below the least number of attempts every figure says so.

    `begins` are the first words of versions.
    """
    enough, figures = item.is_enough, item.figures
    seconds = figures.median_seconds
    return {
        "item": item,
        "address": reverse("admin:exams_item_change", args=[item.version.item_id]),
        "words": (begins or {}).get(item.version.pk, ""),
        "facility": item_figures.percent(figures.facility) if enough else NOT_ENOUGH,
        "correlation": item_figures.number(figures.point_biserial) if enough else NOT_ENOUGH,
        "discrimination": item_figures.number(figures.discrimination) if enough else NOT_ENOUGH,
        "seconds": NOT_ENOUGH if not enough else item_figures.seconds(seconds),
        "expected": DIFFICULTIES[Difficulty(item.version.difficulty)],
        "found": DIFFICULTIES[item.observed] if item.observed else NOT_ENOUGH,
        "differs": bool(item.observed) and item.observed != item.version.difficulty,
        "flags": [item_figures.flag(raised, item.letters) for raised in item.flags],
    }


def trial(item: Measured, decision: ItemDecision | None) -> Trial:
    """Return what is proposed for an item and why."""
    words = line(item)
    return Trial(
        item=item,
        line=words,
        proposal=PROPOSALS[item.proposal],
        why=item_figures.why(
            item.proposal, words["flags"], is_enough=item.is_enough, correlation=item.figures.point_biserial
        ),
        decision=decision,
        act=reverse("admin:exams_itemversion_decide", args=[item.version.pk]) if item.is_enough else "",
    )


def ordered(items: Sequence[Measured], order: str) -> list[Measured]:
    """Return items in the wanted order, `-facility` for the highest first; else by position."""
    name = order.removeprefix("-")
    _name, key = SORTS.get(name, SORTS["position"])
    known = [item for item in items if key(item) is not None]
    missing = [item for item in items if key(item) is None]
    known.sort(key=key, reverse=order.startswith("-") and name in SORTS)
    return [*known, *missing]


def headings(order: str) -> list[dict[str, Text]]:
    """Return the columns: where the name of each leads, and how the list is sorted by it, "" for not."""
    current = order.removeprefix("-") if order.removeprefix("-") in SORTS else "position"
    turned = order.startswith("-")
    return [
        {
            "name": name,
            "address": f"?sort={'-' if key == current and not turned else ''}{key}#items",
            "sorted": "" if key != current else "descending" if turned else "ascending",
        }
        for key, (name, _key) in SORTS.items()
    ]


def form_figures(report: Report) -> list[tuple[Text, Text, Text]]:
    """Return the figures of the form with what they mean."""
    form, number = report.figures, item_figures.number
    agreed = form.consistency
    rows: list[tuple[Text, Text, Text]] = [
        (
            _("Mean score"),
            number(form.mean_scaled, 0),
            _("on the scale; %(mean)s of %(items)s questions that count")
            % {"mean": number(form.mean, 1), "items": form.items},
        ),
        (
            _("Standard deviation"),
            number(form.deviation_scaled, 0),
            _("points; %(items)s questions") % {"items": number(form.deviation, 1)},
        ),
        (_("Passed"), item_figures.percent(form.passed), _("of all attempts counted")),
        (
            _("Reliability (alpha)") if form.is_weighted else _("Reliability (KR-20)"),
            number(form.reliability),
            _("0.8 or more is good for an exam like this"),
        ),
        (
            _("Standard error of measurement"),
            number(form.error_scaled, 0),
            _("points; %(items)s questions") % {"items": number(form.error, 1)},
        ),
        (
            _("Decision consistency"),
            item_figures.percent(agreed.agreement) if agreed else item_figures.NONE,
            _("of candidates would get the same result on another exam like this (Livingston and Lewis)"),
        ),
        (
            _("Kappa"),
            number(agreed.kappa) if agreed else item_figures.NONE,
            _("the same, beyond chance"),
        ),
    ]
    return [
        (name, value if report.is_enough else NOT_ENOUGH, says if report.is_enough else "")
        for name, value, says in rows
    ]


def past(earlier: Earlier) -> tuple[dt.datetime, int, Text, Text]:
    """Return when an earlier computation was, of how many attempts, its mean and its reliability in words."""
    mean: Text = NOT_ENOUGH
    reliability: Text = NOT_ENOUGH
    if item_flags.is_enough(earlier.n):
        mean = item_figures.number(earlier.figures.mean_scaled, 0)
        reliability = item_figures.number(earlier.figures.reliability)
    return earlier.at, earlier.n, mean, reliability


class WithStatistics(ModelAdmin):  # type: ignore[misc]
    """Gives the page of an edition its statistics."""

    def has_statistics_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Who may see statistics; a permission named in the action itself would be asked for at start."""
        return request.user.has_perm(SEE)

    @action(description=_("Statistics"), url_path="statistics", permissions=["statistics"])  # type: ignore[untyped-decorator]
    def statistics(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what is known of an edition; a POST has it computed by a job."""
        edition = or_404(self.get_object(request, object_id))
        if request.method == "POST":
            self._compute(request, edition)
            return HttpResponseRedirect(request.path)
        return TemplateResponse(
            request, "admin/exams/edition_statistics.html", self._statistics_of(request, edition)
        )

    def _compute(self, request: HttpRequest, edition: FormEdition) -> None:
        assert isinstance(request.user, User)  # noqa: S101  (the permission of the page)
        try:
            jobs.request(edition_id=edition.pk, actor=request.user)
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, _("The statistics are being computed. Reload the page in a moment."))

    def _statistics_of(self, request: HttpRequest, edition: FormEdition) -> dict[str, Any]:
        report = selectors.report(edition)
        order = request.GET.get("sort", "position")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Statistics"),
            "opts": self.opts,
            "original": edition,
            "edition": edition,
            "report": report,
            "least": LEAST_ATTEMPTS,
            "unfinished": jobs.unfinished(edition.pk),
            "back": reverse("admin:exams_formedition_change", args=[edition.pk]),
        }
        if report is None:
            return context
        begins = search.excerpts([item.version.pk for item in report.items])
        decided = selectors.decisions([item.version.pk for item in report.on_trial])
        return {
            **context,
            "figures": form_figures(report),
            "histogram": charts.histogram(report.scaled, edition.scale),
            "headings": headings(order),
            "lines": [line(item, begins) for item in ordered(report.items, order)],
            "history": [past(earlier) for earlier in report.history],
            "trials": [trial(item, decided.get(item.version.pk)) for item in report.on_trial],
            "may_decide": request.user.has_perm("exams.add_itemdecision"),
        }


class DecideForm(ReasonForm):
    """What becomes of an item that does not count yet, and why."""

    kind = forms.ChoiceField(
        label=_("Decision"), choices=ItemDecision.Kind.choices, widget=UnfoldAdminSelectWidget()
    )
    field_order = ("kind", "reason")


class Decides(ActsWithReason):
    """Lets an author decide about a version that does not count yet."""

    row_argument = "version_id"

    def facts_of(self, row: ItemVersion) -> list[tuple[Any, Any]]:
        """What the figures say, what they propose, and what was decided before."""
        trial = _trial_of(row)
        return [
            (_("Question"), row),
            *([(_("Proposal"), f"{trial.proposal}: {trial.why}")] if trial else []),
            *(
                [(_("Decided"), trial.decision.get_kind_display()), (_("Reason"), trial.decision.reason)]
                if trial and trial.decision
                else []
            ),
        ]

    def has_decide_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Who may add decisions may decide; the act itself refuses what cannot be decided."""
        return request.user.has_perm("exams.add_itemdecision")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:  # noqa: ANN401
        """Offer a decision only where there is one to make."""
        actions = super().get_actions_detail(request, object_id)
        on_trial = services.is_on_trial(int(object_id)) if str(object_id).isdecimal() else False
        return [action for action in actions if on_trial or not action.action_name.endswith("_decide")]

    @action(description=_("Decide"), url_path="decide", permissions=["decide"])  # type: ignore[untyped-decorator]
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Promote, retire or wait."""
        row = self.get_object(request, object_id)
        trial = _trial_of(row) if row else None
        initial = {"kind": trial.item.proposal.value} if trial else {}
        title = _("Decide about the question")
        return self._act(request, object_id, DecideForm, title, _("Decide"), services.decide, initial)


def _trial_of(version: ItemVersion) -> Trial | None:
    for row, item in selectors.of_item(version.item_id):
        if row.version_id == version.pk:
            return trial(item, services.last_decision(version.pk))
    return None


def _option(option: OptionFigures, item: Measured, texts: Mapping[int, str]) -> dict[str, Any]:
    return {
        "letter": item.letters.get(option.option, "?"),
        "text": texts.get(option.option, ""),
        "is_key": option.is_key,
        "rate": item_figures.percent(option.rate),
        "shares": [item_figures.percent(share) for share in option.by_quartile],
        "columns": charts.columns(option.by_quartile),
        "correlation": item_figures.number(option.point_biserial),
        "discrimination": item_figures.number(option.discrimination),
    }


def section_of(item: Item, *, may_rule: bool = False) -> SafeString:
    """Return the statistics of an item, a part for each version that somebody was asked. Five statements."""
    items = selectors.of_item(item.pk)
    texts = _texts(item, [row.version_id for row, _one in items])
    decided = selectors.decisions([row.version_id for row, _one in items])
    sections = [
        {
            "row": row,
            "line": line(measured),
            "options": [_option(option, measured, texts) for option in measured.figures.options]
            if measured.is_enough
            else [],
            "trial": None if measured.is_scored else trial(measured, decided.get(row.version_id)),
        }
        for row, measured in items
    ]
    context = {"sections": sections, "least": LEAST_ATTEMPTS, "may_rule": may_rule}
    return render_to_string("admin/exams/item_statistics.html", context)


def _texts(item: Item, version_ids: Collection[int]) -> dict[int, str]:
    """Return the first words of each option, in the original language."""
    language = item.certification.original_language
    rows = OptionText.objects.filter(item_text__version__in=version_ids, item_text__language=language)
    pairs = rows.order_by("item_text__revision").values_list("option", "text_html")
    return {option: search.excerpt(html) for option, html in pairs}


def decisions_on(version: ItemVersion) -> SafeString:
    """Return the acts of staff on a version."""
    return render_to_string("admin/exams/acts.html", {"audit": audit.of(version)})


def figures_of(version_ids: Collection[int]) -> dict[int, list[tuple[Text, object]]]:
    """Return what is measured of versions, beside reports on them: what has enough data. One statement."""
    rows = ItemStatistics.objects.filter(version__in=list(version_ids), n__gte=LEAST_ATTEMPTS)
    return {row.version_id: list(_labeled_figures(row)) for row in rows}


def _labeled_figures(row: ItemStatistics) -> Iterator[tuple[Text, object]]:
    yield _("Answered correctly"), item_figures.percent(row.facility)
    yield _("Discrimination"), item_figures.number(row.discrimination)
    if row.flags:
        yield _("Flags"), ", ".join(str(FLAGS[item_flags.Flag(flag)]) for flag in row.flags)


def facility() -> Subquery:
    """Return the facility of the current version of an item, None below the least number of attempts."""
    rows = ItemStatistics.objects.filter(version=OuterRef("current_id"), n__gte=LEAST_ATTEMPTS)
    return Subquery(rows.values("facility")[:1])


class StatisticsFilter(admin.SimpleListFilter):
    """Filters items by the figures of their current version: `ranges` maps a value to name and condition."""

    ranges: dict[str, tuple[Any, Q]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Return the ranges, and what nothing is known of."""
        return [*((key, name) for key, (name, _where) in self.ranges.items()), ("unknown", NOT_ENOUGH)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items in the range."""
        known = ItemStatistics.objects.filter(version=OuterRef("current_id"), n__gte=LEAST_ATTEMPTS)
        value = self.value()
        if value == "unknown":
            return queryset.filter(~Exists(known))
        if value in self.ranges:
            return queryset.filter(Exists(known.filter(self.ranges[value][1])))
        return queryset


class FacilityFilter(StatisticsFilter):
    """By measured difficulty."""

    title = _("measured difficulty")
    parameter_name = "facility"
    ranges = {
        "easy": (DIFFICULTIES[item_flags.Difficulty.EASY], Q(facility__gte=item_flags.EASY)),
        "medium": (
            DIFFICULTIES[item_flags.Difficulty.MEDIUM],
            Q(facility__lt=item_flags.EASY, facility__gt=item_flags.HARD),
        ),
        "hard": (DIFFICULTIES[item_flags.Difficulty.HARD], Q(facility__lte=item_flags.HARD)),
    }


class DiscriminationFilter(StatisticsFilter):
    """By discrimination."""

    title = _("discrimination")
    parameter_name = "discrimination"
    ranges = {
        "good": (_("Good"), Q(discrimination__gte=item_flags.GOOD_DISCRIMINATION)),
        "fair": (
            _("Fair"),
            Q(
                discrimination__lt=item_flags.GOOD_DISCRIMINATION,
                discrimination__gte=item_flags.FAIR_DISCRIMINATION,
            ),
        ),
        "poor": (_("Poor"), Q(discrimination__lt=item_flags.FAIR_DISCRIMINATION, discrimination__gte=0)),
        "negative": (_("Negative"), Q(discrimination__lt=0)),
    }


class FlagFilter(StatisticsFilter):
    """By flags."""

    title = _("flags")
    parameter_name = "flag"
    ranges = {
        **{flag.value: (name, Q(flags__contains=[flag.value])) for flag, name in FLAGS.items()},
        "any": (_("Any flag"), ~Q(flags=[])),
        "none": (_("No flag"), Q(flags=[])),
    }
