"""Rulings in the words of a review, which names answers, and of a result, which names none."""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, ngettext

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
    values = {"letters": formatting.lettered(chosen)}
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


def of_score(ruling: Correction, position: int | None, before: int | None) -> str:
    """Return why a score was corrected and what it was before. It names no answer."""
    said = [in_public(ruling), cause(ruling)]
    if position is not None:
        said.insert(0, gettext("Question %(number)s:") % {"number": position})
    if before is not None:
        said.append(gettext("Your score was %(score)s before.") % {"score": before})
    return " ".join(said)
