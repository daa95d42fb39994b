"""Names and measures that several pages say: titles of exams, durations, languages."""

import html
import re
import textwrap
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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


def until(moment: datetime, now: datetime) -> str:
    """Return a deadline as people say it, with its zone: "02:46 CET", "02:46 CET tomorrow".

    Both moments are aware; the zone is the active one of Django. Later than tomorrow the day is named.
    """
    local = timezone.localtime(moment)
    values = {"time": date_format(local, "TIME_FORMAT"), "zone": zone_name(local)}
    days = local.date() - timezone.localtime(now).date()
    if days == timedelta(0):
        return _("%(time)s %(zone)s") % values
    if days == timedelta(1):
        return _("%(time)s %(zone)s tomorrow") % values
    return _("%(time)s %(zone)s on %(day)s") % {**values, "day": date_format(local, "MONTH_DAY_FORMAT")}


def zone_name(local: datetime) -> str:
    """Return the usual abbreviation of the moment's zone, or its distance from UTC where it has none."""
    name = local.tzname() or ""
    offset = re.fullmatch(r"([+-])0?(\d{1,2})(\d\d)?", name)
    if offset is None:
        return name
    sign, hours, minutes = offset.groups("00")
    return f"UTC{sign}{hours}" + (f":{minutes}" if minutes != "00" else "")


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


def opening(text: str, length: int) -> str:
    """Return the beginning of an HTML text as plain text of at most `length` characters, cut at a word."""
    plain = html.unescape(strip_tags(text))
    return textwrap.shorten(plain, length, placeholder="…").replace(".…", "…").replace(",…", "…")


def listed(names: list[str]) -> str:
    """Return at least one name as a list in a sentence: "A", "A and C", "A, B and E"."""
    *rest, last = names
    return _(" and ").join([", ".join(rest), last]) if rest else last
