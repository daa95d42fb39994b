"""Domains as bars, on a result and at home: the share, where the true one may lie, and what is to gain."""

from dataclasses import dataclass
from math import ceil, floor
from typing import Final

from django.utils.translation import gettext as _

from exams.presentation import charts
from exams.presentation.charts import Bar
from exams.scoring.prediction import DomainEstimate
from exams.scoring.rules import Scale

# With fewer counted questions the range of a domain says more of the others than of itself.
LEAST_TELLING: Final = 8


@dataclass(frozen=True, slots=True)
class Row:
    """A domain as `exams/domain_bars.html` shows it. `gain` is in points of the scale."""

    number: int
    name: str
    figure: str
    detail: str
    gain: int
    bar: Bar


def row(
    *,
    number: int,
    name: str,
    weight: int,
    share: float,
    counted: int,
    figure: str,
    estimate: DomainEstimate | None,
    scale: Scale,
) -> Row:
    """Return the row of a domain: `share` is drawn; the tone is that of the range of all its questions."""
    ends = _ends(estimate) if estimate else None
    bar = charts.bar(
        share,
        charts.pass_line(scale),
        ends,
        is_telling=counted >= LEAST_TELLING,
    )
    return Row(
        number,
        name,
        figure,
        _detail(weight, ends),
        gain(share, weight, scale),
        bar,
    )


def gain(share: float, weight: int, scale: Scale) -> int:
    """Return how many points of the scale a domain of this weight in percent takes from a perfect score."""
    return round((1 - share) * weight / 100 * (scale.high - scale.low))


def _ends(estimate: DomainEstimate) -> tuple[int, int]:
    """Return the range in whole percent, rounded outward: it is never narrower than what is meant."""
    return floor(estimate.low * 100), ceil(estimate.high * 100)


def _detail(weight: int, ends: tuple[int, int] | None) -> str:
    weighs = _("weight %(weight)d%%") % {"weight": weight}
    if ends is None:
        return weighs
    likely = _("likely %(low)d to %(high)d%% on new questions") % {"low": ends[0], "high": ends[1]}
    return f"{likely} · {weighs}"
