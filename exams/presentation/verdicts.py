"""What a result says in words: the verdict on a score, pace, confidence, changed answers, what was new."""

from dataclasses import dataclass
from statistics import median
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from exams.attempts.results import Analysis, Result
from exams.attempts.selectors import AttemptRow
from exams.presentation import formatting
from exams.scoring.analysis import Changed, Novelty, Question

SAFE: Final = "safe"
UNSAFE: Final = "unsafe"
FAIL: Final = "fail"
STOPPED: Final = "stopped"

_HEADINGS: Final[dict[str, Promise]] = {
    SAFE: gettext_lazy("A safe pass"),
    UNSAFE: gettext_lazy("Pass, but not yet safe"),
    FAIL: gettext_lazy("Below the pass line"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The kind of result (safe, unsafe, fail, stopped), its heading, and the sentences below it."""

    kind: str
    heading: str
    lead: str


def kind(*, scaled: int, mark: int, band_low: int | None) -> str:
    """Return safe when the whole band is at or above the mark, unsafe when only the score is, else fail."""
    if scaled < mark:
        return FAIL
    return SAFE if band_low is not None and band_low >= mark else UNSAFE


def distance(scaled: int, mark: int) -> str:
    """Return how far the score lies from the pass line, as a sentence."""
    points = abs(scaled - mark)
    if points == 0:
        return _("Exactly on the pass line.")
    if scaled > mark:
        return ngettext(
            "%(points)d point above the pass line.", "%(points)d points above the pass line.", points
        ) % {"points": points}
    return ngettext(
        "%(points)d point below the pass line.", "%(points)d points below the pass line.", points
    ) % {"points": points}


def _band(verdict: str, *, scaled: int, mark: int, band: tuple[int, int] | None) -> str:
    if band is None:
        return ""
    if verdict == SAFE:
        return _("The whole band is above it.")
    crosses = band[0] < mark <= band[1]
    if verdict == UNSAFE:
        return _("The band still crosses it.") if crosses else ""
    return _("The band reaches across it.") if crosses else _("The whole band is below it.")


def of(*, scaled: int, mark: int, band: tuple[int, int] | None, prediction_text: str = "") -> Verdict:
    """Return the verdict on a score; `prediction_text` is a sentence on the next one."""
    verdict = kind(scaled=scaled, mark=mark, band_low=band[0] if band else None)
    sentences = [
        distance(scaled, mark),
        _band(verdict, scaled=scaled, mark=mark, band=band),
        prediction_text,
    ]
    return Verdict(verdict, str(_HEADINGS[verdict]), " ".join(filter(None, sentences)))


def of_attempt(row: AttemptRow, prediction_text: str = "") -> Verdict:
    """Return the verdict on an attempt, or that it was stopped early. Raises ValueError without a score."""
    if row.scaled_score is None:
        raise ValueError("there is no score to judge")
    if row.stopped_early:
        sentence = _(
            "You answered %(answered)d of %(total)d questions, in full or in part. "
            "With fewer than half of them answered, a result doesn't count. "
            "The answers you gave do count in your estimate."
        )
        return Verdict(
            STOPPED, _("Stopped early"), sentence % {"answered": row.answered, "total": row.total_items}
        )
    return of(
        scaled=row.scaled_score, mark=row.scale.pass_mark, band=row.band, prediction_text=prediction_text
    )


# --- What the answers tell


def part_of(part: int, whole: int) -> str:
    """Return a part of a whole: 3 of 4."""
    return _("%(correct)s of %(scored)s") % {"correct": part, "scored": whole}


def answered(result: Result) -> str:
    """Return how many questions have a whole answer, and how many another: 59 of 65, 2 incomplete."""
    incomplete = result.incomplete
    whole = part_of(result.answered - incomplete, result.scale.total_items)
    if not incomplete:
        return whole
    return _("%(whole)s, %(count)d incomplete") % {"whole": whole, "count": incomplete}


def outcome(question: Question) -> str:
    """Return in a word how a question was answered."""
    if not question.answered:
        return _("Unanswered")
    return _("Correct") if question.correct else _("Incorrect")


def seconds(ms: float) -> int:
    """Return milliseconds as whole seconds."""
    return round(ms / 1000)


def typical(analysis: Analysis) -> str:
    """Return the sentence on the usual time for a question; at least one must have a time."""
    usual = median(question.seen_ms for question in analysis.questions if question.seen_ms)
    return _("A typical question took you %(typical)s. An even pace is %(even)s a question.") % {
        # Nothing takes no time at all.
        "typical": formatting.pace(max(seconds(usual), 1)),
        "even": formatting.pace(analysis.even_seconds),
    }


def sure(analysis: Analysis) -> str:
    """Return the sentence on answers that were sure and incorrect."""
    wrong = [str(question.position) for question in analysis.sure_and_incorrect]
    if wrong:
        return ngettext(
            "You were sure of %(count)s answer that is incorrect (question %(list)s).",
            "You were sure of %(count)s answers that are incorrect (questions %(list)s).",
            len(wrong),
        ) % {"count": len(wrong), "list": formatting.listed(wrong)}
    if any(row.level == 3 for row in analysis.confidence):
        return _("Every answer that you were sure of is correct.")
    return _("You didn't mark any answer as sure.")


def changes(analysis: Analysis) -> str:
    """Return the sentences on changed answers: how many, and what it came to."""
    count = sum(question.changed is not None for question in analysis.questions)
    if not count:
        return _("You didn't change any answer after your first choice.")
    gained = analysis.changed(Changed.TO_CORRECT) - analysis.changed(Changed.TO_INCORRECT)
    sentence = ngettext(
        "You changed %(count)s answer after your first choice.",
        "You changed %(count)s answers after your first choice.",
        count,
    ) % {"count": count}
    if gained > 0:
        came_to = ngettext(
            "In total, that gained you %(count)s correct answer.",
            "In total, that gained you %(count)s correct answers.",
            gained,
        )
    elif gained < 0:
        came_to = ngettext(
            "In total, that cost you %(count)s correct answer.",
            "In total, that cost you %(count)s correct answers.",
            -gained,
        )
    else:
        came_to = _("In total, that neither gained nor cost you a correct answer.")
    return f"{sentence} {came_to % {'count': abs(gained)}}"


def novelty(novelty: Novelty | None) -> str:
    """Return the sentences on how much of the exam was new; nothing where nobody noted that."""
    if novelty is None:
        return ""
    if novelty.new == novelty.total:
        return _("All %(total)s questions were new to you.") % {"total": novelty.total}
    if not novelty.new:
        return _("You had seen every question of this exam before.")
    values = {name: getattr(novelty, name) for name in ("total", "new", "scored", "correct", "scaled")}
    sentence = _("%(new)s of the %(total)s questions were new to you.")
    if novelty.scaled is not None:
        more = _(
            "Of the %(scored)s scored ones among them, you answered %(correct)s correctly. "
            "On these alone your score would be %(scaled)s."
        )
    elif novelty.scored:
        more = _(
            "Of the %(scored)s scored ones among them, you answered %(correct)s correctly: "
            "too few for a score of their own."
        )
    else:
        more = _("None of these counts towards the score.")
    return f"{sentence} {more}" % values
