"""Names and measures that several pages say: titles of exams, durations, languages."""

import html
import re
import textwrap
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext, pgettext_lazy

from accounts.base import moments
from i18n import languages

# As they stand inside a sentence: not every language begins them with a capital. Others have their own name.
_NAMES: Final = {"en": gettext_lazy("English"), "hu": gettext_lazy("Hungarian")}
_LEVELS: Final = (
    pgettext_lazy("confidence", "Guess"),
    pgettext_lazy("confidence", "Unsure"),
    pgettext_lazy("confidence", "Sure"),
)
SHOWN: Final = re.compile(r"<(figure|table|pre)\b.*?</\1>", re.DOTALL)


def exam_title(code: str, number: int | None) -> str:
    """Return the name of a form: MLS-C01 Practice Exam 1; without a number that of practice."""
    if number is None:
        return _("%(code)s practice") % {"code": code.upper()}
    return _("%(code)s Practice Exam %(number)d") % {"code": code.upper(), "number": number}


def exam_name(number: int) -> str:
    """Return the name of a form among those of its own certification: Practice Exam 1."""
    return _("Practice Exam %(number)d") % {"number": number}


def review_name(missed: str, number: int | None) -> str:
    """Return what the review of an exam is called, by what was missed in it."""
    return {
        "incorrect": _("Review your incorrect answers in exam %(number)s"),
        "unanswered": _("Review the questions you left unanswered in exam %(number)s"),
        "": _("Review all answers in exam %(number)s"),
    }[missed] % {"number": number}


def practice_name(name: str) -> str:
    """Return what a drill is called, by what it is drawn from."""
    return _("Practice: %(name)s") % {"name": name}


def question_title(number: int, question: int) -> str:
    """Return where a question is among the forms of its certification: Practice Exam 1, question 12."""
    return _("Practice Exam %(number)d, question %(question)d") % {"number": number, "question": question}


def short_exam_name(number: int) -> str:
    """Return the name of a form where there is little room: Exam 1."""
    return _("Exam %(number)d") % {"number": number}


def duration(seconds: int) -> str:
    """Return a duration in hours and minutes, in seconds below one minute."""
    if seconds < 60:
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": max(seconds, 0)}
    hours, minutes = divmod(seconds // 60, 60)
    if not hours:
        return _("%(minutes)d min") % {"minutes": minutes}
    if not minutes:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


def minutes(seconds: int) -> str:
    """Return a duration in whole minutes, however long it is."""
    return _("%(minutes)d min") % {"minutes": round(seconds / 60)}


def chance(share: float) -> str:
    """Return a chance in whole percent, never as certain."""
    if share < 0.01:
        return _("less than 1%")
    if share > 0.99:
        return _("more than 99%")
    return _("%(percent)d%%") % {"percent": round(share * 100)}


def pace(seconds: int) -> str:
    """Return the time for one question in minutes and seconds: 2:46."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02d}"


def confidence_choices() -> list[tuple[int | None, str]]:
    """Return how sure a person may say they are, the default first, by the number that is stored."""
    return [(None, _("Not marked")), *((level, confidence(level)) for level in (1, 2, 3))]


def confidence(level: int) -> str:
    """Return the name of a confidence: 1 guess, 2 unsure, 3 sure."""
    return str(_LEVELS[level - 1])


def until(moment: datetime, now: datetime) -> str:
    """Return a deadline as people say it, with its zone: "02:46 CET", "02:46 CET tomorrow".

    Both moments are aware; the zone is the active one of Django. Later than tomorrow the day is named.
    """
    local = timezone.localtime(moment)
    values = {"time": date_format(local, "TIME_FORMAT"), "zone": moments.zone_name(local)}
    days = local.date() - timezone.localtime(now).date()
    if days == timedelta(0):
        return _("%(time)s %(zone)s") % values
    if days == timedelta(1):
        return _("%(time)s %(zone)s tomorrow") % values
    return _("%(time)s %(zone)s on %(day)s") % {**values, "day": date_format(local, "MONTH_DAY_FORMAT")}


def site_order(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the languages in the order of the site, unknown ones last."""
    known = [code for code in languages.CODES if code in codes]
    return (*known, *(code for code in codes if code not in known))


def language_names(codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return (code, own name) of each language in the order of the site."""
    return [(code, languages.name_of(code)) for code in site_order(codes)]


def languages_named(codes: tuple[str, ...]) -> str:
    """Return the languages by their names in the language of the page: "English, Hungarian"."""
    return ", ".join(_name_here(code) for code in site_order(codes))


def _name_here(code: str) -> str:
    known = _NAMES.get(code)
    return str(known) if known else languages.name_of(code)


def only_elsewhere(codes: tuple[str, ...], wanted: str) -> str:
    """Return the sentence on questions that do not exist in the wanted language, or nothing when they do.

    `codes` are the languages in which there are questions.
    """
    if not codes or wanted in codes:
        return ""
    if codes == ("en",):
        # A sentence of its own: where "in English" is one word, no name of a language can be put in.
        return _("The questions are only available in English for now.")
    return _("The questions are only available in these languages for now: %(languages)s.") % {
        "languages": languages_named(codes)
    }


def languages_of_questions(codes: tuple[str, ...], wanted: str) -> str:
    """Return the sentence that says in which languages there are questions, "" when there are none at all."""
    if not codes:
        return ""
    if missing := only_elsewhere(codes, wanted):
        return missing
    if codes == ("en",):
        return _("The questions are in English.")
    return _("The questions are available in: %(languages)s.") % {"languages": languages_named(codes)}


def fallback_note(shown: str, wanted: str) -> str:
    """Return the sentence on a text that is not in the wanted language, or nothing when it is."""
    if shown == wanted:
        return ""
    if shown == "en":
        return _("This text is only available in English for now.")
    return _("This text isn't translated yet. It's shown in: %(language)s.") % {"language": _name_here(shown)}


def questions_note(shown: Sequence[str], wanted: str) -> str:
    """Return the sentence on questions that are not in the wanted language, or nothing when all are.

    `shown` is the language of each question.
    """
    foreign = [code for code in shown if code != wanted]
    if not foreign:
        return ""
    if len(foreign) == len(shown):
        return only_elsewhere(tuple(set(foreign)), wanted)
    names = listed([_name_here(code) for code in site_order(tuple(set(foreign)))])
    return ngettext(
        "%(count)d of the %(total)d questions isn't translated yet. It's shown in: %(languages)s.",
        "%(count)d of the %(total)d questions aren't translated yet. They're shown in: %(languages)s.",
        len(foreign),
    ) % {"count": len(foreign), "total": len(shown), "languages": names}


def opening(text: str, length: int) -> str:
    """Return the beginning of an HTML text as plain text of at most `length` characters, cut at a word.

    Tables, code and figures are passed over.
    """
    plain = html.unescape(strip_tags(SHOWN.sub(" ", text)))
    return textwrap.shorten(plain, length, placeholder="…").replace(".…", "…").replace(",…", "…")


def listed(names: list[str]) -> str:
    """Return at least one name as a list in a sentence: "A", "A and C", "A, B and E"."""
    *rest, last = names
    return _(" and ").join([", ".join(rest), last]) if rest else last


def lettered(letters: list[str]) -> str:
    """Return letters of options as a list in a sentence, with articles where the language has them."""
    with_article = {
        "A": pgettext("option in a sentence", "A"),
        "B": pgettext("option in a sentence", "B"),
        "C": pgettext("option in a sentence", "C"),
        "D": pgettext("option in a sentence", "D"),
        "E": pgettext("option in a sentence", "E"),
        "F": pgettext("option in a sentence", "F"),
        "G": pgettext("option in a sentence", "G"),
        "H": pgettext("option in a sentence", "H"),
    }
    return listed([with_article.get(letter, letter) for letter in letters])
