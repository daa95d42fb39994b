"""The statistics of items in the admin: on their page, in filters of the list, and what authors decide."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.admin.acts import ActsWithReason, ReasonForm
from accounts.audit import services as audit
from accounts.base.errors import Text
from exams.admin import words
from exams.admin.edition_statistics import Line, Trial, line, trial
from exams.bank.models import Item, ItemVersion, OptionText
from exams.presentation import charts, item_figures
from exams.presentation.charts import Column
from exams.presentation.item_figures import DIFFICULTIES, FLAGS, NOT_ENOUGH
from exams.scoring import item_flags
from exams.scoring.item_statistics import LEAST_SITTINGS, OptionFigures
from exams.statistics import selectors, services
from exams.statistics.models import ItemDecision, ItemStatistics
from exams.statistics.selectors import Measured


class DecideForm(ReasonForm):
    """What becomes of an item that does not count yet, and why."""

    kind = forms.ChoiceField(
        label=_("Decision"), choices=ItemDecision.Kind.choices, widget=UnfoldAdminSelectWidget()
    )
    field_order = ("kind", "reason")


class Decides(ActsWithReason):
    """Lets an author decide about a version that does not count yet."""

    act_on = "version_id"

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
        initial = {"kind": trial.line.item.proposal.value} if trial else {}
        title = _("Decide about the question")
        return self._act(request, object_id, DecideForm, title, _("Decide"), services.decide, initial)


def _trial_of(version: ItemVersion) -> Trial | None:
    for row, item in selectors.of_item(version.item_id):
        if row.version_id == version.pk:
            return trial(item, services.last_decision(version.pk))
    return None


@dataclass(frozen=True, slots=True)
class OptionLine:
    """An option as the page shows it; `columns` are its shares by quartile, the lowest first."""

    letter: str
    text: str
    is_key: bool
    rate: str
    shares: Sequence[str]
    columns: Sequence[Column]
    correlation: str
    discrimination: str


@dataclass(frozen=True, slots=True)
class Section:
    """A version of an item with its figures and what was decided about it."""

    row: ItemStatistics
    line: Line
    options: Sequence[OptionLine]
    trial: Trial | None


def _option(option: OptionFigures, item: Measured, texts: Mapping[int, str]) -> OptionLine:
    return OptionLine(
        letter=item.letters.get(option.option, "?"),
        text=texts.get(option.option, ""),
        is_key=option.is_key,
        rate=item_figures.percent(option.rate),
        shares=[item_figures.percent(share) for share in option.by_quartile],
        columns=charts.columns(option.by_quartile),
        correlation=item_figures.number(option.point_biserial),
        discrimination=item_figures.number(option.discrimination),
    )


def section_of(item: Item, *, may_rule: bool = False) -> SafeString:
    """Return the statistics of an item, a part for each version that somebody was asked. Five statements."""
    items = selectors.of_item(item.pk)
    texts = _texts(item, [row.version_id for row, _one in items])
    decided = selectors.decisions([row.version_id for row, _one in items])
    sections = [
        Section(
            row,
            line(measured),
            [_option(option, measured, texts) for option in measured.figures.options]
            if measured.is_enough
            else [],
            None if measured.is_scored else trial(measured, decided.get(row.version_id)),
        )
        for row, measured in items
    ]
    context = {"sections": sections, "least": LEAST_SITTINGS, "may_rule": may_rule}
    return render_to_string("admin/exams/item_statistics.html", context)


def _texts(item: Item, version_ids: Collection[int]) -> dict[int, str]:
    """Return the first words of each option, in the original language."""
    language = item.certification.original_language
    rows = OptionText.objects.filter(item_text__version__in=version_ids, item_text__language=language)
    pairs = rows.order_by("item_text__revision").values_list("option", "text_html")
    return {option: words.shown(html) for option, html in pairs}


def decisions_on(version: ItemVersion) -> SafeString:
    """Return the acts of staff on a version."""
    return render_to_string("admin/exams/acts.html", {"audit": audit.of(version)})


def told_of(version_ids: Collection[int]) -> dict[int, list[tuple[Text, object]]]:
    """Return what is measured of versions, beside reports on them: what has enough data. One statement."""
    rows = ItemStatistics.objects.filter(version__in=list(version_ids), n__gte=LEAST_SITTINGS)
    return {row.version_id: list(_told(row)) for row in rows}


def _told(row: ItemStatistics) -> Iterator[tuple[Text, object]]:
    yield _("Answered correctly"), item_figures.percent(row.facility)
    yield _("Discrimination"), item_figures.number(row.discrimination)
    if row.flags:
        yield _("Flags"), ", ".join(str(FLAGS[item_flags.Flag(flag)]) for flag in row.flags)


def facility() -> Subquery:
    """Return the facility of the current version of an item, None below the least number of sittings."""
    rows = ItemStatistics.objects.filter(version=OuterRef("current_id"), n__gte=LEAST_SITTINGS)
    return Subquery(rows.values("facility")[:1])


class StatisticsFilter(admin.SimpleListFilter):
    """Filters items by the figures of their current version: `ranges` maps a value to name and condition."""

    ranges: dict[str, tuple[Any, Q]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ANN401
        """Return the ranges, and what nothing is known of."""
        return [*((key, name) for key, (name, _where) in self.ranges.items()), ("unknown", NOT_ENOUGH)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        """Keep the items in the range."""
        known = ItemStatistics.objects.filter(version=OuterRef("current_id"), n__gte=LEAST_SITTINGS)
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
