"""What the chance to pass means, in words. Pure but for translation: a prediction in, sentences out."""

from dataclasses import dataclass
from math import ceil, floor
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from exams.presentation import formatting
from exams.scoring.prediction import Prediction, Readiness

_WORDS: Final[dict[Readiness, Promise]] = {
    Readiness.RANGE: gettext_lazy("It's too early for a single number."),
    Readiness.HARDLY: gettext_lazy("Not yet."),
    Readiness.UNLIKELY: gettext_lazy("Probably not yet."),
    Readiness.EVEN: gettext_lazy("It could go either way."),
    Readiness.LIKELY: gettext_lazy("Probably."),
    Readiness.SAFE: gettext_lazy("Very likely."),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence that anybody understands, and beneath it where the estimate comes from."""

    lead: str
    source: str


def of(prediction: Prediction | None) -> Verdict:
    """Return what the page says of a prediction, or of its absence."""
    if prediction is None:
        return Verdict(
            _("Nobody can say yet. Your first exam gives the first estimate."),
            _("The estimate comes from scored questions that are new to you."),
        )
    return Verdict(f"{_WORDS[prediction.readiness]} {_often(prediction)}", _source(prediction))


def _often(found: Prediction) -> str:
    """Return how often somebody would pass, in whole tenths, or between which tenths."""
    if found.wide:
        return _between(floor(found.low * 10), ceil(found.high * 10))
    if found.chance < 0.05:
        return _("You'd pass less than 1 new exam in 20.")
    if found.chance > 0.95:
        return _("You'd pass more than 19 new exams in 20.")
    times = max(1, round(found.chance * 10))
    return ngettext(
        "You'd pass about %(times)d new exam in 10.", "You'd pass about %(times)d new exams in 10.", times
    ) % {"times": times}


def _between(low: int, high: int) -> str:
    if low == 0 and high == 10:
        return _("Anything is possible so far.")
    if low == 0:
        return ngettext(
            "You'd pass at most %(high)d new exam in 10.",
            "You'd pass at most %(high)d new exams in 10.",
            high,
        ) % {"high": high}
    if high == 10:
        return ngettext(
            "You'd pass at least %(low)d new exam in 10.", "You'd pass at least %(low)d new exams in 10.", low
        ) % {"low": low}
    return _("You'd pass between %(low)d and %(high)d new exams in 10.") % {"low": low, "high": high}


def _source(found: Prediction) -> str:
    first = ngettext(
        "Our estimate, from your first answer to %(answers)d scored question.",
        "Our estimate, from your first answers to %(answers)d scored questions.",
        found.answers,
    ) % {"answers": found.answers}
    return f"{first} {_interval(floor(found.low * 100) / 100, ceil(found.high * 100) / 100)}".rstrip()


def _interval(low: float, high: float) -> str:
    """Say between which chances the true one is; an end at 0% or 100% tells nothing and is left out."""
    values = {"low": formatting.chance(low), "high": formatting.chance(high)}
    match low < 0.01, high > 0.99:
        case True, True:
            return ""
        case True, False:
            return _("The true chance is probably at most %(high)s.") % {"high": values["high"]}
        case False, True:
            return _("The true chance is probably at least %(low)s.") % {"low": values["low"]}
    return _("The true chance is probably between %(low)s and %(high)s.") % values
