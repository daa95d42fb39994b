"""What a result tells, in sentences: pace, confidence, changed answers, and what was new."""

from statistics import median

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from exams.attempts.analysis import Analysis
from exams.presentation import formatting
from exams.scoring.analysis import Changed, Novelty, Question


def of(part: int, whole: int) -> str:
    """Return a part of a whole: 3 of 4."""
    return _("%(correct)s of %(scored)s") % {"correct": part, "scored": whole}


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
