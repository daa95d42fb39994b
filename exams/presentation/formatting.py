"""Names and measures that several pages say: titles of exams, durations, languages."""

import html
import textwrap
from collections.abc import Sequence

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from i18n import languages


def exam_title(code: str, number: int) -> str:
    """Return the name of a form: MLS-C01 Practice Exam 1."""
    return _("%(code)s Practice Exam %(number)d") % {"code": code.upper(), "number": number}


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


def site_order(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the languages in the order of the site, unknown ones last."""
    known = [code for code in languages.CODES if code in codes]
    return (*known, *(code for code in codes if code not in known))


def language_names(codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return (code, own name) of each language in the order of the site."""
    return [(code, languages.name_of(code)) for code in site_order(codes)]


def fallback_note(shown: str, wanted: str) -> str:
    """Return the sentence on a text that is not in the wanted language, or nothing when it is."""
    if shown == wanted:
        return ""
    return _("There is no translation of this text yet. It is shown in: %(language)s.") % {
        "language": languages.name_of(shown)
    }


def questions_note(shown: Sequence[str], wanted: str) -> str:
    """Return the sentence on questions that are not in the wanted language, or nothing when all are.

    `shown` is the language of each question.
    """
    foreign = [code for code in shown if code != wanted]
    if not foreign:
        return ""
    if set(foreign) == {"en"} and len(foreign) == len(shown):
        return _("The questions are in English only so far.")
    names = listed([languages.name_of(code) for code in site_order(tuple(set(foreign)))])
    if len(foreign) == len(shown):
        return _("So far, the questions are only available in: %(languages)s.") % {"languages": names}
    return ngettext(
        "%(count)d of the %(total)d questions isn't translated yet. It's shown in: %(languages)s.",
        "%(count)d of the %(total)d questions aren't translated yet. They're shown in: %(languages)s.",
        len(foreign),
    ) % {"count": len(foreign), "total": len(shown), "languages": names}


def opening(text: str, length: int) -> str:
    """Return the beginning of an HTML text as plain text of at most `length` characters, cut at a word."""
    plain = html.unescape(strip_tags(text))
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
