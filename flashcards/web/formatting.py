"""How pages say intervals and domains."""

from datetime import timedelta
from typing import Final

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, ngettext, npgettext
from django.utils.translation import gettext as _

from accounts.users.requests import or_404
from exams.catalog import selectors as catalog
from exams.catalog.selectors import CertificationPage
from flashcards.study.day import NextWork

HOUR: Final = 3600
DAY: Final = 24 * HOUR
MONTH: Final = 30 * DAY
YEAR: Final = 365 * DAY


def interval(wait: timedelta) -> str:
    """Return a time until a card comes back, in the unit that people would use: "10 min", "6 days"."""
    seconds = wait.total_seconds()
    if seconds < HOUR:
        return _("%(minutes)d min") % {"minutes": max(round(seconds / 60), 1)}
    if seconds < DAY:
        return _("%(hours)d h") % {"hours": round(seconds / HOUR)}
    if seconds < 2 * MONTH:
        days = round(seconds / DAY)
        return npgettext("interval of a card", "%(days)d day", "%(days)d days", days) % {"days": days}
    if seconds < YEAR:
        months = round(seconds / MONTH)
        return ngettext("%(months)d month", "%(months)d months", months) % {"months": months}
    years = seconds / YEAR
    return _("%(years)s years") % {"years": number_format(years, 1)}


def work_title(due: int, new: int) -> str:
    """Name what there is to do: cards that are due, or new ones where none is."""
    if not new and not due:
        return _("Nothing due today")
    if new and not due:
        return ngettext("%(count)d new card", "%(count)d new cards", new) % {"count": new}
    return ngettext("%(count)d card is due", "%(count)d cards are due", due) % {"count": due}


def next_work(work: NextWork | None) -> str:
    """Return when cards come next after today, and how many."""
    if work is None:
        return _("No more cards are scheduled.")
    day = _("Tomorrow") if work.is_tomorrow else date_format(work.day, "MONTH_DAY_FORMAT")
    parts = [_("%(due)d due") % {"due": work.due}] if work.due else []
    if work.new:
        parts.append(_("%(new)d new") % {"new": work.new})
    return _("%(day)s: %(cards)s") % {"day": day, "cards": ", ".join(parts)}


def page_of(code: str) -> CertificationPage:
    """Return the certification in the language of the request. Raises Http404 where the site has none."""
    return or_404(catalog.certification(code, get_language() or ""))


def page_context(page: CertificationPage, **more: object) -> dict[str, object]:
    """Return what every page of the cards says of the certification, and more."""
    return {"code": page.facts.code, "label": page.facts.label, "facts": page.facts, **more}


def domain_choices(page: CertificationPage, none: str) -> list[tuple[str, str]]:
    """Return the domains of a certification for a field, after the choice of none of them."""
    label = _("Domain %(number)s: %(name)s")
    choices = [(str(one.number), label % {"number": one.number, "name": one.name}) for one in page.domains]
    return [("", none), *choices]
