"""The statistics of an edition in the admin: figures, histogram, its items with flags, those on trial."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import action

from accounts.base.errors import Refused
from accounts.users.models import User
from exams.admin import words
from exams.assembly.models import FormEdition
from exams.presentation import charts, item_figures
from exams.presentation.item_figures import DIFFICULTIES, NOT_ENOUGH, PROPOSALS
from exams.scoring import item_flags
from exams.scoring.item_flags import Difficulty
from exams.scoring.item_statistics import LEAST_SITTINGS
from exams.statistics import jobs, selectors
from exams.statistics.models import ItemDecision
from exams.statistics.selectors import Earlier, Measured, Report

SEE: Final = "exams.view_editionstatistics"

type Text = str | Promise
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
class Heading:
    """A column of the items: where its name leads, and how the list is sorted by it now, "" for not."""

    name: Text
    address: str
    sorted: str


@dataclass(frozen=True, slots=True)
class Line:
    """An item as the page shows it."""

    item: Measured
    address: str
    words: str
    facility: Text
    correlation: Text
    discrimination: Text
    seconds: Text
    expected: Text
    found: Text
    differs: bool
    flags: Sequence[str]


@dataclass(frozen=True, slots=True)
class Trial:
    """An item that does not count, what is proposed for it and what was decided."""

    line: Line
    proposal: Text
    why: str
    decision: ItemDecision | None
    act: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the form with what it means."""

    name: Text
    value: Text
    says: Text


def line(item: Measured, begins: Mapping[int, str] | None = None) -> Line:
    """Return an item in words; below the least number of sittings every figure says so.

    `begins` are the first words of versions.
    """
    enough, figures = item.is_enough, item.figures
    seconds = figures.median_seconds
    return Line(
        item=item,
        address=reverse("admin:exams_item_change", args=[item.version.item_id]),
        words=(begins or {}).get(item.version.pk, ""),
        facility=item_figures.percent(figures.facility) if enough else NOT_ENOUGH,
        correlation=item_figures.number(figures.point_biserial) if enough else NOT_ENOUGH,
        discrimination=item_figures.number(figures.discrimination) if enough else NOT_ENOUGH,
        seconds=NOT_ENOUGH if not enough else item_figures.seconds(seconds),
        expected=DIFFICULTIES[Difficulty(item.version.difficulty)],
        found=DIFFICULTIES[item.found] if item.found else NOT_ENOUGH,
        differs=bool(item.found) and item.found != item.version.difficulty,
        flags=[item_figures.flag(raised, item.letters) for raised in item.flags],
    )


def trial(item: Measured, decision: ItemDecision | None) -> Trial:
    """Return what is proposed for an item and why."""
    shown = line(item)
    return Trial(
        line=shown,
        proposal=PROPOSALS[item.proposal],
        why=item_figures.why(
            item.proposal, shown.flags, is_enough=item.is_enough, correlation=item.figures.point_biserial
        ),
        decision=decision,
        act=reverse("admin:exams_itemversion_decide", args=[item.version.pk]) if item.is_enough else "",
    )


def ordered(items: Sequence[Measured], wanted: str) -> list[Measured]:
    """Return items in the wanted order, `-facility` for the highest first; else by position."""
    name = wanted.removeprefix("-")
    _name, key = SORTS.get(name, SORTS["position"])
    known = [item for item in items if key(item) is not None]
    missing = [item for item in items if key(item) is None]
    known.sort(key=key, reverse=wanted.startswith("-") and name in SORTS)
    return [*known, *missing]


def headings(wanted: str) -> list[Heading]:
    """Return the columns; pressing the one that sorts turns its order around."""
    current = wanted.removeprefix("-") if wanted.removeprefix("-") in SORTS else "position"
    turned = wanted.startswith("-")
    return [
        Heading(
            name,
            f"?sort={'-' if key == current and not turned else ''}{key}#items",
            "" if key != current else "descending" if turned else "ascending",
        )
        for key, (name, _key) in SORTS.items()
    ]


def form_figures(report: Report) -> list[Figure]:
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
        Figure(name, value if report.is_enough else NOT_ENOUGH, says if report.is_enough else "")
        for name, value, says in rows
    ]


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier computation in words."""

    at: dt.datetime
    n: int
    mean: Text
    reliability: Text


def past(earlier: Earlier) -> Past:
    """Return an earlier computation in words."""
    if not item_flags.is_enough(earlier.n):
        return Past(earlier.at, earlier.n, NOT_ENOUGH, NOT_ENOUGH)
    number = item_figures.number
    return Past(
        earlier.at, earlier.n, number(earlier.figures.mean_scaled, 0), number(earlier.figures.reliability)
    )


class WithStatistics(ModelAdmin):  # type: ignore[misc]
    """Gives the page of an edition its statistics."""

    def has_statistics_permission(self, request: HttpRequest, object_id: Any = None) -> bool:  # noqa: ANN401
        """Who may see statistics; a permission named in the action itself would be asked for at start."""
        return request.user.has_perm(SEE)

    @action(description=_("Statistics"), url_path="statistics", permissions=["statistics"])  # type: ignore[untyped-decorator]
    def statistics(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what is known of an edition; a POST has it computed by a job."""
        edition = self.get_object(request, object_id)
        if edition is None:
            raise Http404
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
        wanted = request.GET.get("sort", "position")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Statistics"),
            "opts": self.opts,
            "original": edition,
            "edition": edition,
            "report": report,
            "least": LEAST_SITTINGS,
            "unfinished": jobs.unfinished(edition.pk),
            "back": reverse("admin:exams_formedition_change", args=[edition.pk]),
        }
        if report is None:
            return context
        begins = words.openings([item.version.pk for item in report.items])
        decided = selectors.decisions([item.version.pk for item in report.on_trial])
        return {
            **context,
            "figures": form_figures(report),
            "histogram": charts.histogram(
                report.scaled, mark=edition.pass_mark, low=edition.scale_min, high=edition.scale_max
            ),
            "headings": headings(wanted),
            "lines": [line(item, begins) for item in ordered(report.items, wanted)],
            "history": [past(earlier) for earlier in report.history],
            "trials": [trial(item, decided.get(item.version.pk)) for item in report.on_trial],
            "may_decide": request.user.has_perm("exams.add_itemdecision"),
        }
