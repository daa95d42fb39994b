"""Rulings in the words of a review, which names answers, and of a result, which names none."""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

from exams.assembly import solutions
from exams.attempts.results import Result, ScoreFacts
from exams.bank import rulings
from exams.bank.models import KeyRuling
from exams.bank.rulings import Correction
from exams.presentation import formatting


def day(at: dt.datetime) -> str:
    """Return the day of a ruling on the clock of the site: what says so is made once for all readers."""
    return date_format(localtime(at, ZoneInfo(settings.SITE_ZONE)), "DATE_FORMAT")


def when(ruling: Correction) -> str:
    """Return the line that says on which day it was ruled."""
    return gettext("Corrected on %(date)s") % {"date": day(ruling.at)}


def cause(ruling: Correction) -> str:
    """Return why it was ruled."""
    return str(KeyRuling.Cause(ruling.cause).label)


def decided(ruling: Correction, letters: Mapping[int, str]) -> str:
    """Return what was ruled, with the letters of the options. Only where the review is open."""
    chosen = sorted(letters[one] for one in ruling.options if one in letters)
    # Who gives credit to all or takes a question out names no option.
    values = {"letters": formatting.lettered(chosen) if chosen else ""}
    match ruling.kind:
        case KeyRuling.Kind.ALSO:
            accepted = ngettext(
                "Option %(letters)s is also accepted.",
                "Options %(letters)s are also accepted.",
                len(chosen),
            )
            return accepted % values
        case KeyRuling.Kind.REPLACE:
            correct = ngettext(
                "The correct answer is %(letters)s.", "The correct answers are %(letters)s.", len(chosen)
            )
            return correct % values
    return in_public(ruling)


def in_public(ruling: Correction) -> str:
    """Return what was ruled without naming an answer."""
    return str(KeyRuling.Kind(ruling.kind).label)


def notes(result: Result) -> dict[str, object]:
    """Return what a reader must know about a result beside its figures, for `exams/result_notes.html`."""
    score = result.score
    return {
        "revised": bool(score and score.revision > 1),
        "explained": bool(score and score.reason),
        "reason": score.reason if score else "",
        "correction": of_score(result, score) if score else "",
        "code": result.head.certification_code,
        "late": result.too_late > 0,
        "too_late": too_late(result.too_late),
    }


def of_score(result: Result, score: ScoreFacts) -> str:
    """Return why a score was corrected and what it was before, "" where it was not. It names no answer."""
    if score.revision == 1 or score.ruling is None or score.reason:
        return ""
    ruling = rulings.corrections(score.ruling).by_id.get(score.ruling)
    if ruling is None:
        return ""
    placed = solutions.places_in(result.head.edition_id)
    position = next((item.position for item in placed if item.version_id == ruling.version_id), None)
    sentences = [in_public(ruling), cause(ruling)]
    if position is not None:
        sentences.insert(0, gettext("Question %(number)s:") % {"number": position})
    if result.counts and score.scaled_before is not None:
        sentences.append(gettext("Your score was %(score)s before.") % {"score": score.scaled_before})
    return " ".join(sentences)


def too_late(count: int) -> str:
    """Return the sentence on answers that arrived after the end, or nothing when none did."""
    if not count:
        return ""
    return ngettext(
        "The answer to %(count)s question arrived after the exam had ended. "
        "We recorded it, but it doesn't count.",
        "The answers to %(count)s questions arrived after the exam had ended. "
        "We recorded them, but they don't count.",
        count,
    ) % {"count": count}
