"""What the chance to pass means, in words. Pure but for translation: a prediction in, sentences out."""

from dataclasses import dataclass
from math import ceil, floor
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from exams.presentation import formatting
from exams.scoring.prediction import LEAST_ANSWERS, Prediction, Readiness

_WORDS: Final[dict[Readiness, Promise]] = {
    Readiness.RANGE: gettext_lazy("It's too early for a single number."),
    Readiness.HARDLY: gettext_lazy("Not yet."),
    Readiness.UNLIKELY: gettext_lazy("Probably not yet."),
    Readiness.EVEN: gettext_lazy("It could go either way."),
    Readiness.LIKELY: gettext_lazy("Probably."),
    Readiness.SAFE: gettext_lazy("Very likely."),
}

# Fewer than 1 in 20, more than 19 in 20. A range that lies there as a whole is said like a number.
RARE: Final = 0.05
OFTEN: Final = 0.95


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence that anybody understands, and beneath it where the estimate comes from.

    `often` is how many of ten new exams would be passed, in three words; `tenths` are ten ticks for it: those
    that are surely reached are `fill`, those that may be `pale`, the others `track`.
    """

    lead: str
    source: str
    often: str
    tenths: tuple[str, ...]


def of(prediction: Prediction | None, answers: int = 0) -> Verdict:
    """Return what the page says of a prediction, or of its absence after so many answers."""
    if prediction is None:
        return Verdict(
            _("Answer %(least)d exam questions and we'll tell you.") % {"least": LEAST_ANSWERS},
            _("Scored questions that are new to you count: %(answers)d of %(least)d so far.")
            % {"answers": answers, "least": LEAST_ANSWERS},
            _("Too early to say"),
            _ticks(answers * 10 // LEAST_ANSWERS),
        )
    low, high = _ends(prediction)
    least = 10 if low > OFTEN else floor(prediction.low * 10)
    possible = 0 if high < RARE else ceil(prediction.high * 10)
    if not prediction.wide:
        lead = f"{_WORDS[prediction.readiness]} {_often(prediction)}"
        source = f"{_source(prediction)} {_interval(prediction)}".rstrip()
        return Verdict(
            lead, source, _times(prediction.chance), _ticks(round(prediction.chance * 10), possible)
        )
    interval = _interval(prediction) or _("Anything is possible so far.")
    word = prediction.readiness
    often = _("%(least)d to %(most)d in 10") % {"least": least, "most": possible}
    if high < RARE:
        word, often = Readiness.HARDLY, _times(high)
    elif low > OFTEN:
        word, often = Readiness.SAFE, _times(low)
    lead = f"{_WORDS[word]} {interval}"
    return Verdict(lead, _source(prediction), often, _ticks(least, possible))


def by_one_exam(prediction: Prediction) -> str:
    """Return in a sentence what an exam alone says of another one."""
    if not _interval(prediction):
        return _("Anything is possible so far.")
    sentence = _("Judging by this exam alone, your chance of passing another one like it is %(chance)s.")
    return sentence % {"chance": percent(prediction)}


def percent(prediction: Prediction) -> str:
    """Return the chance in percent, or its range."""
    if not prediction.wide:
        return formatting.chance(prediction.chance)
    low, high = _ends(prediction)
    values = {"from": formatting.chance(low), "to": formatting.chance(high)}
    match low < 0.01, high > 0.99:
        case True, False:
            return _("at most %(to)s") % values
        case False, True:
            return _("at least %(from)s") % values
    return _("%(from)s to %(to)s") % values


def _ticks(full: int, possible: int = 0) -> tuple[str, ...]:
    return tuple("fill" if at < full else "pale" if at < possible else "track" for at in range(10))


def _times(chance: float) -> str:
    """Return in few words what `_often` says in a sentence."""
    if chance < RARE:
        return _("Fewer than 1 in 20")
    if chance > OFTEN:
        return _("More than 19 in 20")
    return _("About %(times)d in 10") % {"times": max(1, round(chance * 10))}


def _often(prediction: Prediction) -> str:
    """Return how often somebody would pass, in whole tenths."""
    if prediction.chance < RARE:
        return _("You'd pass fewer than 1 new exam in 20.")
    if prediction.chance > OFTEN:
        return _("You'd pass more than 19 new exams in 20.")
    times = max(1, round(prediction.chance * 10))
    return ngettext(
        "You'd pass about %(times)d new exam in 10.", "You'd pass about %(times)d new exams in 10.", times
    ) % {"times": times}


def _source(prediction: Prediction) -> str:
    return ngettext(
        "Our estimate, from your first answer to %(answers)d scored question.",
        "Our estimate, from your first answers to %(answers)d scored questions.",
        prediction.answers,
    ) % {"answers": prediction.answers}


def _ends(prediction: Prediction) -> tuple[float, float]:
    # Rounded outward: what is said is never narrower than what is meant.
    return floor(prediction.low * 100) / 100, ceil(prediction.high * 100) / 100


def _interval(prediction: Prediction) -> str:
    """Say between which chances the true one is; an end at 0% or 100% tells nothing and is left out."""
    low, high = _ends(prediction)
    values = {"low": formatting.chance(low), "high": formatting.chance(high)}
    match low < 0.01, high > 0.99:
        case True, True:
            return ""
        case True, False:
            return _("The true chance is probably at most %(high)s.") % {"high": values["high"]}
        case False, True:
            return _("The true chance is probably at least %(low)s.") % {"low": values["low"]}
    return _("The true chance is probably between %(low)s and %(high)s.") % values
